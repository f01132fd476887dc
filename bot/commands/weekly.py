"""Sunday's recap: /weekly."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.commands import Choice, Reply
from bot.commands.following import short
from digest import sundays
from digest.locale import long_date, say
from digest.render.notices import notice

if TYPE_CHECKING:
    from bot.commands import Answer, Desk
    from digest.models import Subscriber

_ON = frozenset({"on", "yes", "1", "开", "开启", "打开", "開", "要"})
_OFF = frozenset({"off", "no", "0", "关", "关闭", "關", "關閉", "不要"})


async def weekly(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Whether Sunday brings a recap of the week."""
    if reader.channel == "console":
        return reader, Reply(notice(say("commands.console_time", reader.language)))
    typed = unicodedata.normalize("NFKC", argument).strip().casefold()
    if typed in _ON | _OFF:
        reader = replace(reader, weekly=typed in _ON)
        key = "weekly.on" if reader.weekly else "weekly.off"
    elif typed:
        words = say("weekly.unclear", reader.language, text=short(argument))
        return reader, Reply(notice(words), (_turn(reader),))
    else:
        key = "weekly.is_on" if reader.weekly else "weekly.is_off"
    return reader, Reply(notice(_told(key, desk, reader)), (_turn(reader),))


def _told(key: str, desk: Desk, reader: Subscriber) -> str:
    """The sentence, with the next Sunday and its hour, where the reader is."""
    zone = ZoneInfo(reader.timezone)
    now = desk.clock()
    at = sundays.next_at(reader.hour, reader.timezone, now).astimezone(zone)
    day = long_date(at.date(), reader.language, now.astimezone(zone).date())
    return say(key, reader.language, day=day, time=f"{at:%H:%M}")


def _turn(reader: Subscriber) -> Choice:
    """The other way."""
    other = "off" if reader.weekly else "on"
    return Choice(say(f"weekly.choice_{other}", reader.language), f"/weekly {other}")

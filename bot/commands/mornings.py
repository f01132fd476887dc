"""When the morning's digest comes: /time, /timezone, /pause, /resume, /stop, /forget."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.commands import Choice, Reply
from bot.commands.following import short
from digest import due, zones
from digest.locale import long_date, say, timezone_name, together
from digest.models import State, Subscriber
from digest.render.notices import notice

if TYPE_CHECKING:
    from datetime import date

    from bot.commands import Answer, Desk
    from digest.render.blocks import Block

    Rows = tuple[tuple[Choice, ...], ...]

LONGEST_PAUSE_DAYS = 366
MOST_ZONES = 6

LIKELY = ("Europe/London", "Europe/Berlin", "America/New_York", "Asia/Singapore")
"""Offered to a reader of whom nothing tells where they are."""

_DAYS = {
    "d": 1,
    "day": 1,
    "days": 1,
    "天": 1,
    "日": 1,
    "w": 7,
    "week": 7,
    "weeks": 7,
    "周": 7,
    "週": 7,
}
_DAYS |= {"星期": 7, "month": 30, "months": 30, "m": 30, "个月": 30, "月": 30, "": 1}
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: n for n, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2, "兩": 2}
_NUMBERS |= {word: n for n, word in enumerate(_WORDS, 1)} | {"a": 1, "an": 1}
_SPAN = re.compile(
    rf"(?:for )?(\d{{1,4}}|{'|'.join(_NUMBERS)})\s*[个個]?\s*([a-z]*|天|日|周|週|星期|月)"
)


async def at_time(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """At which local time the digest comes."""
    spoken = reader.language
    if not argument:
        words = say("commands.which_time", spoken, time=hour_words(reader))
        return reader, Reply(notice(_with_meaning(desk, reader, words)), likely_hours(reader))
    hour = zones.parse_time(argument)
    if hour is None:
        words = say("commands.bad_time", spoken, text=short(argument))
        return reader, Reply(notice(words))
    reader = replace(reader, hour=hour if isinstance(hour, str) else f"{hour:%H:%M}")
    words = say("commands.time_set", spoken, time=hour_words(reader))
    return reader, Reply(notice(_with_meaning(desk, reader, words)))


def _with_meaning(desk: Desk, reader: Subscriber, words: str) -> str:
    said = [words, meaning(reader, desk.today(reader))]
    if reader.channel == "console":
        said.append(say("commands.console_time", reader.language))
    return together(said, reader.language)


async def in_zone(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Where the reader is."""
    spoken = reader.language
    if not argument:
        words = say("commands.which_timezone", spoken, zone=zone_words(desk, reader))
        return reader, Reply(notice(words), likely_zones(desk, reader))
    found = zones.find_zone(argument)
    if len(found) == 1:
        return _moved(desk, reader, found[0])
    key = "commands.several_timezones" if found else "commands.unknown_timezone"
    words = say(key, spoken, text=short(argument))
    near = found or zones.near_zones(argument)
    return reader, Reply(
        notice(words), tuple(Choice(each, f"/timezone {each}") for each in near[:MOST_ZONES])
    )


def _moved(desk: Desk, reader: Subscriber, zone: str) -> Answer:
    """A reader who never chose an hour gets the one that is fresh where they are now."""
    today = desk.today(reader)
    had_default = reader.hour == fresh_hour(reader.timezone, today)
    reader = replace(reader, timezone=zone)
    if had_default:
        reader = replace(reader, hour=fresh_hour(zone, today))
    words = say(
        "commands.timezone_set",
        reader.language,
        zone=zone_words(desk, reader),
        time=hour_words(reader),
    )
    return reader, Reply(notice(words), likely_hours(reader))


async def pause(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """No digests for a while."""
    spoken = reader.language
    days = pause_days(argument) if argument else 0
    if days is None:
        return reader, Reply(notice(say("commands.bad_pause", spoken, text=short(argument))))
    resume = (Choice(say("commands.choice_resume", spoken), "/resume"),)
    if not days:
        reader = replace(reader, state=State.PAUSED, paused_until=None)
        return reader, Reply(notice(say("commands.paused", spoken)), resume)
    until = desk.clock() + timedelta(days=days)
    reader = replace(reader, state=State.PAUSED, paused_until=until)
    day = long_date(until.astimezone(ZoneInfo(reader.timezone)).date(), spoken)
    return reader, Reply(notice(say("commands.paused_until", spoken, day=day)), resume)


def pause_days(text: str) -> int | None:
    """How many days `7d`, `2 weeks`, `三天`, `一周` are; None where it says none, or too many."""
    typed = unicodedata.normalize("NFKC", text).strip().casefold()
    found = _SPAN.fullmatch(typed)
    if found is None or found[2] not in _DAYS:
        return None
    days = int(_NUMBERS.get(found[1], found[1])) * _DAYS[found[2]]
    return days if 0 < days <= LONGEST_PAUSE_DAYS else None


async def resume(_desk: Desk, reader: Subscriber, _argument: str) -> Answer:
    """Digests come again."""
    reader = replace(reader, state=State.ACTIVE, paused_until=None)
    words = say("commands.resumed", reader.language, time=hour_words(reader))
    return reader, Reply(notice(words))


async def stop(_desk: Desk, reader: Subscriber, _argument: str) -> Answer:
    """No digests any more; the settings stay."""
    reader = replace(reader, state=State.STOPPED, paused_until=None)
    choice = Choice(say("commands.choice_resume", reader.language), "/resume")
    return reader, Reply(notice(say("commands.stopped", reader.language)), (choice,))


async def forget(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Erases every trace, once that is confirmed."""
    spoken = reader.language
    if argument.strip().casefold() not in {"yes", "是", "确认"}:
        choice = Choice(say("commands.choice_forget", spoken), "/forget yes")
        return reader, Reply(notice(say("commands.forget_asked", spoken)), (choice,))
    if reader.id is not None:
        await desk.store.subscribers.forget(reader.id)
    stranger = Subscriber(reader.channel, reader.address, spoken, reader.timezone)
    return stranger, Reply(notice(say("commands.forgotten", spoken)), forgotten=True)


def hour_words(reader: Subscriber) -> str:
    """When their digest comes, in words."""
    if not reader.hour:
        return say("commands.hour_never", reader.language)
    if reader.hour == due.ASAP:
        return say("commands.hour_asap", reader.language)
    return reader.hour


def zone_words(desk: Desk, reader: Subscriber) -> str:
    """What people call their zone, and its IANA name."""
    name = timezone_name(desk.clock().astimezone(ZoneInfo(reader.timezone)), reader.language)
    # The signs of Etc/GMT-8 are the reverse of what people say.
    plain = name == reader.timezone or reader.timezone.startswith("Etc/")
    return name if plain else f"{name} · {reader.timezone}"


def meaning(reader: Subscriber, today: date) -> str:
    """What their hour means there: when arXiv's batch is out, and which one they get."""
    hours = due.batch_hours(reader.timezone, today)
    out = say(
        "commands.batch_out" if hours.summer != hours.winter else "commands.batch_out_always",
        reader.language,
        summer=f"{hours.summer:%H:%M}",
        winter=f"{hours.winter:%H:%M}",
    )
    fresh = fresh_hour(reader.timezone, today)
    if reader.hour in {"", due.ASAP, fresh}:
        return out
    oldest = max(due.batch_age(time.fromisoformat(reader.hour), reader.timezone, today))
    if oldest > timedelta(hours=20):
        before = say("commands.hour_before", reader.language, hour=reader.hour, fresh=fresh)
        return together((out, before), reader.language)
    return out


def fresh_hour(zone: str, today: date) -> str:
    """The hour that is fresh all year, as it is stored."""
    return f"{due.fresh_hour(zone, today):%H:%M}"


def when(desk: Desk, reader: Subscriber) -> tuple[tuple[Block, ...], Rows]:
    """Asks somebody new where they are and when they want it, with what is likely."""
    words = say(
        "commands.when",
        reader.language,
        zone=zone_words(desk, reader),
        time=hour_words(reader),
    )
    *hours, asap = likely_hours(reader)
    return notice(words), (likely_zones(desk, reader), tuple(hours), (asap,))


def likely_zones(desk: Desk, reader: Subscriber) -> tuple[Choice, ...]:
    """The zone that is set; where that is only a guess, where most readers are."""
    if reader.timezone == "UTC":
        named = ((zone.rpartition("/")[2].replace("_", " "), zone) for zone in LIKELY)
        return tuple(Choice(city, f"/timezone {zone}") for city, zone in named)
    now = desk.clock().astimezone(ZoneInfo(reader.timezone))
    name = timezone_name(now, reader.language)
    return (Choice(f"✓ {name}", f"/timezone {reader.timezone}"),)


def likely_hours(reader: Subscriber) -> tuple[Choice, ...]:
    """Hours of the day that many want, their own marked."""
    hours = sorted({"08:00", "09:00", "12:30", *([reader.hour] if ":" in reader.hour else [])})
    asap = Choice(say("commands.choice_asap", reader.language), "/time asap")
    return (*(Choice(_marked(each, reader), f"/time {each}") for each in hours), asap)


def _marked(hour: str, reader: Subscriber) -> str:
    return f"✓ {hour}" if hour == reader.hour else hour

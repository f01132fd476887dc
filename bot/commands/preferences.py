"""How a reader wants it: /language, /size, /view, /notices, /settings."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.commands import Choice, Reply
from bot.commands.following import short
from bot.commands.mornings import hour_words, zone_words
from digest import fields
from digest.locale import languages, listed, say
from digest.models import State
from digest.render.notices import heading, notice
from digest.summarize.called import NAMES, called, understand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.commands import Answer, Desk
    from digest.models import Subscriber

VIEWS: Mapping[str, Sequence[str]] = {
    "compact": ("short", "简洁", "紧凑", "精简"),
    "full": ("long", "details", "完整", "详细"),
}
"""How much of an entry is shown, and what each is called."""

NOTICES: Mapping[str, Sequence[str]] = {
    "all": ("everything", "全部", "都要"),
    "late": ("default", "off", "关", "晚到"),
    "none": ("never", "nothing", "on", "开", "不要", "都不要"),
}
"""What is told on days without a digest; `/quiet on` wants nothing, `/quiet off` the usual."""

A_ROW = 3

LIKELY_SIZES = (5, 10, 20, 30)

CHANGED_BY_TAPPING = ("fields", "time", "timezone", "language", "size", "view", "notices", "weekly")
"""Commands that ask what it is to be, and offer it: each has a button in /settings."""

_COUNT = re.compile(r"0*([0-9]{1,6})")


async def language(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """In which language the reader is told of papers, and spoken to as far as we speak it."""
    offered = _languages(desk)
    if not argument:
        return reader, Reply(notice(say("commands.which_language", reader.language)), offered)
    code = understand(argument)
    if code is None:
        words = say("commands.unknown_language", reader.language, text=short(argument))
        return reader, Reply(notice(words), offered)
    if not _is_offered(desk, code):
        words = say("commands.language_needs_model", reader.language, language=called(code))
        return reader, Reply(notice(words), offered)
    key = "commands.language_set" if code in languages() else "commands.language_of_summaries"
    reader = replace(reader, language=code)
    return reader, Reply(notice(say(key, code, language=called(code))))


def _is_offered(desk: Desk, code: str) -> bool:
    """Without a model summaries are extracts: only the interface has another language."""
    return desk.reading.telling.model is not None or code in languages()


async def size(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """How many papers a digest shows."""
    typed = unicodedata.normalize("NFKC", argument).strip()
    found = _COUNT.fullmatch(typed)
    count = int(found[1]) if found else 0
    if 1 <= count <= desk.most_shown:
        reader = replace(reader, size=count)
        return reader, Reply(notice(say("commands.size_set", reader.language, count=reader.size)))
    key = "commands.bad_size" if argument else "commands.which_size"
    words = say(key, reader.language, text=short(argument), most=desk.most_shown, size=reader.size)
    likely = (each for each in LIKELY_SIZES if each <= desk.most_shown)
    return reader, Reply(notice(words), tuple(Choice(str(n), f"/size {n}") for n in likely))


async def view(_desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """How much of each entry a digest shows."""
    return _chosen(reader, "view", _meant(argument, VIEWS), argument)


async def notices(_desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """What the reader is told on days without a digest."""
    return _chosen(reader, "notices", _meant(argument, NOTICES), argument)


def _meant(argument: str, offered: Mapping[str, Sequence[str]]) -> str | None:
    typed = unicodedata.normalize("NFKC", argument).strip().casefold()
    return next((name for name, words in offered.items() if typed in {name, *words}), None)


def _chosen(reader: Subscriber, setting: str, value: str | None, argument: str) -> Answer:
    """The reader with the setting changed; or what there is to choose."""
    spoken = reader.language
    if value:
        is_view = setting == "view"
        reader = replace(reader, view=value) if is_view else replace(reader, notices=value)
        done = say(f"commands.{setting}_set_{value}", spoken)
        return reader, Reply(notice(done), in_place=True)
    now = getattr(reader, setting)
    key = f"commands.bad_{setting}" if argument else f"commands.which_{setting}"
    words = say(key, spoken, text=short(argument), now=say(f"commands.{setting}_{now}", spoken))
    offered = VIEWS if setting == "view" else NOTICES
    return reader, Reply(
        notice(words),
        tuple(
            Choice(_ticked(setting, each, now, spoken), f"/{setting} {each}") for each in offered
        ),
    )


def _ticked(setting: str, value: str, now: str, language: str) -> str:
    label = say(f"commands.{setting}_{value}", language)
    return f"✓ {label}" if value == now else label


async def settings(desk: Desk, reader: Subscriber, _argument: str) -> Answer:
    """All of the reader's settings, and how to change each."""
    spoken = reader.language
    names = [fields.called(key, spoken) for key in reader.fields]
    rows = (
        ("fields", listed(names, spoken) if names else say("commands.none", spoken)),
        ("language", called(spoken)),
        ("size", str(reader.size)),
        ("view", say(f"commands.view_{reader.view}", spoken)),
        ("notices", say(f"commands.notices_{reader.notices}", spoken)),
        ("hour", hour_words(reader)),
        ("weekly", say(f"weekly.setting_{'on' if reader.weekly else 'off'}", spoken)),
        ("timezone", zone_words(desk, reader)),
        *_state(reader),
    )
    lines = [say(f"commands.setting_{name}", spoken, value=value) for name, value in rows]
    title = heading(say("commands.settings_title", spoken))
    return reader, Reply((*title, *notice("\n".join(lines))), rows=_changes(reader))


def _changes(reader: Subscriber) -> tuple[tuple[Choice, ...], ...]:
    """Buttons for what can be changed, and to be left in peace or not."""
    is_muted = reader.state in {State.PAUSED, State.STOPPED}
    names = (*CHANGED_BY_TAPPING, "resume" if is_muted else "pause")
    cells = [Choice(say(f"commands.change_{each}", reader.language), f"/{each}") for each in names]
    return tuple(tuple(cells[at : at + A_ROW]) for at in range(0, len(cells), A_ROW))


def _state(reader: Subscriber) -> tuple[tuple[str, str], ...]:
    """Whether digests are muted, where they are."""
    if reader.state not in {State.PAUSED, State.STOPPED}:
        return ()
    if reader.state is State.PAUSED and reader.paused_until:
        until = reader.paused_until.astimezone(ZoneInfo(reader.timezone)).date()
        return (("state", say("commands.state_paused_until", reader.language, day=until)),)
    return (("state", say(f"commands.state_{reader.state}", reader.language)),)


def _languages(desk: Desk) -> tuple[Choice, ...]:
    offered = [code for code in NAMES if _is_offered(desk, code)]
    return tuple(Choice(called(code), f"/language {code}") for code in offered)

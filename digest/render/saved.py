"""What a reader saved, as a list: what it is, when they saved it, what they noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.locale import colon, say, short_date
from digest.render.blocks import Block, Line, Role, Span, abstract_url, bold, line, small
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from digest.saved import Saved


def blocks(
    shown: Sequence[Saved], language: str, *, first: int, zone: ZoneInfo, today: date
) -> tuple[Block, ...]:
    """The entries of one page, numbered from `first`; dates are those of `zone`."""
    return tuple(
        Block((*_entry(each, language, zone, today),), Role.ENTRY, str(number))
        for number, each in enumerate(shown, first)
    )


def _entry(each: Saved, language: str, zone: ZoneInfo, today: date) -> tuple[Line, ...]:
    facts = [say("saved.on", language, day=_day(each, language, zone, today))]
    if each.is_revised:
        facts.append(say("saved.revised", language, version=str(each.paper.version)))
    which = Span(each.paper.id, link=abstract_url(each.paper.id))
    about = line(small(" · ".join(facts)), " · ", which)
    return (line(bold(title(each))), about, *note(each.note, language))


def _day(each: Saved, language: str, zone: ZoneInfo, today: date) -> str:
    return short_date(each.at.astimezone(zone).date(), language, today)


def title(each: Saved) -> str:
    """In the reader's language where it is told in that, else as its authors wrote it."""
    return each.told[0] or readable(each.paper.title)


def note(text: str, language: str) -> tuple[Line, ...]:
    """The reader's own words on a paper, as a line; nothing where there are none."""
    if not text:
        return ()
    return (line(small(say("saved.note", language)), small(colon(language)), text),)

"""Lateness: whether a digest comes late, whose fault that was, and where it is said. Pure.

What is known is what was written down when it happened (`digest.store.looks`): arXiv was asked and
had no batch yet, could not be asked, or the channel took no messages. What nobody else was seen to
cause was our own fault.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest import calendar
from digest.locale import say
from digest.render.entities import units
from digest.store.looks import ABSENT, DOWN, GATHER, MISSED
from digest.store.outbox import Written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from digest.models import Edition, Subscriber
    from digest.render.entities import Limits
    from digest.store.looks import Seen
    from digest.store.outbox import Waiting

SAID_AFTER = timedelta(hours=1)
"""A digest that comes so long after it was owed says why."""

AT_ONCE_AGAIN = timedelta(minutes=2)
"""A page that could not be sent is tried again within this."""

AT_WORK = timedelta(hours=2)
"""So long after arXiv had the batch, or could be reached again, it may take us to publish it."""


def why_composed_late(
    edition: Edition, owed: datetime, now: datetime, looks: Mapping[str, Seen]
) -> str | None:
    """Whose fault it is that a digest is composed so late: a text's key; None where it is not late.

    Args:
        edition: what is sent, published.
        owed: when it should have been; see `digest.due.Send`.
        now: when it is composed.
        looks: what was written down.
    """
    out = edition.published or now
    if now - owed < SAID_AFTER:
        return None
    if out <= owed or now - out >= SAID_AFTER:  # it was there, and nobody sent it
        return "deliver.was_ours"
    absent = looks.get(ABSENT)
    if absent and absent.day == edition.day and owed <= absent.at and out - absent.at < AT_WORK:
        return "deliver.was_late"
    failed = [looks[kind].at for kind in (MISSED, GATHER) if kind in looks]
    if any(owed <= at <= out and out - at < AT_WORK for at in failed):
        return "deliver.was_unreachable"
    return "deliver.was_ours"


def why_sent_late(
    frozen: datetime, attempts: int, now: datetime, looks: Mapping[str, Seen]
) -> str | None:
    """Whose fault it is that a page leaves so long after it was composed: a text's key, or None.

    Args:
        frozen: when it was composed.
        attempts: tries of which nobody knows how they ended.
        now: when this round of sending began.
        looks: what was written down.
    """
    if now - frozen < SAID_AFTER:
        return None
    down = looks.get(DOWN)
    was_down = attempts or (down is not None and down.at >= frozen)
    return "deliver.was_down" if was_down else "deliver.was_ours"


def sentence(key: str, reader: Subscriber, day: date) -> str:
    """The line, in the reader's language and time."""
    due_at = calendar.out_at(day).astimezone(ZoneInfo(reader.timezone))
    return say(key, reader.language, due=due_at, channel=reader.channel.capitalize())


def with_line(pages: Sequence[Written], line: str, limits: Limits) -> tuple[Written, ...]:
    """The pages with a line more: at the end of the first one with room, or on one of its own."""
    for number, page in enumerate(pages):
        if longer := _longer(page, line, limits):
            return (*pages[:number], longer, *pages[number + 1 :])
    return (*pages, Written(line, silent=True))


def with_line_waiting(
    pages: Sequence[Waiting], day: date, line: str, limits: Limits
) -> tuple[Waiting, ...]:
    """The same for pages that are in the outbox: on the first of that day with room, or nowhere."""
    for number, page in enumerate(pages):
        longer = _longer(page.written, line, limits) if page.day == day else None
        if longer:
            return (*pages[:number], replace(page, written=longer), *pages[number + 1 :])
    return tuple(pages)


def _longer(page: Written, line: str, limits: Limits) -> Written | None:
    text = f"{page.text}\n\n{line}"
    return replace(page, text=text) if units(text) <= limits.units else None

"""What is said when there is no digest, and any other short answer, as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.locale import long_date, moment, say
from digest.render.blocks import Block, Role, bold, line

if TYPE_CHECKING:
    from datetime import date, datetime


def notice(text: str) -> tuple[Block, ...]:
    """A text as it is: an empty line starts a block, a line break a line."""
    paragraphs = (paragraph.strip("\n") for paragraph in text.split("\n\n"))
    return tuple(
        Block(tuple(line(row) for row in paragraph.split("\n")))
        for paragraph in paragraphs
        if paragraph.strip()
    )


def heading(text: str) -> tuple[Block, ...]:
    """A title over what follows."""
    return (Block((line(bold(text)),), Role.HEADING),)


def nothing_announced(
    day: date,
    language: str,
    *,
    next_at: datetime,
    reason: str | None = None,
    holiday: str = "",
    today: date | None = None,
) -> tuple[Block, ...]:
    """Why there is nothing of that day, and when there will be.

    Args:
        day: the date that was asked for.
        language: the reader's.
        next_at: when the next batch is due, in the reader's timezone.
        reason: "weekend", "holiday" or None, as `calendar.why_nothing` tells.
        holiday: its name in the reader's language.
        today: the year is said where the day is of another.
    """
    due, asked = moment(next_at, language), long_date(day, language, today)
    if reason == "weekend":
        return notice(say("digest.weekend", language, day=asked, next=due))
    if reason == "holiday" and holiday:
        return notice(say("digest.holiday", language, day=asked, holiday=holiday, next=due))
    return notice(say("digest.none", language, day=asked, next=due))

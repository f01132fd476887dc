"""Why there is no digest: a batch that is late and whose fault that is, or a day off."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest import calendar
from digest.due import Reason
from digest.locale import say
from digest.render.entities import pages
from digest.render.notices import nothing_announced, notice
from digest.store.outbox import Written

if TYPE_CHECKING:
    from datetime import date

    from digest.due import Wait
    from digest.models import Subscriber
    from digest.render.blocks import Block
    from digest.render.entities import Limits

LATE = frozenset({Reason.LATE, Reason.OURS})
"""The reasons that a reader is told of without having asked."""

TOLD = {"all": LATE | {Reason.WEEKEND, Reason.HOLIDAY}, "late": LATE, "none": frozenset[Reason]()}
"""The same by what readers chose (`Subscriber.notices`)."""


def is_told(wait: Wait, reader: Subscriber) -> bool:
    """Whether a reader wants to hear of it."""
    return wait.reason in TOLD.get(reader.notices, LATE)


def page(wait: Wait, reader: Subscriber, limits: Limits, *, seen: bool) -> Written:
    """What they are told; `seen`: arXiv itself showed lately that it is late."""
    blocks = _day_off(wait, wait.without, reader) if wait.without else _late(wait, reader, seen)
    first = pages(blocks, limits)[0]
    return Written(first.text, first.entities, silent=True)


def _late(wait: Wait, reader: Subscriber, seen: bool) -> tuple[Block, ...]:  # noqa: FBT001 # see `page`
    """That a batch is late, and whose fault it is."""
    key = "deliver.late" if seen else "deliver.unreachable"
    if wait.reason is Reason.OURS:
        key = "deliver.ours"
    due_at = calendar.out_at(wait.batch).astimezone(ZoneInfo(reader.timezone))
    return notice(say(key, reader.language, day=wait.batch, due=due_at))


def _day_off(wait: Wait, day: date, reader: Subscriber) -> tuple[Block, ...]:
    """That arXiv announces nothing on `day`, why, and when it does again."""
    holiday, zone = calendar.holiday_name(day), ZoneInfo(reader.timezone)
    return nothing_announced(
        day,
        reader.language,
        next_at=calendar.out_at(wait.batch).astimezone(zone),
        reason=wait.reason.value,
        holiday=say(holiday, reader.language) if holiday else "",
    )

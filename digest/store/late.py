"""Which edition carries a paper that came too late for its own (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime


def turn_of(
    day: date, published: Iterable[tuple[date, datetime]]
) -> tuple[datetime | None, datetime | None] | None:
    """Say which span of time an edition answers for: (after, until), None for an open end.

    The spans of the editions that were the newest when they came follow each other without a
    gap, so that whatever came late falls into exactly one.

    Args:
        day: the edition's; published or not yet.
        published: (day, time of publication) of every published edition.

    Returns:
        None where a newer edition was already out: nobody waits for an older one.
    """
    times = dict(published)
    until = times.pop(day, None)
    earlier = [(at, d) for d, at in times.items() if until is None or at <= until]
    if any(d > day for _, d in earlier):
        return None
    after: datetime | None = None
    newest: date | None = None
    for at, d in sorted(earlier):
        if newest is None or d > newest:
            after, newest = at, d
    return after, until

"""The year that the soak run lives through: arXiv's days, and what goes wrong.

Pure: it is asked what time it is. It begins with 2026, whose holidays the calendar knows; clocks
change in it as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from digest import calendar

FIRST = date(2026, 1, 5)
"""The first batch: a Monday's, announced on Sunday evening."""

BEGINS = datetime(2026, 1, 4, 18, tzinfo=UTC)

LATE_UNTIL = time(5)
"""US Eastern: a late batch comes so long after midnight."""

MINUTES = timedelta(minutes=3)
"""After 20:00 US Eastern the listing shows the batch."""

# Each so many-th batch has this trouble; the numbers have no common divisors.
LATE, EMPTY_FEED, BUSY, FLOOD, LONG_FLOOD, FAILURES = 23, 17, 11, 7, 31, 13

RESTARTS = (3, 9, 14, 20, 25)
"""Weeks after which the program is stopped and started; from then on it lives without a break."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One arXiv day.

    Attributes:
        number: 1 for the first of the year.
        out: when the listing shows it.
        is_feed_empty: the feed of its day has no items, all day.
        busy: requests that are answered with 503 once it is out.
        flood_s: Telegram's flood wait at its first message; 0 for none.
        failures: messages that are answered with 502, and not delivered.
    """

    day: date
    number: int
    out: datetime
    is_feed_empty: bool = False
    busy: int = 0
    flood_s: int = 0
    failures: int = 0

    @property
    def is_late(self) -> bool:
        """Whether arXiv was hours behind its own schedule."""
        return self.out - calendar.out_at(self.day) > MINUTES


@cache
def batches(weeks: int) -> tuple[Batch, ...]:
    """All that arXiv announces in so many weeks."""
    every = (FIRST + timedelta(days=n) for n in range(7 * weeks))
    days = [day for day in every if calendar.announced_on(day)]
    return tuple(_batch(day, number) for number, day in enumerate(days, 1))


def _batch(day: date, number: int) -> Batch:
    out = calendar.out_at(day) + MINUTES
    if number % LATE == 0:
        out = datetime.combine(day, LATE_UNTIL, calendar.EASTERN).astimezone(UTC)
    flood_s = 600 if number % LONG_FLOOD == 0 else 20 if number % FLOOD == 0 else 0
    return Batch(
        day,
        number,
        out,
        is_feed_empty=number % EMPTY_FEED == 0,
        busy=2 if number % BUSY == 0 else 0,
        flood_s=flood_s,
        failures=3 if number % FAILURES == 0 else 0,
    )


def end_of(week: int) -> datetime:
    """When week number `week` (1, …) is over: Sunday noon in New York, before the next batch."""
    return BEGINS - timedelta(hours=1) + timedelta(weeks=week)

"""When Sunday's recap is due: at the reader's hour, on their Sunday, once. Pure.

Who reads `asap`, or takes no digest at all, gets it at the hour that a new reader there would have.
The hour is one instant on both edges of daylight saving, as `digest.due` has it.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from digest import due

CAUGHT_UP = timedelta(hours=24)
"""So long after its hour a recap is still sent; then the next one is closer."""

A_WEEK = timedelta(days=7)
_ONE_DAY = timedelta(days=1)
_SUNDAY = 6  # date.weekday()


def hour_of(hour: str, timezone: str, on: date) -> time:
    """The local time of a recap, of a reader who stores their hour as "08:30", "asap" or ""."""
    at = due.understood(hour)
    return at if isinstance(at, time) else _fresh(timezone, on.year)


@lru_cache(maxsize=1000)
def _fresh(timezone: str, year: int) -> time:
    """A new reader's hour: it takes a look at each day of the year."""
    return due.fresh_hour(timezone, date(year, 1, 1))


def next_at(hour: str, timezone: str, after: datetime) -> datetime:
    """The next time a recap is due, later than `after` (UTC)."""
    sunday = _last_sunday(timezone, after)
    while (at := _instant(sunday, hour, timezone)) is None or at <= after:
        sunday += A_WEEK
    return at


def over(hour: str, timezone: str, now: datetime) -> date:
    """The newest Sunday whose hour has come: whoever begins now has missed it."""
    sunday = _last_sunday(timezone, now)
    while (at := _instant(sunday, hour, timezone)) is None or at > now:
        sunday -= A_WEEK
    return sunday


def due_now(hour: str, timezone: str, recapped: date | None, now: datetime) -> date | None:
    """The Sunday whose recap a reader is owed at `now`; None where they are owed none.

    Args:
        hour: as they store it.
        timezone: an IANA name.
        recapped: the newest Sunday whose recap they were given.
        now: aware.
    """
    sunday = over(hour, timezone, now)
    at = _instant(sunday, hour, timezone)
    is_late = at is None or now - at >= CAUGHT_UP
    return None if is_late or (recapped and recapped >= sunday) else sunday


def _last_sunday(timezone: str, now: datetime) -> date:
    today = now.astimezone(ZoneInfo(timezone)).date()
    return today - (today.weekday() - _SUNDAY) % 7 * _ONE_DAY


def _instant(sunday: date, hour: str, timezone: str) -> datetime | None:
    """Its hour (UTC); None in a zone that has no such date."""
    return due.digest_hour(sunday, hour_of(hour, timezone, sunday), timezone)

"""arXiv's announcement days: which batch is out when, which never comes, what it holds.

A batch is named by its listing date, the morning after 20:00 US Eastern. It holds what was
submitted before 14:00 on its deadline day: the day before, or the Friday before for a Monday.
On a holiday that deadline is skipped, so nothing is listed for it and the next batch holds more.
All of it only says when to expect a batch: a dated listing is the truth.

There is no clock here: every `now` is an aware datetime, and every answer in UTC.
Source: https://info.arxiv.org/help/availability.html
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
ANNOUNCED_AT = time(20)  # US Eastern, the evening before the listing date
DEADLINE = time(14)  # US Eastern, on the deadline day

_ONE_DAY = timedelta(days=1)
_MONDAY, _SATURDAY = 0, 5  # date.weekday()

# The Eastern dates whose 14:00 deadline arXiv skips, and the keys of their names in the catalogues.
_HOLIDAYS = {
    date(2025, 1, 1): "calendar.holiday_new_year",
    date(2025, 1, 20): "calendar.holiday_martin_luther_king",
    date(2025, 6, 19): "calendar.holiday_juneteenth",
    date(2025, 7, 4): "calendar.holiday_independence",
    date(2025, 9, 1): "calendar.holiday_labor",
    date(2025, 11, 27): "calendar.holiday_thanksgiving",
    date(2025, 12, 25): "calendar.holiday_christmas",
    date(2025, 12, 30): "calendar.holiday_year_end",
    date(2026, 1, 1): "calendar.holiday_new_year",
    date(2026, 1, 19): "calendar.holiday_martin_luther_king",
    date(2026, 6, 19): "calendar.holiday_juneteenth",
    date(2026, 7, 3): "calendar.holiday_independence",
    date(2026, 9, 7): "calendar.holiday_labor",
    date(2026, 11, 26): "calendar.holiday_thanksgiving",
    date(2026, 12, 25): "calendar.holiday_christmas",
    date(2026, 12, 29): "calendar.holiday_year_end",
    date(2026, 12, 31): "calendar.holiday_year_end",
}


def holidays_known(year: int) -> bool:
    """Whether arXiv's holidays of that year are in the list; of other years only weekends are."""
    return any(holiday.year == year for holiday in _HOLIDAYS)


def announced_on(day: date) -> bool:
    """Whether a batch with this listing date is expected."""
    return why_nothing(day) is None


def why_nothing(day: date) -> str | None:
    """Why no batch is listed on `day`: "weekend" or "holiday"; None where one is expected."""
    if day.weekday() >= _SATURDAY:
        return "weekend"
    return "holiday" if _deadline_day(day) in _HOLIDAYS else None


def holiday_name(day: date) -> str | None:
    """The catalogue's key of the holiday for which nothing is listed on `day`, or None.

    The holiday is the deadline day, so it comes before `day`: for Monday 2026-06-22 it is Friday's.
    """
    return _HOLIDAYS.get(_deadline_day(day)) if why_nothing(day) == "holiday" else None


def out_at(day: date) -> datetime:
    """When the listing page shows the batch of `day`: 20:00 US Eastern the evening before."""
    return _eastern(day - _ONE_DAY, ANNOUNCED_AT)


def feed_at(day: date) -> datetime:
    """When the RSS feed shows the batch of `day`: midnight US Eastern."""
    return _eastern(day, time())


def latest_evening(now: datetime) -> date:
    """The listing date of the last 20:00 US Eastern, whether or not a batch came with it."""
    eastern = now.astimezone(EASTERN)
    return eastern.date() + _ONE_DAY if eastern.time() >= ANNOUNCED_AT else eastern.date()


def next_evening(now: datetime) -> datetime:
    """The next 20:00 US Eastern after `now`, whether or not a batch comes with it."""
    return out_at(latest_evening(now) + _ONE_DAY)


def newest_expected(now: datetime) -> date:
    """The listing date of the newest batch that should be out at `now`."""
    day = latest_evening(now)
    return day if announced_on(day) else previous(day)


def next_expected(now: datetime) -> date:
    """The listing date of the first batch that is not due yet at `now`."""
    day = latest_evening(now) + _ONE_DAY
    while not announced_on(day):
        day += _ONE_DAY
    return day


def previous(day: date) -> date:
    """The listing date of the last batch before that of `day`."""
    day -= _ONE_DAY
    while not announced_on(day):
        day -= _ONE_DAY
    return day


def window(day: date) -> tuple[datetime, datetime]:
    """From when (inclusive) to when (exclusive) the batch listed on `day` was submitted."""
    return (
        _eastern(_deadline_day(previous(day)), DEADLINE),
        _eastern(_deadline_day(day), DEADLINE),
    )


def _deadline_day(day: date) -> date:
    return day - timedelta(days=3 if day.weekday() == _MONDAY else 1)


def _eastern(day: date, at: time) -> datetime:
    return datetime.combine(day, at, EASTERN).astimezone(UTC)

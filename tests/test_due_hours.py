"""The hour on every local date, whatever the clocks do, and the hours that suit arXiv's batches."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from digest import calendar
from digest.due import (
    ASAP,
    Turn,
    Wait,
    batch_age,
    batch_hours,
    decide,
    digest_hour,
    fresh_hour,
    next_at,
)

DAY = timedelta(days=1)
BEIJING = "Asia/Shanghai"
TUESDAY = date(2026, 2, 3)


def local(timezone: str, day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(timezone))


# The hour, on every local date of every zone


Walk = list[tuple[datetime, time]]


def quarters(day: date, zone: ZoneInfo) -> Walk:
    """The date walked through in steps of 15 minutes: instant and local time."""
    start = datetime.combine(day, time(), UTC) - timedelta(hours=15)
    walk = (start + timedelta(minutes=15 * n) for n in range(4 * 54))
    local = ((moment, moment.astimezone(zone)) for moment in walk)
    return [(moment, there.time()) for moment, there in local if there.date() == day]


def by_hand(walk: Walk, at: time) -> datetime:
    """The first quarter at or after the hour, or else the last minute of the date."""
    last = walk[-1][0] + timedelta(minutes=14)
    return next((moment for moment, clock in walk if clock >= at), last)


@cache
def change_days() -> dict[str, tuple[date, ...]]:
    """One zone of each set that behaves alike in 2025-2027, and the local dates of its changes."""
    alike: dict[tuple[object, ...], str] = {}
    days = {}
    for name in sorted(available_timezones()):
        changes, offsets = changes_of(ZoneInfo(name))
        if alike.setdefault((*changes, *offsets), name) == name:
            local = (change.astimezone(ZoneInfo(name)) for change in changes)
            days[name] = tuple(there.date() + n * DAY for there in local for n in (-1, 0, 1))
    return days


def changes_of(zone: ZoneInfo) -> tuple[list[datetime], list[timedelta | None]]:
    """The instants (to the minute) at which clocks change in 2025-2027, and the offsets."""
    weeks = [datetime(2024, 12, 29, tzinfo=UTC) + n * 7 * DAY for n in range(160)]
    offsets = [week.astimezone(zone).utcoffset() for week in weeks]
    return [
        change_between(week, week + 7 * DAY, zone)
        for week, before, after in zip(weeks, offsets, offsets[1:], strict=False)
        if before != after
    ], offsets


def change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(second=0, microsecond=0)


def test_both_edges_of_every_zone_have_one_hour_on_each_date() -> None:
    seen = Counter[bool]()
    for name, days in change_days().items():
        for day in days:
            walk = quarters(day, ZoneInfo(name))
            for at in (time(0), time(0, 15), time(1, 30), time(2, 15), time(3), time(23, 45)):
                hour = digest_hour(day, at, name)
                assert hour == by_hand(walk, at), (name, day, at)
                seen[hour.astimezone(ZoneInfo(name)).time() == at] += 1
    assert seen[True] > 1000
    assert seen[False] > 10  # hours that do not exist were among them


def test_walking_from_hour_to_hour_visits_every_date_once() -> None:
    for name, days in change_days().items():
        zone = ZoneInfo(name)
        for day in days[1::3]:
            for at in (time(2, 30), time(23, 30)):
                moment, dates = datetime.combine(day - 2 * DAY, time(12), zone), list[date]()
                for _ in range(4):
                    moment = next_at(at, name, moment)
                    dates.append(moment.astimezone(zone).date())
                assert dates == [dates[0] + n * DAY for n in range(4)], (name, day, at)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "utc"),
    [
        # New York, spring: 02:00 to 03:00 does not exist. Autumn: 01:30 comes twice.
        ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
        # Lord Howe moves by half an hour, Troll by two hours.
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30"),
        ("Antarctica/Troll", "2026-03-29", "02:30", "2026-03-29T01:00"),
        # Nuuk, spring: 23:00 to 24:00 does not exist; the date still has its digest, at 22:59.
        ("America/Nuuk", "2026-03-28", "23:30", "2026-03-29T00:59"),
        # Beirut, spring: the date begins at 01:00.
        ("Asia/Beirut", "2026-03-29", "00:30", "2026-03-28T22:00"),
        # St. John's went back at 00:01: a minute of Sunday, an hour of Saturday, Sunday again.
        ("America/St_Johns", "2006-10-29", "00:00", "2006-10-29T02:30"),
        ("America/St_Johns", "2006-10-28", "23:30", "2006-10-29T02:00"),
        # Kwajalein had 1969-09-30 twice.
        ("Pacific/Kwajalein", "1969-09-30", "08:00", "1969-09-29T21:00"),
        # Monrovia skipped 44 minutes and 30 seconds.
        ("Africa/Monrovia", "1972-01-07", "00:20", "1972-01-07T00:44:30"),
    ],
)
def test_odd_edges(zone: str, day: str, clock: str, utc: str) -> None:
    hour = digest_hour(date.fromisoformat(day), time.fromisoformat(clock), zone)
    assert hour == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Fakaofo", date(2011, 12, 30)),
        ("Pacific/Kiritimati", date(1994, 12, 31)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
    ],
)
def test_a_date_that_a_zone_skips_has_no_digest(zone: str, skipped: date) -> None:
    for at in (time(0), time(8), time(23, 59)):
        assert digest_hour(skipped, at, zone) is None
        eve = digest_hour(skipped - DAY, at, zone)
        assert eve is not None
        assert next_at(at, zone, eve).astimezone(ZoneInfo(zone)).date() == skipped + DAY

    back = decide(Turn(time(8), zone), [], local(zone, skipped + DAY, "07:00"))
    assert isinstance(back, Wait)  # looks back over the missing date without getting lost


def test_asap_looks_again_when_the_next_batch_is_due() -> None:
    assert next_at(ASAP, BEIJING, local(BEIJING, date(2026, 2, 6), "12:00")) == calendar.out_at(
        date(2026, 2, 9)
    )


# What /time answers


@pytest.mark.parametrize(
    ("zone", "summer", "winter"),
    [
        (BEIJING, "next day 08:00", "next day 09:00"),
        ("Europe/London", "next day 01:00", "next day 01:00"),
        ("America/New_York", "20:00", "20:00"),
        ("Asia/Kathmandu", "next day 05:45", "next day 06:45"),
        ("Atlantic/Cape_Verde", "23:00", "next day 00:00"),
    ],
)
def test_the_batch_in_local_time(zone: str, summer: str, winter: str) -> None:
    hours = batch_hours(zone, TUESDAY)
    assert "next day " * hours.summer_next_day + f"{hours.summer:%H:%M}" == summer
    assert "next day " * hours.winter_next_day + f"{hours.winter:%H:%M}" == winter


def test_how_old_a_batch_is_at_an_hour() -> None:
    """At 08:00 in Beijing's winter, the evening before's batch is 23 hours old."""
    assert batch_age(time(8), BEIJING, TUESDAY) == (timedelta(0), timedelta(hours=23))
    assert batch_age(time(9, 30), BEIJING, TUESDAY) == (
        timedelta(hours=1, minutes=30),
        timedelta(minutes=30),
    )


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        (BEIJING, time(9, 30)),
        ("Asia/Tokyo", time(10, 30)),
        ("Asia/Kathmandu", time(7, 30)),
        ("Asia/Kolkata", time(7)),
        ("Europe/London", time(7)),
        ("America/New_York", time(7)),
        ("America/Los_Angeles", time(7)),
        ("Pacific/Honolulu", time(7)),
        ("Australia/Sydney", time(12, 30)),
        ("Pacific/Auckland", time(14, 30)),
    ],
)
def test_a_new_readers_hour(zone: str, hour: time) -> None:
    assert fresh_hour(zone, TUESDAY) == hour


def test_a_new_readers_batch_is_fresh_all_year_in_every_zone() -> None:
    for zone in change_days():
        hour = fresh_hour(zone, TUESDAY)
        assert time(7) <= hour <= time(15)
        assert hour.minute in {0, 30}
        for age in batch_age(hour, zone, TUESDAY):
            assert timedelta(minutes=30) <= age <= timedelta(hours=19), zone

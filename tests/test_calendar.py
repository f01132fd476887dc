"""When arXiv's batches come out, when they never do, and what was sent in for each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import calendar
from digest.locale import has, languages, say

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def eastern(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=calendar.EASTERN)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


# The holiday (its deadline is skipped) | the listing that never comes, worked out by hand:
# Monday to Thursday: the next day's; Friday: the Monday's after the weekend.
NEVER_LISTED = """
2025-01-01 Wed | 2025-01-02 Thu | New Year's Day
2025-01-20 Mon | 2025-01-21 Tue | Martin Luther King Jr. Day
2025-06-19 Thu | 2025-06-20 Fri | Juneteenth
2025-07-04 Fri | 2025-07-07 Mon | Independence Day
2025-09-01 Mon | 2025-09-02 Tue | Labor Day
2025-11-27 Thu | 2025-11-28 Fri | Thanksgiving
2025-12-25 Thu | 2025-12-26 Fri | Christmas
2025-12-30 Tue | 2025-12-31 Wed | the year-end holidays
2026-01-01 Thu | 2026-01-02 Fri | New Year's Day
2026-01-19 Mon | 2026-01-20 Tue | Martin Luther King Jr. Day
2026-06-19 Fri | 2026-06-22 Mon | Juneteenth
2026-07-03 Fri | 2026-07-06 Mon | Independence Day
2026-09-07 Mon | 2026-09-08 Tue | Labor Day
2026-11-26 Thu | 2026-11-27 Fri | Thanksgiving
2026-12-25 Fri | 2026-12-28 Mon | Christmas
2026-12-29 Tue | 2026-12-30 Wed | the year-end holidays
2026-12-31 Thu | 2027-01-01 Fri | the year-end holidays
"""
ROWS = [line.split(" | ") for line in NEVER_LISTED.strip().splitlines()]


@pytest.mark.parametrize(("holiday", "listing", "name"), ROWS)
def test_a_holiday_takes_exactly_one_listing_away(holiday: str, listing: str, name: str) -> None:
    for day in (holiday, listing):
        assert day[11:] == WEEKDAYS[date.fromisoformat(day[:10]).weekday()]
    missing = date.fromisoformat(listing[:10])
    key = calendar.holiday_name(missing)

    assert calendar.why_nothing(missing) == "holiday"
    assert key is not None
    assert say(key, "en") == name


def test_no_other_weekday_of_the_two_years_is_without_a_listing() -> None:
    missing = {
        day
        for day in days(date(2025, 1, 1), date(2027, 1, 1))
        if day.weekday() < 5 and not calendar.announced_on(day)
    }
    assert missing == {date.fromisoformat(listing[:10]) for _, listing, _ in ROWS}


def test_every_holiday_has_a_name_in_every_language() -> None:
    keys = {calendar.holiday_name(date.fromisoformat(listing[:10])) for _, listing, _ in ROWS}
    for key in keys:
        assert key is not None
        assert has(key)
        assert len({say(key, language) for language in languages()}) == len(languages())


def test_a_weekend_is_no_holiday() -> None:
    for day in (date(2026, 6, 20), date(2026, 6, 21)):  # between Juneteenth and its Monday
        assert calendar.why_nothing(day) == "weekend"
        assert calendar.holiday_name(day) is None
    assert calendar.holiday_name(date(2026, 6, 19)) is None  # the holiday itself has a listing


def test_a_year_without_data_knows_its_weekends_only() -> None:
    assert [calendar.holidays_known(year) for year in (2024, 2025, 2026, 2027)] == [
        False,
        True,
        True,
        False,
    ]
    assert calendar.announced_on(date(2028, 7, 5))
    assert calendar.why_nothing(date(2028, 7, 8)) == "weekend"


@pytest.mark.parametrize(
    ("listing", "evening"),
    [
        (date(2026, 2, 2), "2026-02-01"),  # Monday's comes on Sunday
        (date(2026, 2, 3), "2026-02-02"),
        (date(2026, 2, 6), "2026-02-05"),
        (date(2026, 7, 1), "2026-06-30"),
    ],
)
def test_a_batch_is_out_at_eight_in_the_evening_before(listing: date, evening: str) -> None:
    out = calendar.out_at(listing)
    assert out == eastern(evening, "20:00")
    assert out.tzinfo is UTC
    assert calendar.feed_at(listing) == out + timedelta(hours=4)


def test_eight_in_the_evening_follows_daylight_saving_time() -> None:
    assert calendar.out_at(date(2026, 2, 3)) == datetime(2026, 2, 3, 1, tzinfo=UTC)
    assert calendar.out_at(date(2026, 7, 1)) == datetime(2026, 7, 1, 0, tzinfo=UTC)
    # The clocks change between the evening and midnight on neither edge.
    assert calendar.out_at(date(2026, 3, 9)) == datetime(2026, 3, 9, 0, tzinfo=UTC)
    assert calendar.out_at(date(2026, 11, 2)) == datetime(2026, 11, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("listing", "start", "end"),
    [
        ("2026-02-02", "2026-01-29", "2026-01-30"),  # Monday: Thursday to Friday
        ("2026-02-03", "2026-01-30", "2026-02-02"),  # Tuesday: Friday to Monday
        ("2026-02-04", "2026-02-02", "2026-02-03"),
        ("2026-02-05", "2026-02-03", "2026-02-04"),
        ("2026-02-06", "2026-02-04", "2026-02-05"),
        ("2026-01-21", "2026-01-16", "2026-01-20"),  # a Monday holiday: two batches in one
        ("2026-06-23", "2026-06-18", "2026-06-22"),  # a Friday holiday
        ("2026-12-31", "2026-12-28", "2026-12-30"),
    ],
)
def test_a_batch_holds_what_was_sent_in_before_two(listing: str, start: str, end: str) -> None:
    assert calendar.window(date.fromisoformat(listing)) == (
        eastern(start, "14:00"),
        eastern(end, "14:00"),
    )


def test_no_submission_falls_between_two_batches() -> None:
    listings = [d for d in days(date(2025, 1, 2), date(2027, 1, 8)) if calendar.announced_on(d)]
    windows = [calendar.window(day) for day in listings]
    assert all(before[1] == after[0] for before, after in pairwise(windows))
    assert all(end < calendar.out_at(day) for day, (_, end) in zip(listings, windows, strict=True))


@pytest.mark.parametrize(
    ("now", "newest", "following"),
    [
        (eastern("2026-02-02", "19:59"), "2026-02-02", "2026-02-03"),
        (eastern("2026-02-02", "20:00"), "2026-02-03", "2026-02-04"),
        (eastern("2026-02-05", "20:00"), "2026-02-06", "2026-02-09"),
        (eastern("2026-02-07", "12:00"), "2026-02-06", "2026-02-09"),  # Saturday
        (eastern("2026-02-08", "20:00"), "2026-02-09", "2026-02-10"),  # Sunday evening
        (eastern("2026-06-21", "20:00"), "2026-06-19", "2026-06-23"),  # after Juneteenth
        (datetime(2026, 2, 3, 0, 59, tzinfo=UTC), "2026-02-02", "2026-02-03"),
        (datetime(2026, 2, 3, 1, 0, tzinfo=UTC), "2026-02-03", "2026-02-04"),
    ],
)
def test_what_should_be_out_and_what_comes_next(now: datetime, newest: str, following: str) -> None:
    assert calendar.newest_expected(now) == date.fromisoformat(newest)
    assert calendar.next_expected(now) == date.fromisoformat(following)


@settings(max_examples=150, deadline=None)
@given(st.datetimes(datetime(2024, 12, 1), datetime(2027, 12, 31)))  # noqa: DTZ001 - made aware below
def test_now_is_always_between_the_newest_batch_and_the_next(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    newest, following = calendar.newest_expected(now), calendar.next_expected(now)

    assert calendar.out_at(newest) <= now < calendar.out_at(following)
    assert calendar.previous(following) == newest
    assert newest <= calendar.latest_evening(now) < following

"""When Sunday's recap is due: once a week, at the reader's hour, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import sundays

ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Apia", "America/Sao_Paulo")
HOURS = ("00:00", "02:30", "09:30", "23:59", "asap", "")
SUNDAY = date(2026, 2, 8)
A_MINUTE = timedelta(minutes=1)


def local(zone: str, when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "hour", "at"),
    [
        ("Asia/Shanghai", "09:30", "2026-02-08T09:30"),
        ("America/New_York", "21:00", "2026-02-08T21:00"),
        ("Asia/Shanghai", "asap", "2026-02-08T09:30"),
        ("Europe/Berlin", "", "2026-02-08T07:00"),
    ],
)
def test_it_is_due_at_the_readers_own_hour(zone: str, hour: str, at: str) -> None:
    then = local(zone, at)
    assert sundays.next_at(hour, zone, then - A_MINUTE) == then
    assert sundays.due_now(hour, zone, None, then - A_MINUTE) is None
    assert sundays.due_now(hour, zone, None, then) == SUNDAY
    assert sundays.due_now(hour, zone, SUNDAY - timedelta(7), then) == SUNDAY
    assert sundays.due_now(hour, zone, SUNDAY, then) is None


def test_it_is_caught_up_with_for_a_day() -> None:
    then = local("UTC", "2026-02-08T09:30")
    late = then + sundays.CAUGHT_UP
    assert sundays.due_now("09:30", "UTC", None, late - A_MINUTE) == SUNDAY
    assert sundays.due_now("09:30", "UTC", None, late) is None


@pytest.mark.parametrize(
    ("zone", "hour", "utc"),
    [
        ("America/New_York", "02:30", "2026-03-08T07:00"),  # the clocks skip it: 03:00 instead
        ("Europe/Berlin", "02:30", "2026-03-29T01:00"),
        ("Europe/Berlin", "02:30", "2026-10-25T00:30"),  # it comes twice: the first
        ("America/New_York", "01:30", "2026-11-01T05:30"),
    ],
)
def test_both_edges_of_daylight_saving_have_one_hour(zone: str, hour: str, utc: str) -> None:
    then = local("UTC", utc)
    assert sundays.next_at(hour, zone, then - timedelta(days=2)) == then
    assert sundays.next_at(hour, zone, then) > then + timedelta(days=6)


@settings(max_examples=60)
@given(
    zone=st.sampled_from(ZONES),
    hour=st.sampled_from(HOURS),
    day=st.dates(date(2011, 11, 1), date(2027, 11, 1)),
    late=st.integers(0, 23 * 60),
)
def test_ten_sundays_bring_ten_recaps(zone: str, hour: str, day: date, late: int) -> None:
    """Looked at when it is due, or up to a day later, and in between without need."""
    now = datetime.combine(day, time(17, 45), UTC)
    given: list[date] = [sundays.over(hour, zone, now)]
    for _ in range(10):
        now = sundays.next_at(hour, zone, now)
        looked = now + late * A_MINUTE
        sunday = sundays.due_now(hour, zone, given[-1], looked)
        assert sunday is not None
        given.append(sunday)
        assert sundays.due_now(hour, zone, sunday, looked + A_MINUTE) is None
    assert len(set(given)) == 11
    assert all(each.weekday() == 6 for each in given)

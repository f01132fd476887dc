"""At their hour, once on each local date: which edition a subscriber gets, or why none."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import calendar
from digest.due import (
    ASAP,
    LATE_AFTER,
    Hour,
    Reason,
    Send,
    Turn,
    Wait,
    decide,
    next_at,
)
from digest.models import Edition

GOLDEN = Path(__file__).parent / "golden" / "due.txt"
DAY = timedelta(days=1)
MADE_IN = timedelta(minutes=12)  # from 20:00 US Eastern to a published edition
BEIJING = "Asia/Shanghai"

TUESDAY, WEDNESDAY = date(2026, 2, 3), date(2026, 2, 4)
FRIDAY, MONDAY = date(2026, 2, 6), date(2026, 2, 9)


def edition(day: date, published: datetime | None = None) -> Edition:
    return Edition(day, published=published or calendar.out_at(day) + MADE_IN)


def local(timezone: str, day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(timezone))


def beijing(day: date, clock: str) -> datetime:
    return local(BEIJING, day, clock)


def editions_around(day: date) -> list[Edition]:
    near = (day + n * DAY for n in range(-12, 13))
    return [edition(listing) for listing in near if calendar.announced_on(listing)]


# The golden table


def told(timezone: str, clock: str, monday: date) -> list[str]:
    """What a reader is told on nine mornings from `monday`, after a week of reading."""
    had, cells = None, []
    for offset in range(-7, 9):
        day = monday + offset * DAY
        turn = Turn(time.fromisoformat(clock), timezone, had)
        now = local(timezone, day, clock)
        cell, had = ask(turn, editions_around(day), now)
        cells.append(cell)
    return cells[7:]


def ask(turn: Turn, editions: list[Edition], now: datetime) -> tuple[str, date | None]:
    """A cell of the table, and the newest edition they have had after it.

    A "+" says that the batch was due at the very hour and was sent minutes later.
    """
    answer, mark = decide(turn, editions, now), ""
    while isinstance(answer, Wait) and answer.reason is Reason.ON_ITS_WAY:
        answer, mark = decide(turn, editions, answer.until), "+"
    if isinstance(answer, Send):
        return f"{answer.day:%a}{mark}", answer.day
    return answer.reason.value, turn.had


def rows() -> list[list[str]]:
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


WEEKS = {
    "winter": date(2026, 2, 2),
    "winter-monday-holiday": date(2026, 1, 19),
    "winter-friday-holiday": date(2026, 12, 21),
    "summer": date(2026, 7, 13),
    "summer-monday-holiday": date(2026, 9, 7),
    "summer-friday-holiday": date(2026, 6, 15),
}
CITIES = (BEIJING, "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Kathmandu")
CLOCKS = ("08:00", "09:30", "21:00")


@pytest.mark.parametrize("row", rows(), ids=lambda row: " ".join(row[:3]))
def test_golden_table(row: list[str]) -> None:
    week, timezone, clock, *cells = row
    assert told(timezone, clock, WEEKS[week]) == cells


def test_the_golden_table_is_complete() -> None:
    assert {tuple(row[:3]) for row in rows()} == {
        (week, zone, clock) for week in WEEKS for zone in CITIES for clock in CLOCKS
    }


# One decision at a time


def test_before_their_hour_nobody_is_sent_what_is_there() -> None:
    turn = Turn(time(9, 30), BEIJING, had=TUESDAY, settled=beijing(TUESDAY, "09:30"))
    answer = decide(turn, editions_around(WEDNESDAY), beijing(WEDNESDAY, "09:20"))
    assert answer == Wait(beijing(WEDNESDAY, "09:30"), Reason.NOT_YET, WEDNESDAY)
    assert decide(turn, editions_around(WEDNESDAY), beijing(WEDNESDAY, "09:30")) == Send(WEDNESDAY)


def test_an_hour_before_the_batch_brings_the_evening_befores_and_keeps_the_fresh_one() -> None:
    turn = Turn(time(8), BEIJING, had=date(2026, 2, 2))
    assert decide(turn, editions_around(TUESDAY), beijing(WEDNESDAY, "08:00")) == Send(TUESDAY)

    served = Turn(time(8), BEIJING, had=TUESDAY, settled=beijing(WEDNESDAY, "08:00"))
    for clock, published in (("09:05", False), ("09:30", True)):
        answer = decide(served, editions_around(WEDNESDAY), beijing(WEDNESDAY, clock))
        assert answer == Wait(beijing(date(2026, 2, 5), "08:00"), Reason.NOT_YET, WEDNESDAY), (
            published
        )


def test_a_batch_made_late_is_sent_when_it_is_there() -> None:
    turn = Turn(time(9, 30), BEIJING, had=TUESDAY, settled=beijing(TUESDAY, "09:30"))
    old, made_late = edition(TUESDAY), edition(WEDNESDAY, beijing(WEDNESDAY, "13:40"))

    waiting = decide(turn, [old, made_late], beijing(WEDNESDAY, "13:39"))
    assert isinstance(waiting, Wait)
    assert waiting.reason is Reason.LATE
    assert waiting.until <= beijing(WEDNESDAY, "13:45")
    assert decide(turn, [old, made_late], beijing(WEDNESDAY, "13:40")) == Send(WEDNESDAY)


def test_late_is_said_only_two_hours_after_arxivs_own_schedule() -> None:
    turn = Turn(time(9, 30), BEIJING, had=TUESDAY)
    due = calendar.out_at(WEDNESDAY)
    for after, reason in (
        (timedelta(minutes=30), Reason.ON_ITS_WAY),
        (LATE_AFTER - timedelta(seconds=1), Reason.ON_ITS_WAY),
        (LATE_AFTER, Reason.LATE),
        (timedelta(hours=9), Reason.LATE),
    ):
        answer = decide(turn, [edition(TUESDAY)], due + after)
        assert isinstance(answer, Wait)
        assert (answer.reason, answer.batch) == (reason, WEDNESDAY)


def test_what_arxiv_announced_and_we_did_not_make_is_our_own_fault() -> None:
    turn, noon = Turn(time(9, 30), BEIJING, had=TUESDAY), beijing(WEDNESDAY, "12:00")
    ours = decide(turn, [edition(TUESDAY)], noon, shown=WEDNESDAY)
    late = decide(turn, [edition(TUESDAY)], noon, shown=TUESDAY)
    assert isinstance(ours, Wait)
    assert isinstance(late, Wait)
    assert (ours.reason, late.reason) == (Reason.OURS, Reason.LATE)


def test_an_empty_house_does_not_call_arxiv_late() -> None:
    answer = decide(Turn(time(9, 30), BEIJING), [], beijing(WEDNESDAY, "15:00"))
    assert isinstance(answer, Wait)
    assert answer.reason is Reason.ON_ITS_WAY


def test_a_weekend_says_when_the_next_batch_comes() -> None:
    saturday = FRIDAY + DAY
    turn = Turn(time(9, 30), BEIJING, had=FRIDAY)
    assert decide(turn, editions_around(FRIDAY), beijing(saturday, "09:30")) == Wait(
        beijing(saturday + DAY, "09:30"), Reason.WEEKEND, MONDAY, without=saturday
    )


def test_a_holiday_is_named() -> None:
    turn = Turn(time(8), "America/New_York", had=date(2026, 6, 19))
    monday = date(2026, 6, 22)
    answer = decide(turn, editions_around(monday), local("America/New_York", monday, "08:00"))
    assert isinstance(answer, Wait)
    assert (answer.reason, answer.batch, answer.without) == (
        Reason.HOLIDAY,
        date(2026, 6, 23),
        monday,
    )
    assert calendar.holiday_name(monday) == "calendar.holiday_juneteenth"


def test_a_batch_that_appears_on_a_holiday_is_an_edition() -> None:
    surprise = date(2026, 6, 22)
    zone = "America/New_York"
    turn = Turn(time(8), zone, had=date(2026, 6, 19))
    editions = [*editions_around(surprise), edition(surprise)]
    now = local(zone, surprise, "08:00")
    assert decide(turn, editions, now) == Send(surprise)

    after = decide(Turn(time(8), zone, had=surprise), editions, now + timedelta(hours=1))
    assert isinstance(after, Wait)
    assert after.reason is Reason.NOTHING_NEW


def test_an_edition_still_in_the_making_is_sent_to_nobody() -> None:
    answer = decide(
        Turn(ASAP, BEIJING, had=TUESDAY), [Edition(WEDNESDAY)], beijing(WEDNESDAY, "09:05")
    )
    assert isinstance(answer, Wait)
    assert answer.reason is Reason.ON_ITS_WAY


def test_asap_is_when_the_edition_is_published() -> None:
    turn = Turn(ASAP, BEIJING, had=TUESDAY, settled=beijing(TUESDAY, "09:13"))
    published = calendar.out_at(WEDNESDAY) + MADE_IN
    editions = editions_around(WEDNESDAY)

    before = decide(turn, editions, published - timedelta(minutes=1))
    assert isinstance(before, Wait)
    assert before.reason is Reason.ON_ITS_WAY
    assert decide(turn, editions, published) == Send(WEDNESDAY)
    assert decide(Turn(ASAP, BEIJING, had=WEDNESDAY), editions, published) == Wait(
        calendar.out_at(date(2026, 2, 5)), Reason.NOTHING_NEW, date(2026, 2, 5)
    )


def test_a_reader_who_joins_gets_the_newest_at_once_and_not_again() -> None:
    joined = beijing(WEDNESDAY, "15:00")
    editions = editions_around(WEDNESDAY)
    assert decide(Turn(time(9, 30), BEIJING), editions, joined) == Send(WEDNESDAY)

    had_it = Turn(time(9, 30), BEIJING, had=WEDNESDAY, settled=joined)
    assert decide(had_it, editions, joined + timedelta(minutes=1)) == Wait(
        beijing(date(2026, 2, 5), "09:30"), Reason.NOTHING_NEW, date(2026, 2, 5)
    )


def test_a_reader_who_moves_west_is_not_sent_the_day_twice() -> None:
    moved = Turn(time(9, 30), "America/Los_Angeles", had=WEDNESDAY)
    now = local("America/Los_Angeles", WEDNESDAY, "09:30")
    answer = decide(moved, editions_around(WEDNESDAY), now)
    assert isinstance(answer, Wait)
    assert answer.reason is Reason.NOTHING_NEW


@pytest.mark.parametrize("clock", ["09:30", "15:00"])
def test_an_hour_chosen_when_it_is_over_begins_tomorrow(clock: str) -> None:
    chosen = beijing(WEDNESDAY, clock)
    turn = Turn(time(9, 30), BEIJING, had=TUESDAY, settled=chosen)
    assert decide(turn, editions_around(WEDNESDAY), chosen) == Wait(
        beijing(date(2026, 2, 5), "09:30"), Reason.NOT_YET, WEDNESDAY
    )


def test_a_weeks_pause_ends_without_a_flood() -> None:
    turn = Turn(time(9, 30), BEIJING, had=date(2026, 1, 28), settled=beijing(TUESDAY, "20:00"))
    now = beijing(WEDNESDAY, "09:30")
    assert decide(turn, editions_around(WEDNESDAY), now) == Send(WEDNESDAY)

    after = decide(
        Turn(time(9, 30), BEIJING, had=WEDNESDAY, settled=now), editions_around(WEDNESDAY), now
    )
    assert isinstance(after, Wait)


def test_a_restart_hours_later_sends_what_the_hour_owed() -> None:
    """Down from 07:00 to 10:00: the reader of 08:00 gets the evening before's, as promised."""
    turn = Turn(time(8), BEIJING, had=date(2026, 2, 2), settled=beijing(TUESDAY, "08:00"))
    now = beijing(WEDNESDAY, "10:00")
    assert decide(turn, editions_around(WEDNESDAY), now) == Send(TUESDAY)


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from((BEIJING, "Europe/London", "America/New_York", "Pacific/Apia")),
    at=st.one_of(st.just(ASAP), st.times().map(lambda at: at.replace(second=0, microsecond=0))),
    start=st.integers(0, 500),
)
def test_over_any_fortnight_every_edition_comes_once_and_in_order(
    zone: str, at: Hour, start: int
) -> None:
    now = datetime(2025, 6, 1, tzinfo=UTC) + start * DAY
    end, got = now + 14 * DAY, list[date]()
    editions = [edition(d) for d in (now.date() + n * DAY for n in range(-7, 17))]
    editions = [e for e in editions if calendar.announced_on(e.day)]
    had, settled = calendar.newest_expected(now), now
    while now < end:
        answer = decide(Turn(at, zone, had, settled), editions, now)
        if isinstance(answer, Send):
            got.append(had := answer.day)
            settled = now
        else:
            assert answer.until > now
        now = answer.until if isinstance(answer, Wait) else next_at(at, zone, now)

    first, last = calendar.newest_expected(end - 14 * DAY), calendar.newest_expected(end - 2 * DAY)
    assert got == sorted(set(got))
    assert set(got) >= {e.day for e in editions if first < e.day <= last}

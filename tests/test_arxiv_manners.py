"""When arXiv may be asked, and how long to wait after it said no."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.arxiv.manners import ProcessManners, retry_after, wait_before
from digest.arxiv.turns import Turns
from tests.fakes.clock import START, FakeClock


async def test_slots_of_a_lane_are_a_pause_apart() -> None:
    clock = FakeClock()
    manners = ProcessManners(clock)
    assert [await manners.reserve("arxiv", 3) for _ in range(3)] == [0, 3, 6]
    assert await manners.reserve("site", 15) == 0
    clock.seconds = 20
    assert await manners.reserve("arxiv", 3) == 0
    assert await manners.reserve("site", 15) == 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Tue, 03 Feb 2026 17:02:00 GMT", 120.0),
        ("Tue, 03 Feb 2026 17:02:00 -0000", 120.0),
        ("Tue, 03 Feb 2026 12:02:00 -0500", 120.0),
        ("Tue, 03 Feb 2026 16:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, START) == seconds


@settings(max_examples=50)
@given(st.text(max_size=30))
@example("0\x1f")  # whitespace to str.strip, and not to float
def test_no_retry_after_breaks_us(header: str) -> None:
    waits = retry_after(header, datetime(2026, 2, 3, tzinfo=UTC))
    assert waits is None or waits >= 0


def test_waits_grow_to_an_end_and_differ_by_chance() -> None:
    assert [wait_before(n, None, 0.5) for n in (1, 2, 3, 4, 5, 6)] == [5, 10, 20, 40, 60, 60]
    assert wait_before(1, None, 0.0) == 2.5
    assert wait_before(1, None, 1.0) == 7.5
    assert wait_before(1, None, 0.5, urgent=True) == 1


def test_what_the_server_asks_for_is_kept_to() -> None:
    assert wait_before(4, 30.0, 0.25) == 30.25
    assert wait_before(1, 0.0, 0.25, urgent=True) == 0.25


async def no_wait() -> None:
    """Ready at once."""


async def take(turns: Turns, name: str, order: list[str], *, urgent: bool = False) -> None:
    async with turns.take(urgent=urgent):
        order.append(name)
        await asyncio.sleep(0)


async def test_one_after_the_other_and_urgent_ones_first() -> None:
    turns, order = Turns(no_wait), list[str]()
    async with turns.take():
        waiting = [asyncio.create_task(take(turns, name, order)) for name in ("one", "two")]
        waiting.append(asyncio.create_task(take(turns, "urgent", order, urgent=True)))
        await asyncio.sleep(0)
        assert order == []
    await asyncio.gather(*waiting)
    assert order == ["urgent", "one", "two"]


async def test_who_comes_during_the_pause_and_is_urgent_gets_the_slot() -> None:
    pause, order = asyncio.Event(), list[str]()

    async def ready() -> None:
        await pause.wait()

    turns = Turns(ready)
    async with asyncio.TaskGroup() as group:
        group.create_task(take(turns, "background", order))
        await asyncio.sleep(0)
        group.create_task(take(turns, "urgent", order, urgent=True))
        await asyncio.sleep(0)
        pause.set()
    assert order == ["urgent", "background"]


async def test_who_gives_up_leaves_the_turn_to_the_next() -> None:
    turns, order = Turns(no_wait), list[str]()
    async with turns.take():
        impatient = asyncio.create_task(take(turns, "impatient", order))
        patient = asyncio.create_task(take(turns, "patient", order))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.gather(impatient, return_exceptions=True)
    await patient
    assert order == ["patient"]


async def test_who_gives_up_just_when_it_is_their_turn_leaves_it_too() -> None:
    turns, order = Turns(no_wait), list[str]()
    hold = turns.take()
    await hold.__aenter__()
    impatient = asyncio.create_task(take(turns, "impatient", order))
    patient = asyncio.create_task(take(turns, "patient", order))
    await asyncio.sleep(0)
    await hold.__aexit__(None, None, None)
    await asyncio.sleep(0)  # the turn is given, and not yet taken
    impatient.cancel()
    await patient
    assert order == ["patient"]


async def test_when_all_gave_up_the_next_finds_the_turn_free() -> None:
    pause, order = asyncio.Event(), list[str]()

    async def ready() -> None:
        await pause.wait()

    turns = Turns(ready)
    impatient = asyncio.create_task(take(turns, "impatient", order))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    pause.set()
    await asyncio.sleep(0)
    await take(turns, "late", order)
    assert order == ["late"]


async def test_a_pause_that_fails_fails_those_who_wait_for_it() -> None:
    async def ready() -> None:
        raise OSError

    turns = Turns(ready)
    failed = [asyncio.create_task(take(turns, name, [])) for name in ("one", "two")]
    results = await asyncio.gather(*failed, return_exceptions=True)
    assert [type(each) for each in results] == [OSError, OSError]


async def test_at_the_end_nobody_waits_any_more() -> None:
    turns = Turns(asyncio.Event().wait)  # type: ignore[arg-type] # what it returns is not asked
    waiting = [asyncio.create_task(take(turns, name, [])) for name in ("one", "two")]
    await asyncio.sleep(0)
    await turns.end()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in results] == [asyncio.CancelledError] * 2
    await Turns(no_wait).end()

"""Slots for asking arXiv, shared by everything that uses one database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.store import Store
from digest.store.manners import slot_at
from tests.fakes.stores import fresh, url_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Clock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.now = 1_770_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    async with Store.open(fresh(tmp_path), clock=clock) as opened:
        yield opened


async def test_the_first_goes_at_once_and_the_next_wait_their_turn(store: Store) -> None:
    waits = [await store.manners.reserve("arxiv", 3) for _ in range(3)]
    assert waits == [0, 3, 6]


async def test_lanes_do_not_wait_for_each_other(store: Store) -> None:
    await store.manners.reserve("site", 15)
    assert await store.manners.reserve("api", 3) == 0


async def test_after_a_pause_nobody_waits(store: Store, clock: Clock) -> None:
    await store.manners.reserve("arxiv", 3)
    clock.now += 2
    assert await store.manners.reserve("arxiv", 3) == pytest.approx(1)
    clock.now += 60
    assert await store.manners.reserve("arxiv", 3) == 0


async def test_all_who_ask_at_once_get_slots_of_their_own(store: Store) -> None:
    waits = await asyncio.gather(*(store.manners.reserve("arxiv", 3) for _ in range(8)))
    assert sorted(waits) == [0, 3, 6, 9, 12, 15, 18, 21]


async def test_two_who_opened_the_same_file_share_the_slots(store: Store, clock: Clock) -> None:
    await store.manners.reserve("arxiv", 3)
    async with Store.open(url_of(store), clock=clock) as other:
        assert await other.manners.reserve("arxiv", 3) == 3


async def test_a_clock_set_back_an_hour_makes_nobody_wait_for_it(
    store: Store, clock: Clock
) -> None:
    await store.manners.reserve("arxiv", 3)
    await store.manners.reserve("arxiv", 3)
    clock.now -= 3600
    assert await store.manners.reserve("arxiv", 3) == 6
    clock.now += 3600
    assert await store.manners.reserve("arxiv", 3) == 0


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-5000, 5000), st.sampled_from([3.0, 15.0])), max_size=20))
def test_whatever_the_clock_does_no_wait_is_longer_than_the_queue(
    steps: list[tuple[float, float]],
) -> None:
    now, next_at, reserved_at, queue = 0.0, 0.0, 0.0, 0.0
    for step, pause in steps:
        now += step
        slot = slot_at(now, next_at, reserved_at)
        assert 0 <= slot - now <= queue + 1e-6
        next_at, reserved_at, queue = slot + pause, now, queue + pause

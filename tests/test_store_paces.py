"""Slots that several processes lease from one store: none has two owners."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from digest.store import Store
from tests.fakes.stores import fresh, url_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LANE = "telegram 0123456789abcdef"
GAP_S = 5.0
"""Long, for a server's clock goes on between two questions."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(fresh(tmp_path), clock=lambda: 1_770_000_000.0) as opened:
        yield opened


async def test_leases_follow_each_other_whoever_asks(store: Store) -> None:
    async with Store.open(url_of(store), clock=lambda: 1_770_000_000.0) as other:
        leases = [await each.paces.lease(LANE, 4, GAP_S) for each in (store, other, store)]
    assert [round(each.first_s / GAP_S) for each in leases] == [0, 4, 8]
    assert {each.slots for each in leases} == {4}
    assert {each.held_s for each in leases} == {0.0}


async def test_many_at_once_get_slots_of_their_own(store: Store) -> None:
    leases = await asyncio.gather(*(store.paces.lease(LANE, 1, GAP_S) for _ in range(8)))
    assert sorted(round(each.first_s / GAP_S) for each in leases) == list(range(8))


async def test_each_bot_has_its_own_lane(store: Store) -> None:
    await store.paces.lease(LANE, 100, GAP_S)
    assert (await store.paces.lease("telegram another", 1, GAP_S)).first_s < 1


async def test_replies_wait_for_replies_only_and_push_the_others_back(store: Store) -> None:
    await store.paces.lease(LANE, 10, GAP_S)
    first = await store.paces.lease_reply(LANE, GAP_S)
    second = await store.paces.lease_reply(LANE, GAP_S)
    assert [round(each.first_s / GAP_S) for each in (first, second)] == [0, 1]
    assert round((await store.paces.lease(LANE, 1, GAP_S)).first_s / GAP_S) == 12


async def test_a_flood_wait_holds_everybody_until_the_longest_is_over(store: Store) -> None:
    assert await store.paces.held_s(LANE) == 0
    await store.paces.hold(LANE, 300)
    await store.paces.hold(LANE, 30)
    assert 290 < await store.paces.held_s(LANE) <= 300
    lease, reply = await store.paces.lease(LANE, 1, 0.1), await store.paces.lease_reply(LANE, 0.1)
    assert min(lease.first_s, reply.first_s, lease.held_s, reply.held_s) > 290
    assert await store.paces.held_s("telegram another") == 0

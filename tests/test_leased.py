"""One pace for several processes: slots are leased, and no second has more than the rate allows."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from bot.leased import LEASE_S, Leased, lane_of
from digest.errors import StoreError
from digest.store.paces import Lease
from tests.test_pace import Sleepers, most_within

if TYPE_CHECKING:
    from collections.abc import Iterable

RATE = 50


@dataclass
class Lanes:
    """What the database does, in memory: one lane, its replies, and until when nothing leaves."""

    time: Sleepers
    ends: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    held: float = 0.0
    asked: int = 0
    is_down: bool = False

    def take(self, lane: str, length_s: float) -> float:
        if self.is_down:
            raise StoreError(path="a server")
        self.asked += 1
        first = max(self.ends[lane], self.time.now, self.held)
        self.ends[lane] = first + length_s
        return first - self.time.now

    async def lease(self, lane: str, slots: int, gap_s: float) -> Lease:
        return Lease(self.take(lane, slots * gap_s), slots, max(0.0, self.held - self.time.now))

    async def lease_reply(self, lane: str, gap_s: float) -> Lease:
        self.take(lane, gap_s)
        first_s = self.take(lane + " replies", gap_s)
        return Lease(first_s, 1, max(0.0, self.held - self.time.now))

    async def hold(self, _lane: str, seconds: float) -> None:
        self.held = max(self.held, self.time.now + seconds)

    async def held_s(self, _lane: str) -> float:
        return max(0.0, self.held - self.time.now)


class Bot:
    """Some processes, each with a pace of its own on the same lanes; who left when."""

    def __init__(self, processes: int = 2, rate: float = RATE, late_s: float = 0.0) -> None:
        self.time = Sleepers(late_s)
        self.began = self.time.now
        self.lanes = Lanes(self.time)
        self.paces = [
            Leased(self.lanes, "a bot", rate, clock=self.time.clock, sleep=self.time.sleep)  # type: ignore[arg-type] # a fake
            for _ in range(processes)
        ]
        self.left: list[tuple[int, float]] = []
        self.refused = 0

    async def send(self, process: int, chat: int, *, after: float = 0.0, **how: Any) -> None:
        if after:
            await self.time.sleep(after)
        if await self.paces[process].slot(str(chat), **how):
            self.left.append((process, self.time.now - self.began))
        else:
            self.refused += 1

    def run(self, sendings: Iterable[Any]) -> None:
        asyncio.run(self.time.run(*sendings))

    @property
    def times(self) -> list[float]:
        return [at for _, at in self.left]


def test_a_process_alone_has_all_of_the_pace() -> None:
    bot = Bot(processes=1)
    bot.run(bot.send(0, chat) for chat in range(4 * RATE))
    assert most_within(bot.times, 1) <= RATE
    assert max(bot.times) < 4 * 1.05
    assert bot.lanes.asked <= 4 / LEASE_S + 2


@pytest.mark.parametrize("late_s", [0.0, 0.012])
def test_several_share_it_and_no_second_is_too_full(late_s: float) -> None:
    bot = Bot(processes=3, late_s=late_s)
    bot.run(bot.send(chat % 3, chat) for chat in range(6 * RATE))
    assert most_within(bot.times, 1) <= RATE
    assert max(bot.times) < 6 * 1.08
    assert {process for process, _ in bot.left} == {0, 1, 2}


def test_whoever_sleeps_too_long_loses_slots_and_crowds_no_second() -> None:
    bot = Bot(processes=2, late_s=0.07)
    bot.run(bot.send(chat % 2, chat) for chat in range(3 * RATE))
    assert len(bot.left) == 3 * RATE
    assert most_within(bot.times, 1) <= RATE


def test_a_process_that_dies_wastes_no_more_than_its_leases() -> None:
    bot = Bot()
    dead = bot.paces[0]

    async def dies() -> None:
        for chat in range(5):
            await dead.slot(f"dead {chat}")

    bot.run([dies(), *(bot.send(1, chat, after=0.1) for chat in range(RATE))])
    assert max(bot.times) < 0.1 + 1.1 + 2 * LEASE_S


def test_a_flood_wait_that_one_meets_holds_all() -> None:
    bot = Bot()

    async def flooded() -> None:
        await bot.time.sleep(0.5)
        bot.paces[0].hold(3)

    bot.run([flooded(), *(bot.send(chat % 2, chat) for chat in range(3 * RATE))])
    others = [at for process, at in bot.left if process == 1]
    assert not [at for at in others if 0.5 + 2 * LEASE_S < at < 3.5]
    assert not [at for process, at in bot.left if process == 0 and 0.5 < at < 3.5]
    assert len(bot.left) == 3 * RATE


def test_nobody_waits_longer_than_they_have_patience() -> None:
    bot = Bot()

    async def flooded() -> None:
        bot.paces[0].hold(600)

    sends = [bot.send(1, 1, after=1, patience_s=60), bot.send(1, 2, after=1, patience_s=60)]
    replies = [bot.send(1, 3, after=1, patience_s=60, urgent=True)]
    bot.run([flooded(), *sends, *replies])
    assert (bot.left, bot.refused) == ([], 3)
    assert not math.isinf(bot.paces[1].held_s)


def test_a_reply_leaves_before_all_that_waits_and_takes_its_place() -> None:
    bot = Bot()
    many = [bot.send(0, chat) for chat in range(2 * RATE)]
    bot.run([*many, *(bot.send(1, 1000 + n, after=1.0, urgent=True) for n in range(3))])
    replies = [at for process, at in bot.left if process == 1]
    assert [round(at, 2) for at in replies] == [1.0, 1.02, 1.04]
    assert most_within(bot.times, 1) <= RATE + 3
    assert max(bot.times) >= 2 * (1 + 0.03) + 2 / RATE


def test_a_server_that_is_away_is_told_to_whoever_waits_and_asked_again() -> None:
    bot = Bot(processes=1)
    bot.lanes.is_down = True

    async def refused() -> None:
        with pytest.raises(StoreError):
            await bot.send(0, 1)
        bot.lanes.is_down = False
        await bot.send(0, 2)

    bot.run([refused()])
    assert len(bot.left) == 1


def test_a_lane_says_nothing_of_the_token() -> None:
    lane = lane_of("telegram", "123456:a-token-that-nobody-sees")
    assert lane == lane_of("telegram", "123456:another-token-of-the-same-bot")
    assert lane != lane_of("telegram", "654321:a-token-that-nobody-sees")
    assert "123456" not in lane
    assert "token" not in lane

"""The same pace for several processes that write as one bot: slots are leased from the database.

A lease is the next quarter of a second's slots at most, so a process that dies wastes no more than
that, twice: the next one is asked for while half of the last is left. Replies wait for replies only
and push all others back; for as long as what is leased already lasts, they come on top of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.pace import LOOK_UP_S, RATE, Pace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from digest.store.paces import Lease, Paces

LEASE_S = 0.25
"""So far ahead slots are leased, in seconds."""

LATE_S = 0.03
"""A slot may be used so much late, and is lost then, in seconds; slots are so much farther apart
that no second has more of them than the rate allows."""


def lane_of(channel: str, token: str) -> str:
    """What a bot's slots are called; it says nothing of the token, nor of the bot's number."""
    bot = token.partition(":")[0]
    return f"{channel} {hashlib.sha256(f'paperboy pace {bot}'.encode()).hexdigest()[:16]}"


@dataclass(slots=True)
class _Slots:
    """What is left of a lease; times are seconds of this process's own clock."""

    next_s: float
    left: int
    gap_s: float
    asked_s: float

    def skip(self, until_s: float) -> None:
        """Gives up what lies before `until_s`."""
        missed = max(0, min(self.left, math.ceil((until_s - self.next_s) / self.gap_s)))
        self.next_s += missed * self.gap_s
        self.left -= missed

    def use(self) -> None:
        """A message leaves."""
        self.skip(self.next_s + self.gap_s / 2)


class Leased(Pace):
    """Hands out slots that no other process has."""

    def __init__(
        self,
        paces: Paces,
        lane: str,
        rate: float = RATE,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """Leases nothing yet.

        Args:
            paces: whom to ask.
            lane: the bot's; see `lane_of`.
            rate: messages a second, all processes together.
            clock: seconds that never go back.
            sleep: waits, in seconds.
        """
        super().__init__(rate, clock=clock, sleep=sleep)
        self._paces = paces
        self._lane = lane
        self._gap_s *= 1 + LATE_S
        self._most = max(1, round(rate * LEASE_S))
        self._mine: deque[_Slots] = deque()
        self._waiting = 0
        self._leasing: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()

    def hold(self, seconds: float) -> None:
        """Lets nothing leave for so long, in any process."""
        super().hold(seconds)
        if seconds:
            task = asyncio.ensure_future(self._paces.hold(self._lane, seconds))
            self._telling.add(task)
            task.add_done_callback(self._told)

    async def _any_slot(self, *, urgent: bool, patience_s: float) -> bool:
        """Waits for a slot; raises StoreError where nobody can say when the next one is."""
        if urgent:
            return await self._reply(patience_s)
        self._waiting += 1
        try:
            async with self._lines[urgent]:
                return await self._next(patience_s)
        finally:
            self._waiting -= 1

    async def _next(self, patience_s: float) -> bool:
        while self.held_s <= patience_s:
            slots = self._first()
            if slots is None:
                await self._more()
                continue
            now = self._clock()
            if now - slots.asked_s > LEASE_S:  # somebody may have met a flood wait meanwhile
                slots.asked_s = now
                self._learn(await self._paces.held_s(self._lane))
            elif (wait_s := slots.next_s - now) > 0:
                await self._sleep(min(max(wait_s, self._nap_s), LOOK_UP_S))
            else:
                slots.use()
                self._look_ahead()
                return True
        return False

    async def _reply(self, patience_s: float) -> bool:
        if self.held_s > patience_s:
            return False
        lease = await self._paces.lease_reply(self._lane, self._gap_s)
        at = self._clock() + lease.first_s
        self._learn(lease.held_s)
        while (wait_s := max(at, self._held_until_s) - self._clock()) > 0:
            if self.held_s > patience_s:
                return False
            await self._sleep(min(wait_s, LOOK_UP_S))
        return True

    def _first(self) -> _Slots | None:
        """The slots that come next, without those that are over."""
        over = max(self._clock() - LATE_S, self._held_until_s)
        while self._mine:
            self._mine[0].skip(over)
            if self._mine[0].left:
                return self._mine[0]
            self._mine.popleft()
        return None

    def _look_ahead(self) -> None:
        """Asks for the next slots before the last ones are used."""
        left = sum(each.left for each in self._mine)
        if self._leasing is None and left <= self._most // 2 and left < self._waiting - 1:
            self._begin_leasing()

    async def _more(self) -> None:
        """Returns when there are more slots."""
        await asyncio.shield(self._leasing or self._begin_leasing())

    def _begin_leasing(self) -> asyncio.Task[None]:
        self._leasing = asyncio.ensure_future(self._lease())
        self._leasing.add_done_callback(self._leased)
        return self._leasing

    async def _lease(self) -> None:
        wanted = max(1, min(self._most, self._waiting))
        lease: Lease = await self._paces.lease(self._lane, wanted, self._gap_s)
        now = self._clock()
        self._learn(lease.held_s)
        self._mine.append(_Slots(now + lease.first_s, lease.slots, self._gap_s, now))

    def _learn(self, held_s: float) -> None:
        """Another process met a flood wait."""
        if held_s:
            super().hold(held_s)

    def _leased(self, task: asyncio.Task[None]) -> None:
        self._leasing = None
        self._told(task)

    def _told(self, task: asyncio.Task[None]) -> None:
        """Whoever needs a slot asks again, and hears of what is wrong then."""
        self._telling.discard(task)
        if not task.cancelled():
            task.exception()

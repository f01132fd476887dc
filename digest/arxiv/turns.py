"""Taking turns: one at a time, whoever is urgent first."""

from __future__ import annotations

import asyncio
import heapq
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


class Turns:
    """A queue for something that only one can have.

    `ready` is awaited before each turn, and only then is it decided whose turn it is: somebody
    urgent who came during the wait goes before those who waited longer.
    """

    def __init__(self, ready: Callable[[], Awaitable[None]]) -> None:
        self._ready = ready
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._taken = False
        self._opening: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def take(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Waits for a turn, and has it until the end of the block."""
        mine = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not urgent, next(self._numbers), mine))
        self._open()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._close()
            raise
        try:
            yield
        finally:
            self._close()

    def _open(self) -> None:
        if not self._taken and self._waiting:
            self._taken = True
            self._opening = asyncio.create_task(self._next())

    def _close(self) -> None:
        self._taken = False
        self._open()

    async def _next(self) -> None:
        """Gives the turn to the first who still waits; a failure is theirs, too."""
        failure: Exception | None = None
        try:
            await self._ready()
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for it
            failure = error
        while self._waiting:
            _, _, future = heapq.heappop(self._waiting)
            if future.cancelled():
                continue
            if failure is None:
                future.set_result(None)
                return
            future.set_exception(failure)
            break
        self._close()

    async def end(self) -> None:
        """Nobody gets a turn any more; those who wait for one are cancelled."""
        if self._opening:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        for _, _, future in self._waiting:
            future.cancel()

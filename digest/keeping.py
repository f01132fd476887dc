"""How long things are kept: what is older is pruned, a piece at a time, while nothing else runs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from digest.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import date, datetime

    from digest.store import Store

log = structlog.get_logger()

PAUSE_S = 0.05
"""Between two pieces of some milliseconds each, in seconds: whoever wants to write goes first."""


def oldest_kept(newest: date, today: date, days: int) -> date | None:
    """Say which day is the oldest that is kept; None where nothing is ever pruned.

    It is counted from the newest edition, or from today if that is earlier: a clock that is years
    ahead, or a bot that slept for a year, loses nothing.

    Args:
        newest: the newest published edition's day.
        today: in UTC.
        days: how long things are kept; 0 is for ever.
    """
    if not days:
        return None
    return min(newest, today) - timedelta(days=days)


class Keeping:
    """Prunes once after each morning."""

    def __init__(
        self,
        store: Store,
        days: int,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Does nothing yet.

        Args:
            store: what is pruned.
            days: how long things are kept; 0 is for ever.
            clock: what time it is.
            sleep: waits between two pieces, in seconds.
        """
        self._store = store
        self._days = days
        self._clock = clock
        self._sleep = sleep
        self._done: date | None = None

    async def prune(self) -> int:
        """Removes what is too old, and returns how many rows; once for each newest edition.

        What stays of pages that are settled is packed, however long it is kept.

        Where it is broken off, the next call goes on.
        """
        newest = await self._store.editions.newest()
        if newest is None or newest.day == self._done:
            return 0
        total = 0
        before = oldest_kept(newest.day, self._clock().date(), self._days)
        if before is not None:
            async for removed in self._store.pruning.steps(before):
                total += removed
                await self._sleep(PAUSE_S)
        async for _ in self._store.pruning.pack(newest.day):
            await self._sleep(PAUSE_S)
        self._done = newest.day
        if total:
            log.info("pruned", before=str(before), rows=total)
        return total

    @asynccontextmanager
    async def meanwhile(self) -> AsyncIterator[None]:
        """Prunes beside what is done inside, as far as it gets."""
        task = asyncio.create_task(self._quietly())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _quietly(self) -> None:
        try:
            await self.prune()
        except StoreError as error:  # the next start tries again
            log.warning("pruning_failed", error=str(error))

"""Manners: who may ask arXiv when, for all processes on one database together."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import Double, func, select

from digest.store import server
from digest.store.database import upsert
from digest.store.tables import manners

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.store.database import Database


class StoredManners:
    """Hands out slots, one after the other in each lane."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    async def reserve(self, lane: str, pause_s: float) -> float:
        """Take the lane's next free slot and return how many seconds away it is."""
        async with self._database.write(f"manners {lane}") as connection:
            query = select(manners.c.next_at, manners.c.reserved_at).where(manners.c.lane == lane)
            row = (await connection.execute(query)).first()
            now = await self._now(connection)
            slot = slot_at(now, *row) if row else now
            taken = {"lane": lane, "next_at": slot + pause_s, "reserved_at": now}
            await upsert(connection, manners, [taken])
        return slot - now

    async def _now(self, connection: AsyncConnection) -> float:
        """Seconds of one clock: the server's, where several machines ask by their own."""
        if self._clock is not time.time or not server.is_one(connection):
            return self._clock()
        seconds = func.extract("epoch", func.clock_timestamp()).cast(Double)
        return float((await connection.execute(select(seconds))).scalar_one())


def slot_at(now: float, next_at: float, reserved_at: float) -> float:
    """Return the time of the next slot, on the clock as it is now.

    If the clock shows less than at the last reservation, it was set back: the slots move with
    it, so that nobody waits for an hour that comes twice. All in seconds of one clock.
    """
    set_back = max(0.0, reserved_at - now)
    return max(now, next_at - set_back)

"""Manners: who may ask arXiv when, for all processes on one database together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from digest.store.database import upsert
from digest.store.tables import manners

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.store.database import Database


class StoredManners:
    """Hands out slots, one after the other in each lane."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    async def reserve(self, lane: str, pause_s: float) -> float:
        """Take the lane's next free slot and return how many seconds away it is."""
        async with self._database.write() as connection:
            query = select(manners.c.next_at, manners.c.reserved_at).where(manners.c.lane == lane)
            row = (await connection.execute(query)).first()
            now = self._clock()
            slot = slot_at(now, *row) if row else now
            taken = {"lane": lane, "next_at": slot + pause_s, "reserved_at": now}
            await upsert(connection, manners, [taken])
        return slot - now


def slot_at(now: float, next_at: float, reserved_at: float) -> float:
    """Return the time of the next slot, on the clock as it is now.

    If the clock shows less than at the last reservation, it was set back: the slots move with
    it, so that nobody waits for an hour that comes twice. All in seconds of one clock.
    """
    set_back = max(0.0, reserved_at - now)
    return max(now, next_at - set_back)

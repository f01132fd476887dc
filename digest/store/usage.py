"""Usage: how many summaries were written because a subscriber asked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from digest.store.tables import usage

if TYPE_CHECKING:
    from datetime import date

    from digest.store.database import Database


class Usage:
    """Counts for each subscriber and day (UTC)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, subscriber_id: int, day: date, number: int = 1) -> None:
        """Count some more."""
        c = usage.c
        this = (c.subscriber_id == subscriber_id) & (c.day == day)
        more = update(usage).where(this).values(summaries=c.summaries + number)
        async with self._database.write() as connection:
            if not (await connection.execute(more)).rowcount:
                row = {"subscriber_id": subscriber_id, "day": day, "summaries": number}
                await connection.execute(insert(usage).values(row))

    async def of(self, subscriber_id: int, day: date) -> int:
        """Return how many there were."""
        c = usage.c
        query = select(c.summaries).where((c.subscriber_id == subscriber_id) & (c.day == day))
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar() or 0

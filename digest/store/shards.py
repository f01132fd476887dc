"""Shards: readers by their numbers, so many at a time; what one job looks after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, select

from digest.store.settled import IS_WAITING
from digest.store.tables import pages, subscribers

if TYPE_CHECKING:
    from datetime import datetime

    from digest.store.database import Database

READERS = 200
"""Of a shard: some seconds' work, and as many lines as one process has side by side."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The readers from `number * READERS` on, of any channel; one reader is in one shard for ever.

    So all that is sent to one chat by itself is sent by one process at a time.
    """

    number: int

    def holds(self, subscriber_id: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether a row is one of theirs."""
        first = self.number * READERS
        return and_(subscriber_id >= first, subscriber_id < first + READERS)


class Shards:
    """Which of them have something to do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, now: datetime, limit: int) -> tuple[int, ...]:
        """Return shards with readers who are due or pages that wait, the longest waiting first."""
        s, p = subscribers.c, pages.c
        queries = (
            (s.id, s.next_at, s.next_at <= now),
            (p.subscriber_id, p.try_at, and_(IS_WAITING, p.try_at <= now)),
        )
        found: dict[int, datetime] = {}
        async with self._database.read() as connection:
            for reader, at, this in queries:
                for row in await connection.execute(_since(reader, at, this).limit(limit)):
                    found[row.shard] = min(row.since, found.get(row.shard, row.since))
        return tuple(sorted(found, key=lambda shard: found[shard])[:limit])


def _since(reader: ColumnElement[int], at: ColumnElement[Any], this: ColumnElement[bool]) -> Any:
    shard = (reader // READERS).label("shard")
    since = func.min(at, type_=at.type).label("since")
    return select(shard, since).where(this).group_by(shard).order_by(since)

"""Mistakes: what readers say is wrong with a summary; and what was told anew for them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from digest.store.database import insert
from digest.store.tables import mistakes, retold

if TYPE_CHECKING:
    from datetime import date, datetime

    from digest.store.database import Database

UNKNOWN = 0  # a version whose number no document has told


@dataclass(frozen=True, slots=True)
class Mistake:
    """What one reader says of one summary.

    Attributes:
        writer: who wrote the summary: a model's name, or `extract`.
        words: the reader's own; empty where they only said that something is wrong.
    """

    subscriber_id: int
    at: datetime
    paper_id: str
    version: int | None
    language: str
    writer: str
    words: str = ""


class Mistakes:
    """Reports of readers; they go when the reader is forgotten."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, mistake: Mistake) -> None:
        """Store a report."""
        async with self._database.write() as connection:
            await connection.execute(insert(connection, mistakes).values(asdict(mistake)))

    async def count(self, subscriber_id: int, since: datetime) -> int:
        """Return how many a reader reported since then."""
        c = mistakes.c
        query = select(func.count()).where(c.subscriber_id == subscriber_id, c.at > since)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar() or 0

    async def told_anew(
        self, subscriber_id: int, paper_id: str, version: int | None, day: date
    ) -> bool:
        """Note that a version is told anew for a reader; False where it was today already."""
        row = {"subscriber_id": subscriber_id, "paper_id": paper_id, "day": day}
        async with self._database.write() as connection:
            statement = insert(connection, retold).values(row | {"version": version or UNKNOWN})
            statement = statement.on_conflict_do_update(
                index_elements=["subscriber_id", "paper_id", "version"],
                set_={"day": day},
                where=retold.c.day < day,
            )
            return (await connection.execute(statement)).rowcount == 1

    async def not_told_anew(self, subscriber_id: int, paper_id: str, version: int | None) -> None:
        """Take that note back: nothing came of it."""
        c = retold.c
        this = (c.subscriber_id == subscriber_id) & (c.paper_id == paper_id)
        async with self._database.write() as connection:
            statement = delete(retold).where(this, c.version == (version or UNKNOWN))
            await connection.execute(statement)

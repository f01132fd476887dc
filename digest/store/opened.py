"""Which papers a reader had shown by themselves lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, literal, select

from digest.store.database import insert
from digest.store.kinds import Moment
from digest.store.tables import opened, papers

if TYPE_CHECKING:
    from datetime import datetime

    from digest.store.database import Database


class Opened:
    """Who opened what, for some weeks: `digest.store.pruning` says how many."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, subscriber_id: int, paper_id: str, at: datetime) -> None:
        """Remember that they had a paper shown; one that is not stored is passed over."""
        values = (literal(subscriber_id), literal(paper_id), literal(at, Moment))
        row = select(*values).where(exists().where(papers.c.id == paper_id))
        async with self._database.write() as connection:
            new = insert(connection, opened).from_select(["subscriber_id", "paper_id", "at"], row)
            await connection.execute(new.on_conflict_do_nothing())

    async def ids(self, subscriber_id: int) -> frozenset[str]:
        """Return the papers that they had shown."""
        query = select(opened.c.paper_id).where(opened.c.subscriber_id == subscriber_id)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

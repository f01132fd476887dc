"""Which papers somebody has to do with: saved, opened, liked, or whatever else names them both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, union

from digest.store.owned import OWNED
from digest.store.tables import ledger

if TYPE_CHECKING:
    from digest.store.database import Database

THEIRS = tuple(each for each in OWNED.values() if "paper_id" in each.c and each is not ledger)
"""The tables that name a subscriber and a paper; the ledger only says what was paid for them."""


class Acquaintances:
    """What readers know already."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, subscriber_id: int) -> frozenset[str]:
        """Return the papers that they did something with here."""
        each = (
            select(table.c.paper_id).where(table.c.subscriber_id == subscriber_id)
            for table in THEIRS
        )
        async with self._database.read() as connection:
            return frozenset((await connection.execute(union(*each))).scalars())

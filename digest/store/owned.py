"""Everything that is stored of one subscriber, as JSON has it.

A table belongs to somebody by its column `subscriber_id`, so that a new one cannot be forgotten,
here or by `Subscribers.forget`.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from digest.store.database import slices
from digest.store.portable import encode
from digest.store.tables import metadata, papers, subscribers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import RowMapping, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.store.database import Database

OWNED: Mapping[str, Table] = {
    each.name: each for each in metadata.sorted_tables if "subscriber_id" in each.c
}
"""The tables whose rows are somebody's."""


class Owned:
    """What is stored of somebody, in all tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, subscriber_id: int) -> dict[str, list[dict[str, Any]]]:
        """Return their rows by table, as they are at one moment; titles stand beside papers' ids.

        Nothing where nobody has that number.
        """
        found: dict[str, list[dict[str, Any]]] = {}
        async with self._database.snapshot() as connection:
            one = select(subscribers).where(subscribers.c.id == subscriber_id)
            settings = await connection.execute(one)
            found["subscribers"] = [_plain(row) for row in settings.mappings()]
            for name, table in OWNED.items():
                mine = select(table).where(table.c.subscriber_id == subscriber_id)
                rows = await connection.execute(mine.order_by(*table.primary_key))
                found[name] = await _titled(connection, [_plain(row) for row in rows.mappings()])
        return found


def _plain(row: RowMapping) -> dict[str, Any]:
    """A row as JSON has it; bytes in base 64."""
    return {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in encode(row).items()
    }


async def _titled(connection: AsyncConnection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, with the titles of the papers that they name."""
    wanted = sorted({row["paper_id"] for row in rows if row.get("paper_id")})
    titles: dict[str, str] = {}
    for some in slices(wanted):
        query = select(papers.c.id, papers.c.title).where(papers.c.id.in_(some))
        titles.update((row.id, row.title) for row in await connection.execute(query))
    for row in rows:
        if title := titles.get(row.get("paper_id", "")):
            row["title"] = title
    return rows

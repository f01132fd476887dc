"""What waits to be read by the search: who changes a paper says so in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import false, insert, select

from digest.store.search_tables import search_waiting
from digest.store.tables import papers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection


async def wait(connection: AsyncConnection, ids: Iterable[str], *, anew: bool = False) -> None:
    """Put papers among what waits; `anew` where words of theirs count no more."""
    rows = [{"paper_id": paper_id, "anew": anew} for paper_id in ids]
    if rows:
        await connection.execute(insert(search_waiting), rows)


async def wait_all(connection: AsyncConnection) -> None:
    """Let every stored paper wait."""
    every = select(papers.c.id, false()).order_by(papers.c.id)
    await connection.execute(insert(search_waiting).from_select(["paper_id", "anew"], every))

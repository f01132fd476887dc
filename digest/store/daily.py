"""What happened on each day: who came and went, what was delivered. Counts, never names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import select

from digest.models import State
from digest.store.database import insert
from digest.store.tables import daily

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.store.database import Database

READS = frozenset({State.ACTIVE, State.PAUSED})
"""Whoever paused is still a reader; who stopped, blocked us or was forgotten is not."""

AT_HOME = "console"
"""Whoever sits at the operator's terminal is not counted as somebody who came."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One day, in UTC.

    Attributes:
        joined: readers who came, or came back.
        gone: readers who stopped, blocked the bot or were forgotten.
        sent: pages that arrived.
        failed: pages that were given up.
    """

    day: date
    joined: int = 0
    gone: int = 0
    sent: int = 0
    failed: int = 0


class Daily:
    """The days' counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def delivered(self, day: date, *, sent: int, failed: int) -> None:
        """Add to the pages of a day."""
        if sent or failed:
            async with self._database.write() as connection:
                await _add(connection, Counted(day, sent=sent, failed=failed))

    async def since(self, day: date) -> dict[date, Counted]:
        """Return the days from `day` on, of which anything is known."""
        query = select(daily).where(daily.c.day >= day).order_by(daily.c.day)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings()
            return {row["day"]: Counted(**row) for row in rows}


async def changed(
    connection: AsyncConnection,
    channel: str,
    was: State | None,
    becomes: State | None,
    at: datetime,
) -> None:
    """Count somebody who came or went, in the transaction that says so.

    Args:
        connection: of that transaction.
        channel: theirs.
        was: their state before; None for nobody.
        becomes: their state from now on; None where they are forgotten.
        at: now.
    """
    before, after = was in READS, becomes in READS
    if before != after and channel != AT_HOME:
        day = at.astimezone(UTC).date()
        await _add(connection, Counted(day, joined=int(after), gone=int(before)))


async def _add(connection: AsyncConnection, more: Counted) -> None:
    """Add to a day's counts, in one statement: two processes at once lose nothing."""
    added = {name: getattr(more, name) for name in ("joined", "gone", "sent", "failed")}
    statement = insert(connection, daily).values(day=more.day, **added)
    summed = {name: daily.c[name] + statement.excluded[name] for name in added}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=[daily.c.day], set_=summed)
    )

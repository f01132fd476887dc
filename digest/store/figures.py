"""Figures: what operators count. Each query reads an index, or the short table of readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, desc, func, select

from digest.store.outbox import NOTICE, RECAP
from digest.store.settled import IS_DEAD, IS_WAITING
from digest.store.tables import ledger, pages, subscriber_fields, subscribers, summaries

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select

    from digest.store.database import Database


MOST_STALE = 1000
"""Pages that are looked at one by one: the oldest, for ids rise in the order of freezing."""


_WAITING = select(func.count(), func.min(pages.c.try_at)).where(IS_WAITING)


def _stale() -> Select[int]:
    """How many of the oldest pages that wait are of digests composed by `since`."""
    # `+ 0`: by the index of what waits, never through all pages in the order of their ids.
    first = select(pages.c.id).where(IS_WAITING).order_by(pages.c.id + 0).limit(MOST_STALE)
    oldest = first.subquery()
    # A recap settles no hour: its reader's last one says nothing of it.
    is_digests = pages.c.page.between(NOTICE + 1, RECAP)
    composed = is_digests & (subscribers.c.settled_at <= bindparam("since"))
    rows = oldest.join(pages, pages.c.id == oldest.c.id).join(subscribers)
    return select(func.count()).select_from(rows).where(composed)


_STALE = _stale()  # both are asked at each tick, and take longer to put together than to answer


@dataclass(frozen=True, slots=True)
class Readers:
    """Those whom somebody reads for.

    Attributes:
        states: how many there are in each state.
        overdue: those who are due since before a given time, and were not served.
    """

    states: dict[str, int]
    overdue: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The outbox.

    Attributes:
        waiting: pages that wait, for a first try or another.
        due: since when the one that could have gone first could have gone; None where none waits.
        stale: those of digests that were composed before a given time, up to `MOST_STALE`.
    """

    waiting: int
    due: datetime | None
    stale: int


class Figures:
    """Numbers only; nobody's name stands with them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def readers(self, overdue_since: datetime) -> Readers:
        """Count readers by state, and those who should have been served by then."""
        c = subscribers.c
        states = select(c.state, func.count()).group_by(c.state)
        overdue = select(func.count()).where(c.next_at <= overdue_since)
        async with self._database.read() as connection:
            found = {row[0]: row[1] for row in await connection.execute(states)}
            return Readers(found, (await connection.execute(overdue)).scalar_one())

    async def queue(self, stale_since: datetime) -> Queue:
        """Count pages that wait."""
        async with self._database.read() as connection:
            waiting, due = (await connection.execute(_WAITING)).one()
            stale = await connection.execute(_STALE, {"since": stale_since})
            return Queue(waiting, due, stale.scalar_one())

    async def followed(self, limit: int) -> list[tuple[str, int]]:
        """Return the fields that most subscribers follow, with how many do."""
        c = subscriber_fields.c
        query = select(c.field, func.count().label("n")).group_by(c.field)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(desc("n"), c.field).limit(limit))
            return [(row.field, row.n) for row in rows]

    async def given_up(self, limit: int) -> list[tuple[str, int, datetime]]:
        """Return why pages were given up, the newest first: (reason, how many, the last time)."""
        c, last = pages.c, func.max(pages.c.sent_at)
        query = select(c.reason, func.count(), last).where(IS_DEAD).group_by(c.reason)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(last.desc()).limit(limit))
            return [(row[0], row[1], row[2]) for row in rows]

    async def answered(self) -> datetime | None:
        """Return when the model last answered; None where it never did."""
        query = select(ledger.c.at).order_by(ledger.c.id.desc()).limit(1)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar()

    async def fallbacks(self, since: datetime) -> dict[str, int]:
        """Count extracts that stand where a model's summary should, by why it is not there.

        Args:
            since: those that were worth another try before then are no news.
        """
        c = summaries.c
        query = select(c.reason, func.count()).where(c.retry_at >= since).group_by(c.reason)
        async with self._database.read() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

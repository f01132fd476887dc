"""Tastes: what readers think of papers, and what was learnt from it, packed by `digest.taste`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, false, func, or_, select

from digest.store.database import upsert
from digest.store.tables import subscribers, tastes, votes
from digest.taste import Verdict

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.store.database import Database


@dataclass(frozen=True, slots=True)
class Vote:
    """What a reader thinks of one paper, and since when."""

    verdict: Verdict
    at: datetime


Decide = Callable[[str | None, Vote | None], tuple[str | None, Vote | None]]
"""The packed taste and the vote on a paper before → both as they are to be stored, or None."""


class Tastes:
    """One vote for each reader and paper, one taste for each reader."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def readers(self, day: date) -> frozenset[int]:
        """Return the numbers of those whose taste orders the edition of `day`; most have none."""
        c = tastes.c
        is_old = func.coalesce(c.day >= day, false())
        orders = or_(and_(is_old, c.before.is_not(None)), and_(~is_old, c.packed.is_not(None)))
        async with self._database.read() as connection:
            found = await connection.execute(select(c.subscriber_id).where(orders))
            return frozenset(found.scalars())

    async def get(self, subscriber_id: int, day: date | None = None) -> str | None:
        """Return a reader's taste, packed: today's, or the one that orders an edition.

        What a reader had before they voted stays as they saw it: its pages would else repeat some
        papers and lose others.
        """
        async with self._database.read() as connection:
            row = await _row(connection, subscriber_id)
        if row is None:
            return None
        is_old = day is not None and row.day is not None and day <= row.day
        found: str | None = row.before if is_old else row.packed
        return found

    async def counts(self, subscriber_id: int) -> Counter[Verdict]:
        """Return how many papers a reader liked, disliked and saved."""
        c = votes.c
        query = select(c.verdict, func.count()).where(c.subscriber_id == subscriber_id)
        async with self._database.read() as connection:
            rows = await connection.execute(query.group_by(c.verdict))
            return Counter({Verdict(verdict): number for verdict, number in rows})

    async def change(self, subscriber_id: int, paper_id: str, decide: Decide) -> Vote | None:
        """Store what `decide` makes of a reader's taste and vote; return the vote before.

        It is one transaction: two taps at once are two votes, one after the other.
        """
        locked = select(subscribers.c.had).where(subscribers.c.id == subscriber_id)
        this = _this(subscriber_id, paper_id)
        async with self._database.write() as connection:
            had = (await connection.execute(locked.with_for_update())).scalar()
            before = await _vote(connection, this)
            row = await _row(connection, subscriber_id)
            packed, vote = decide(row.packed if row else None, before)
            await connection.execute(delete(votes).where(this))
            if vote:
                cast = {"subscriber_id": subscriber_id, "paper_id": paper_id, "at": vote.at}
                await upsert(connection, votes, [cast | {"verdict": vote.verdict.value}])
            await _put(connection, subscriber_id, packed, row, had)
        return before

    async def reset(self, subscriber_id: int) -> None:
        """Forget what a reader thinks, and what was learnt from it."""
        async with self._database.write() as connection:
            await connection.execute(delete(votes).where(votes.c.subscriber_id == subscriber_id))
            await _forget(connection, subscriber_id)


def _this(subscriber_id: int, paper_id: str) -> ColumnElement[bool]:
    return (votes.c.subscriber_id == subscriber_id) & (votes.c.paper_id == paper_id)


async def _vote(connection: AsyncConnection, this: ColumnElement[bool]) -> Vote | None:
    row = (await connection.execute(select(votes.c.verdict, votes.c.at).where(this))).first()
    return Vote(Verdict(row.verdict), row.at) if row else None


async def _row(connection: AsyncConnection, subscriber_id: int) -> Row[Any] | None:
    query = select(tastes).where(tastes.c.subscriber_id == subscriber_id)
    return (await connection.execute(query)).first()


async def _put(
    connection: AsyncConnection,
    subscriber_id: int,
    packed: str | None,
    row: Row[Any] | None,
    had: date | None,
) -> None:
    """Store a taste; what the reader had until now stays in the order of the one before."""
    before, day = (row.before, row.day) if row else (None, None)
    if had is not None and (day is None or day < had):
        before, day = (row.packed if row else None), had
    if packed is None and before is None:
        await _forget(connection, subscriber_id)
        return
    told = {"subscriber_id": subscriber_id, "packed": packed, "day": day, "before": before}
    await upsert(connection, tastes, [told])


async def _forget(connection: AsyncConnection, subscriber_id: int) -> None:
    await connection.execute(delete(tastes).where(tastes.c.subscriber_id == subscriber_id))

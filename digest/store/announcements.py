"""Announcements: one row for each paper and day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, or_, select, update

from digest.models import Announcement, Kind
from digest.store.database import SLICE, slices, upsert
from digest.store.papers import COLUMNS, paper
from digest.store.tables import announcements, editions, papers
from digest.store.waiting import wait

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.engine import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

FRESH = tuple(kind.value for kind in Kind if kind.is_fresh)
A_MOMENT = timedelta(microseconds=1)


async def put(
    connection: AsyncConnection, day: date, told: Sequence[Announcement], at: datetime
) -> int:
    """Store who was announced, and return how many are fresh for the first time.

    The strongest kind wins. `seen_at` is when it was first new or cross, and always after every
    publication so far: what is stored while an edition is being published would otherwise
    belong to an edition that has left without it.
    """
    seen_at = await _after_publications(connection, at)
    fresh = 0
    for some in slices(told):
        first, stronger = decide(await _kinds(connection, day, some), some)
        rows = [
            {"day": day, "paper_id": paper_id, "kind": kind.value, "seen_at": seen_at}
            for paper_id, kind in first.items()
        ]
        await upsert(connection, announcements, rows)
        await wait(connection, [paper_id for paper_id, kind in first.items() if kind.is_fresh])
        await _strengthen(connection, day, stronger)
        fresh += sum(kind.is_fresh for kind in first.values())
    return fresh


def decide(
    known: dict[str, Kind], told: Iterable[Announcement]
) -> tuple[dict[str, Kind], dict[str, Kind]]:
    """Say what is news: (seen, or fresh, for the first time; only announced more strongly)."""
    now = dict(known)
    first: dict[str, Kind] = {}
    stronger: dict[str, Kind] = {}
    for each in told:
        paper_id, kind = each.paper.id, each.kind
        old = now.get(paper_id)
        if old is None or (kind.is_fresh and not old.is_fresh):
            first[paper_id] = now[paper_id] = kind
        elif kind.rank < old.rank:
            stronger[paper_id] = now[paper_id] = kind
    return first, stronger


async def _after_publications(connection: AsyncConnection, at: datetime) -> datetime:
    newest = await connection.execute(select(func.max(editions.c.published_at)))
    published = newest.scalar()
    return max(at, published + A_MOMENT) if published else at


async def _kinds(
    connection: AsyncConnection, day: date, told: Sequence[Announcement]
) -> dict[str, Kind]:
    query = select(announcements.c.paper_id, announcements.c.kind).where(
        announcements.c.day == day, announcements.c.paper_id.in_({a.paper.id for a in told})
    )
    return {row.paper_id: Kind(row.kind) for row in await connection.execute(query)}


async def _strengthen(connection: AsyncConnection, day: date, stronger: dict[str, Kind]) -> None:
    if not stronger:
        return
    this = (announcements.c.day == day) & (announcements.c.paper_id == bindparam("which"))
    rows = [{"which": paper_id, "kind": kind.value} for paper_id, kind in stronger.items()]
    await connection.execute(update(announcements).where(this), rows)


def of_day(day: date) -> Select[Any]:
    """Select the new and cross-listed papers of a day."""
    return _fresh().where(announcements.c.day == day)


def late(day: date, after: datetime | None, until: datetime | None) -> Select[Any]:
    """Select what was first seen in a span of time, after its own, earlier day was published."""
    seen_at = announcements.c.seen_at
    query = _fresh().join(editions, editions.c.day == announcements.c.day)
    query = query.where(editions.c.day < day, seen_at > editions.c.published_at)
    # What is added to a day made from submission dates was announced at an unknown time.
    query = query.where(editions.c.approximate.is_(False))
    if after is not None:
        query = query.where(seen_at > after)
    if until is not None:
        query = query.where(seen_at <= until)
    return query


def _fresh() -> Select[Any]:
    query = select(announcements.c.day, announcements.c.kind, *COLUMNS)
    query = query.join(papers, papers.c.id == announcements.c.paper_id)
    return query.where(announcements.c.kind.in_(FRESH))


async def read(
    connection: AsyncConnection, query: Select[Any]
) -> AsyncIterator[tuple[date, Announcement]]:
    """Yield by day and id, in slices: building a day's papers at once holds the event loop."""
    query = query.order_by(announcements.c.day, announcements.c.paper_id).limit(SLICE)
    beyond: tuple[ColumnElement[bool], ...] = ()
    while True:
        rows = (await connection.execute(query.where(*beyond))).all()
        for row in rows:
            yield row.day, Announcement(paper(row), Kind(row.kind))
        if len(rows) < SLICE:
            return
        beyond = (_beyond(rows[-1]),)


def _beyond(last: Row[Any]) -> ColumnElement[bool]:
    day, paper_id = announcements.c.day, announcements.c.paper_id
    return or_(day > last.day, and_(day == last.day, paper_id > last.id))

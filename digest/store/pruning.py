"""Pruning: what is older than it is kept for goes, a small piece at a time.

Each piece is a transaction of some milliseconds, so that readers and other writers never wait.
The room that it frees is used again: the file stays as large as it is.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, exists, func, select, tuple_, update

from digest.store import volumes
from digest.store.database import upsert
from digest.store.looks import PACKED
from digest.store.papers import ANNOUNCED
from digest.store.settled import IS_WAITING
from digest.store.tables import (
    announcements,
    buttons,
    editions,
    kept,
    ledger,
    looks,
    mistakes,
    opened,
    pages,
    papers,
    parts,
    placings,
    saved,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy import ColumnElement, Row, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.store.database import Database

PIECE = 100  # papers at once: each takes its summaries, labels and versions along
MANY = 400  # rows at once of what nothing hangs on: two keys each, and old SQLite takes 999
PLACINGS_FOR = timedelta(days=31)
"""What editions brought is told of the newest few, none older than a month."""

OPENED_FOR = timedelta(days=31)
"""What was opened is asked for by a recap of one week; more, for who reads late editions."""


class Pruning:
    """Removes what is old. What is broken off is taken up again by the next run."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def steps(self, before: date) -> AsyncIterator[int]:
        """Remove what belongs to days before `before`; yield after each piece, with its rows.

        A day whose papers were fetched or announced again since then is not old. What stays
        whatever its age: papers that are announced on a younger day, in `kept` or `saved`, with
        their summaries and earlier versions; pages that wait; subscribers with all that says
        what they had.

        Args:
            before: an edition's day; `digest.keeping` says which.
        """
        days = (self._counts, self._editions, self._pages, self._ledger)
        for noun in (*days, self._buttons, self._opened, self._mistakes, self._volumes):
            async for removed in noun(before):
                yield removed

    async def pack(self, newest: date) -> AsyncIterator[int]:
        """Bring settled pages of editions before `newest` close together; yield after each piece.

        A page is stored with its text and left without: in SQLite its row goes on filling a block
        of the file, 4 kB for 0.2. A row that changes its number moves, and its old block is free.
        """
        if self._database.is_server:  # it makes room for others by itself (autovacuum)
            return
        packed = await self._packed()
        after = None
        while rows := await self._newest_pages(after):
            after = rows[-1].id
            if all(row.day < packed for row in rows):
                break
            yield await self._move([row.id for row in rows if packed <= row.day < newest])
        async with self._database.write() as connection:
            at = datetime.now(UTC)
            await upsert(connection, looks, [{"kind": PACKED, "at": at, "day": newest}])

    async def _packed(self) -> date:
        query = select(looks.c.day).where(looks.c.kind == PACKED)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar() or date.min

    async def _newest_pages(self, below: int | None) -> Sequence[Row[Any, Any]]:
        some = select(pages.c.id, pages.c.day).order_by(pages.c.id.desc()).limit(PIECE)
        async with self._database.read() as connection:
            query = some if below is None else some.where(pages.c.id < below)
            return (await connection.execute(query)).all()

    async def _move(self, ids: Sequence[int]) -> int:
        """Give rows another number, and their own again: both together, or neither."""
        settled = and_(pages.c.id.in_(ids), ~IS_WAITING)
        away = update(pages).where(settled).values(id=-pages.c.id)
        back = update(pages).where(pages.c.id < 0).values(id=-pages.c.id)
        async with self._database.write() as connection:
            await connection.execute(away)
            return (await connection.execute(back)).rowcount

    async def _counts(self, before: date) -> AsyncIterator[int]:
        """Remove `placings`, which are needed for a month at most."""
        newest = select(func.max(editions.c.day))
        async with self._database.read() as connection:
            day = (await connection.execute(newest)).scalar()
        old = placings.c.day < max(before, day - PLACINGS_FOR) if day else placings.c.day < before
        async for removed in self._rows(placings, old):
            yield removed

    async def _editions(self, before: date) -> AsyncIterator[int]:
        old = select(editions.c.day).where(editions.c.day < before).order_by(editions.c.day)
        async with self._database.read() as connection:
            days = (await connection.execute(old)).scalars().all()
        for day in days:
            if await self._is_left_alone(day, before):
                continue
            yield await self._close(day)
            while removed := await self._piece(day):
                yield removed
            yield await self._end(day)

    async def _is_left_alone(self, day: date, before: date) -> bool:
        """Whether some of a day was fetched after it had become old: somebody asked for it."""
        seen_at = select(func.max(announcements.c.seen_at)).where(announcements.c.day == day)
        async with self._database.read() as connection:
            seen = (await connection.execute(seen_at)).scalar()
        return seen is not None and seen >= datetime.combine(before, time(), UTC)

    async def _close(self, day: date) -> int:
        """Make the day one that is not here: whoever asks for it now has it fetched anew."""
        async with self._database.write(ANNOUNCED) as connection:
            gone = await connection.execute(delete(parts).where(parts.c.day == day))
            this = editions.c.day == day
            await connection.execute(update(editions).where(this).values(published_at=None))
        return gone.rowcount

    async def _piece(self, day: date) -> int:
        """Remove some announcements, and their papers where nothing else speaks for them."""
        c = announcements.c
        some = select(c.paper_id).where(c.day == day).order_by(c.paper_id).limit(PIECE)
        async with self._database.write(ANNOUNCED) as connection:
            if await _is_fetched(connection, day):
                return 0
            ids = (await connection.execute(some)).scalars().all()
            if not ids:
                return 0
            await connection.execute(delete(announcements).where(c.day == day, c.paper_id.in_(ids)))
            announced = exists().where(c.paper_id == papers.c.id)
            asked_for = exists().where(kept.c.paper_id == papers.c.id)
            is_saved = exists().where(saved.c.paper_id == papers.c.id)
            done_with = and_(papers.c.id.in_(ids), ~announced, ~asked_for, ~is_saved)
            gone = (await connection.execute(select(papers.c.id).where(done_with))).scalars().all()
            await volumes.leave(connection, gone)
            await connection.execute(delete(papers).where(papers.c.id.in_(gone)))
        return len(ids)

    async def _end(self, day: date) -> int:
        c = announcements.c
        async with self._database.write(ANNOUNCED) as connection:
            empty = and_(editions.c.day == day, ~exists().where(c.day == editions.c.day))
            if await _is_fetched(connection, day):
                return 0
            return (await connection.execute(delete(editions).where(empty))).rowcount

    async def _pages(self, before: date) -> AsyncIterator[int]:
        """Remove settled pages by number: those frozen first have the lowest.

        Nobody gets a page again for that: what they had stands with the subscriber.
        """
        c, after = pages.c, 0
        settled = datetime.combine(before, time(), UTC)
        columns = (c.id, c.day, func.coalesce(c.sent_at, c.try_at).label("at"))
        while True:
            some = select(*columns).where(c.id > after).order_by(c.id).limit(MANY)
            async with self._database.read() as connection:
                rows = (await connection.execute(some)).all()
            old = [row.id for row in rows if row.day < before and row.at < settled]
            if not old:
                return
            after = rows[-1].id
            yield await self._remove(pages, and_(c.id.in_(old), ~IS_WAITING))

    async def _buttons(self, before: date) -> AsyncIterator[int]:
        old = buttons.c.made_at < datetime.combine(before, time(), UTC)
        async for removed in self._rows(buttons, old):
            yield removed

    async def _opened(self, before: date) -> AsyncIterator[int]:
        """Remove what was opened long ago, which nobody asks for."""
        newest = select(func.max(opened.c.at))
        async with self._database.read() as connection:
            at = (await connection.execute(newest)).scalar()
        old = datetime.combine(before, time(), UTC)
        if at is not None:
            old = max(old, at - OPENED_FOR)
        async for removed in self._rows(opened, opened.c.at < old):
            yield removed

    async def _ledger(self, before: date) -> AsyncIterator[int]:
        async for removed in self._rows(ledger, ledger.c.day < before):
            yield removed

    async def _mistakes(self, before: date) -> AsyncIterator[int]:
        """Remove old reports; what was told anew goes with its paper."""
        old = mistakes.c.at < datetime.combine(before, time(), UTC)
        async for removed in self._rows(mistakes, old):
            yield removed

    async def _volumes(self, _before: date) -> AsyncIterator[int]:
        """Remove what the search knows of papers that are gone; the few that stay move."""
        async with self._database.read() as connection:
            thin = await volumes.thin(connection)
        for number in thin:
            async with self._database.write() as connection:
                yield await volumes.empty(connection, number)

    async def _rows(self, table: Table, old: ColumnElement[bool]) -> AsyncIterator[int]:
        """Remove rows of a table, some at a time."""
        keys = tuple(table.primary_key)
        while True:
            async with self._database.read() as connection:
                found = (await connection.execute(select(*keys).where(old).limit(MANY))).all()
            if not found:
                return
            yield await self._remove(table, tuple_(*keys).in_([tuple(row) for row in found]))

    async def _remove(self, table: Table, these: ColumnElement[bool]) -> int:
        async with self._database.write() as connection:
            return (await connection.execute(delete(table).where(these))).rowcount


async def _is_fetched(connection: AsyncConnection, day: date) -> bool:
    """Whether somebody had the day fetched since it was closed: then it is theirs."""
    any_part = select(parts.c.day).where(parts.c.day == day).limit(1)
    return (await connection.execute(any_part)).first() is not None

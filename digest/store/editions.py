"""Editions: what arXiv announced on each day, and whether it is published."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from digest.models import Count, Edition, Kind, Part, Source
from digest.store import announcements, papers, tables
from digest.store.database import insert, upsert
from digest.store.late import turn_of
from digest.store.tables import editions, parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.engine import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.models import Announcement, Batch
    from digest.store.database import Database

NEWEST_FIRST = editions.c.day.desc()
A_MONTH = timedelta(days=31)
PUBLISHED = editions.c.published_at.is_not(None)


class Editions:
    """All announcements of each arXiv day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def store(self, batch: Batch, of: Sequence[Part], at: datetime) -> int:
        """Store a batch in one transaction: papers, announcements, parts with their ETags.

        Args:
            batch: may be stored again, and in several documents; what is there stays.
            of: the archives it covers; where `listed` or `etag` is not known now, the stored
                one stays.
            at: when it was fetched: what is first seen after publication is late.

        Returns:
            How many new and cross announcements had not been stored before.
        """
        async with self._database.write(papers.ANNOUNCED) as connection:
            await papers.put(connection, [a.paper for a in batch.announcements])
            await _begin(connection, batch)
            fresh = await announcements.put(connection, batch.day, batch.announcements, at)
            for part in of:
                await _put_part(connection, part)
            return fresh

    async def recount(self, part: Part) -> None:
        """Remember what arXiv's listing says that this archive should have."""
        this = (parts.c.day == part.day) & (parts.c.archive == part.archive)
        async with self._database.write() as connection:
            await connection.execute(update(parts).where(this).values(_listed(part)))

    async def publish(
        self, day: date, at: datetime, *, approximate: bool = False, missing: Sequence[str] = ()
    ) -> None:
        """Publish an edition, the last thing that is done to it; the first time is what counts.

        Published again, only `approximate` and `missing` change. A clock that jumped back since
        the papers were stored does not make them late.
        """
        said = {"approximate": approximate, "missing": list(missing)}
        async with self._database.write(papers.ANNOUNCED) as connection:
            row = {"day": day, "published_at": await _not_before(connection, at), **said}
            statement = insert(connection, editions).values(row)
            first = func.coalesce(editions.c.published_at, statement.excluded.published_at)
            changes = {"published_at": first, **said}
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["day"], set_=changes)
            )

    async def get(self, day: date) -> Edition | None:
        """Return an edition, published or not."""
        return await self._one(select(editions).where(editions.c.day == day))

    async def newest(self) -> Edition | None:
        """Return the newest published edition."""
        return await self._one(select(editions).where(PUBLISHED).order_by(NEWEST_FIRST).limit(1))

    async def newest_stored(self) -> Edition | None:
        """Return the newest edition of which anything is stored, published or not."""
        return await self._one(select(editions).order_by(NEWEST_FIRST).limit(1))

    async def newest_few(self, limit: int) -> tuple[Edition, ...]:
        """Return the newest editions that are stored, published or not; no older than a month."""
        query = select(editions).order_by(NEWEST_FIRST).limit(limit)
        async with self._database.read() as connection:
            found = [_edition(row) for row in await connection.execute(query)]
        return tuple(each for each in found if found[0].day - each.day <= A_MONTH)

    async def published(self, limit: int) -> tuple[Edition, ...]:
        """Return the newest published editions, newest first."""
        query = select(editions).where(PUBLISHED).order_by(NEWEST_FIRST).limit(limit)
        async with self._database.read() as connection:
            return tuple([_edition(row) for row in await connection.execute(query)])

    async def between(self, first: date, last: date) -> tuple[date, ...]:
        """Return the days of which anything is stored, from `first` to `last`."""
        days = select(editions.c.day).where(editions.c.day.between(first, last))
        async with self._database.read() as connection:
            return tuple((await connection.execute(days.order_by(editions.c.day))).scalars())

    async def parts(self, day: date) -> dict[str, Part]:
        """Return what is stored of each archive of a day."""
        query = select(parts).where(parts.c.day == day).order_by(parts.c.archive)
        async with self._database.read() as connection:
            return {row.archive: _part(row) for row in await connection.execute(query)}

    async def announcements(self, day: date) -> tuple[Announcement, ...]:
        """Return the new and cross-listed papers of a day, as they read now, by id."""
        query = announcements.of_day(day)
        async with self._database.read() as connection:
            return tuple([told async for _, told in announcements.read(connection, query)])

    async def announced_days(self, paper_id: str) -> tuple[tuple[date, Kind], ...]:
        """Return the days on which a paper was announced, oldest first, replacements too."""
        told = tables.announcements.c
        query = select(told.day, told.kind).where(told.paper_id == paper_id).order_by(told.day)
        async with self._database.read() as connection:
            return tuple((row.day, Kind(row.kind)) for row in await connection.execute(query))

    async def late_for(self, day: date) -> tuple[tuple[date, Announcement], ...]:
        """Return what came too late for earlier editions and goes out with this one, by day.

        That is what was first seen after its own edition was published, after the previous one
        was, and not after this one was, if it is: each late paper goes out once.
        """
        async with self._database.snapshot() as connection:
            published = select(editions.c.day, editions.c.published_at).where(PUBLISHED)
            rows = (await connection.execute(published)).all()
            turn = turn_of(day, [(row.day, row.published_at) for row in rows])
            if turn is None:
                return ()
            query = announcements.late(day, *turn)
            return tuple([pair async for pair in announcements.read(connection, query)])

    async def _one(self, query: Select[Any]) -> Edition | None:
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return _edition(row) if row else None


async def _begin(connection: AsyncConnection, batch: Batch) -> None:
    """Make the edition's row where it is not there; its source is the last document's."""
    row = {"day": batch.day, "approximate": False, "missing": [], "source": batch.source.value}
    await upsert(connection, editions, [row], keep=frozenset({"approximate", "missing"}))


async def _not_before(connection: AsyncConnection, at: datetime) -> datetime:
    """Return `at`, or the newest time that is stored: publication only goes forward."""
    seen_at = select(func.max(tables.announcements.c.seen_at))
    published_at = select(func.max(editions.c.published_at))
    for newest in (seen_at, published_at):
        at = max(at, (await connection.execute(newest)).scalar() or at)
    return at


async def _put_part(connection: AsyncConnection, part: Part) -> None:
    row = {
        "day": part.day,
        "archive": part.archive,
        "source": part.source.value,
        "new": part.count.new,
        "cross": part.count.cross,
        "etag": part.etag,
        **_listed(part),
    }
    unknown = {"etag"} if not part.etag else set()
    unknown |= set(_listed(part)) if part.listed is None else set()
    await upsert(connection, parts, [row], keep=frozenset(unknown))


def _listed(part: Part) -> dict[str, int | None]:
    listed = part.listed
    return {
        "listed_new": listed.new if listed else None,
        "listed_cross": listed.cross if listed else None,
    }


def _part(row: Row[Any]) -> Part:
    listed = None if row.listed_new is None else Count(row.listed_new, row.listed_cross)
    return Part(
        day=row.day,
        archive=row.archive,
        source=Source(row.source),
        count=Count(row.new, row.cross),
        listed=listed,
        etag=row.etag,
    )


def _edition(row: Row[Any]) -> Edition:
    return Edition(
        day=row.day,
        published=row.published_at,
        approximate=row.approximate,
        missing=tuple(row.missing),
        source=Source(row.source) if row.source else None,
    )

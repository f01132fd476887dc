"""Papers and the texts of their earlier versions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from digest.models import Paper
from digest.store.database import insert, slices, upsert
from digest.store.tables import kept, papers, versions
from digest.store.waiting import wait

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.store.database import Database

COLUMNS = tuple(papers.c)
UNKNOWN = 0  # a version whose number no document has told

ANNOUNCED = "announced"
"""Papers, announcements, parts and editions: what is stored of them decides what is written."""


class Papers:
    """What arXiv published, each in its newest version."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, paper_id: str) -> Paper | None:
        """Return one paper, None where it is not stored."""
        return (await self.many((paper_id,))).get(paper_id)

    async def many(self, ids: Iterable[str]) -> dict[str, Paper]:
        """Return those that are stored, by id, in the order asked."""
        wanted = tuple(dict.fromkeys(ids))
        async with self._database.read() as connection:
            return await load(connection, wanted)

    async def save(self, incoming: Iterable[Paper]) -> None:
        """Store papers, or what they add to those stored; `merge` is the rule."""
        async with self._database.write(ANNOUNCED) as connection:
            await put(connection, tuple(incoming))

    async def keep(self, one: Paper, at: datetime) -> None:
        """Remember that somebody asked for this paper: it stays when old ones are pruned."""
        is_kept = select(kept.c.at).where(kept.c.paper_id == one.id)
        async with self._database.read() as connection:
            if (await connection.execute(is_kept)).first():
                return
        async with self._database.write(ANNOUNCED) as connection:
            await put(connection, [one])  # it may have been pruned since it was read
            row = {"paper_id": one.id, "at": at}
            await connection.execute(insert(connection, kept).on_conflict_do_nothing(), [row])

    async def versions(self, paper_id: str) -> tuple[Paper, ...]:
        """Return every stored version, oldest first, the current one last.

        Of earlier versions only title and abstract are kept; the rest is the current one's.
        """
        async with self._database.snapshot() as connection:
            current = (await load(connection, (paper_id,))).get(paper_id)
            if current is None:
                return ()
            earlier = select(versions).where(versions.c.paper_id == paper_id)
            rows = await connection.execute(earlier.order_by(versions.c.version))
            return (*(_version(current, row) for row in rows), current)


def merge(stored: Paper | None, incoming: Paper) -> tuple[Paper, Paper | None]:
    """Say what becomes of a paper: (the current one, a text to keep as another version).

    An older version is only kept beside; the same one, or one of unknown number, fills what is
    empty; a newer one takes over. No text is ever replaced by an empty one.
    """
    if stored is None:
        return incoming, None
    if incoming.version is None or incoming.version == stored.version:
        return _filled(stored, incoming), None
    if incoming.version < (stored.version or UNKNOWN):
        return _told(stored, incoming), incoming
    if stored.version is None and (incoming.version == 1 or _same_text(stored, incoming)):
        return replace(_filled(stored, incoming), version=incoming.version), None
    if stored.version is None and incoming.version == 2:  # noqa: PLR2004 # what is before 2 is 1
        return _newer(stored, incoming), replace(stored, version=1)
    return _newer(stored, incoming), stored


def _told(stored: Paper, incoming: Paper) -> Paper:
    """Fill texts that are empty."""
    title, abstract = stored.title or incoming.title, stored.abstract or incoming.abstract
    return replace(stored, title=title, abstract=abstract)


def _filled(stored: Paper, incoming: Paper) -> Paper:
    """Fill what is empty; a cross-list of a later day adds its category."""
    added = (c for c in incoming.categories if c not in stored.categories)
    return replace(
        _told(stored, incoming),
        authors=stored.authors or incoming.authors,
        categories=(*stored.categories, *added),
        comment=stored.comment or incoming.comment,
        submitted=stored.submitted or incoming.submitted,
    )


def _newer(stored: Paper, incoming: Paper) -> Paper:
    return replace(
        incoming,
        title=incoming.title or stored.title,
        abstract=incoming.abstract or stored.abstract,
        authors=incoming.authors or stored.authors,
        categories=incoming.categories or stored.categories,
        comment=incoming.comment or stored.comment,
        submitted=stored.submitted or incoming.submitted,
    )


def _same_text(one: Paper, other: Paper) -> bool:
    """Compare as read: documents break lines differently, and some leave the abstract out."""
    if one.title.split() != other.title.split():
        return False
    return not one.abstract or one.abstract.split() == other.abstract.split()


async def load(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Paper]:
    """Read papers by id, in slices."""
    found: dict[str, Paper] = {}
    for some in slices(ids):
        rows = await connection.execute(select(*COLUMNS).where(papers.c.id.in_(some)))
        found.update((row.id, paper(row)) for row in rows)
    return {paper_id: found[paper_id] for paper_id in ids if paper_id in found}


async def put(connection: AsyncConnection, incoming: Sequence[Paper]) -> None:
    """Store papers inside a transaction that is already open."""
    for some in slices(incoming):
        stored = await load(connection, tuple({p.id for p in some}))
        current = dict(stored)
        kept: list[Paper] = []
        for each in some:
            current[each.id], other = merge(current.get(each.id), each)
            kept += [other] if other else []
        changed = [p for p in current.values() if p != stored.get(p.id)]
        await upsert(connection, papers, [_row(p) for p in changed])
        await _keep(connection, kept)
        await wait(connection, [p.id for p in changed if p.id not in stored])
        retold = [p.id for p in changed if p.id in stored and _said(p) != _said(stored[p.id])]
        await wait(connection, retold, anew=True)


def _said(one: Paper) -> tuple[object, ...]:
    """What the search reads of a paper."""
    return one.title, one.abstract, one.authors, one.comment


async def _keep(connection: AsyncConnection, texts: Sequence[Paper]) -> None:
    if not texts:
        return
    rows = [
        {
            "paper_id": p.id,
            "version": p.version or UNKNOWN,
            "title": p.title,
            "abstract": p.abstract,
        }
        for p in texts
    ]
    await connection.execute(insert(connection, versions).on_conflict_do_nothing(), rows)


def paper(row: Row[Any]) -> Paper:
    """Build a paper from a row that has all of `COLUMNS`."""
    return Paper(
        id=row.id,
        version=row.version,
        title=row.title,
        abstract=row.abstract,
        authors=tuple(row.authors),
        categories=tuple(row.categories),
        comment=row.comment,
        submitted=row.submitted,
    )


def _row(one: Paper) -> dict[str, object]:
    return {column.name: getattr(one, column.name) for column in COLUMNS}


def _version(current: Paper, row: Row[Any]) -> Paper:
    return replace(
        current,
        version=row.version or None,
        title=row.title,
        abstract=row.abstract,
        comment="",
    )

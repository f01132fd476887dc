"""New versions of saved papers, and who has not been told of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, update

from digest.models import Kind
from digest.store.database import slices
from digest.store.papers import COLUMNS, UNKNOWN, paper
from digest.store.tables import announcements, papers, saved, versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.models import Paper
    from digest.store.database import Database

MOST_ASKED = 100
"""Papers that arXiv is asked about after a morning, in one request."""

REPLACED = tuple(kind.value for kind in Kind if not kind.is_fresh)


@dataclass(frozen=True, slots=True)
class Revision:
    """A saved paper in a newer version than its reader knows.

    Attributes:
        paper: as it reads now.
        since: the version that the reader knows; None where no document said which it was.
        before: (title, abstract) of that one; None where it is not stored.
    """

    paper: Paper
    since: int | None
    before: tuple[str, str] | None


class Revisions:
    """Which readers are to hear of which new versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def news(self, subscriber_ids: Iterable[int]) -> dict[int, tuple[Revision, ...]]:
        """Return what some readers are to be told; who is to hear nothing is not in it.

        Whoever saved nothing costs a look into one index.
        """
        rows: list[Row[Any]] = []
        async with self._database.snapshot() as connection:
            for some in slices(tuple(subscriber_ids)):
                query = select(saved.c.subscriber_id, saved.c.told, *COLUMNS).join(papers)
                query = query.where(saved.c.subscriber_id.in_(some), _is_newer())
                rows += await connection.execute(query.order_by(saved.c.paper_id))
            texts = await _texts(connection, {row.id for row in rows}) if rows else {}
        found: dict[int, list[Revision]] = defaultdict(list)
        for row in rows:
            before = _before(row.told, texts.get(row.id, {}))
            if row.told is not None or before is not None:
                found[row.subscriber_id].append(Revision(paper(row), row.told, before))
        return {number: tuple(revisions) for number, revisions in found.items()}

    async def unread(self, day: date) -> tuple[str, ...]:
        """Return saved papers that `day` replaces and of which no newer version is stored.

        Listings name a replacement without its number and abstract.
        """
        told = announcements.c
        no_newer = or_(papers.c.version.is_(None), saved.c.told >= papers.c.version)
        query = select(saved.c.paper_id).distinct().select_from(saved)
        query = query.join(papers, papers.c.id == saved.c.paper_id)
        query = query.join(announcements, told.paper_id == saved.c.paper_id)
        query = query.where(told.day == day, told.kind.in_(REPLACED), no_newer)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(saved.c.paper_id).limit(MOST_ASKED))
            return tuple(rows.scalars())


async def mark_told(
    connection: AsyncConnection, subscriber_id: int | None, told: Mapping[str, int]
) -> None:
    """Remember which versions a reader was told of, in the transaction that freezes the page."""
    for paper_id, version in told.items():
        this = and_(saved.c.subscriber_id == subscriber_id, saved.c.paper_id == paper_id)
        older = or_(saved.c.told.is_(None), saved.c.told < version)
        await connection.execute(update(saved).where(this, older).values(told=version))


def _is_newer() -> ColumnElement[bool]:
    """Whether a saved paper has a newer version than its reader was told of.

    Where they saved one of unknown number, the first is as good as that.
    """
    return papers.c.version > func.coalesce(saved.c.told, 1)


async def _texts(
    connection: AsyncConnection, ids: Sequence[str] | set[str]
) -> dict[str, dict[int, tuple[str, str]]]:
    """Read the earlier versions of some papers."""
    found: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    for some in slices(sorted(ids)):
        query = select(versions).where(versions.c.paper_id.in_(some))
        for row in await connection.execute(query):
            found[row.paper_id][row.version] = (row.title, row.abstract)
    return found


def _before(told: int | None, texts: Mapping[int, tuple[str, str]]) -> tuple[str, str] | None:
    """The text that the reader knows; one of unknown number is the first, or stays unknown."""
    if told is not None:
        return texts.get(told)
    return texts.get(UNKNOWN) or texts.get(1)

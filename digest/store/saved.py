"""What readers save, with their notes; nothing but /forget and /unsave takes it away."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, select, update

from digest.saved import Saved
from digest.store.database import SLICE, insert, slices
from digest.store.papers import COLUMNS, paper, put
from digest.store.tables import papers, saved, summaries
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.engine import Row

    from digest.models import Paper
    from digest.store.database import Database

MANY = SLICE  # rows at once: the event loop is free between two slices


class SavedPapers:
    """The shelf of each reader, the newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, subscriber_id: int, one: Paper, at: datetime, note: str = "") -> bool:
        """Save a paper; False where it is saved already, and then nothing changes.

        It is stored along, in the version that is known now, and stays when old ones are pruned.
        """
        c = papers.c
        async with self._database.write() as connection:
            await put(connection, [one])  # it may have been pruned since it was read
            known = (await connection.execute(select(c.version).where(c.id == one.id))).scalar()
            row = {
                "subscriber_id": subscriber_id,
                "paper_id": one.id,
                "at": at,
                "note": note,
                "version": known,
                "told": known,
            }
            new = insert(connection, saved).values(row).on_conflict_do_nothing()
            done = await connection.execute(new.returning(saved.c.paper_id))
            return done.scalar() is not None

    async def remove(self, subscriber_id: int, paper_id: str) -> bool:
        """Take a paper off the shelf, with its note; False where it is not on it."""
        async with self._database.write() as connection:
            done = await connection.execute(delete(saved).where(_this(subscriber_id, paper_id)))
        return bool(done.rowcount)

    async def annotate(self, subscriber_id: int, paper_id: str, note: str) -> bool:
        """Put a note in the place of the one before; False where the paper is not saved."""
        change = update(saved).where(_this(subscriber_id, paper_id)).values(note=note)
        async with self._database.write() as connection:
            return bool((await connection.execute(change)).rowcount)

    async def get(self, subscriber_id: int, paper_id: str, language: str = "") -> Saved | None:
        """Return one saved paper, told in `language` where it is; None where it is not saved."""
        query = _told(language).where(_this(subscriber_id, paper_id))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return _saved(row) if row else None

    async def ids(self, subscriber_id: int, among: Iterable[str]) -> frozenset[str]:
        """Return which of some papers are saved."""
        c, wanted = saved.c, tuple(dict.fromkeys(among))
        found: set[str] = set()
        async with self._database.read() as connection:
            for some in slices(wanted):
                these = c.paper_id.in_(some)
                query = select(c.paper_id).where(c.subscriber_id == subscriber_id, these)
                found.update((await connection.execute(query)).scalars())
        return frozenset(found)

    async def count(self, subscriber_id: int) -> int:
        """Return how many papers are saved."""
        query = select(func.count()).select_from(saved)
        async with self._database.read() as connection:
            hers = query.where(saved.c.subscriber_id == subscriber_id)
            return (await connection.execute(hers)).scalar_one()

    async def page(
        self, subscriber_id: int, language: str, *, skip: int = 0, limit: int = MANY
    ) -> tuple[Saved, ...]:
        """Return some saved papers, the newest first, told in `language` where they are."""
        query = _told(language).where(saved.c.subscriber_id == subscriber_id)
        query = query.order_by(saved.c.at.desc(), saved.c.paper_id).limit(limit).offset(skip)
        async with self._database.read() as connection:
            return tuple([_saved(row) for row in await connection.execute(query)])

    async def all(self, subscriber_id: int, language: str) -> AsyncIterator[Saved]:
        """Yield every saved paper, the newest first."""
        skip = 0
        while some := await self.page(subscriber_id, language, skip=skip):
            for each in some:
                yield each
            skip += len(some)

    async def matching(self, subscriber_id: int, language: str, words: str) -> tuple[Saved, ...]:
        """Return those with all of the words in title, summary or note, the newest first.

        Words are parts of words, too: nobody has so many papers that a search wants an index.
        """
        wanted = _folded(words).split()
        shelf = self.all(subscriber_id, language)
        return tuple([each async for each in shelf if _has(wanted, each)])


def _this(subscriber_id: int, paper_id: str) -> ColumnElement[bool]:
    return and_(saved.c.subscriber_id == subscriber_id, saved.c.paper_id == paper_id)


def _told(language: str) -> Select[Any]:
    """Select what is saved, with the paper as it reads now and its summary where there is one."""
    c = saved.c
    mine = (c.at, c.note, c.version.label("saved_version"))
    theirs = (summaries.c.title.label("told_title"), summaries.c.gist)
    is_told = and_(summaries.c.paper_id == c.paper_id, summaries.c.asked == language)
    query = select(*COLUMNS, *mine, *theirs).select_from(saved)
    return query.join(papers, papers.c.id == c.paper_id).outerjoin(summaries, is_told)


def _saved(row: Row[Any]) -> Saved:
    told = (row.told_title or "", row.gist or "")
    return Saved(paper(row), row.at, row.note, row.saved_version, told)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _has(wanted: Sequence[str], each: Saved) -> bool:
    title = each.paper.title
    read = _folded("\n".join((title, readable(title), *each.told, each.note)))
    return all(word in read for word in wanted)

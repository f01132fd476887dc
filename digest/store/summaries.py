"""Summaries: one for each paper and reader's language, made once and shared by all readers."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, or_, select, update

from digest.models import Summary
from digest.store import server
from digest.store.database import insert_into, slices
from digest.store.tables import IS_OPEN, ledger, summaries
from digest.store.together import Together
from digest.store.waiting import wait

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.dialects.sqlite import Insert
    from sqlalchemy.engine import Row

    from digest.store.database import Database

NAMES = tuple(field.name for field in fields(Summary))
COLUMNS = tuple(summaries.c[name] for name in NAMES)


CAPPED = "budget"
"""`Summary.reason` of what the day's cap made."""

OWN_WORDS = "extract"
"""The writer whose summaries are the abstract's own sentences: the search reads none of them."""

_CLOSE = (
    update(ledger)
    .where(
        and_(
            ledger.c.paper_id == bindparam("paper"),
            IS_OPEN,
            ledger.c.language.in_([bindparam("asked"), bindparam("written")]),
        )
    )
    .values(answer="")
)


class Summaries:
    """Papers told shortly."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = Together(self._write)

    async def get(
        self, ids: Iterable[str], language: str, now: datetime | None = None
    ) -> dict[str, Summary]:
        """Return what is stored for readers of a language, by paper id.

        Where no model wrote it, the text itself may be English: see `Summary.language`. With
        `now`, fallbacks that are worth another try by then are left out.
        """
        found: dict[str, Summary] = {}
        wanted = tuple(dict.fromkeys(ids))
        async with self._database.read() as connection:
            for some in slices(wanted):
                this = summaries.c.paper_id.in_(some) & (summaries.c.asked == language)
                if now:
                    this &= or_(summaries.c.retry_at.is_(None), summaries.c.retry_at > now)
                rows = await connection.execute(select(*COLUMNS).where(this))
                found.update((row.paper_id, from_row(row)) for row in rows)
        return found

    async def save(
        self,
        summary: Summary,
        *,
        asked: str,
        prompt: str,
        at: datetime,
        retry_at: datetime | None = None,
    ) -> None:
        """Store a summary in place of the one before; those that come together are one commit.

        A fallback does not displace what a writer told of the same version. The model's answers
        that the summary was made of are kept no longer.

        Args:
            summary: of a stored paper.
            asked: the reader's language that it was written for.
            prompt: the version of the prompt, empty for an extract.
            at: when it was written.
            retry_at: when a fallback is worth another try.
        """
        told = {name: getattr(summary, name) for name in NAMES}
        row = {**told, "asked": asked, "prompt": prompt, "made_at": at, "retry_at": retry_at}
        await self._together.add(row)

    async def settled(self) -> None:
        """Return when all that was saved is written."""
        await self._together.settled()

    async def _write(self, rows: Sequence[dict[str, Any]]) -> None:
        async with self._database.write() as connection:
            statement = _taking(tuple(rows[0]), is_server=server.is_one(connection))
            ordered = sorted(rows, key=itemgetter("paper_id", "asked"))  # see `upsert`
            await connection.execute(statement, ordered)
            await connection.execute(_CLOSE, [_closed(row) for row in ordered])
            await wait(connection, {row["paper_id"] for row in rows if row["writer"] != OWN_WORDS})

    async def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Return (paper id, asked language) of fallbacks to be tried again, longest due first.

        Until one is saved again, with another `retry_at` or none, it stays due. Those that a cap
        made are left out: they are told anew when somebody is about to read them, not before.
        """
        is_due = summaries.c.fallback.is_(True) & (summaries.c.retry_at <= now)
        is_due &= summaries.c.reason != CAPPED
        query = select(summaries.c.paper_id, summaries.c.asked).where(is_due)
        query = query.order_by(summaries.c.retry_at, summaries.c.paper_id).limit(limit)
        async with self._database.read() as connection:
            return [(row.paper_id, row.asked) for row in await connection.execute(query)]


def _closed(row: dict[str, Any]) -> dict[str, str]:
    return {"paper": row["paper_id"], "asked": row["asked"], "written": row["language"]}


@cache
def _taking(columns: tuple[str, ...], *, is_server: bool) -> Insert:
    """Stores a summary in place of one that is no better; made once, as `upsert` makes its own."""
    statement = insert_into(summaries, is_server=is_server)
    changes = {name: statement.excluded[name] for name in columns}
    return statement.on_conflict_do_update(
        index_elements=["paper_id", "asked"], set_=changes, where=_is_better(statement)
    )


def _is_better(statement: Insert) -> ColumnElement[bool]:
    """Whether the new row may take the stored one's place."""
    new, stored = statement.excluded, summaries.c
    is_newer = func.coalesce(new.version, 1) > func.coalesce(stored.version, 1)
    return or_(new.fallback.is_(False), stored.fallback.is_(True), is_newer)


def from_row(row: Row[Any]) -> Summary:
    """Build a summary from a row that has all of `COLUMNS`."""
    return Summary(**{name: getattr(row, name) for name in NAMES})

"""Placings: how many papers of each edition a field has, and the best of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from digest.models import Announcement, Kind, Paper
from digest.store.announcements import FRESH
from digest.store.database import slices, upsert
from digest.store.tables import announcements, papers, placings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.engine import Row

    from digest.store.database import Database


SLICE = 250  # papers read at once: their texts hold the event loop for 2 to 4 ms


@dataclass(frozen=True, slots=True)
class Placing:
    """What one edition has for one field.

    Attributes:
        field: its key.
        announced: how many new and cross-listed papers the edition had when they were placed.
        found: how many of them are in the field.
        best: (paper id, score) of the best, best first.
        scorer: the fingerprint of what placed them.
    """

    day: date
    field: str
    announced: int
    found: int
    best: tuple[tuple[str, float], ...]
    scorer: str


class Placings:
    """A memory of work done: each can be made again from the papers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def announced(self, days: Sequence[date]) -> dict[date, int]:
        """Return how many new and cross-listed papers days have."""
        c = announcements.c
        query = select(c.day, func.count()).where(c.day.in_(days), c.kind.in_(FRESH))
        async with self._database.read() as connection:
            rows = await connection.execute(query.group_by(c.day))
            return {day: count for day, count in rows}  # noqa: C416 # rows are no tuples to mypy

    async def texts(self, day: date) -> list[Announcement]:
        """Return a day's new and cross-listed papers with what placing reads, and nothing else.

        No remarks and dates.
        """
        c, p = announcements.c, papers.c
        query = select(c.paper_id, c.kind, p.title, p.abstract, p.authors, p.categories)
        query = query.join(papers, p.id == c.paper_id).where(c.day == day, c.kind.in_(FRESH))
        found: list[Announcement] = []
        after = ""
        async with self._database.read() as connection:
            while True:
                some = query.where(c.paper_id > after).order_by(c.paper_id).limit(SLICE)
                rows = (await connection.execute(some)).all()
                found += [_text(row) for row in rows]
                if len(rows) < SLICE:
                    return found
                after = rows[-1].paper_id

    async def get(self, days: Sequence[date], fields: Iterable[str]) -> list[Placing]:
        """Return what is stored of these days and fields."""
        found: list[Placing] = []
        wanted = tuple(dict.fromkeys(fields))
        async with self._database.read() as connection:
            for some in slices(wanted):
                this = placings.c.day.in_(days) & placings.c.field.in_(some)
                rows = await connection.execute(select(placings).where(this))
                found += [_placing(row) for row in rows]
        return found

    async def save(self, made: Sequence[Placing]) -> None:
        """Store placings in place of those before; their editions have to be stored."""
        rows = [
            {
                "day": each.day,
                "field": each.field,
                "announced": each.announced,
                "found": each.found,
                "best": [list(pair) for pair in each.best],
                "scorer": each.scorer,
            }
            for each in made
        ]
        async with self._database.write() as connection:
            await upsert(connection, placings, rows)


def _text(row: Any) -> Announcement:
    paper = Paper(
        row.paper_id, None, row.title, row.abstract, tuple(row.authors), tuple(row.categories)
    )
    return Announcement(paper, Kind(row.kind))


def _placing(row: Row[Any]) -> Placing:
    best = tuple((paper_id, score) for paper_id, score in row.best)
    return Placing(row.day, row.field, row.announced, row.found, best, row.scorer)

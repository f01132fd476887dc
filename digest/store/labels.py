"""Labels: what a model said of a paper and a named field, beside what the light model had said."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from digest.store.announcements import FRESH
from digest.store.database import slices, upsert
from digest.store.tables import announcements, labels, papers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from digest.models import Paper
    from digest.store.database import Database

Labelled = dict[str, dict[str, "Label"]]
"""Paper id → {field key: what was said}."""

MEMBER = 0.5  # the light model's, as in digest.fields
BELONGS = 2


@dataclass(frozen=True, slots=True)
class Label:
    """A model's word on a paper and a field, 0, 1 or 2, and the light model's score, 0 to 1."""

    label: int
    score: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a model's word and the light model's compare.

    Attributes:
        judged: pairs of a paper and a field.
        removed: the light model places, the model says 0.
        added: the light model does not place, the model says 2.
    """

    judged: int
    removed: int
    added: int


class Labels:
    """0 (does not belong), 1 (touches it) or 2 (belongs), once for each paper and field."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, ids: Iterable[str]) -> Labelled:
        """Return the labels of some papers."""
        wanted = tuple(dict.fromkeys(ids))
        columns = (labels.c.paper_id, labels.c.field, labels.c.label, labels.c.score)
        found: Labelled = defaultdict(dict)
        async with self._database.read() as connection:
            for some in slices(wanted):
                query = select(*columns).where(labels.c.paper_id.in_(some))
                for row in await connection.execute(query):
                    found[row.paper_id][row.field] = Label(row.label, row.score)
        return dict(found)

    async def known(self, paper: Paper) -> frozenset[str]:
        """Return the fields that this version of a paper is labelled for."""
        query = select(labels.c.field).where(
            labels.c.paper_id == paper.id,
            func.coalesce(labels.c.version, 1) >= (paper.version or 1),
        )
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def save(
        self,
        paper: Paper,
        said: Mapping[str, int],
        light: Mapping[str, float],
        *,
        model: str,
        at: datetime,
    ) -> None:
        """Store labels in place of those before; `light` is what the light model gave each field.

        A paper that is not stored has none: nobody follows it.
        """
        row = {"paper_id": paper.id, "version": paper.version, "model": model, "made_at": at}
        rows = [
            {**row, "field": field, "label": label, "score": light.get(field, 0.0)}
            for field, label in said.items()
        ]
        async with self._database.write() as connection:
            there = select(papers.c.id).where(papers.c.id == paper.id)
            stays = there.with_for_update(read=True, key_share=True)  # until this is written
            if (await connection.execute(stays)).first():
                await upsert(connection, labels, rows)

    async def shifts(self, days: Sequence[date]) -> dict[tuple[date, str], int]:
        """Return by how much labels change what the light model counted, by day and field."""
        a, c = announcements.c, labels.c
        change = case(
            ((c.score >= MEMBER) & (c.label == 0), -1),
            ((c.score < MEMBER) & (c.label == BELONGS), 1),
            else_=0,
        )
        query = select(a.day, c.field, func.sum(change)).join(labels, c.paper_id == a.paper_id)
        query = query.where(a.day.in_(days), a.kind.in_(FRESH)).group_by(a.day, c.field)
        async with self._database.read() as connection:
            return {(day, key): moved for day, key, moved in await connection.execute(query)}

    async def agreement(self) -> Agreement:
        """Return how often a model and the light model differed."""
        places = labels.c.score >= MEMBER
        counted = (
            func.count(),
            func.count().filter(places, labels.c.label == 0),
            func.count().filter(~places, labels.c.label == BELONGS),
        )
        async with self._database.read() as connection:
            row = (await connection.execute(select(*counted).select_from(labels))).one()
        return Agreement(*row)

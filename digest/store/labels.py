"""Labels: what a model said of a paper and a named field, beside what the light model had said."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from digest.store.database import slices, upsert
from digest.store.tables import announcements, labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy import ColumnElement

    from digest.models import Paper
    from digest.store.database import Database

Labelled = dict[str, dict[str, int]]
"""Paper id → {field key: 0, 1 or 2}."""

MEMBER = 0.5  # the light model's, as in digest.fields
BELONGS = 2


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

    async def on(self, day: date) -> Labelled:
        """Return the labels of all papers that were announced on a day."""
        this = labels.c.paper_id.in_(
            select(announcements.c.paper_id).where(announcements.c.day == day)
        )
        return await self._read([this])

    async def of(self, ids: Iterable[str]) -> Labelled:
        """Return the labels of some papers."""
        wanted = tuple(dict.fromkeys(ids))
        return await self._read([labels.c.paper_id.in_(some) for some in slices(wanted)])

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

        The paper has to be stored.
        """
        row = {"paper_id": paper.id, "version": paper.version, "model": model, "made_at": at}
        rows = [
            {**row, "field": field, "label": label, "score": light.get(field, 0.0)}
            for field, label in said.items()
        ]
        async with self._database.write() as connection:
            await upsert(connection, labels, rows)

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

    async def _read(self, conditions: Iterable[ColumnElement[bool]]) -> Labelled:
        found: Labelled = defaultdict(dict)
        columns = (labels.c.paper_id, labels.c.field, labels.c.label)
        async with self._database.read() as connection:
            for this in conditions:
                for row in await connection.execute(select(*columns).where(this)):
                    found[row.paper_id][row.field] = row.label
        return dict(found)

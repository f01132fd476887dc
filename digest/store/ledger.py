"""The ledger: each answered request to a model, what it used, and what it cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, distinct, func, insert, select

from digest.store.tables import IS_OPEN, ledger
from digest.store.together import Together

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.engine import Row

    from digest.store.database import Database


@dataclass(frozen=True, slots=True)
class Paid:
    """One answered request.

    Attributes:
        at: when it was answered; `day` is that in the operator's zone.
        version: of the paper.
        prompt: the version of the prompt.
        nanos: billionths of `currency`; None where no price is known.
        asker: `edition`, or `reader`.
        subscriber_id: who asked, where a reader did; nobody's once they are forgotten.
        answer, finish: what came back, kept until a summary of the paper is stored.
    """

    at: datetime
    day: date
    paper_id: str
    version: int | None
    language: str
    model: str
    prompt: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    nanos: int | None
    currency: str
    asker: str
    subscriber_id: int | None
    answer: str
    finish: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What a day's requests to one model in one language came to.

    Attributes:
        papers: different ones.
        unpriced: calls without a known price; `nanos` is that of the others.
    """

    day: date
    model: str
    language: str
    currency: str
    calls: int
    papers: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    nanos: int
    unpriced: int


class Ledger:
    """Written before an answer is looked at: what was paid for is on record."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = Together(self._write)

    async def add(self, paid: Paid) -> None:
        """Record a request; those that come together are one commit."""
        await self._together.add(paid)

    async def settled(self) -> None:
        """Return when all that was added is written."""
        await self._together.settled()

    async def total(self, day: date, currency: str) -> tuple[int, int]:
        """Return (calls, nanos of that currency) of a day."""
        c = ledger.c
        money = func.sum(c.nanos).filter(c.currency == currency)
        query = select(func.count(), func.coalesce(money, 0)).where(c.day == day)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one()
        return int(row[0]), int(row[1])

    async def asked_for(self, subscriber_id: int, day: date) -> set[tuple[str, str]]:
        """Return the (paper id, language) that a subscriber's own requests paid for on a day."""
        c = ledger.c
        mine = (c.day == day) & (c.subscriber_id == subscriber_id)
        query = select(c.paper_id, c.language).where(mine).distinct()
        async with self._database.read() as connection:
            return {(row.paper_id, row.language) for row in await connection.execute(query)}

    async def open_answers(self, since: date, model: str, prompt: int) -> list[Paid]:
        """Return answers of which no summary came yet, oldest first: a run was killed there."""
        c = ledger.c
        usable = and_(IS_OPEN, c.day >= since, c.model == model, c.prompt == prompt)
        query = select(*(c[name] for name in Paid.__dataclass_fields__)).where(usable)
        async with self._database.read() as connection:
            return [_paid(row) for row in await connection.execute(query.order_by(c.id))]

    async def spent(self, since: date) -> list[Spent]:
        """Return what was spent from a day on, newest day first."""
        c = ledger.c
        keys = (c.day, c.model, c.language, c.currency)
        query = (
            select(
                *keys,
                func.count().label("calls"),
                func.count(distinct(c.paper_id)).label("papers"),
                func.sum(c.tokens_in).label("tokens_in"),
                func.sum(c.tokens_cached).label("tokens_cached"),
                func.sum(c.tokens_out).label("tokens_out"),
                func.coalesce(func.sum(c.nanos), 0).cast(BigInteger).label("nanos"),
                func.count().filter(c.nanos.is_(None)).label("unpriced"),
            )
            .where(c.day >= since)
            .group_by(*keys)
            .order_by(c.day.desc(), c.model, c.language)
        )
        async with self._database.read() as connection:
            return [Spent(**row._mapping) for row in await connection.execute(query)]  # noqa: SLF001  SQLAlchemy's own name for it

    async def _write(self, rows: Sequence[Paid]) -> None:
        async with self._database.write() as connection:
            await connection.execute(insert(ledger), [asdict(row) for row in rows])


def _paid(row: Row[Any]) -> Paid:
    return Paid(**{name: getattr(row, name) for name in Paid.__dataclass_fields__})

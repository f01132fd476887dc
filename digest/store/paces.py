"""Paces: slots for messages, leased by all processes on one database that write as one bot.

A lane is a bot's, named by something that nobody can read its token from. Its slots follow each
other; a lease is some of them in a row, and nobody gives one back: who ends has wasted its lease.
They stand where arXiv's manners stand, and are told as seconds from now: each process waits by its
own clock, none is asked what time it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, case, func, literal, select

from digest.store.database import insert_into
from digest.store.tables import manners

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Executable, Row
    from sqlalchemy.dialects import sqlite

    from digest.store.database import Database
    from digest.store.tether import Tether

REPLIES, HELD = " replies", " held"
"""What is added to a lane's name: where replies stand, and until when nothing may leave."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Slots in a row.

    Attributes:
        first_s: until the first of them, in seconds from now.
        slots: how many.
        held_s: for so long nothing may leave at all, whatever was leased before.
    """

    first_s: float
    slots: int
    held_s: float


class Paces:
    """Hands out slots.

    Attributes:
        are_shared: whether other machines may be writing as the same bot.
    """

    def __init__(self, database: Database, tether: Tether, clock: Callable[[], float]) -> None:
        """Hands out nothing yet.

        Args:
            database: where the lanes are.
            tether: what a server is asked through.
            clock: seconds of the Unix clock; a server's own where there is one.
        """
        self.are_shared = database.is_server
        self._database = database
        self._tether = tether
        self._clock = clock

    async def lease(self, lane: str, slots: int, gap_s: float) -> Lease:
        """Takes the lane's next slots, `gap_s` apart."""
        row = await self._ask(self._taken(lane, slots * gap_s, _held_until(lane)))
        return Lease(row.next_at - row.reserved_at - slots * gap_s, slots, _held_s(row))

    async def lease_reply(self, lane: str, gap_s: float) -> Lease:
        """Takes a slot that waits for other replies only; all others leave a gap later for it."""
        row = await self._ask(self._taken(lane + REPLIES, gap_s, _held_until(lane)))
        await self._ask(self._taken(lane, gap_s, _held_until(lane)))
        return Lease(row.next_at - row.reserved_at - gap_s, 1, _held_s(row))

    async def hold(self, lane: str, seconds: float) -> None:
        """Lets nothing leave for so long, in any process: a flood wait."""
        now, c = self._now(), manners.c
        statement = self._insert().values(lane=lane + HELD, next_at=now + seconds, reserved_at=now)
        until = _later(c.next_at, statement.excluded.next_at)
        changes = {"next_at": until, "reserved_at": statement.excluded.reserved_at}
        statement = statement.on_conflict_do_update(index_elements=[c.lane], set_=changes)
        await self._ask(statement.returning(c.next_at))

    async def held_s(self, lane: str) -> float:
        """For how many seconds nothing may leave."""
        row = await self._ask(
            select(_held_until(lane).label("held"), self._now().label("reserved_at"))
        )
        return _held_s(row)

    def _taken(self, lane: str, length_s: float, held: ColumnElement[float]) -> Executable:
        """Moves a lane's end on, from wherever it stands."""
        now, c = self._now(), manners.c
        statement = self._insert().values(
            lane=lane, next_at=_later(now, held) + length_s, reserved_at=now
        )
        end = _later(c.next_at, statement.excluded.next_at - length_s) + length_s
        changes = {"next_at": end, "reserved_at": statement.excluded.reserved_at}
        statement = statement.on_conflict_do_update(index_elements=[c.lane], set_=changes)
        return statement.returning(c.next_at, c.reserved_at, held.label("held"))

    def _now(self) -> ColumnElement[float]:
        """Seconds of the one clock that counts."""
        if self._database.is_server:
            return func.extract("epoch", func.statement_timestamp()).cast(Double)
        return literal(self._clock(), Double)

    def _insert(self) -> sqlite.Insert:
        return insert_into(manners, is_server=self._database.is_server)

    async def _ask(self, question: Executable) -> Row[Any]:
        if self._database.is_server:
            return await self._tether.ask(question)
        async with self._database.write() as connection:
            return (await connection.execute(question)).one()


def _held_until(lane: str) -> ColumnElement[float]:
    """When something may leave again, or some time ago."""
    other = manners.alias()
    until = select(other.c.next_at).where(other.c.lane == lane + HELD).scalar_subquery()
    return func.coalesce(until, 0.0)


def _held_s(row: Row[Any]) -> float:
    return max(0.0, float(row.held - row.reserved_at))


def _later(one: ColumnElement[float], other: ColumnElement[float]) -> ColumnElement[float]:
    """The larger of two; the engines have different names for it."""
    return case((one > other, one), else_=other)

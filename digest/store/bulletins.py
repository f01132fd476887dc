"""Bulletins: what the operator writes to all readers, frozen for each of them exactly once.

A bulletin is a draft until it is confirmed. Its pages stand in the outbox under its own day and a
number below that of any notice, so that the outbox's one constraint makes it once, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from digest.models import State
from digest.store.database import SLICE
from digest.store.outbox import NOTICE, put
from digest.store.subscribers import read
from digest.store.tables import bulletins, subscribers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from digest.models import Subscriber
    from digest.store.database import Database
    from digest.store.outbox import Written

PAGES = 8
"""So many pages a bulletin may have; the numbers of the next one's begin below."""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A text for all readers.

    Attributes:
        at: when it was confirmed; None for a draft.
        upto: the number of the last subscriber for whom it is frozen.
    """

    id: int
    text: str
    at: datetime | None
    upto: int


class Bulletins:
    """Drafts, and what is on its way to everybody."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draft(self, text: str, at: datetime) -> int:
        """Store a text that waits for its confirmation, in place of any earlier draft."""
        async with self._database.write() as connection:
            await connection.execute(delete(bulletins).where(bulletins.c.at.is_(None)))
            rows = (
                bulletins.insert().values(text=text, made_at=at, upto=0).returning(bulletins.c.id)
            )
            return int((await connection.execute(rows)).scalar_one())

    async def get(self, number: int) -> Bulletin | None:
        """Return a bulletin by its number."""
        return await self._one(bulletins.c.id == number)

    async def drop(self, number: int) -> bool:
        """Throw a draft away; False where there is none of that number."""
        this = (bulletins.c.id == number) & bulletins.c.at.is_(None)
        async with self._database.write() as connection:
            return bool((await connection.execute(delete(bulletins).where(this))).rowcount)

    async def confirm(self, number: int, at: datetime) -> bool:
        """Let a draft go out; False where there is no draft of that number (any more)."""
        this = (bulletins.c.id == number) & bulletins.c.at.is_(None)
        async with self._database.write() as connection:
            done = await connection.execute(update(bulletins).where(this).values(at=at))
            return bool(done.rowcount)

    async def unfinished(self) -> Bulletin | None:
        """Return the first that is confirmed and not frozen for everybody."""
        return await self._one(bulletins.c.at.is_not(None) & bulletins.c.done_at.is_(None))

    async def readers(self, channels: Sequence[str]) -> int:
        """Count those whom a bulletin would reach."""
        query = select(func.count()).select_from(subscribers).where(_reached(channels))
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def go_on(
        self,
        bulletin: Bulletin,
        channels: Sequence[str],
        written: Callable[[Subscriber], Sequence[Written]],
        now: datetime,
    ) -> int:
        """Freeze the next slice of it; return how many got it. Without any it is through.

        Args:
            bulletin: as `unfinished` gave it.
            channels: those that can be sent on.
            written: the pages for one reader, at most `PAGES`.
            now: when.
        """
        assert bulletin.at is not None
        c = bulletins.c
        next_ones = select(subscribers).where(_reached(channels), subscribers.c.id > bulletin.upto)
        async with self._database.write() as connection:
            found = await read(connection, next_ones.order_by(subscribers.c.id).limit(SLICE))
            stands = (c.id == bulletin.id) & (c.upto == bulletin.upto) & c.done_at.is_(None)
            values = {"upto": found[-1].id} if found else {"done_at": now}
            done = await connection.execute(update(bulletins).where(stands).values(values))
            if not done.rowcount:  # another process froze this slice
                return 0
            first = NOTICE - (bulletin.id + 1) * PAGES
            for reader in found:
                pages = list(written(reader))[:PAGES]
                await put(connection, reader, bulletin.at.date(), pages, now, first=first)
        return len(found)

    async def _one(self, this: ColumnElement[bool]) -> Bulletin | None:
        c = bulletins.c
        query = select(c.id, c.text, c.at, c.upto).where(this).order_by(c.id).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return Bulletin(*row) if row else None


def _reached(channels: Sequence[str]) -> ColumnElement[bool]:
    c = subscribers.c
    return (c.state == State.ACTIVE.value) & c.channel.in_(channels)

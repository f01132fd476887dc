"""Looks: when arXiv was last watched, and what it showed, so that a restart goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from digest.store.database import upsert
from digest.store.tables import looks

if TYPE_CHECKING:
    from datetime import date, datetime

    from digest.store.database import Database


LOOK = "look"
"""arXiv's listing page was asked; `day` is the newest that it ever showed."""

MISSED = "missed"
"""arXiv's listing page was asked and could not be read; nobody knows what it showed."""

ABSENT = "absent"
"""arXiv's listing page was read, and had no batch that should be out; `day` is that batch's."""

GATHER = "gather"
"""An edition could not be made whole yet; `day` is the edition's."""

CHECK = "check"
"""The feeds were compared with an edition; `day` is the edition's."""

DOWN = "down"
"""The channel took no messages; `at` is the last moment of that which is known."""

SENDING = "sending"
"""A process began to send; written before its first page leaves, to see that it can be."""

GIVEN_UP = "given_up"
"""The admins were told of pages that were given up; `at` is when the newest of them was."""

PACKED = "packed"
"""Settled pages of editions before `day` were brought close together."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: when (UTC), and the listing date that it was about, if any."""

    at: datetime
    day: date | None


class Looks:
    """The last look of each kind."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, kind: str, at: datetime, day: date | None) -> None:
        """Remember the newest look of a kind."""
        async with self._database.write() as connection:
            await upsert(connection, looks, [{"kind": kind, "at": at, "day": day}])

    async def forget(self, kind: str) -> None:
        """Remember none of a kind."""
        async with self._database.write() as connection:
            await connection.execute(delete(looks).where(looks.c.kind == kind))

    async def last(self) -> dict[str, Seen]:
        """Return the last look of each kind."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(looks))
            return {row.kind: Seen(row.at, row.day) for row in rows}

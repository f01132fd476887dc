"""Invitations: codes that let one reader in, where not everybody may read."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from digest.store.tables import invitations

if TYPE_CHECKING:
    from datetime import datetime

    from digest.store.database import Database

CODE_BYTES = 12
"""16 letters: nobody guesses one, and it fits behind `?start=`."""


class Invitations:
    """The codes that were made, and who used them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self, at: datetime) -> str:
        """Make a code that lets one reader in."""
        code = secrets.token_urlsafe(CODE_BYTES)
        async with self._database.write() as connection:
            await connection.execute(insert(invitations).values(code=code, made_at=at))
        return code

    async def is_free(self, code: str) -> bool:
        """Whether a code would let somebody in."""
        c = invitations.c
        query = select(func.count()).where(c.code == code, c.used_at.is_(None))
        async with self._database.read() as connection:
            return bool((await connection.execute(query)).scalar())

    async def redeem(self, code: str, subscriber_id: int, at: datetime) -> bool:
        """Let a subscriber in by a code; False where there is none such, or it was used."""
        c = invitations.c
        free = (c.code == code) & c.used_at.is_(None)
        taken = update(invitations).where(free).values(used_at=at, subscriber_id=subscriber_id)
        async with self._database.write() as connection:
            return (await connection.execute(taken)).rowcount == 1

    async def admitted(self, subscriber_id: int) -> bool:
        """Whether a subscriber was let in by a code."""
        c = invitations.c
        query = select(func.count()).where(c.subscriber_id == subscriber_id)
        async with self._database.read() as connection:
            return bool((await connection.execute(query)).scalar())

"""Buttons: what those stand for whose command is longer than a platform lets a button carry.

A name is a command's fingerprint, so the same button is one row however often it is sent; it counts
for the subscriber alone to whom it was offered.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from digest.store.database import upsert
from digest.store.tables import buttons, subscribers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from digest.store.database import Database

NAME_BYTES = 18
"""24 letters: far from any collision, and it fits into a button's 64 bytes."""


def name_of(command: str) -> str:
    """The command's name: 24 of A-Za-z0-9_-."""
    digest = hashlib.blake2b(command.encode(), digest_size=NAME_BYTES).digest()
    return base64.urlsafe_b64encode(digest).decode()


class StoredButtons:
    """The long commands that were offered, by subscriber and name."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def keep(self, channel: str, address: str, commands: Iterable[str]) -> None:
        """Remember commands that are offered at an address; nothing where nobody is stored."""
        c, at = subscribers.c, self._now()
        whose = select(c.id).where(c.channel == channel, c.address == address)
        async with self._database.write() as connection:
            number = (await connection.execute(whose)).scalar()
            if number is None:
                return
            rows = [
                {"subscriber_id": number, "name": name_of(each), "command": each, "made_at": at}
                for each in dict.fromkeys(commands)
            ]
            await upsert(connection, buttons, rows)

    async def find(self, channel: str, address: str, name: str) -> str | None:
        """Return the command of that name that was offered at this address."""
        c = subscribers.c
        here = (c.channel == channel) & (c.address == address) & (buttons.c.name == name)
        query = select(buttons.c.command).join(subscribers, c.id == buttons.c.subscriber_id)
        async with self._database.read() as connection:
            found: str | None = (await connection.execute(query.where(here))).scalar()
        return found

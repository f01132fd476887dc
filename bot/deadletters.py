"""Dead letters: the admins hear of pages that were given up, once for each batch of them.

What was told is remembered in the store, so a restart tells nothing twice, and a page that was
given up while Telegram was down is told when it is back. The message holds a number and no more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digest.store.looks import GIVEN_UP

if TYPE_CHECKING:
    from datetime import datetime

    from bot.admins import Admins
    from digest.store import Store

AGAIN_AFTER = timedelta(hours=1)
"""So long after a batch the next one is gathered before it is told."""


class DeadLetters:
    """Who is told of pages that were given up."""

    def __init__(self, store: Store, admins: Admins) -> None:
        """Tells nobody yet of what was given up in the store's outbox."""
        self._store = store
        self._admins = admins

    async def tell(self, now: datetime) -> None:
        """Tells the admins what was given up since they were told last."""
        if not self._admins:
            return
        told = (await self._store.looks.last()).get(GIVEN_UP)
        if told and now - told.at < AGAIN_AFTER:
            return
        dead = await self._store.outbox.dead(told.at if told else None)
        if dead is None:
            return
        if await self._admins.tell("deliver.given_up", count=dead.pages):
            await self._store.looks.note(GIVEN_UP, dead.newest, None)

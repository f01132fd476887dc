"""Dead letters: the admins hear of pages that were given up, once for each batch of them.

What was told is remembered in the store, so a restart tells nothing twice, and a page that was
given up while Telegram was down is told when it is back. The message holds a number and no more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from digest.errors import ChannelError
from digest.locale import say
from digest.render.entities import pages
from digest.render.notices import notice
from digest.store.looks import GIVEN_UP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.channels import Channel
    from digest.store import Store

log = structlog.get_logger()

AGAIN_AFTER = timedelta(hours=1)
"""So long after a batch the next one is gathered before it is told."""


class DeadLetters:
    """Who is told of pages that were given up."""

    def __init__(
        self, store: Store, channel: Channel, admins: Sequence[str], language: str
    ) -> None:
        """Tells nobody yet.

        Args:
            store: whose outbox.
            channel: what the admins are written to through.
            admins: their addresses there.
            language: of admins who are no readers.
        """
        self._store = store
        self._channel = channel
        self._admins = tuple(admins)
        self._language = language

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
        is_told = [await self._tell(admin, dead.pages) for admin in self._admins]
        if any(is_told):
            await self._store.looks.note(GIVEN_UP, dead.newest, None)

    async def _tell(self, admin: str, count: int) -> bool:
        """Tells one of them; False where that failed."""
        reader = await self._store.subscribers.find(self._channel.name, admin)
        words = say("deliver.given_up", reader.language if reader else self._language, count=count)
        try:
            for page in pages(notice(words), self._channel.limits):
                await self._channel.send(admin, page)
        except ChannelError as error:
            log.warning("admin_not_told", error=type(error).__name__)
            return False
        return True

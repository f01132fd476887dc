"""Outages of a channel: written down when they are met, and told to whoever waited for long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import lateness
from bot.lateness import AT_ONCE_AGAIN, SAID_AFTER
from digest.store.looks import DOWN, SENDING
from digest.store.outbox import NOTICE, RECAP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.channels import Channel
    from digest.store import Store
    from digest.store.looks import Seen
    from digest.store.outbox import Waiting


class Outage:
    """What one round of sending knows of its channel's outages, and what it meets itself."""

    def __init__(self, store: Store, channel: Channel) -> None:
        self._store = store
        self._channel = channel
        self._looks: Mapping[str, Seen] = {}
        self._now: datetime | None = None
        self._met: datetime | None = None

    async def begin(self, now: datetime) -> None:
        """Reads what is known when a round begins.

        Raises:
            StoreError: nothing can be written: what is sent could not be settled either.
        """
        if self._now is None:
            await self._store.looks.note(SENDING, now, None)
        self._looks, self._now, self._met = await self._store.looks.last(), now, None

    def met(self, at: datetime) -> None:
        """The channel takes nothing, or will not until `at`."""
        self._met = max(at, self._met or at)

    async def end(self, now: datetime, *, took: int, left: int) -> None:
        """Writes down an outage; a round in which pages were `left` and none taken is one, too."""
        if left and not took:
            self.met(now)
        if self._met:
            await self._store.looks.note(DOWN, self._met, None)

    async def told(self, line: Sequence[Waiting]) -> Sequence[Waiting]:
        """A reader's pages; a digest that waited for long says whose fault that was."""
        first = next((page for page in line if NOTICE < page.page <= RECAP), None)
        if first is None or first.page != NOTICE + 1 or not self._may_be_late(first):
            return line
        standing = await self._store.subscribers.standing(first.subscriber_id)
        if standing is None or standing.settled is None or standing.had != first.day:
            return line
        assert self._now is not None
        key = lateness.why_sent_late(standing.settled, first.attempts, self._now, self._looks)
        if key is None:
            return line
        words = lateness.sentence(key, standing.subscriber, first.day)
        return lateness.with_line_waiting(line, first.day, words, self._channel.limits)

    def _may_be_late(self, page: Waiting) -> bool:
        """Whether a look at its reader is worth it: an hour untouched, or put off by an outage."""
        assert self._now is not None
        down = self._looks.get(DOWN)
        was_put_off = down is not None and page.try_at <= down.at + AT_ONCE_AGAIN
        return bool(page.attempts) or was_put_off or page.try_at <= self._now - SAID_AFTER

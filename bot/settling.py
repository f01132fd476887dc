"""Settling: what became of pages is stored in groups, for a commit costs more than a page.

A group is at most 50 pages or what comes within 20 ms. Whoever hands an outcome in waits until it
is stored, so a line's next page never leaves before the last one is settled, and a crash repeats
at most what was in flight: sent or answered, not yet settled.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from digest.store.outbox import Outcome

MOST = 50
"""Pages in one commit."""

WITHIN_S = 0.02
"""So long the first of a group waits for others, in seconds."""


@dataclass(slots=True)
class _Group:
    """Outcomes that are stored together."""

    stored: asyncio.Future[None]
    outcomes: list[Outcome] = field(default_factory=list)


class Settling:
    """Collects outcomes, and stores each group of them in one transaction."""

    def __init__(
        self,
        store: Callable[[Sequence[Outcome]], Awaitable[None]],
        *,
        within_s: float = WITHIN_S,
        most: int = MOST,
    ) -> None:
        """Stores nothing yet.

        Args:
            store: stores some outcomes, all or none: `Outbox.settle`.
            within_s: how long a group stays open.
            most: outcomes of a group.
        """
        self._store = store
        self._within_s = within_s
        self._most = most
        self._open: _Group | None = None
        self._storing: set[asyncio.Future[None]] = set()
        self._left: list[Outcome] = []
        self._catching_up = asyncio.Lock()

    async def settle(self, outcome: Outcome) -> None:
        """Returns when the outcome is stored; it is, also where nobody waits for it any more.

        Raises:
            StoreError: none of its group is stored.
        """
        group = self._open or self._begin()
        group.outcomes.append(outcome)
        if len(group.outcomes) >= self._most:
            self._close(group)
        await asyncio.shield(group.stored)

    async def catch_up(self) -> None:
        """Stores what could not be stored before; nothing more is to be sent until it is.

        Rounds of several shards may ask at once, and fail in the meantime.

        Raises:
            StoreError: it cannot be stored now either.
        """
        async with self._catching_up:
            if left := tuple(self._left):
                await self._store(left)
                del self._left[: len(left)]

    async def finish(self) -> None:
        """Stores what was handed in, now; its errors are told to those who handed it in."""
        if self._open is not None:
            self._close(self._open)
        if self._storing:
            await asyncio.wait(self._storing)

    def _begin(self) -> _Group:
        loop = asyncio.get_running_loop()
        self._open = group = _Group(loop.create_future())
        loop.call_later(self._within_s, self._close, group)
        return group

    def _close(self, group: _Group) -> None:
        """Stores a group, unless that has begun."""
        if self._open is not group:
            return
        self._open = None
        task = asyncio.ensure_future(self._store(group.outcomes))
        self._storing.add(task)
        task.add_done_callback(partial(self._tell, group))

    def _tell(self, group: _Group, task: asyncio.Future[None]) -> None:
        """Tells those who wait how it went."""
        self._storing.discard(task)
        if task.cancelled():
            group.stored.cancel()
        elif error := task.exception():
            self._left += group.outcomes
            group.stored.set_exception(error)
            group.stored.exception()  # they may have left
        else:
            group.stored.set_result(None)

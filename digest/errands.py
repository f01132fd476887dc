"""Errands: what is fetched behind a reader's back after they were given what is here.

At most one errand for each day and archive; a failure is logged, and the next time that somebody
asks for the day it is asked again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from digest.errors import PaperboyError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from datetime import date
    from typing import Any

    from digest.gathering import Gathering

log = structlog.get_logger()


class Errands:
    """The fetching that goes on while the reader reads; `close` ends it, and nothing is lost."""

    def __init__(self, gathering: Gathering) -> None:
        self.gathering = gathering
        self._tasks: dict[asyncio.Task[None], tuple[date, frozenset[str]]] = {}

    def fetch(self, day: date, archives: Iterable[str]) -> None:
        """Fetches archives of a day, those that nobody is fetching yet."""
        lacking = [name for name in archives if name not in self.underway(day)]
        if lacking:
            self.start(day, lacking, self.gathering.fetch(day, lacking))

    def start(self, day: date, archives: Iterable[str], work: Coroutine[Any, Any, object]) -> None:
        """Lets `work` run, which brings `archives` of `day`."""
        task = asyncio.create_task(_finished(work), name=f"errand-{day}")
        self._tasks[task] = (day, frozenset(archives))
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    def underway(self, day: date) -> frozenset[str]:
        """The archives of a day that are being fetched, or were when it began."""
        return frozenset[str]().union(*(names for on, names in self._tasks.values() if on == day))

    async def done(self) -> None:
        """Waits until all errands are run."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Ends what still runs: parts are stored whole or not at all."""
        for task in tuple(self._tasks):
            task.cancel()
        await self.done()


async def _finished(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except PaperboyError as error:
        log.warning("errand_failed", error=str(error))

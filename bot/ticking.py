"""Ticking: something is done once a minute, and whoever watches over us sees that it is.

By a clock that is never set back, for processes that need no time of day to begin something.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Self

import structlog

from bot.logs import place
from bot.vitals import Pulse, Vitals
from digest.errors import PaperboyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

log = structlog.get_logger()

TICK_S = 60.0


async def guarded(
    pulse: Pulse, work: Awaitable[object], stopwatch: Callable[[], float] = time.monotonic
) -> None:
    """Does something, and notes in `pulse` how it went; what goes wrong is logged, no more."""
    pulse.begin(stopwatch())
    trouble: Exception | None = None
    try:
        await work
    except PaperboyError as error:
        trouble = error
        log.error("strand_failed", strand=pulse.name, error=str(error))  # noqa: TRY400 # no bug
    except Exception as error:  # noqa: BLE001 # the next tick tries again
        trouble = error
        log.error("strand_failed", strand=pulse.name, **place(error))  # noqa: TRY400 # quotes readers
    pulse.end(stopwatch(), trouble)


class Ticking:
    """Ticks from entering to leaving, at once for the first time.

    Attributes:
        vitals: when it ticked last, and how everything goes.
    """

    def __init__(
        self,
        beat: Callable[[], object] = lambda: None,
        work: Callable[[], Awaitable[object]] | None = None,
        pulses: Sequence[Pulse] = (),
        *,
        stopwatch: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Does nothing yet.

        Args:
            beat: called on each tick: the heartbeat.
            work: done on each tick; it raises nothing.
            pulses: what the vital signs show.
            stopwatch: seconds of a clock that is never set back.
            sleep: waits so many seconds.
        """
        self.vitals = Vitals(pulses)
        self._beat = beat
        self._work = work
        self._stopwatch = stopwatch
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="ticking")
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            self.vitals.ticked = self._stopwatch()
            self._beat()
            if self._work is not None:
                await self._work()
            await self._sleep(TICK_S)

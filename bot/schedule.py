"""The schedule: one tick a minute, on which everything that is due goes on.

APScheduler drops a job that comes a second late unless it is told not to (`misfire_grace_time`),
and runs one again for each minute that it slept (`coalesce`). A tick itself takes no time: it
nudges strands, and each strand runs once at a time.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.ticking import TICK_S, guarded
from bot.vitals import Pulse, Vitals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.deliver import Delivery
    from bot.watch import Watch

log = structlog.get_logger()

_TWO_TICKS = timedelta(seconds=2 * TICK_S)

FINISH_WITHIN_S = 4.0
"""How long what is in flight may take to arrive when we stop, in seconds."""


class Strand:
    """Work that is done over and over, never twice at the same time."""

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        """Does nothing until it is nudged."""
        self.name = name
        self.pulse = Pulse(name)
        self._stopwatch = stopwatch
        self._work = work
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def nudge(self) -> None:
        """Does the work now; once more after it, where it is being done."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=self.name)
        else:
            self._again = True

    async def done(self) -> None:
        """Waits until nothing is being done."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def end(self, within_s: float = 0.0) -> None:
        """Lets it finish what it does for so long, then gives it up."""
        if self._task is None:
            return
        self._again = False
        await asyncio.wait({self._task}, timeout=within_s)
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            self._again = False
            await guarded(self.pulse, self._work(), self._stopwatch)
            if not self._again:
                return


class Schedule:
    """Watches, composes and sends, from entering to leaving."""

    def __init__(
        self,
        watch: Watch,
        delivery: Delivery,
        *,
        clock: Callable[[], datetime],
        beat: Callable[[], object] = lambda: None,
        prune: Callable[[], Awaitable[object]] | None = None,
        alarm: Callable[[datetime], Awaitable[object]] | None = None,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts nothing yet.

        Args:
            watch: makes editions when arXiv has them.
            delivery: composes and sends.
            clock: what time it is.
            beat: called on each tick: the heartbeat.
            prune: removes what is too old; called when the others have nothing to do.
            alarm: tells the admins what is wrong.
            stopwatch: seconds of a clock that is never set back, for the vital signs.
        """
        self._watch = watch
        self._delivery = delivery
        self._clock = clock
        self._beat = beat
        self._prune = prune
        self._alarm = alarm
        self._stopwatch = stopwatch
        self.watching = Strand("watch", watch.run, stopwatch)
        self.composing = Strand("compose", self._compose, stopwatch)
        self.sending = Strand("send", self._send, stopwatch)
        self.pruning = Strand("prune", self._prune_when_idle)
        self.alarming = Strand("alarm", self._raise_alarm, stopwatch)
        strands = (self.watching, self.composing, self.sending)
        self.vitals = Vitals([each.pulse for each in strands])
        self._timer: asyncio.TimerHandle | None = None
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._job = self._scheduler.add_job(
            self.tick,
            "cron",
            second=0,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )

    async def tick(self) -> None:
        """Goes on with everything."""
        self.vitals.ticked = self._stopwatch()
        every = (self.watching, self.composing, self.sending, self.pruning, self.alarming)
        for strand in every:
            strand.nudge()
        self._beat()

    async def __aenter__(self) -> Self:
        """Starts, with a first tick at once."""
        self._watch.published = self.composing.nudge
        self._scheduler.start()
        self.look_at_the_clock()
        await self.tick()
        return self

    def look_at_the_clock(self) -> None:
        """Once a minute, by a clock that nobody sets, sees that the next tick is near.

        APScheduler sleeps until a time of day: a clock set back an hour would silence it as long.
        """
        if self._job.next_run_time - datetime.now(UTC) > _TWO_TICKS:
            log.warning("clock_set_back")
            self._job.reschedule("cron", second=0)
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self.look_at_the_clock)

    async def __aexit__(self, *_error: object) -> None:
        """Stops: what is in flight arrives and is settled, the rest waits in the store."""
        if self._timer:
            self._timer.cancel()
        self._scheduler.shutdown(wait=False)
        self._delivery.stop()
        await asyncio.gather(
            self.watching.end(),
            self.composing.end(),
            self.sending.end(FINISH_WITHIN_S),
            self.pruning.end(),
            self.alarming.end(),
        )

    async def _compose(self) -> None:
        await self._delivery.tick(self._clock())
        self.sending.nudge()

    async def _send(self) -> None:
        await self._delivery.send_waiting(self._clock())

    async def _raise_alarm(self) -> None:
        if self._alarm is not None:
            await self._alarm(self._clock())

    async def _prune_when_idle(self) -> None:
        """Prunes once the edition is made and sent; a morning that begins meanwhile goes first."""
        for strand in (self.watching, self.composing, self.sending):
            await strand.done()
        if self._prune is not None:
            await self._prune()

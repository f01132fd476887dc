"""A worker: one of any number of processes that do together what `paperboy run` does alone.

Jobs come from the queue on the database that all of them share. Each calls what the schedule calls
in a process that is alone: the watch, a shard of the readers, some papers to tell. What there is to
do stands in the store, and each minute any worker puts jobs for it; so a job that is lost comes
again, and one that runs twice finds nothing left.
"""

from __future__ import annotations

import asyncio
import json
import math
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

import structlog

from bot.ticking import Ticking, guarded
from bot.vitals import Pulse
from digest.errors import StoreError
from digest.store.jobs import Job, NotNow
from digest.store.shards import READERS, Shard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from bot.deliver import Delivery
    from bot.watch import Watch
    from digest.store.locks import Held
    from digest.telling import Telling

log = structlog.get_logger()

WATCH, PLAN, DELIVER, TELL, PRUNE = "watch", "plan", "deliver", "tell", "prune"
BULLETIN = "bulletin"
EACH_MINUTE = (
    Job(WATCH, is_urgent=True),
    Job(PLAN, is_urgent=True),
    Job(BULLETIN, is_urgent=True),
    Job(PRUNE),
)

DEAD_AFTER_S = 10.0
"""A worker whose jobs show no life for so long has died, and others take them, in seconds."""

MOST_PLANNED = 500
"""Shards that are queued at once: more than a minute's; the next minute plans the next."""

BESIDES = 2
"""So many jobs a worker does beside the shards that keep its pace."""

ELSEWHERE_S = 2.0
"""When a shard that another process is sending is looked at again, in seconds."""

TOGETHER = 20
"""Papers that one job tells: about a minute of a model that takes eight at once."""

LOOK_S = 0.5
"""How often whoever handed papers out looks whether they are told, in seconds."""

AGAIN_S = 2.0
"""When a queue that could not be reached is tried again, in seconds."""

FINISH_WITHIN_S = 4.0
"""How long what is in flight may take to arrive when we stop, in seconds."""


def shards_at_once(lines: int) -> int:
    """So many shards side by side have so many lines; one more is composed meanwhile."""
    return math.ceil(lines / READERS) + 1


class Worker:
    """Does jobs until it is stopped; `async with` its `ticking` puts them, too.

    Attributes:
        ticking: its clock, with the vital signs.
    """

    def __init__(
        self,
        watch: Watch,
        delivery: Delivery,
        telling: Telling,
        *,
        clock: Callable[[], datetime],
        lines: int,
        beat: Callable[[], object] = lambda: None,
        prune: Callable[[], Awaitable[object]] | None = None,
        alarm: Callable[[datetime], Awaitable[object]] | None = None,
        dead_after_s: float = DEAD_AFTER_S,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Does nothing yet.

        Args:
            watch: makes editions when arXiv has them.
            delivery: composes and sends.
            telling: tells papers; what is much, it hands out to all workers.
            clock: what time it is.
            lines: so many messages are in flight at most; see `bot.sending.lines_for`.
            beat: called each minute: the heartbeat.
            prune: removes what is too old.
            alarm: tells the admins what is wrong; one worker at a time does, as long as it lives.
            dead_after_s: when others take over what shows no life.
            sleep: waits so many seconds.
        """
        self._watch = watch
        self._delivery = delivery
        self._telling = telling
        self._store = delivery.store
        self._clock = clock
        self._prune = prune
        self._alarm = alarm
        self._at_once = shards_at_once(lines) + BESIDES
        self._dead_after_s = dead_after_s
        self._sleep = sleep
        self._kinds = {
            WATCH: self._look,
            PLAN: self._plan,
            DELIVER: self._deliver,
            TELL: self._tell,
            PRUNE: self._remove,
            BULLETIN: self._freeze_bulletin,
        }
        self._pulses = {name: Pulse(name) for name in ("queue", "alarm", *self._kinds)}
        self._stopping = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._first: tuple[AsyncExitStack, Held] | None = None
        self.ticking = Ticking(beat, self._tick, tuple(self._pulses.values()))
        if telling.model is not None:
            telling.hand_out = self.hand_out

    async def run(self) -> None:
        """Does jobs until `stop`, whatever happens to the queue.

        Raises:
            StoreError: there is no queue on this database.
        """
        async with self._store.jobs.opened(), AsyncExitStack() as leaving:
            leaving.push_async_callback(self._step_down)
            async with self.ticking:
                stopping = asyncio.create_task(self._finish())
                while not self._stopping.is_set():
                    await guarded(self._pulses["queue"], self._work())
                await stopping

    def stop(self) -> None:
        """Begins nothing more; what is in flight arrives, the rest is left to other workers."""
        self._stopping.set()

    async def hand_out(self, papers: Sequence[str], language: str) -> None:
        """Has papers told by whoever is free; returns when they are, or nobody does it.

        Args:
            papers: their ids.
            language: that they are told in.
        """
        pieces = [papers[at : at + TOGETHER] for at in range(0, len(papers), TOGETHER)]
        jobs = [Job(TELL, json.dumps([language, *piece]), is_urgent=True) for piece in pieces]
        try:
            await self._store.jobs.put(jobs)
            while not self._stopping.is_set() and await self._store.jobs.left(jobs):
                await self._sleep(LOOK_S)
        except StoreError as error:  # then they are told here
            log.warning("not_handed_out", error=str(error))

    async def _work(self) -> None:
        """Does jobs until we stop or the queue cannot be reached."""
        doing = {kind: self._doing(kind) for kind in self._kinds}
        try:
            await self._store.jobs.work(
                doing, self._stopping, at_once=self._at_once, dead_after_s=self._dead_after_s
            )
        except BaseException:
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    await self._stopping.wait()
            raise

    def _doing(self, kind: str) -> Callable[[str], Awaitable[None]]:
        """What does the jobs of a kind, and raises nothing but `NotNow`."""

        async def do(about: str) -> None:
            if self._stopping.is_set():
                raise NotNow(0.0)
            task = asyncio.create_task(self._kinds[kind](about), name=kind)
            self._tasks[task] = kind
            try:
                await asyncio.wait({task})
                if task.cancelled():
                    raise NotNow(0.0)
                if not isinstance(task.exception(), NotNow):
                    await guarded(self._pulses[kind], task)
                    return
            finally:
                task.cancel()
                del self._tasks[task]
            await task

        return do

    async def _finish(self) -> None:
        """Once we stop, lets pages in flight arrive, and gives up what takes longer."""
        await self._stopping.wait()
        self._delivery.stop()
        for task, kind in self._tasks.items():
            if kind != DELIVER:
                task.cancel()
        if sending := set(self._tasks):
            await asyncio.wait(sending, timeout=FINISH_WITHIN_S)
        for task in self._tasks:
            task.cancel()

    async def _tick(self) -> None:
        """Puts what is to be done each minute; any worker does, and the queue takes it once."""
        put = self._store.jobs.put
        for name, work in (("queue", put(EACH_MINUTE)), ("alarm", self._raise_alarm())):
            await guarded(self._pulses[name], work)

    async def _look(self, _about: str) -> None:
        await self._watch.run()
        await self._store.jobs.put([Job(PLAN, is_urgent=True)])

    async def _freeze_bulletin(self, _about: str) -> None:
        """What the operator writes is for those, too, whose shards have nothing else to do."""
        if await self._delivery.freeze_bulletins(self._clock()):
            await self._store.jobs.put([Job(PLAN, is_urgent=True)])

    async def _plan(self, _about: str) -> None:
        shards = await self._store.shards.waiting(self._clock(), MOST_PLANNED)
        await self._store.jobs.put([Job(DELIVER, str(shard)) for shard in shards])

    async def _deliver(self, about: str) -> None:
        """Composes what a shard's readers are due for, and sends what waits for them."""
        shard = Shard(int(about))
        done = await self._delivery.tick(self._clock(), shard)
        if self._stopping.is_set():
            raise NotNow(0.0)
        sent = await self._delivery.send_waiting(self._clock(), shard)
        log.info("delivered", composed=done.composed, sent=sent.sent, elsewhere=sent.elsewhere)
        if self._stopping.is_set():
            raise NotNow(0.0)
        if sent.elsewhere:
            raise NotNow(ELSEWHERE_S)

    async def _tell(self, about: str) -> None:
        language, *ids = json.loads(about)
        papers = await self._store.papers.many(ids)
        await self._telling.tell(list(papers.values()), language)
        log.info("told", papers=len(papers))

    async def _remove(self, _about: str) -> None:
        if self._prune is not None:
            await self._prune()
        await self._store.jobs.forget_old()

    async def _raise_alarm(self) -> None:
        """One worker is the first, until it ends: what began with one is over for the same."""
        if self._first is None or not self._first[1]:
            await self._step_down()
            stack = AsyncExitStack()
            self._first = (stack, await stack.enter_async_context(self._store.locks.hold("alarms")))
        if self._first[1]:
            now = self._clock()
            await self._delivery.tell_of_dead_letters(now)
            if self._alarm is not None:
                await self._alarm(now)

    async def _step_down(self) -> None:
        first, self._first = self._first, None
        if first is not None:
            with suppress(StoreError):  # what was held is lost anyway
                await first[0].aclose()

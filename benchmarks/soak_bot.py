"""The real program for the soak run: one long-lived process on a time that is told to it.

Nothing sleeps for longer than the event loop needs: whoever sleeps moves the time on to when they
wake. Between ticks it is moved on by minutes where something is due, and by jumps otherwise.
"""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot import collector, serving
from bot.pace import Pace
from bot.settings import Settings
from bot.watch import Nothing, Watch, next_step
from digest.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from benchmarks.soak_arxiv import Told
    from benchmarks.soak_telegram import Fake
    from digest.models import Subscriber

TOKEN = "123456:made-up-for-the-benchmark"
ADMIN = 9000
MINUTE = timedelta(minutes=1)
LONGEST_JUMP = timedelta(hours=4)
"""Alarms and the heartbeat look at the clock, and at nothing else."""

ANSWERED_WITHIN_S = 20.0

KEEP_WHAT_IS_FROZEN = """
CREATE TABLE frozen (subscriber_id, day, page, text);
CREATE TRIGGER keep_what_is_frozen AFTER INSERT ON pages BEGIN
    INSERT INTO frozen VALUES (new.subscriber_id, new.day, new.page, substr(new.text, 1, 200));
END;
"""

DUE = """
SELECT min(at) FROM (
    SELECT min(next_at) at FROM subscribers
    UNION ALL SELECT min(try_at) FROM pages WHERE state = 'waiting')
"""


class Time:
    """What time it is, in UTC, and as seconds of the Unix clock."""

    def __init__(self, begin: datetime) -> None:
        self._seconds = begin.timestamp()

    def now(self) -> datetime:
        """The time."""
        return datetime.fromtimestamp(self._seconds, UTC)

    def stopwatch(self) -> float:
        """Seconds."""
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        """Wakes at once, at the time when it was to wake; two who sleep at once sleep once."""
        until = self._seconds + seconds
        await asyncio.sleep(0)
        self._seconds = max(self._seconds, until)

    def jump(self, to: datetime) -> None:
        """Moves it on; never back."""
        self._seconds = max(self._seconds, to.timestamp())


@dataclass(frozen=True, slots=True)
class World:
    """Where the program is, and the servers around it."""

    file: Path
    arxiv: Told
    telegram: Fake
    archives: tuple[str, ...]
    keep_days: int

    def settings(self) -> Settings:
        """What its operator chose."""
        return Settings(
            database_url=f"sqlite:///{self.file}",
            telegram_token=TOKEN,
            telegram_api_url=self.telegram.url,
            arxiv_feed_url=self.arxiv.url,
            arxiv_api_url=f"{self.arxiv.url}/api/query",
            arxiv_site_url=self.arxiv.url,
            archives=self.archives,
            keep_days=self.keep_days,
            admins=(ADMIN,),
            language="en",
            timezone="UTC",
        )

    def rows(self, query: str) -> list[tuple[str, ...]]:
        """What the database answers, asked by itself."""
        with closing(sqlite3.connect(self.file, timeout=30)) as connection, connection:
            return connection.execute(query).fetchall()


async def furnished(world: World, readers: Sequence[Subscriber], time: Time) -> None:
    """A new database with its readers."""
    async with Store.open(world.settings().database_url, now=time.now) as store:
        for reader in readers:
            await store.subscribers.save(reader)
    with closing(sqlite3.connect(world.file)) as connection:
        connection.executescript(KEEP_WHAT_IS_FROZEN)


class Program:
    """`paperboy run`, from entering to leaving."""

    def __init__(
        self, world: World, time: Time, rooms: serving.Rooms, look: sqlite3.Connection
    ) -> None:
        self._world = world
        self._look = look
        self._time = time
        self._rooms = rooms
        self._watch = Watch(rooms.app.morning, time.now)

    async def live(self, until: datetime, moved: Callable[[], None]) -> None:
        """Lives on; `moved` is called whenever the time was moved on."""
        while self._time.now() < until:
            await self._tick()
            self._time.jump(min(until, await self._next()))
            moved()

    async def ask(self, chat: int, text: str, number: int) -> bool:
        """A reader writes; whether they were answered."""
        fake = self._world.telegram
        before = fake.answers(chat)
        fake.write(chat, text, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                while fake.answers(chat) == before:  # noqa: ASYNC110 # another process is asked
                    await asyncio.sleep(0.02)
                return True
        return False

    async def _tick(self) -> None:
        """One tick, until all that it began is done."""
        schedule = self._rooms.schedule
        await schedule.tick()
        for strand in (
            schedule.watching,
            schedule.composing,
            schedule.sending,
            schedule.pruning,
            schedule.alarming,
        ):
            await strand.done()

    async def _next(self) -> datetime:
        """When something is due; the minute after it, as ticks come."""
        now = self._time.now()
        step = next_step(now, await self._watch.known())
        times = [step.until if isinstance(step, Nothing) else now, now + LONGEST_JUMP]
        [due] = self._look.execute(DUE).fetchone()
        if due:
            times.append(datetime.fromisoformat(due).replace(tzinfo=UTC))
        first = max(min(times), now + MINUTE)
        return first + (-first.timestamp() % 60) * timedelta(seconds=1)


@asynccontextmanager
async def program(world: World, time: Time) -> AsyncIterator[Program]:
    """Starts it, and stops it as its operator would.

    What `collector.spare` keeps from the collector goes with it, as a process that ends takes it.
    """
    settings = world.settings()
    async with (
        serving.furnished(
            settings,
            time.now,
            sleep=time.sleep,
            stopwatch=time.stopwatch,
            paced=lambda rate: Pace(rate, clock=time.stopwatch, sleep=time.sleep),
        ) as rooms,
        rooms.schedule,
    ):
        collector.spare()
        answering = asyncio.create_task(serving.answering(settings, rooms))
        try:
            with closing(sqlite3.connect(world.file, timeout=30, isolation_level=None)) as look:
                yield Program(world, time, rooms, look)
        finally:
            answering.cancel()
            with suppress(asyncio.CancelledError):
                await answering
            gc.unfreeze()

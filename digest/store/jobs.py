"""Jobs: what any process on the same PostgreSQL may do for all; PgQueuer keeps them.

Nothing depends on them but time: who is due, what waits and what lacks a summary stands in our own
tables, so a job that is lost is put again, and one that runs twice finds nothing left to do.
PgQueuer is imported where jobs are used, and nowhere else.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from digest.errors import StoreError
from digest.store import server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    import asyncpg
    from pgqueuer.models import Job as Picked
    from pgqueuer.queries import Queries

    from digest.store.database import Database

LOOK_S = 1.0
"""How often a worker looks for jobs that nobody told it of: those of a worker that died, and all
where it does not hear of new ones any more."""

CONNECTIONS = 4
"""One hears of new jobs, the others ask."""

KEPT = timedelta(days=1)
"""So long PgQueuer's log of what was done is kept."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do; it is there once, whoever puts it, until it is done.

    Attributes:
        about: which shard, which papers; with `kind` its name.
    """

    kind: str
    about: str = ""
    is_urgent: bool = False

    @property
    def name(self) -> str:
        """What it is recognised by."""
        return f"{self.kind} {self.about}"


class NotNow(Exception):
    """Raised by whoever does a job that somebody is to try again."""

    def __init__(self, after_s: float) -> None:
        super().__init__(after_s)
        self.after_s = after_s


class Jobs:
    """Put by anybody, done by workers."""

    def __init__(self, database: Database) -> None:
        """Connects to nothing yet."""
        self._database = database
        self._pool: asyncpg.Pool | None = None
        self._queries: Queries | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connect, and see that PgQueuer's tables are there, as its release wants them.

        Raises:
            StoreError: it is no PostgreSQL, or PgQueuer is not installed.
        """
        if not self._database.is_server:
            raise StoreError("errors.worker_needs_server")
        with self._database.wrapped():
            import asyncpg  # noqa: PLC0415 # see the module
            from pgqueuer.queries import Queries  # noqa: PLC0415 # same

            where = connection_of(self._database)
            async with asyncpg.create_pool(min_size=1, max_size=CONNECTIONS, **where) as pool:
                self._pool, self._queries = pool, Queries.from_asyncpg_pool(pool)
                try:
                    yield
                finally:
                    self._pool = self._queries = None

    async def put(self, jobs: Sequence[Job]) -> None:
        """Put them where they are not there yet, queued or being done."""
        if not jobs:
            return
        with self._database.wrapped():
            await self._asked.enqueue(
                [job.kind for job in jobs],
                [job.about.encode() for job in jobs],
                [int(job.is_urgent) for job in jobs],
                dedupe_key=[job.name for job in jobs],
                on_conflict="skip",
            )

    async def left(self, jobs: Sequence[Job]) -> int:
        """Return how many of them are queued or being done."""
        query = "SELECT count(*) AS left FROM pgqueuer WHERE dedupe_key = ANY($1)"
        with self._database.wrapped():
            rows = await self._asked.driver.fetch(query, [job.name for job in jobs])
        return int(str(rows[0]["left"]))

    async def forget_old(self) -> None:
        """Remove what was done longer ago than anybody looks."""
        query = "DELETE FROM pgqueuer_log WHERE created < now() - $1::interval"
        with self._database.wrapped():
            await self._asked.driver.execute(query, KEPT)

    async def work(
        self,
        kinds: Mapping[str, Callable[[str], Awaitable[object]]],
        stop: asyncio.Event,
        *,
        at_once: int,
        dead_after_s: float,
    ) -> None:
        """Do jobs until `stop` is set, and what was begun by then is done.

        Args:
            kinds: what does a job of each kind, given what it is about. It raises `NotNow` or
                nothing: PgQueuer would write the words of an error down.
            stop: set to end.
            at_once: jobs side by side.
            dead_after_s: a worker whose jobs show no life for so long has died; another takes them.

        Raises:
            StoreError: the server went away.
        """
        from pgqueuer.core.qm import QueueManager  # noqa: PLC0415 # see the module
        from pgqueuer.queries import Queries  # noqa: PLC0415 # same

        assert self._pool is not None
        # Anew each time: a driver keeps the connection that it listened on, also when that is lost.
        manager = QueueManager(Queries.from_asyncpg_pool(self._pool))
        for kind, do in kinds.items():
            manager.entrypoint(kind)(_doing(do))
        ending = asyncio.create_task(_pass_on(stop, manager.shutdown))
        try:
            with self._database.wrapped():
                await manager.run(
                    dequeue_timeout=timedelta(seconds=LOOK_S),
                    batch_size=1,
                    max_concurrent_tasks=max(2, at_once),
                    heartbeat_timeout=timedelta(seconds=dead_after_s),
                    log_aggregation_interval=timedelta(0),
                )
        finally:
            ending.cancel()

    @property
    def _asked(self) -> Queries:
        assert self._queries is not None
        return self._queries


def connection_of(database: Database) -> dict[str, Any]:
    """The same address as asyncpg itself wants it."""
    _, options = database.engine.dialect.create_connect_args(database.url)
    for ours in ("async_fallback", "async_creator_fn", "prepared_statement_cache_size"):
        options.pop(ours, None)
    session = {**server.SESSION, "application_name": "paperboy-jobs"}
    return {**options, "timeout": server.CONNECT_S, "server_settings": session}


def _doing(do: Callable[[str], Awaitable[object]]) -> Callable[[Picked], Awaitable[None]]:
    from pgqueuer.errors import RetryRequested  # noqa: PLC0415 # see the module

    async def job(picked: Picked) -> None:
        try:
            await do((picked.payload or b"").decode())
        except NotNow as later:
            raise RetryRequested(delay=timedelta(seconds=later.after_s)) from None

    return job


async def _pass_on(one: asyncio.Event, other: asyncio.Event) -> None:
    await one.wait()
    other.set()

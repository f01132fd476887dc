"""Parsing in a process of its own, so that the event loop is never held.

Measured on a shared 2-core machine (2026-11, Python 3.11) with a heartbeat of 1 ms while a document
of 2000 entries is read; the longest gap between two beats, where an idle loop shows 3 to 15 ms:

    feed of 3.9 MB, 1.6 to 3 s of CPU       thread 480 to 670 ms    process 5 to 17 ms
    listing of 4.8 MB, 0.3 to 0.5 s of CPU  thread 19 ms            process 5 to 17 ms

A thread shares the interpreter's lock, which regular expressions and garbage collection hold for as
long as they like. So: one worker process, started at the first big document, at low priority,
ended after a minute without work (it takes about 60 MB, and 150 MB while it reads 2000 entries).
Where no process can be started a thread has to do.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

T = TypeVar("T")

SMALL = 16 * 1024  # bytes: about eight entries, 10 ms
IDLE_S = 60.0


class Apart:
    """Runs pure functions of a document elsewhere."""

    def __init__(self, *, small: int = SMALL, idle_s: float = IDLE_S) -> None:
        self._small = small
        self._idle_s = idle_s
        self._pool: ProcessPoolExecutor | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._working = 0

    async def run(self, function: Callable[[bytes, str], T], body: bytes, subject: str) -> T:
        """Returns `function(body, subject)`, and raises what it raises."""
        if len(body) <= self._small:
            return function(body, subject)
        self._working += 1
        try:
            pool = self._pool = self._pool or _pool()
            future = await asyncio.to_thread(_submit, pool, function, body, subject)
            return await asyncio.wrap_future(future)
        except (BrokenProcessPool, OSError) as error:
            log.warning("parsing_in_a_thread", reason=type(error).__name__)
            self._end()
            return await asyncio.to_thread(function, body, subject)
        finally:
            self._working -= 1
            self._rest()

    async def close(self) -> None:
        """Ends the worker; safe to repeat."""
        if self._timer:
            self._timer.cancel()
        pool, self._pool = self._pool, None
        if pool:
            await asyncio.to_thread(pool.shutdown)

    def _rest(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._end_if_idle)

    def _end_if_idle(self) -> None:
        if not self._working:
            self._end()

    def _end(self) -> None:
        pool, self._pool = self._pool, None
        if pool:
            pool.shutdown(wait=False)


def _pool() -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_step_back)


def _submit(
    pool: ProcessPoolExecutor, function: Callable[[bytes, str], T], body: bytes, subject: str
) -> Future[T]:
    """Starts the worker if need be, which takes 20 ms.

    Control-C is for us alone: the worker starts with it blocked, and then ignores it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(function, body, subject)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _step_back() -> None:
    """The loop's process comes first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(10)

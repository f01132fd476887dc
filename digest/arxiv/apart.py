"""Parsing in a process of its own, so that the event loop is never held.

Measured on a 2-core machine (2026-11, Python 3.11) with a heartbeat of 1 ms while a document of
2000 entries is read: the longest gap between two beats, without the time that the machine gave to
other programs. An idle loop shows 2 ms; 5 ms is Python's own switch between threads.

    feed of 3.9 MB, 1.6 s of CPU       in a thread 480 to 670 ms    in a process 5 to 8 ms
    listing of 4.8 MB, 0.3 s of CPU    in a thread 14 to 19 ms      in a process 5 to 6 ms

A thread shares the interpreter's lock, which regular expressions and garbage collection hold for as
long as they like. So: one worker process, started at the first big document and ended after a
minute without work. Where none can be started a thread has to do.

Not `ProcessPoolExecutor`: its worker imports our main module, command line and all, hears
Control-C, and stays behind for ever when we are killed. This one imports the parsers (27 MB, and
130 MB while it reads 2000 entries), and ends with its input.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from typing import TYPE_CHECKING, TypeVar

import structlog

from digest.arxiv.worker import LENGTH

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable

log = structlog.get_logger(__name__)

T = TypeVar("T")

SMALL = 16 * 1024  # bytes: about eight entries, 10 ms
IDLE_S = 60.0

_BUFFER = 1024 * 1024  # bytes
_PROGRAM = "from digest.arxiv.worker import serve; serve()"


class Apart:
    """Runs pure functions of a document elsewhere, one at a time."""

    def __init__(self, *, small: int = SMALL, idle_s: float = IDLE_S) -> None:
        self._small = small
        self._idle_s = idle_s
        self._turn = asyncio.Lock()
        self._worker: Process | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[int]] = set()

    async def run(self, function: Callable[[bytes, str], T], body: bytes, subject: str) -> T:
        """Returns `function(body, subject)`, and raises what it raises."""
        if len(body) <= self._small:
            return function(body, subject)
        try:
            answer = await self._answer(pickle.dumps((function, body, subject)))
        except (OSError, EOFError) as error:
            log.warning("parsing_in_a_thread", reason=type(error).__name__)
            return await asyncio.to_thread(function, body, subject)
        result: T
        result, failure = await asyncio.to_thread(pickle.loads, answer)
        if failure is not None:
            raise failure
        return result

    async def close(self) -> None:
        """Ends the worker; safe to repeat."""
        self._end()
        await asyncio.gather(*self._ending)

    async def _answer(self, question: bytes) -> bytes:
        async with self._turn:
            if self._timer:
                self._timer.cancel()
            worker = self._worker = self._worker or await _started()
            try:
                answer = await _exchange(worker, question)
            except BaseException:
                self._end(at_once=True)  # half an answer is no beginning for the next
                raise
            self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._end)
            return answer

    def _end(self, *, at_once: bool = False) -> None:
        if self._timer:
            self._timer.cancel()
        worker, self._worker = self._worker, None
        if worker is None:
            return
        if at_once and worker.returncode is None:
            worker.kill()
        assert worker.stdin is not None
        worker.stdin.close()
        ending = asyncio.create_task(worker.wait())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


async def _started() -> Process:
    """A worker that imports what we can import, and hears no Control-C of our terminal."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_BUFFER,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )


async def _exchange(worker: Process, question: bytes) -> bytes:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(len(question).to_bytes(LENGTH, "big"))
    worker.stdin.write(question)
    await worker.stdin.drain()
    length = int.from_bytes(await worker.stdout.readexactly(LENGTH), "big")
    return await worker.stdout.readexactly(length)

"""A heartbeat on the event loop: how long it was held by ourselves, not by other programs."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BEAT_S = 0.001


@asynccontextmanager
async def heart() -> AsyncIterator[list[float]]:
    """Beats each millisecond until it is left; how late each beat was, in seconds.

    A beat counts as late for no longer than this process used the processor meanwhile, in any of
    its threads: the rest of the time the machine was somebody else's.
    """
    held = [0.0]
    task = asyncio.create_task(_beat(held))
    try:
        yield held
    finally:
        task.cancel()


async def _beat(held: list[float]) -> None:
    while True:
        wall, busy = time.perf_counter(), time.process_time()
        await asyncio.sleep(BEAT_S)
        late = time.perf_counter() - wall - BEAT_S
        held[0] = max(held[0], min(late, time.process_time() - busy))

"""How late the event loop is: what holds it, holds every reader's answer."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

EVERY_S = 1.0
SAMPLES = 60


class Lag:
    """Measures once a second, and remembers a minute."""

    def __init__(
        self,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        stopwatch: Callable[[], float] | None = None,
    ) -> None:
        """Measures nothing yet.

        Args:
            sleep: waits so many seconds, and longer where the loop is held.
            stopwatch: seconds; the loop's own clock unless chosen.
        """
        self._sleep = sleep
        self._stopwatch = stopwatch
        self._samples: deque[float] = deque(maxlen=SAMPLES)

    @property
    def worst_s(self) -> float:
        """The longest that the loop was held within the last minute, in seconds."""
        return max(self._samples, default=0.0)

    async def run(self) -> None:
        """Measures until it is cancelled."""
        stopwatch = self._stopwatch or asyncio.get_running_loop().time
        while True:
            before = stopwatch()
            await self._sleep(EVERY_S)
            self._samples.append(max(0.0, stopwatch() - before - EVERY_S))

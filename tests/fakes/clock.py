"""Time that passes only when somebody sleeps, and a client that lives in it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from digest.arxiv import Client

START = datetime(2026, 2, 3, 17, tzinfo=UTC)


class FakeClock:
    """Seconds since `START`; `slept` lists the waits that were no zero."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        if seconds:
            self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


def polite(clock: FakeClock | None = None, **options: Any) -> Client:
    """A client with arXiv's manners that nobody has to wait for."""
    time = clock or FakeClock()
    chosen: dict[str, Any] = {
        "user_agent": "Paperboy-test/0 (+https://example.org/paperboy)",
        "clock": time,
        "now": time.now,
        "sleep": time.sleep,
        "chance": lambda: 0.5,
    }
    return Client(**(chosen | options))

"""Who is due among a million subscribers, against reading those very rows by their numbers.

A real SQLite file; a thousand subscribers are due, spread over all of them. Both ways read the
subscribers with their fields, in turns; medians.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import select

from digest.store import Store
from digest.store.subscribers import _standings
from digest.store.tables import subscribers

if TYPE_CHECKING:
    from collections.abc import Iterator

AIMS = {"due_vs_keyed_read": "≤ 3"}

SUBSCRIBERS, DUE, ROUNDS = 1_000_000, 1000, 15
NOW = datetime(2026, 2, 3, 1, tzinfo=UTC)


def figures(quick: float = 1.0) -> Iterator[tuple[str, float]]:
    """Measures; `quick` is the share of the subscribers, of whom a thousand are due anyway."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "paperboy.db"
        due, keyed = asyncio.run(measured(file, max(10 * DUE, round(SUBSCRIBERS * quick))))
    yield "due_ms", due * 1000
    yield "keyed_read_ms", keyed * 1000
    yield "due_vs_keyed_read", due / keyed


async def measured(file: Path, count: int) -> tuple[float, float]:
    """Seconds of both ways."""
    async with Store.open(f"sqlite:///{file}"):
        pass  # migrated
    wanted = await asyncio.to_thread(fill, file, count)
    due, keyed = [], []
    async with Store.open(f"sqlite:///{file}") as store:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            found = await store.subscribers.due(NOW, limit=DUE)
            due.append(time.perf_counter() - began)
            began = time.perf_counter()
            async with store._database.read() as connection:  # noqa: SLF001 # the same reading
                query = select(subscribers).where(subscribers.c.id.in_(wanted))
                same = await _standings(connection, query)
            keyed.append(time.perf_counter() - began)
            if {each.subscriber for each in found} != {each.subscriber for each in same}:
                raise AssertionError("not the same subscribers")
    return statistics.median(due), statistics.median(keyed)


def fill(file: Path, count: int) -> list[int]:
    """Writes so many subscribers with two fields each; returns the numbers of those who are due."""
    chance = random.Random(5)
    wanted = set(chance.sample(range(1, count + 1), DUE))
    with sqlite3.connect(file) as connection:
        connection.executemany(
            "INSERT INTO subscribers (id, channel, address, language, timezone, size, hour, state,"
            " next_at) VALUES (?, 'telegram', ?, 'zh', 'Asia/Shanghai', 10, '09:00', 'active', ?)",
            ((number, str(number), _next_at(number, wanted)) for number in range(1, count + 1)),
        )
        connection.executemany(
            "INSERT INTO subscriber_fields (subscriber_id, position, field) VALUES (?, ?, ?)",
            ((n, at, key) for n in range(1, count + 1) for at, key in enumerate(("ai", "cs.DC"))),
        )
    connection.close()
    return sorted(wanted)


def _next_at(number: int, wanted: set[int]) -> str:
    """As SQLAlchemy stores it: some time of the last hour, or of the coming day."""
    minutes = -(number % 60) if number in wanted else 1 + number % 1440
    return (NOW + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S.%f")


if __name__ == "__main__":
    for name, value in figures(float(sys.argv[1]) if sys.argv[1:] else 1.0):
        print(f"{name:30} {value:10.3f}")

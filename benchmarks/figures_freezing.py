"""What it costs to put a digest into the outbox, fifty in one transaction, as delivery does.

A real SQLite file; a thousand readers, a page each of a usual message's text and entities.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.fake_telegram import TEXT
from benchmarks.figures_due import DUE, NOW, fill
from bot.deliver import TOGETHER
from digest.store import Store
from digest.store.database import slices
from digest.store.outbox import Frozen, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

AIMS: dict[str, str] = {}

DAYS = 5
FIRST = date(2026, 2, 3)
PAGE = Written(TEXT, tuple(("bold", 70 * n, 8, "") for n in range(20)))


def figures(_quick: float = 1.0) -> Iterator[tuple[str, float]]:
    """Measures; it takes seconds, so there is no share of it."""
    with tempfile.TemporaryDirectory() as folder:
        spent = asyncio.run(measured(Path(folder) / "paperboy.db"))
    yield "freeze_ms", spent * 1000 / DUE


async def measured(file: Path) -> float:
    """CPU seconds for all readers' digests of one day; the median of some days."""
    async with Store.open(f"sqlite:///{file}"):
        pass  # migrated
    await asyncio.to_thread(fill, file, DUE)
    spent = []
    async with Store.open(f"sqlite:///{file}") as store:
        readers = [each.subscriber for each in await store.subscribers.due(NOW, limit=DUE)]
        for day in (FIRST + timedelta(days=number) for number in range(DAYS)):
            digests = [Frozen(each, day, (PAGE,), NOW + timedelta(days=1)) for each in readers]
            began = time.process_time()
            frozen = [
                await store.outbox.freeze_all(some, NOW) for some in slices(digests, TOGETHER)
            ]
            spent.append(time.process_time() - began)
            if sum(frozen) != DUE:
                raise AssertionError("not everybody's")
    return statistics.median(spent)


if __name__ == "__main__":
    for name, value in figures():
        print(f"{name:30} {value:10.3f}")

"""How large the database gets, and that it stops growing: recorded papers, day after day.

    python benchmarks/growth.py [--shared ../shared] [--weeks 14] [--keep 3] [--size cs]
        [--json FILE]

Days of arXiv's size (`SIZES`) are made of the recorded papers with fresh ids, and stored as a
morning and delivery leave them: papers, announcements, older versions' texts, extracts for what
is shown (a model's summaries are about as long) in two languages with their costs, placings, the
deliveries of ten readers. The file is measured after each day. For all of arXiv and for cs alone:

    mb_a_year                250 days, by the slope of the first `--keep` weeks
    file_mb                  at the end
    kept_growth_mb_a_week    in the last two weeks; papers that are announced again live longer, so
                             that it takes some weeks until as many go as come
    free_share               of the file's pages: they wait to be used again
    step_ms_median, _longest a piece of pruning
    page_bytes               of a delivery, the day after
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import structlog

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import recorded
from digest import calendar
from digest.gathering import Ask, parts_of
from digest.keeping import Keeping
from digest.models import Announcement, Batch, Kind, Paper, Source, Subscriber
from digest.store import Store
from digest.store.ledger import Paid
from digest.store.outbox import Outcome, PageState, Written
from digest.store.placings import Placing
from digest.summarize import extract

MB = 1_000_000
YEAR = 250  # arXiv days
FIRST = date(2027, 1, 4)
READERS, PAGES = 10, 2  # deliveries; each takes 0.2 kB once its text is gone
FIELDS = 35  # named ones and phrases that are counted
LANGUAGES = ("en", "zh")
# On an average arXiv day: fresh papers (new ones, and older ones that are cross-listed),
# replacements, and how many are shown to somebody. By a feed's shares: 46 % new, 16 % crosses,
# 38 % replacements.
SIZES = {"all": (1060, 800, 300), "cs": (800, 490, 200)}
KNOWN = 0.5  # of the replacements are of papers that are stored


def mixed(shared: Path) -> list[dict[str, Any]]:
    """Every recorded paper, mixed; the same order each time."""
    rows = list(recorded.rows((shared / "data").glob(recorded.FILES)))
    random.Random(7).shuffle(rows)
    return rows


class Days:
    """One arXiv day after the other."""

    def __init__(self, rows: list[dict[str, Any]], size: tuple[int, int, int]) -> None:
        self._rows = itertools.cycle(rows)
        self._numbers = itertools.count(1)
        self._fresh, self._replaced, self._shown = size
        self._past: list[Paper] = []

    def batch(self, day: date) -> Batch:
        """What is announced on a day, with ids that no paper has."""
        fresh = [self._paper(1) for _ in range(self._fresh)]
        again = [self._again() for _ in range(self._replaced)]
        self._past = [*self._past[-20 * self._fresh :], *fresh]
        told = [Announcement(each, Kind.NEW) for each in fresh]
        told += [Announcement(each, Kind.REPLACE) for each in again]
        return Batch("all", day, Source.FEED, tuple(told), None, "")

    def shown(self, batch: Batch) -> list[Paper]:
        """The papers that somebody reads of."""
        return [each.paper for each in batch.announcements[: self._shown]]

    def _paper(self, version: int) -> Paper:
        number = next(self._numbers)
        paper_id = f"99{number // 100000:02d}.{number % 100000:05d}"
        paper = recorded.paper(next(self._rows), paper_id, version)
        return replace(paper, submitted=FIRST)

    def _again(self) -> Paper:
        """A newer version: of a stored paper, or of one that nobody has heard of."""
        number = next(self._numbers)
        if not self._past or number % 100 >= KNOWN * 100:
            return self._paper(2)
        old = self._past[number % len(self._past)]
        return replace(old, version=2, abstract=old.abstract + " Revised.")


async def live(store: Store, days: Days, day: date, readers: list[Subscriber]) -> None:
    """A day as the morning, delivery and the ledger leave it."""
    at = calendar.out_at(day) + timedelta(minutes=10)
    batch = days.batch(day)
    await store.editions.store(batch, parts_of(batch, Ask(Source.FEED, "cs", ("cs",))), at)
    await summarise(store, days.shown(batch), at)
    await store.editions.publish(day, at)
    best = tuple((each.paper.id, 0.75) for each in batch.announcements[:5])
    made = [Placing(day, f"field {n}", 1000, 30, best, "0123456789abcdef") for n in range(FIELDS)]
    await store.placings.save(made)
    await send(store, readers, day, at, PAGES)


async def send(
    store: Store, readers: list[Subscriber], day: date, at: datetime, count: int
) -> None:
    """So many pages to each."""
    pages = [Written("x" * 3000, (("bold", 0, 5, ""),) * 20)] * count
    for each in readers:
        await store.outbox.freeze(each, day, pages, at + timedelta(days=1), at)
    while waiting := await store.outbox.waiting("telegram", at):
        done = [Outcome(page.id, PageState.SENT, at, message_id="1234567") for page in waiting]
        await store.outbox.settle(done)


async def summarise(store: Store, papers: list[Paper], at: datetime) -> None:
    """Each paper in each language, as long as a model tells it; what that cost."""
    told = [extract.tell(paper) for paper in papers]
    await asyncio.gather(
        *(
            store.ledger.add(paid(each.paper_id, language, at))
            for each in told
            for language in LANGUAGES
        )
    )
    await asyncio.gather(
        *(
            store.summaries.save(each, asked=language, prompt="2", at=at)
            for each in told
            for language in LANGUAGES
        )
    )


def paid(paper_id: str, language: str, at: datetime) -> Paid:
    """One request."""
    model = "a-model-of-2026"
    return Paid(
        at, at.date(), paper_id, 1, language, model, 2, 800, 0, 500, 10**6, "USD", "edition", None,
        "", "stop",
    )  # fmt: skip


class Gauge:
    """Measures a file after each day, and each piece of pruning."""

    def __init__(self, file: Path) -> None:
        self.sizes: list[float] = []
        self.steps: list[float] = []
        self.free = 0.0
        self.used = 0
        self.file = file
        self._begun = 0.0

    def begin(self) -> None:
        """Starts the stopwatch of a piece."""
        self._begun = time.perf_counter()

    async def stop(self, _pause_s: float) -> None:
        """Stands where the pause between two pieces is; nobody waits it out here."""
        self.steps.append((time.perf_counter() - self._begun) * 1000)
        self.begin()

    def measure(self) -> None:
        """The file's size, its log written back, in MB; and the share of its pages that is free."""
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            free, pages = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("freelist_count", "page_count")
            )
        self.free = free / pages
        self.used = (pages - free) * 4096
        self.sizes.append(self.file.stat().st_size / MB)


def day_of(number: int) -> date:
    """The arXiv days, one after the other: Mondays to Fridays."""
    return FIRST + timedelta(days=number // 5 * 7 + number % 5)


async def lived(name: str, rows: list[dict[str, Any]], weeks: int, keep: int, gauge: Gauge) -> None:
    """Live through some weeks; of all but the last `keep`, what is old goes."""
    file, days, now = gauge.file, Days(rows, SIZES[name]), calendar.out_at(FIRST)
    async with Store.open(f"sqlite:///{file}", now=lambda: now) as store:
        readers = [await store.subscribers.save(reader(n)) for n in range(READERS)]
        keeping = Keeping(store, keep * 7, lambda: now, gauge.stop)
        for number in range(weeks * 5):
            now = calendar.out_at(day_of(number)) + timedelta(hours=1)
            await live(store, days, day_of(number), readers)
            gauge.begin()
            await keeping.prune()
            await asyncio.to_thread(gauge.measure)
            print(name, day_of(number), f"{gauge.sizes[-1]:.1f} MB", file=sys.stderr)


def reader(number: int) -> Subscriber:
    """Somebody who reads each day."""
    return Subscriber("telegram", str(number), "en", "UTC", 10, fields=("ai",), hour="07:00")


def figures(name: str, gauge: Gauge, keep: int) -> dict[str, float]:
    """What the docstring of this file says."""
    full = keep * 5
    grown = [later - earlier for earlier, later in pairwise(gauge.sizes[:full])]
    return {
        f"mb_a_year_{name}": round(statistics.mean(grown[1:]) * YEAR),
        f"file_mb_{name}": round(gauge.sizes[-1], 1),
        f"kept_growth_mb_a_week_{name}": round((gauge.sizes[-1] - gauge.sizes[-11]) / 2, 2),
        f"free_share_{name}": round(gauge.free, 3),
        f"step_ms_median_{name}": round(statistics.median(gauge.steps), 1),
        f"step_ms_longest_{name}": round(max(gauge.steps), 1),
    }


async def run(shared: Path, weeks: int, keep: int, names: list[str]) -> dict[str, float]:
    """Each size in a database of its own."""
    rows, found = mixed(shared), dict[str, float]()
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            gauge = Gauge(Path(folder) / "paperboy.db")
            await lived(name, rows, weeks, keep, gauge)
            found |= figures(name, gauge, keep)
    return found | {"page_bytes": await page_bytes()}


async def page_bytes(count: int = 5000) -> float:
    """What is left of a page that was sent, the day after."""
    now = calendar.out_at(FIRST)
    with tempfile.TemporaryDirectory() as folder:
        gauge = Gauge(Path(folder) / "paperboy.db")
        async with Store.open(f"sqlite:///{gauge.file}", now=lambda: now) as store:
            had = await store.subscribers.save(reader(1))
            await asyncio.to_thread(gauge.measure)
            before = gauge.used
            await send(store, [had], FIRST, now, count)
            await store.editions.publish(day_of(1), now)
            await Keeping(store, 0, lambda: now, gauge.stop).prune()
            await asyncio.to_thread(gauge.measure)
    return round((gauge.used - before) / count, 1)


def main() -> None:
    """Measures and prints."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--weeks", type=int, default=14)
    parser.add_argument("--keep", type=int, default=3, help="weeks that are kept")
    parser.add_argument("--size", choices=SIZES, action="append")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if asked.weeks < 3 or not 1 <= asked.keep <= asked.weeks:
        parser.error("--weeks is at least 3, and --keep at most as many")
    found = asyncio.run(run(asked.shared, asked.weeks, asked.keep, asked.size or list(SIZES)))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    for figure, value in found.items():
        print(f"{figure:32} {value}")


if __name__ == "__main__":
    main()

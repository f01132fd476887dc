"""What the faults happen to: invented editions, readers, a real file, and the real `paperboy`."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.faulty_telegram import Fake, mark
from digest import calendar
from digest.models import Part, Source, Subscriber
from digest.store import Store
from tests.fakes.papers import batch, new, papers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from benchmarks.faulty_telegram import Event
    from digest.models import Paper

ROOT = Path(__file__).parent.parent
TOKEN = "123456:made-up-for-the-benchmark"
CATEGORIES = ("cs.AI", "cs.DC", "cs.CL", "cs.CV", "cs.DB", "cs.SE")
EACH = 30
"""Papers of a category in each edition."""

SIZE = 50
"""Papers of a digest: two pages, one for every sixth reader, who follows one category."""

KEEP_WHAT_IS_FROZEN = """
CREATE TABLE frozen (subscriber_id, day, page, text);
CREATE TRIGGER keep_what_is_frozen AFTER INSERT ON pages BEGIN
    INSERT INTO frozen VALUES (new.subscriber_id, new.day, new.page, new.text);
END;
"""

Page = tuple[int, str]
"""A chat, and what a page says, as `mark` names it."""


def days() -> Iterator[date]:
    """Days with an edition, from 3 February 2026 on."""
    day = date(2026, 2, 3)
    while True:
        if calendar.announced_on(day):
            yield day
        day += timedelta(days=1)


def edition_of(day: date) -> tuple[Paper, ...]:
    """The papers of a day; no other day has them."""
    first = day.toordinal() % 400 * 200
    return tuple(
        paper
        for number, category in enumerate(CATEGORIES)
        for paper in papers(EACH, start=first + number * EACH, categories=(category,))
    )


def noon(day: date) -> datetime:
    """When everybody is due: their hour is 16:45 UTC, and the batch is out since the night."""
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stage:
    """A database file, and how `paperboy` is told of it and of the world."""

    file: Path
    chosen: Mapping[str, str]

    @property
    def url(self) -> str:
        """The database's address."""
        return f"sqlite:///{self.file}"

    def begin(self, *command: str) -> subprocess.Popen[bytes]:
        """Starts the real `paperboy`."""
        chosen = {"PAPERBOY_DATABASE_URL": self.url, "PAPERBOY_TIMEZONE": "UTC", **self.chosen}
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *command],
            cwd=ROOT,
            env=os.environ | chosen,
            stdout=subprocess.DEVNULL,
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers, asked by itself."""
        with closing(sqlite3.connect(self.file, timeout=30)) as connection:
            return connection.execute(query).fetchall()

    def is_intact(self) -> bool:
        """Whether SQLite finds nothing wrong with the file."""
        return self.rows("PRAGMA integrity_check") == [("ok",)]

    def pages(self, state: str = "") -> Counter[Page]:
        """The pages that were ever frozen, or those that are in a state now."""
        table = f"pages p WHERE state = '{state}'" if state else "frozen p"
        join, where, condition = table.partition(" WHERE ")
        query = f"SELECT address, text FROM {join} JOIN subscribers s ON s.id = subscriber_id"
        found = self.rows(query + where + condition.replace("state", "p.state"))
        return Counter((int(address), mark(text)) for address, text in found)


async def furnished(stage: Stage, readers: Iterable[Subscriber]) -> None:
    """Makes the database and its readers, on the eve of the first day."""
    eve = noon(next(days())) - timedelta(days=1)
    async with Store.open(stage.url, now=lambda: eve) as store:
        for reader in readers:
            await store.subscribers.save(reader)
    with closing(sqlite3.connect(stage.file)) as connection:
        connection.executescript(KEEP_WHAT_IS_FROZEN)


async def published(stage: Stage, day: date) -> None:
    """Publishes an edition."""
    at = noon(day) - timedelta(hours=6)
    async with Store.open(stage.url, now=lambda: at) as store:
        told = batch(*map(new, edition_of(day)), day=day)
        await store.editions.store(told, [Part(day, "cs", Source.LISTING, told.count)], at)
        await store.editions.publish(day, at)


def crowd_for(pages: int) -> list[Subscriber]:
    """So many readers that a broadcast has about so many pages."""
    return crowd(pages * 6 // 11)


def crowd(count: int) -> list[Subscriber]:
    """Readers who are due at the same time."""
    return [
        Subscriber(
            channel="telegram",
            address=str(10_000 + number * 7),
            language="en" if number % 2 else "zh",
            size=SIZE,
            fields=(CATEGORIES[number % 6], CATEGORIES[number // 6 % 6]),
            hour="16:45",
        )
        for number in range(count)
    ]


def telegram_of(fake: Fake, rate: int) -> dict[str, str]:
    """How `paperboy` is told of Telegram."""
    return {
        "PAPERBOY_TELEGRAM_TOKEN": TOKEN,
        "PAPERBOY_TELEGRAM_API_URL": fake.url,
        "PAPERBOY_PAID_BROADCAST": "true",
        "PAPERBOY_RATE": str(rate),
    }


def account(stage: Stage, fake: Fake, events: Iterable[Event]) -> dict[str, float]:
    """Compares what was frozen with what the chats saw."""
    seen = [(event.chat, event.page) for event in events if event.what == "taken"]
    expected, got = stage.pages(), Counter(seen)
    there = Counter({page: n for page, n in expected.items() if not fake.ways.has_blocked(page[0])})
    return {
        "pages": there.total(),
        "lost": (there - got).total(),
        "duplicates": (got - expected).total(),
        "unknown": len(got.keys() - expected.keys()),
        "still_waiting": stage.pages("waiting").total(),
        "seen_by_blocked": sum(fake.ways.has_blocked(chat) for chat, _ in seen),
    }

"""How long a reader waits for `/paper` while everybody's digest goes out, against a quiet hour.

`paperboy run` itself, in a process of its own on the first core; the reader's wait begins when
they write and ends when the answer reaches Telegram, with 50 to 100 ms for each of its answers.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.fake_telegram import Fake, telegram
from benchmarks.figures_sending import TOKEN, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AIMS = {"paper_p99_during_broadcast_vs_idle": "≤ 2"}

ROOT = Path(__file__).parent.parent
NOWHERE = "http://127.0.0.1:9"
PAPER = "9913.00412"
READERS = 60
FIRST_READER = 900_000
WARM_UP = 10
"""Questions of others before, for what is imported when it is first needed."""

EVERY_S = 0.15
"""Somebody asks this often: each of the readers every nine seconds."""

RATE = 30


def figures(quick: float = 1.0) -> Iterator[tuple[str, float]]:
    """Measures; `quick` is the share of the questions that are asked."""
    questions = max(40, round(300 * quick))
    idle = p99(answers(questions, pages=0))
    busy = p99(answers(questions, pages=round(RATE * (questions * EVERY_S + 20))))
    yield "paper_p99_idle_ms", idle * 1000
    yield "paper_p99_during_broadcast_ms", busy * 1000
    yield "paper_p99_during_broadcast_vs_idle", busy / idle


def p99(waits: list[float]) -> float:
    """The 99th percentile, in seconds."""
    return sorted(waits)[int(len(waits) * 0.99)]


def answers(questions: int, pages: int) -> list[float]:
    """How long each question waited, with so many pages on their way."""
    with tempfile.TemporaryDirectory() as folder, telegram(rate=RATE, flood_block=True) as fake:
        file, question = Path(folder) / "paperboy.db", f"/paper {PAPER}"
        asyncio.run(stored(file))
        fill(file, pages)
        with paperboy(file, fake.url):
            until(lambda told: told["fetches"] and len(told["taken"]) >= min(pages, RATE), fake)
            for number in range(WARM_UP):
                fake.write(FIRST_READER + READERS + number, question, number + 1)
            until(lambda told: answered(told) >= WARM_UP, fake)
            asked = {}
            for number in range(questions):
                chat = FIRST_READER + number % READERS
                asked[chat, number // READERS] = fake.write(chat, question, WARM_UP + number + 1)
                time.sleep(EVERY_S)
            until(lambda told: answered(told) >= WARM_UP + questions, fake)
            return waited(fake, asked)


def until(happened: Callable[[dict[str, Any]], object], fake: Fake) -> None:
    """Waits until that is so, for a minute at most."""
    deadline = time.monotonic() + 60
    while not happened(fake.stats()) and time.monotonic() < deadline:
        time.sleep(0.5)


def answered(told: dict[str, Any]) -> int:
    """How many answers there are."""
    return sum(chat >= FIRST_READER for _, chat in told["taken"])


def waited(fake: Fake, asked: dict[tuple[int, int], float]) -> list[float]:
    """From question to answer, by reader and how often they asked."""
    came: dict[int, list[float]] = {}
    for at, chat in fake.stats()["taken"]:
        came.setdefault(chat, []).append(at)
    return [came[chat][turn] - at for (chat, turn), at in asked.items()]


@contextmanager
def paperboy(file: Path, url: str) -> Iterator[None]:
    """`paperboy run`, as its operator runs it."""
    chosen = {
        "PAPERBOY_DATABASE_URL": f"sqlite:///{file}",
        "PAPERBOY_TELEGRAM_TOKEN": TOKEN,
        "PAPERBOY_TELEGRAM_API_URL": url,
        "PAPERBOY_ARXIV_FEED_URL": NOWHERE,
        "PAPERBOY_ARXIV_API_URL": NOWHERE,
        "PAPERBOY_ARXIV_SITE_URL": NOWHERE,
        "PAPERBOY_LANGUAGE": "en",
    }
    command = [sys.executable, "-m", "bot", "run"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | chosen, stdout=quiet, stderr=quiet
    ) as process:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        try:
            yield
        finally:
            process.terminate()


async def stored(file: Path) -> None:
    """A database with one paper, and readers who ask for it."""
    from digest.models import Announcement, Batch, Kind, Paper, Part, Source, Subscriber
    from digest.store import Store

    words = "We keep a page of it in a store. It is asked for again and again. We find it in time."
    paper = Paper(
        id=PAPER,
        version=1,
        title="Cold Starts of Serverless Functions",
        abstract=words,
        authors=("A. Example",),
        categories=("cs.DC",),
    )
    day, now = date(2026, 2, 3), datetime.now(UTC)
    batch = Batch("cs", day, Source.LISTING, (Announcement(paper, Kind.NEW),))
    async with Store.open(f"sqlite:///{file}") as store:
        await store.editions.store(batch, [Part(day, "cs", Source.LISTING, batch.count)], now)
        for number in range(READERS + WARM_UP):
            await store.subscribers.save(
                Subscriber("telegram", str(FIRST_READER + number), fields=("cs.DC",))
            )

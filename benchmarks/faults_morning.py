"""kill -9 at random moments: `paperboy morning` while it fetches, asks a model, and publishes."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from benchmarks.faults_stage import (
    CATEGORIES,
    EACH,
    Stage,
    crowd,
    days,
    edition_of,
    furnished,
    noon,
)
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.model import FakeModel

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from digest.models import Subscriber

ARCHIVES = ("cs", "stat", "hep-th")
AT_ONCE = 8
ANSWER_S = 0.15
EACH_DAY = 8
"""Kills of one edition; then it may be finished."""

REQUESTS = 2 * EACH * len(CATEGORIES)
"""Of an edition: each paper in two languages."""

FETCHING = 4
"""One kill in so many comes at any moment of the first seconds, while arXiv is asked."""

FIRST_S = 8.0


@dataclass(slots=True)
class Mornings:
    """One morning after another, each killed.

    Attributes:
        in_flight: at each kill, requests that the endpoint answers and the ledger lacks.
        half: editions that were published and lacked something.
    """

    stage: Stage
    arxiv: FakeArxiv
    model: FakeModel
    in_flight: list[int] = field(default_factory=list)
    published: int = 0
    half: int = 0
    damaged: int = 0
    _chance: random.Random = field(default_factory=lambda: random.Random(13))

    def kill_one(self, day: date) -> bool:
        """Kills a morning at a random moment; False where it ended before that."""
        asked, recorded = len(self.model.requests), self._recorded()
        process = self.stage.begin("morning", "--now", noon(day).isoformat())
        early = not (len(self.in_flight) + 1) % FETCHING
        until = time.monotonic() + self._chance.random() * FIRST_S
        enough = asked + self._chance.randint(1, 2 * REQUESTS // EACH_DAY)
        while process.poll() is None and (
            time.monotonic() < until if early else len(self.model.requests) < enough
        ):
            time.sleep(0.005)
        time.sleep(self._chance.random() * ANSWER_S)
        if process.poll() is not None:
            return False
        process.kill()
        process.wait()
        time.sleep(ANSWER_S + 0.1)  # what was asked is answered, and on the bill
        asked, recorded = len(self.model.requests) - asked, self._recorded() - recorded
        self.in_flight.append(asked - recorded)
        self._look(day)
        return True

    def finish(self, day: date) -> None:
        """Lets a morning come to its end."""
        if code := self.stage.begin("morning", "--now", noon(day).isoformat()).wait():
            sys.exit(f"paperboy morning ended with {code}")
        self._look(day)
        self.published += self._is_published(day)

    def _recorded(self) -> int:
        return int(self.stage.rows("SELECT count(*) FROM ledger")[0][0])

    def _is_published(self, day: date) -> bool:
        query = f"SELECT count(*) FROM editions WHERE day = '{day}' AND published_at IS NOT NULL"
        return bool(self.stage.rows(query)[0][0])

    def _look(self, day: date) -> None:
        """A published edition has all its papers, parts and summaries."""
        self.damaged += not self.stage.is_intact()
        if not self._is_published(day):
            return
        papers = f"SELECT count(*) FROM announcements WHERE day = '{day}'"
        parts = f"SELECT count(*) FROM parts WHERE day = '{day}'"
        extracts = "SELECT count(*) FROM summaries WHERE writer = 'extract'"
        missing = f"SELECT count(*) FROM editions WHERE day = '{day}' AND missing <> '[]'"
        [found] = self.stage.rows(f"SELECT ({papers}), ({parts}), ({extracts}), ({missing})")
        self.half += found != (len(edition_of(day)), len(ARCHIVES), 0, 0)


def readers() -> list[Subscriber]:
    """Readers who are shown every paper of every category, in one of two languages."""
    return [
        replace(each, fields=(CATEGORIES[n % 6],), language="zh" if n < len(CATEGORIES) else "en")
        for n, each in enumerate(crowd(2 * len(CATEGORIES)))
    ]


def mornings(folder: Path, kills: int) -> dict[str, float]:
    """So many kills, in as many mornings as that takes."""
    with FakeArxiv() as arxiv, FakeModel(delay_s=ANSWER_S) as model:
        chosen = {
            "PAPERBOY_ARXIV_FEED_URL": arxiv.feed_url,
            "PAPERBOY_ARXIV_API_URL": arxiv.api_url,
            "PAPERBOY_ARXIV_SITE_URL": arxiv.site_url,
            "PAPERBOY_ARCHIVES": ",".join(ARCHIVES),
            "PAPERBOY_MODEL": "fake",
            "PAPERBOY_MODEL_PRICE": "1/1/1 USD",
            "PAPERBOY_MODEL_DAILY_MONEY": "none",
            "PAPERBOY_MODEL_DAILY_CALLS": "none",
            "PAPERBOY_MODEL_CONCURRENCY": str(AT_ONCE),
            "OPENAI_BASE_URL": model.url,
        }
        stage = Stage(folder / "morning.db", chosen)
        asyncio.run(furnished(stage, readers()))
        running = Mornings(stage, arxiv, model)
        for day in days():
            arxiv.announce(day, *edition_of(day))
            arxiv.today = day
            wanted = min(kills, len(running.in_flight) + EACH_DAY)
            while len(running.in_flight) < wanted and running.kill_one(day):
                pass
            running.finish(day)
            print(f"{day}: {len(running.in_flight)} kills", file=sys.stderr)
            if len(running.in_flight) >= kills:
                break
        return told(running)


def told(running: Mornings) -> dict[str, float]:
    """The figures."""
    requests = running.model.requests
    paid = Counter((asked.paper["title"], "Chinese" in asked.system) for asked in requests)
    return {
        "kills": len(running.in_flight),
        "editions_published": running.published,
        "half_published": running.half,
        "answers_paid": len(requests),
        "papers_told": len(paid),
        "paid_twice": len(requests) - len(paid),
        "in_flight_at_kills": sum(running.in_flight),
        "in_flight_most_at_a_kill": max(running.in_flight),
        "files_damaged": running.damaged,
    }

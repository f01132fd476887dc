"""kill -9 at random moments: `paperboy deliver` while it composes and sends."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.faults_stage import (
    Stage,
    account,
    crowd_for,
    days,
    furnished,
    noon,
    published,
    telegram_of,
)
from benchmarks.faulty_telegram import Ways, telegram

if TYPE_CHECKING:
    import subprocess
    from datetime import date
    from pathlib import Path

    from benchmarks.faulty_telegram import Event, Fake

RATE = 500
LATENCY_MS = 30.0
EACH_DAY = 10
"""Kills of one broadcast; then it may end."""

BEFORE_THE_FIRST = 4
"""One kill in so many comes before a page has left, while digests are composed."""

POLL_S = 0.005


@dataclass(slots=True)
class Killing:
    """One process after another, each killed.

    Attributes:
        events: all that Telegram saw.
        in_flight: at each kill, pages sent or answered, and not durably settled.
        ages_s: how long before the kill those of them that were answered had been.
    """

    stage: Stage
    fake: Fake
    events: list[Event] = field(default_factory=list)
    in_flight: list[int] = field(default_factory=list)
    ages_s: list[float] = field(default_factory=list)
    damaged: int = 0
    composing: int = 0
    _chance: random.Random = field(default_factory=lambda: random.Random(11))
    _first_page_s: float = 1.0

    def kill_one(self, day: date, pages: int) -> bool:
        """Kills a delivery after about so many pages; False where it ended before that."""
        process = self.stage.begin("deliver", "--now", noon(day).isoformat())
        began, before = time.monotonic(), len(self.events)
        early = not (len(self.in_flight) + 1) % BEFORE_THE_FIRST
        if early:
            self._sleep(process, self._chance.random() * self._first_page_s)
        else:
            self._see(process, began, before + self._chance.randint(1, max(2, 4 * pages)))
        if process.poll() is not None:
            return False
        killed_at = time.monotonic()
        process.kill()
        process.wait()
        time.sleep(LATENCY_MS / 1000 + 0.1)  # its last bytes arrive
        self._read()
        self.composing += len(self.events) == before
        self._look(self.events[before:], killed_at)
        return True

    def finish(self, day: date) -> None:
        """Lets a delivery come to its end."""
        if code := self.stage.begin("deliver", "--now", noon(day).isoformat()).wait():
            sys.exit(f"paperboy deliver ended with {code}")
        self._read()

    def _sleep(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        until = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < until:
            time.sleep(POLL_S)

    def _see(self, process: subprocess.Popen[bytes], began: float, events: int) -> None:
        """Until Telegram has so many events (two for each page), and a moment."""
        before = len(self.events)
        while process.poll() is None and len(self.events) < events:
            time.sleep(POLL_S)
            self._read()
        if len(self.events) > before:
            self._first_page_s = self.events[before].at - began
        self._sleep(process, self._chance.random() * 0.05)

    def _read(self) -> None:
        self.events += self.fake.diary.read()

    def _look(self, events: list[Event], killed_at: float) -> None:
        """Counts what this process had sent and not settled."""
        waiting = self.stage.pages("waiting")
        answered = {(e.chat, e.page): e.at for e in events if e.what == "answered"}
        lost = [p for p in ((e.chat, e.page) for e in events if e.what == "taken") if p in waiting]
        self.in_flight.append(len(lost))
        self.ages_s += [killed_at - answered[page] for page in lost if page in answered]
        self.damaged += not self.stage.is_intact()


def broadcasts(folder: Path, kills: int, pages: int) -> dict[str, float]:
    """So many kills, in as many broadcasts as that takes."""
    with telegram(folder / "telegram.log", Ways(latency_ms=LATENCY_MS)) as fake:
        stage = Stage(folder / "broadcast.db", telegram_of(fake, RATE))
        asyncio.run(furnished(stage, crowd_for(pages)))
        killing = Killing(stage, fake)
        broadcasts = 0
        for day in days():
            asyncio.run(published(stage, day))
            broadcasts += 1
            wanted = min(kills, len(killing.in_flight) + EACH_DAY)
            while len(killing.in_flight) < wanted and killing.kill_one(day, pages // EACH_DAY):
                pass
            killing.finish(day)
            print(f"{day}: {len(killing.in_flight)} kills", file=sys.stderr)
            if len(killing.in_flight) >= kills:
                break
        return told(killing, broadcasts)


def told(killing: Killing, broadcasts: int) -> dict[str, float]:
    """The figures."""
    found = account(killing.stage, killing.fake, killing.events)
    seen = Counter((e.chat, e.page) for e in killing.events if e.what == "taken")
    return {
        "kills": len(killing.in_flight),
        "kills_before_a_page": killing.composing,
        "broadcasts": broadcasts,
        **found,
        "in_flight_at_kills": sum(killing.in_flight),
        "in_flight_most_at_a_kill": max(killing.in_flight),
        "seen_most_often": max(seen.values()),
        "settled_after_ms_at_most": round(1000 * max(killing.ages_s, default=0.0), 1),
        "files_damaged": killing.damaged,
    }

"""What is watched in the soak run: pages, editions, memory, and the file."""

from __future__ import annotations

import os
import resource
import statistics
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.faulty_telegram import mark
from benchmarks.soak_readers import ALWAYS, BLOCKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.soak_bot import World
    from benchmarks.soak_year import Batch

MB = 1_000_000
WARM_WEEKS, OVER_WEEKS = 3, 4
"""Memory is compared from then on: the median of so many weeks with that of the last ones."""

FROZEN = "SELECT address, day, page, text FROM frozen JOIN subscribers s ON s.id = subscriber_id"
WAITING = "SELECT count(*) FROM pages WHERE state = 'waiting'"
PUBLISHED = "SELECT day FROM editions WHERE published_at IS NOT NULL"


@dataclass
class Ledger:
    """Pages and editions, week by week: what is old is pruned from the database."""

    world: World
    pages: int = 0
    twice: int = 0
    editions: set[str] = field(default_factory=set)
    had: Counter[str] = field(default_factory=Counter)
    owed: Counter[tuple[int, str]] = field(default_factory=Counter)

    def review(self) -> None:
        """Compares what was frozen since the last time with what the chats have got."""
        frozen = self.world.rows(FROZEN)
        self.world.rows("DELETE FROM frozen")
        self.owed.update((int(address), mark(text)) for address, _, _, text in frozen)
        got = Counter(each for each in self.world.telegram.harvest() if self._is_digest(*each))
        self.pages += got.total()
        self.twice += (got - self.owed).total()
        self.owed -= got
        self.had.update(
            address for address, _ in {(each[0], each[1]) for each in frozen if each[2]}
        )
        self.editions.update(day for (day,) in self.world.rows(PUBLISHED))

    def _is_digest(self, chat: int, page: str) -> bool:
        """Whether a message is none of the answers to what somebody wrote."""
        return str(chat) in ALWAYS or (chat, page) in self.owed

    def figures(self, plan: Sequence[Batch]) -> dict[str, float]:
        """What the docstring of `soak` says."""
        expected = {str(batch.day) for batch in plan}
        waiting = int(self.world.rows(WAITING)[0][0])
        there = sum(n for (chat, _), n in self.owed.items() if chat != BLOCKING)
        return {
            "editions": len(self.editions),
            "editions_missed": len(expected - self.editions),
            "digests": self.had.total(),
            "digests_missed": sum(len(expected) - self.had[each] for each in ALWAYS),
            "pages": self.pages,
            "pages_twice": self.twice,
            "pages_lost": there - waiting,
            "pages_waiting": waiting,
        }


@dataclass(frozen=True, slots=True)
class Sample:
    """Sunday noon, in MB of a million bytes."""

    memory_mb: float
    file_mb: float

    def __str__(self) -> str:
        return f"memory {self.memory_mb:.1f} MB, file {self.file_mb:.1f} MB"


class Measures:
    """Memory and file, week by week."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._samples: list[Sample] = []

    @property
    def newest(self) -> Sample:
        """The last one."""
        return self._samples[-1]

    def take(self) -> None:
        """Measures."""
        files = [self._file, *self._file.parent.glob(f"{self._file.name}-*")]
        size = sum(each.stat().st_size for each in files if each.exists())
        self._samples.append(Sample(resident_mb(), size / MB))

    def figures(self) -> dict[str, Any]:
        """What the docstring of `soak` says."""
        memory = [each.memory_mb for each in self._samples]
        sizes = [0.0, *(each.file_mb for each in self._samples)]
        quarter = len(self._samples) // 4
        warm = memory[WARM_WEEKS : WARM_WEEKS + OVER_WEEKS] or memory
        growth = statistics.median(memory[-OVER_WEEKS:]) - statistics.median(warm)
        return {
            "memory_growth_mb": round(growth, 1),
            "memory_mb": round(memory[-1], 1),
            "memory_peak_mb": round(
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB, 1
            ),
            "file_mb": round(sizes[-1], 1),
            "file_growth_mb": round(sizes[-1] - sizes[-1 - quarter], 1),
            "file_growth_mb_before": round(sizes[-1 - quarter] - sizes[-1 - 2 * quarter], 1),
        }


def resident_mb() -> float:
    """What this process has in memory."""
    told = Path("/proc/self/statm").read_text(encoding="ascii")
    return int(told.split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB

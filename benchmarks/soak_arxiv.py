"""arXiv for the soak run, in a process of its own: its papers are not in the bot's memory.

It is told the time, a line of standard input each, and shows what arXiv would have then: recorded
papers (`--data`) or invented ones, with ids that no paper has, a fifth of them announced once more
as a newer version some weeks later.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import recorded
from benchmarks.soak_year import Batch, batches
from digest import calendar
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.papers import papers as invented

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

    from digest.models import Paper

INVENTED = 24
CATEGORIES = (("cs.AI",), ("cs.CL", "cs.AI"), ("cs.DC",), ("cs.CV",), ("stat.ML", "cs.LG"))
AGAIN = 5
"""One paper in so many has a second version, three weeks later."""

AFTER = 15
"""These are announcement days."""

REMEMBERED = timedelta(days=100)
"""What is older is not asked for: catch-up pages reach back 90 days."""


def of_archives(files: Sequence[Path], archives: Sequence[str], most: int) -> list[list[Paper]]:
    """The recorded days, each the papers that one of the archives has; so many of them at most."""
    days: dict[str, list[Paper]] = {}
    for row in recorded.rows(files):
        if any(each.partition(".")[0] in archives for each in row["categories"]):
            days.setdefault(row["announced"], []).append(recorded.paper(row, row["id"]))
    return [_thinned(days[day], most) for day in sorted(days)]


def _thinned(papers: list[Paper], most: int) -> list[Paper]:
    """Every second or third, so that no category goes short."""
    return papers[:: -(-len(papers) // most)]


def made_up() -> list[list[Paper]]:
    """Days of invented papers, for a run without recorded ones."""
    each = [
        [
            replace(paper, categories=CATEGORIES[n % len(CATEGORIES)])
            for n, paper in enumerate(invented(INVENTED, start=1 + INVENTED * day))
        ]
        for day in range(4)
    ]
    return list(each)


@dataclass
class Arxiv(FakeArxiv):
    """Announces batch after batch as the time comes."""

    days: list[list[Paper]] = field(default_factory=made_up)
    plan: tuple[Batch, ...] = ()
    papers_so_far: int = 0
    _next: int = 0
    _again: dict[int, list[Paper]] = field(default_factory=dict)

    def at(self, now: datetime) -> None:
        """Makes it as late as that."""
        while self._next < len(self.plan) and self.plan[self._next].out <= now:
            self._announce_batch(self.plan[self._next])
            self._next += 1
        eastern = now.astimezone(calendar.EASTERN).date()
        newest = max(self._days, default=eastern)
        self.today = max(newest, eastern)
        late = self._next < len(self.plan) and self.plan[self._next].day <= eastern
        self.feed_day = calendar.previous(eastern) if late else eastern
        self.missing = self._hidden(self.feed_day)
        self.requests.clear()

    def _hidden(self, day: date) -> set[str]:
        """The papers that the feed of a day does not show."""
        if not any(each.day == day and each.is_feed_empty for each in self.plan):
            return set()
        return {paper.id for paper, _ in self._days.get(day, [])}

    def _announce_batch(self, batch: Batch) -> None:
        rows = [self._fresh(each, batch.day) for each in self.days[batch.number % len(self.days)]]
        self._again[batch.number + AFTER] = [replace(each, version=2) for each in rows[::AGAIN]]
        self.announce(batch.day, *rows, replaced=self._again.pop(batch.number, []))
        for old in [day for day in self._days if batch.day - day > REMEMBERED]:
            del self._days[old]
        if batch.busy:
            self.fail(503, retry_after=30, times=batch.busy)

    def _fresh(self, paper: Paper, day: date) -> Paper:
        """The same under an id that no paper has."""
        number = self.papers_so_far = self.papers_so_far + 1
        known = f"99{13 + number // 100_000:02d}.{number % 100_000:05d}"
        return replace(paper, id=known, submitted=day - timedelta(days=1))


@dataclass(frozen=True)
class Told:
    """The process, seen from outside."""

    url: str
    process: subprocess.Popen[str]

    def at(self, now: datetime) -> None:
        """Makes it as late as that there, and returns when it is."""
        self._asked(now.isoformat())

    def papers(self) -> int:
        """How many papers it has announced."""
        return int(self._asked("papers"))

    def _asked(self, line: str) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextmanager
def arxiv(data: Sequence[Path], archives: Sequence[str], weeks: int, most: int) -> Iterator[Told]:
    """Starts one that announces so many papers a day at most; yields where it is."""
    options = ["--archives", *archives, "--weeks", str(weeks), "--papers", str(most)]
    options += ["--data", *map(str, data)]
    command = [sys.executable, str(Path(__file__)), *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdout
            yield Told(process.stdout.readline().strip(), process)
        finally:
            process.terminate()


def serve(fake: Arxiv, lines: IO[str]) -> None:
    """Serves until nobody says anything any more."""
    with fake:
        print(fake.url, flush=True)
        for line in lines:
            if line.strip() != "papers":
                fake.at(datetime.fromisoformat(line.strip()))
            print(fake.papers_so_far, flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    parser.add_argument("--archives", nargs="+")
    parser.add_argument("--weeks", type=int)
    parser.add_argument("--papers", type=int)
    asked = parser.parse_args()
    days = of_archives(asked.data, asked.archives, asked.papers) if asked.data else made_up()
    known = {"cs", "stat", "hep-th", *asked.archives}
    serve(Arxiv(days=days, plan=batches(asked.weeks), known=known), sys.stdin)


if __name__ == "__main__":
    main()

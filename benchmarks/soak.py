"""A year of days through a small bot: what is lost, sent twice, or grows.

    python benchmarks/soak.py --data ../shared/data/papers_*.jsonl.gz [--weeks 52] [--keep 90]
        [--archives cs stat] [--json FILE]
    python benchmarks/soak.py --quick          three weeks of invented papers

The recorded days are announced again and again with fresh ids, by arXiv's own calendar, to the real
program in one process: 21 readers of many zones, languages and fields, a group, somebody who
pauses, somebody who blocks, somebody who asks; arXiv hours late, with empty feeds and 503; flood
waits and 502 of Telegram; five restarts, and half a year without one. arXiv and Telegram are
loopback fakes in processes of their own. The time is injected, so that nobody waits.

    editions, editions_missed   by the calendar; expected and not published
    digests_missed              editions that a reader should have had and was never given
    pages, pages_twice          that left; that a chat got once too often
    pages_lost                  that never arrived, and do not wait either
    memory_growth_mb            of the bot's process, the last four weeks against weeks 4 to 7
    memory_mb, memory_peak_mb   at the end; the most
    file_mb, file_growth_mb     with its log; in the last quarter, and in the one before
    unanswered, errors          what readers wrote without an answer; lines of the log

The exit code is 1 where something is worse than promised.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time as clock
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.soak_arxiv import arxiv
from benchmarks.soak_bot import Time, World, furnished, program
from benchmarks.soak_readers import READERS, Readers
from benchmarks.soak_telegram import telegram
from benchmarks.soak_watching import Ledger, Measures
from benchmarks.soak_year import BEGINS, RESTARTS, batches, end_of
from bot import heap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from structlog.typing import EventDict, WrappedLogger

    from benchmarks.soak_arxiv import Told

Figures = Mapping[str, float]

NONE = ("editions_missed", "digests_missed", "pages_twice", "pages_lost", "unanswered")
"""What must be zero."""

MOST_GROWTH_MB = 20.0


class Errors:
    """Counts what is logged as an error, and lets it be seen."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> str:
        """A line of the log."""
        self.count += 1
        return json.dumps(event, default=str)


async def lived(
    world: World, ends: Sequence[datetime], restarts: Collection[int], errors: Errors
) -> Figures:
    """The year, up to each of `ends` (a week each); after some of them it is started anew."""
    time = Time(BEGINS)
    world.arxiv.at(time.now())
    await furnished(world, READERS, time)
    plan = [each for each in batches(len(ends)) if each.out < ends[-1]]
    ledger, measures, readers = Ledger(world), Measures(world.file), Readers(world, plan)

    def moved() -> None:
        world.arxiv.at(time.now())
        readers.at(time.now())

    began, running = clock.perf_counter(), AsyncExitStack()
    bot = await running.enter_async_context(program(world, time))
    for week, end in enumerate(ends, 1):
        await bot.live(end, moved)
        await readers.write(week, bot)
        await asyncio.to_thread(ledger.review)  # waits for whoever writes
        measures.take()
        if week in restarts:
            await running.aclose()
            gc.collect()
            bot = await running.enter_async_context(program(world, time))
        seconds = clock.perf_counter() - began
        print(f"week {week}: {measures.newest}, {seconds:.0f} s", file=sys.stderr)
    await running.aclose()
    return {
        "weeks": len(ends),
        "papers": world.arxiv.papers(),
        **ledger.figures(plan),
        **measures.figures(),
        "written": readers.written,
        "unanswered": readers.unanswered,
        "errors": errors.count,
        "seconds": round(clock.perf_counter() - began, 1),
    }


def run(
    file: Path,
    arxiv: AbstractContextManager[Told],
    archives: Sequence[str],
    *,
    ends: Sequence[datetime],
    keep_days: int,
    restarts: Collection[int] = RESTARTS,
) -> Figures:
    """The year, in a database in `file`."""
    heap.share()  # as the program does
    errors = Errors()
    structlog.configure(
        processors=[errors],
        wrapper_class=structlog.make_filtering_bound_logger("error"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    with arxiv as there, telegram() as fake:
        world = World(file, there, fake, tuple(archives), keep_days)
        return asyncio.run(lived(world, ends, restarts, errors))


def broken(figures: Figures) -> Iterable[str]:
    """The promises that were not kept."""
    yield from (f"{name} is {figures[name]:g}" for name in NONE if figures[name])
    if figures["memory_growth_mb"] > MOST_GROWTH_MB:
        yield f"memory_growth_mb is {figures['memory_growth_mb']:g}"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", default=[], help="recorded days")
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--keep", type=int, default=90, help="PAPERBOY_KEEP_DAYS")
    parser.add_argument("--archives", nargs="+", default=["cs", "stat"])
    parser.add_argument("--papers", type=int, default=200, help="of a recorded day, at most")
    parser.add_argument("--quick", action="store_true", help="three weeks, invented papers")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    parser.add_argument("--folder", type=Path, help="where the database stays")
    asked = parser.parse_args()
    weeks = min(asked.weeks, 3) if asked.quick else asked.weeks
    if not asked.data and not asked.quick:
        parser.error("--data FILE… are the recorded days; --quick does without them")
    data = [] if asked.quick else asked.data
    with tempfile.TemporaryDirectory() as passing:
        found = run(
            (asked.folder or Path(passing)) / "paperboy.db",
            arxiv(data, asked.archives, weeks, asked.papers),
            asked.archives,
            ends=[end_of(week) for week in range(1, weeks + 1)],
            keep_days=asked.keep,
        )
    told = json.dumps(found, indent=2)
    print(told)
    if asked.json:
        asked.json.write_text(told + "\n", encoding="utf-8")
    sys.exit("\n".join(broken(found)) or 0)


if __name__ == "__main__":
    main()

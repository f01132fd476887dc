"""A real day through every room, against arXiv replayed on loopback.

    python benchmarks/morning.py [--shared ../shared] [--date 2026-02-03 …] [--json FILE]

For each day: announcements served, stored, lost; characters of titles and abstracts lost (white
space folded); requests; seconds of work, arXiv's pauses not slept; seconds with them, as in
production; peak memory of the process and of the one that parses for it.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import structlog

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import recorded
from bot import app as building
from bot.settings import Settings

DAYS = ("2026-02-03", "2025-06-25")


def served_on(shared: Path, day: str) -> dict[str, dict[str, Any]]:
    """The papers of a day, by id, from the recorded files."""
    rows = recorded.rows((shared / "data").glob(recorded.FILES))
    return {row["id"]: row for row in rows if row["announced"] == day}


def replay(shared: Path, day: str) -> tuple[subprocess.Popen[str], str]:
    """Starts arXiv on loopback, with `day` as today."""
    data = sorted(str(path) for path in (shared / "data").glob(recorded.FILES))
    tool = shared / "tools" / "arxiv_replay.py"
    command = [sys.executable, str(tool), "--data", *data, "--date", day, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    return process, line.split()[3].rstrip(",")


def asked(address: str) -> int:
    """How many requests the replay has seen."""
    with urllib.request.urlopen(f"{address}/_log") as log:
        return len(json.load(log))


def peak_memory_mb() -> float:
    """Of this process and its largest finished child (the parser), in MiB."""
    mine, parser = (
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return round(mine + parser, 1)


def lost_characters(expected: str, stored: str) -> int:
    """How many characters of `expected`, white space folded, are not in `stored`."""
    expected, stored = " ".join(expected.split()), " ".join(stored.split())
    if expected == stored:
        return 0
    blocks = difflib.SequenceMatcher(None, expected, stored, autojunk=False).get_matching_blocks()
    return len(expected) - sum(block.size for block in blocks)


async def one_day(shared: Path, day: str, folder: Path) -> dict[str, float]:
    """Runs the morning of one day and compares what is stored with what was served."""
    process, address = replay(shared, day)
    slept = 0.0

    async def jump(seconds: float) -> None:
        nonlocal slept
        slept += seconds

    def stopwatch() -> float:
        return time.time() + slept

    try:
        settings = Settings(
            database_url=f"sqlite:///{folder / day}.db",
            arxiv_feed_url=address,
            arxiv_api_url=f"{address}/api/query",
            arxiv_site_url=address,
            language="en",
            timezone="UTC",
        )
        now = datetime.fromisoformat(f"{day}T15:00:00").replace(tzinfo=UTC)
        began = time.perf_counter()
        async with building.opened(settings, lambda: now, sleep=jump, stopwatch=stopwatch) as app:
            await building.local_reader(app)
            outcome = await app.morning.run(date.fromisoformat(day))
            seconds = time.perf_counter() - began
            stored = await app.store.editions.announcements(date.fromisoformat(day))
        requests = await asyncio.to_thread(asked, address)
        memory = peak_memory_mb()
    finally:
        process.terminate()
        process.wait()
    served = served_on(shared, day)
    found = {announcement.paper.id: announcement.paper for announcement in stored}
    characters = sum(
        lost_characters(row[key], getattr(found[paper_id], key))
        for paper_id, row in served.items()
        if paper_id in found
        for key in ("title", "abstract")
    )
    return {
        "served": len(served),
        "stored": len(found),
        "lost": len(served.keys() - found.keys()),
        "characters_lost": characters,
        "seconds": round(seconds, 2),
        "seconds_with_manners": round(seconds + slept, 1),
        "requests": requests,
        "published": int(outcome.published is not None),
        "peak_memory_mb": memory,
    }


async def run(shared: Path, days: list[str]) -> dict[str, float]:
    """All days; the figures of each are named `<figure>_<day>`, the sums bear no day.

    Memory is the first day's: later ones count the first's replay server among the children.
    """
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for day in days:
            for name, value in (await one_day(shared, day, Path(folder))).items():
                figures[f"{name}_{day}"] = value
                figures[name] = round(figures.get(name, 0) + value, 2)
    figures["peak_memory_mb"] = figures[f"peak_memory_mb_{days[0]}"]
    return figures


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--date", action="append", dest="days")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not (options.shared / "tools" / "arxiv_replay.py").is_file():
        sys.exit(f"There are no recorded days in {options.shared}; name their folder: --shared.")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    figures = asyncio.run(run(options.shared, options.days or list(DAYS)))
    for name, value in figures.items():
        print(f"{name:40} {value:>12,}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()

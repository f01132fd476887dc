"""What is lost, sent or paid twice when everything goes wrong.

    python benchmarks/faults.py [--json FILE] [--kills 100] [--pages 3000] [--only storm]

deliver: `paperboy deliver` is killed (kill -9) at random moments of broadcasts.
morning: `paperboy morning` is, while it fetches, asks a model, and publishes.
storm: resets after delivery, 502, hangs, floods and blocked chats, all at once, for a day.

Servers are loopback fakes that write down what they saw; the database is a file, and is checked
after each kill. In flight at a kill: what was sent or answered, and not durably settled.
The exit code is 1 where something is worse than promised.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.faults_killed import broadcasts
from benchmarks.faults_morning import mornings
from benchmarks.faults_storm import storm

Figures = Mapping[str, float]

NONE = ("lost", "unknown", "still_waiting", "half_published", "files_damaged", "seen_by_blocked")
"""What must be zero."""


def broken(room: str, figures: Figures) -> list[str]:
    """The promises that were not kept."""
    wrong = [f"{room}: {name} is {figures[name]:g}" for name in NONE if figures.get(name)]
    most = figures["ambiguous_answers" if room == "storm" else "in_flight_at_kills"]
    again = "paid_twice" if room == "morning" else "duplicates"
    if figures[again] > most:
        wrong.append(f"{room}: {again} is {figures[again]:g}, and may be {most:g}")
    return wrong


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="where the figures are written")
    parser.add_argument("--kills", type=int, default=100, help="of each kind")
    parser.add_argument("--pages", type=int, default=3000, help="of one broadcast")
    parser.add_argument("--only", action="append", choices=("deliver", "morning", "storm"))
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    rooms: dict[str, Callable[[Path], Figures]] = {
        "deliver": lambda folder: broadcasts(folder, options.kills, options.pages),
        "morning": lambda folder: mornings(folder, options.kills),
        "storm": lambda folder: storm(folder, options.pages),
    }
    found: dict[str, float] = {}
    wrong: list[str] = []
    for room in options.only or rooms:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            figures = rooms[room](Path(folder))
        wrong += broken(room, figures)
        timed = {**figures, "seconds": round(time.perf_counter() - began, 1)}
        found |= {f"{room}_{name}": value for name, value in timed.items()}
        for name, value in timed.items():
            print(f"{room:8} {name:28} {value:>12,}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()

"""How long the summaries of an edition take, on a loopback endpoint that is slow, ill, or both.

    python benchmarks/model.py [--papers 300] [--seconds 5] [--at-once 16] [--json FILE]

What is timed is the whole way: request, check, ledger and summary in a SQLite file, in a process of
its own. The ideal is papers / at once x seconds, rounded up to whole rounds. In the second run one
request in ten is answered by 429, 500, a cut body or an invented figure: every paper still comes to
an end. In the third the process is killed (SIGKILL) half way and started again: `paid_twice` counts
the answers that were paid for a second time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from digest.budget import Budget
from digest.store import Store
from digest.summarize.extract import Extract
from digest.summarize.model import Model
from digest.summarize.prices import stated
from digest.telling import Telling
from tests.fakes.model import FakeModel
from tests.fakes.papers import papers

LANGUAGE = "zh"
KILLED_S = 0.5  # how long an answer takes in the run that is killed


async def _told(url: str, database: str, count: int, at_once: int) -> dict[str, float]:
    """Tells so many papers, those that are not told yet; seconds, and what is in the ledger."""
    async with Store.open(database) as store:
        edition = papers(count)
        await store.papers.save(edition)
        budget = Budget(store, price=stated("0.40/0.10/1.60 USD"), at_once=at_once)
        model = Model(
            base_url=url,
            api_key="",
            model="fake",
            record=budget.record,
            reserve=budget.reserve,
            recall=budget.recall,
        )
        telling = Telling(store, Extract(), model, at_once=at_once)
        cpu, start = time.process_time(), time.perf_counter()
        try:
            told = await telling.tell(edition, LANGUAGE)
        finally:
            await model.close()
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        spent = await store.ledger.spent((await budget.standing()).day)
    return {
        "seconds": round(seconds, 2),
        "cpu_ms_each": round(1000 * cpu / count, 1),
        "summaries": sum(not each.fallback for each in told.values()),
        "answers": sum(each.calls for each in spent),
        "tokens_in_each": round(sum(s.tokens_in for s in spent) / sum(s.calls for s in spent)),
        "usd": sum(each.nanos for each in spent) / 10**9,
    }


def _worker(url: str, database: str, count: int, at_once: int) -> subprocess.Popen[str]:
    """The same, in a process of its own, so that the endpoint's work is not counted."""
    arguments = [url, database, str(count), str(at_once)]
    return subprocess.Popen(
        [sys.executable, __file__, "--worker", *arguments], stdout=subprocess.PIPE, text=True
    )


def _finished(worker: subprocess.Popen[str]) -> dict[str, float]:
    written, _ = worker.communicate()
    if worker.returncode:
        sys.exit(f"the worker failed with {worker.returncode}")
    return dict(json.loads(written.splitlines()[-1]))


def healthy(folder: Path, count: int, seconds: float, at_once: int) -> dict[str, float]:
    """An endpoint that answers well, in `seconds`."""
    with FakeModel(delay_s=seconds) as endpoint:
        worker = _worker(endpoint.url, f"sqlite:///{folder}/healthy.db", count, at_once)
        figures = _finished(worker)
    ideal = math.ceil(count / at_once) * seconds
    return {**figures, "ideal_seconds": ideal, "ratio": round(figures["seconds"] / ideal, 3)}


def ill(folder: Path, count: int, at_once: int) -> dict[str, float]:
    """One that fails one request in ten, in each of four ways."""
    with FakeModel() as endpoint:
        for _ in range(max(1, count // 40)):
            endpoint.fail(429, retry_after=1)
            endpoint.fail(500)
            endpoint.cut()
            endpoint.say(json.dumps({"title": "31 倍"}, ensure_ascii=False))
        figures = _finished(_worker(endpoint.url, f"sqlite:///{folder}/ill.db", count, at_once))
        return {**figures, "requests": len(endpoint.requests)}


def killed(folder: Path, count: int, at_once: int) -> dict[str, float]:
    """Killed when half of the papers were asked for, and started again."""
    database = f"sqlite:///{folder}/killed.db"
    with FakeModel(delay_s=KILLED_S) as endpoint:
        first = _worker(endpoint.url, database, count, at_once)
        while len(endpoint.requests) < count // 2 and first.poll() is None:
            time.sleep(0.005)
        first.kill()
        first.communicate()
        asked = len(endpoint.requests)
        figures = _finished(_worker(endpoint.url, database, count, at_once))
        again = len(endpoint.requests) - asked
    return {
        "asked_before": asked,
        "asked_after": again,
        "lost_in_flight": asked + again - count,
        "paid_twice": figures["answers"] - count,
        "summaries": figures["summaries"],
    }


def main() -> None:
    """Measure all three, and print them."""
    parser = argparse.ArgumentParser(description="The model's summaries, timed on loopback.")
    parser.add_argument("--papers", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="not needed here")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worker", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        url, database, count, at_once = asked.worker
        print(json.dumps(asyncio.run(_told(url, database, int(count), int(at_once)))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = {
            "model": healthy(folder, asked.papers, asked.seconds, asked.at_once),
            "model_ill": ill(folder, asked.papers, asked.at_once),
            "model_killed": killed(folder, asked.papers, asked.at_once),
        }
    figures = {f"{run}_{name}": one for run, told in runs.items() for name, one in told.items()}
    print("\n".join(f"{name:28}{figure:>10}" for name, figure in figures.items()))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""How long the model writer takes for an edition, on a loopback endpoint that is slow, and ill.

    python benchmarks/model.py [--papers 300] [--seconds 5] [--at-once 16] [--json FILE]

The ideal is papers / at once x seconds, rounded up to whole rounds. The second run has one request
in ten answered by 429, 500, a cut body or an invented figure: every paper still comes to an end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from digest.models import Summary
from digest.summarize import write_all
from digest.summarize.model import Model, Usage
from tests.fakes.model import FakeModel
from tests.fakes.papers import papers


async def _timed(endpoint: FakeModel, count: int, at_once: int) -> dict[str, float]:
    """Seconds, summaries and tokens of one edition."""
    bill: list[Usage] = []

    async def record(usage: Usage) -> None:
        bill.append(usage)

    model = Model(base_url=endpoint.url, api_key="", model="fake", record=record)
    told = 0
    start = time.perf_counter()
    try:
        async for _, result in write_all(model, papers(count), "zh", at_once):
            told += isinstance(result, Summary)
    finally:
        await model.close()
    return {
        "seconds": round(time.perf_counter() - start, 2),
        "summaries": told,
        "requests": len(endpoint.requests),
        "tokens_in_each": round(sum(one.tokens_in for one in bill) / max(1, len(bill))),
    }


def healthy(count: int, seconds: float, at_once: int) -> dict[str, float]:
    """An endpoint that answers well, in `seconds`."""
    with FakeModel(delay_s=seconds) as endpoint:
        figures = asyncio.run(_timed(endpoint, count, at_once))
    ideal = math.ceil(count / at_once) * seconds
    return {**figures, "ideal_seconds": ideal, "ratio": round(figures["seconds"] / ideal, 3)}


def ill(count: int, at_once: int) -> dict[str, float]:
    """One that fails one request in ten, in each of four ways."""
    with FakeModel() as endpoint:
        for _ in range(max(1, count // 40)):
            endpoint.fail(429, retry_after=1)
            endpoint.fail(500)
            endpoint.cut()
            endpoint.say(json.dumps({"title": "31 倍"}, ensure_ascii=False))
        return asyncio.run(_timed(endpoint, count, at_once))


def main() -> None:
    """Measure both, and print them."""
    parser = argparse.ArgumentParser(description="The model writer, timed on loopback.")
    parser.add_argument("--papers", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="not needed here")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    runs = {
        "model": healthy(asked.papers, asked.seconds, asked.at_once),
        "model_ill": ill(asked.papers, asked.at_once),
    }
    figures = {f"{run}_{name}": one for run, told in runs.items() for name, one in told.items()}
    print("\n".join(f"{name:26}{figure:>10}" for name, figure in figures.items()))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

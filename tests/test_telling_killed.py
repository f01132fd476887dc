"""Killed while a model tells an edition: it goes on where it was, and pays for nothing twice."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from digest.budget import Budget
from digest.store import Store
from digest.summarize.extract import Extract
from digest.summarize.model import PROMPT, Model
from digest.summarize.prices import Usage, stated
from digest.telling import Telling
from tests.fakes.model import CHINESE, FakeModel
from tests.fakes.papers import paper, papers
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from digest.models import Paper, Summary

ROOT = Path(__file__).parent.parent
COUNT, AT_ONCE = 24, 4


async def tell(url: str, database: str, edition: tuple[Paper, ...]) -> dict[str, Summary]:
    """Tells the edition as Paperboy does."""
    async with Store.open(database) as store:
        budget = Budget(store, price=stated("1/1/1 USD"), at_once=AT_ONCE)
        model = Model(
            base_url=url,
            api_key="",
            model="fake",
            record=budget.record,
            reserve=budget.reserve,
            recall=budget.recall,
        )
        try:
            return await Telling(store, Extract(), model, at_once=AT_ONCE).tell(edition, "zh")
        finally:
            await model.close()


WORKER = """
import asyncio, sys
from tests.test_telling_killed import COUNT, tell
from tests.fakes.papers import papers

asyncio.run(tell(sys.argv[1], sys.argv[2], papers(COUNT)))
"""


async def stocked(database: str) -> None:
    async with Store.open(database) as store:
        await store.papers.save(papers(COUNT))


async def answers(database: str) -> Counter[str]:
    """How often each paper was paid for."""
    async with Store.open(database) as store:
        spent = await store.ledger.spent(date(2026, 1, 1))
        return Counter(papers=sum(s.papers for s in spent), calls=sum(s.calls for s in spent))


def test_a_killed_run_goes_on_and_pays_for_nothing_twice(tmp_path: Path) -> None:
    database = fresh(tmp_path)
    asyncio.run(stocked(database))
    with FakeModel(delay_s=0.05) as endpoint:
        command = [sys.executable, "-c", WORKER, endpoint.url, database]
        with subprocess.Popen(command, cwd=ROOT) as first:
            while len(endpoint.requests) < COUNT // 2 and first.poll() is None:
                time.sleep(0.002)  # another process is waited for
            first.kill()
        assert first.returncode == -signal.SIGKILL
        asked = len(endpoint.requests)
        told = asyncio.run(tell(endpoint.url, database, papers(COUNT)))
        again = len(endpoint.requests) - asked
    assert len(told) == COUNT
    assert not any(each.fallback for each in told.values())
    assert again <= COUNT - asked + AT_ONCE, "what was in flight is all that is lost"
    assert asyncio.run(answers(database)) == {"papers": COUNT, "calls": COUNT}


async def test_an_answer_that_was_paid_for_is_judged_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    """The process died between the ledger and the summary."""
    database = fresh(tmp_path)
    await stocked(database)
    bad = Usage(paper(1).id, "zh", "fake", PROMPT, 100, 0, 100, 1, "no JSON", "stop")
    async with Store.open(database) as store:
        budget = Budget(store)
        await budget.record(bad)
        await budget.record(replace(bad, paper_id=paper(2).id, answer=json.dumps(CHINESE)))
    with FakeModel() as endpoint:
        told = await tell(endpoint.url, database, papers(2))
        assert [asked.is_repair for asked in endpoint.requests] == [True]
    assert {each.gist for each in told.values()} == {CHINESE["gist"]}
    async with Store.open(database) as store:
        assert await store.ledger.open_answers(date(2026, 1, 1), "fake", PROMPT) == []

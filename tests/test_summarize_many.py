"""Many papers at once: a limit, the order of finishing, and an end."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import aclosing

import pytest

from digest.errors import WriterError
from digest.models import Paper, Summary
from digest.summarize import write_all
from tests.fakes.papers import papers


class Slow:
    """A writer that finishes a paper when the test says so."""

    name = "slow"

    def __init__(self) -> None:
        self.gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.at_once = self.most = self.cancelled = 0

    def language_for(self, language: str) -> str:
        return language

    async def write(self, paper: Paper, language: str) -> Summary:
        gate = self.gates[paper.id]
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.at_once -= 1
        if paper.id.endswith("3"):
            raise WriterError(reason="three")
        return Summary(paper.id, language, self.name, paper.title, "")

    def finish(self, paper: Paper) -> None:
        self.gates[paper.id].set()


async def test_papers_come_as_they_finish_and_never_too_many_at_once() -> None:
    slow, three = Slow(), papers(3)

    async def finishing() -> None:
        for paper in (three[1], three[0], three[2]):
            slow.finish(paper)
            await asyncio.sleep(0.01)

    task = asyncio.create_task(finishing())
    told = [pair async for pair in write_all(slow, three, "en", 2)]
    await task
    assert [paper.id for paper, _ in told] == [three[1].id, three[0].id, three[2].id]
    assert slow.most == 2


async def test_a_paper_that_cannot_be_told_comes_with_its_reason() -> None:
    slow, three = Slow(), papers(3)
    for paper in three:
        slow.finish(paper)
    told = {paper.id: result async for paper, result in write_all(slow, three, "en", 9)}
    assert isinstance(told[three[2].id], WriterError)
    assert isinstance(told[three[0].id], Summary)


async def test_nothing_to_write_is_nothing_written() -> None:
    assert [pair async for pair in write_all(Slow(), [], "en", 3)] == []


async def test_closing_stops_what_is_being_written_and_starts_no_more() -> None:
    slow, ten = Slow(), papers(10)
    slow.finish(ten[0])
    async with aclosing(write_all(slow, ten, "en", 3)) as told:  # type: ignore[type-var]
        await anext(told)
    assert slow.at_once == 0
    assert slow.cancelled >= 2  # a third may not have begun
    assert len(slow.gates) <= 4


async def test_a_bug_in_a_writer_is_no_summary_but_an_error() -> None:
    class Broken(Slow):
        async def write(self, paper: Paper, language: str) -> Summary:
            raise ZeroDivisionError(paper.id, language)

    with pytest.raises(ZeroDivisionError):
        [pair async for pair in write_all(Broken(), papers(2), "en", 1)]

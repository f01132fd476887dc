"""Each paper is told once for each language; a model that fails costs nobody their digest."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from digest.errors import WriterBusy, WriterCapped, WriterError, WriterSilent
from digest.models import Paper, Summary
from digest.patience import ENOUGH, REST
from digest.store import Store
from digest.summarize.extract import Extract
from digest.telling import TRY_AGAIN, Telling
from tests.fakes.papers import paper, papers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = datetime(2026, 2, 3, 17, tzinfo=UTC)


class Scribe:
    """A writer that counts, and that fails at what it is told to fail at."""

    name = "scribe-1"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.fails: set[str] = set()
        self.error: WriterError = WriterError(reason="out of ink")

    def language_for(self, language: str) -> str:
        return language

    async def write(self, told: Paper, language: str) -> Summary:
        self.asked.append((told.id, language))
        if told.id in self.fails:
            raise self.error
        return Summary(told.id, language, self.name, told.title, f"About {told.id}.")


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with Store.open("sqlite:///:memory:") as opened:
        await opened.papers.save([paper(1), paper(2)])
        yield opened


@pytest.fixture
def scribe() -> Scribe:
    return Scribe()


def telling(store: Store, scribe: Scribe | None, now: datetime = NOW) -> Telling:
    return Telling(store, Extract(), scribe, lambda: now)


async def test_a_paper_is_told_once_and_shared(store: Store, scribe: Scribe) -> None:
    told = telling(store, scribe)
    first = await told.tell([paper(1), paper(2)], "zh")
    assert await told.tell([paper(1)], "zh") == {paper(1).id: first[paper(1).id]}
    assert sorted(scribe.asked) == [(paper(1).id, "zh"), (paper(2).id, "zh")]


async def test_each_language_is_told_for_itself(store: Store, scribe: Scribe) -> None:
    told = telling(store, scribe)
    await told.tell([paper(1)], "zh")
    await told.tell([paper(1)], "en")
    assert scribe.asked == [(paper(1).id, "zh"), (paper(1).id, "en")]


async def test_without_a_model_the_extract_tells_in_english(store: Store) -> None:
    told = (await telling(store, None).tell([paper(1)], "zh"))[paper(1).id]
    assert (told.writer, told.language, told.fallback) == ("extract", "en", False)


async def test_where_the_model_fails_the_extract_stands_in_and_says_so(
    store: Store, scribe: Scribe
) -> None:
    scribe.fails = {paper(1).id}
    told = await telling(store, scribe).tell([paper(1), paper(2)], "zh")
    assert (told[paper(1).id].writer, told[paper(1).id].fallback) == ("extract", True)
    assert told[paper(2).id].writer == scribe.name


async def test_a_failure_is_not_asked_again_at_once_but_later(store: Store, scribe: Scribe) -> None:
    scribe.fails = {paper(1).id}
    await telling(store, scribe).tell([paper(1)], "zh")
    await telling(store, scribe).tell([paper(1)], "zh")
    assert await telling(store, scribe).try_again() == 0
    assert len(scribe.asked) == 1, "every reader of the day would ask again"
    scribe.fails.clear()
    later = telling(store, scribe, NOW + TRY_AGAIN + timedelta(minutes=1))
    assert await later.try_again() == 1
    mended = (await later.tell([paper(1)], "zh"))[paper(1).id]
    assert (mended.writer, mended.fallback) == (scribe.name, False)


async def test_without_a_model_nothing_is_tried_again(store: Store) -> None:
    assert await telling(store, None).try_again() == 0


async def test_a_model_that_comes_later_replaces_extracts(store: Store, scribe: Scribe) -> None:
    await telling(store, None).tell([paper(1)], "zh")
    told = await telling(store, scribe).tell([paper(1)], "zh")
    assert told[paper(1).id].writer == scribe.name


async def test_a_new_version_is_told_anew(store: Store, scribe: Scribe) -> None:
    told = telling(store, scribe)
    await told.tell([paper(1)], "zh")
    second = replace(paper(1), version=2)
    assert (await told.tell([second], "zh"))[second.id].version == 2
    assert len(scribe.asked) == 2


async def test_progress_is_told(store: Store, scribe: Scribe) -> None:
    seen: list[tuple[int, int]] = []
    await telling(store, scribe).tell(
        [paper(1), paper(2)], "en", lambda told, of: seen.append((told, of))
    )
    assert seen == [(1, 2), (2, 2)]


MIDNIGHT = NOW + timedelta(hours=7)


async def test_at_the_cap_the_extract_takes_over_until_the_next_day(
    store: Store, scribe: Scribe
) -> None:
    scribe.fails = {paper(1).id}
    scribe.error = WriterCapped(reason="budget", until=MIDNIGHT)
    told = (await telling(store, scribe).tell([paper(1)], "zh"))[paper(1).id]
    assert (told.writer, told.fallback, told.reason) == ("extract", True, "budget")
    scribe.fails.clear()
    before = telling(store, scribe, MIDNIGHT - timedelta(minutes=1))
    assert (await before.tell([paper(1)], "zh"))[paper(1).id] == told
    after = telling(store, scribe, MIDNIGHT + timedelta(minutes=1))
    assert await after.try_again() == 0, "nobody may be going to read it any more"
    assert (await after.tell([paper(1)], "zh"))[paper(1).id].writer == scribe.name


async def test_over_a_readers_quota_the_extract_is_theirs_alone(
    store: Store, scribe: Scribe
) -> None:
    scribe.fails = {paper(1).id}
    scribe.error = WriterCapped(reason="quota", until=MIDNIGHT)
    told = (await telling(store, scribe).tell([paper(1)], "zh"))[paper(1).id]
    assert (told.writer, told.reason) == ("extract", "quota")
    scribe.fails.clear()
    assert (await telling(store, scribe).tell([paper(1)], "zh"))[paper(1).id].writer == scribe.name


async def test_a_failure_is_made_good_for_who_reads_it_later(store: Store, scribe: Scribe) -> None:
    scribe.fails = {paper(1).id}
    await telling(store, scribe).tell([paper(1)], "zh")
    scribe.fails.clear()
    later = telling(store, scribe, NOW + TRY_AGAIN)
    assert (await later.tell([paper(1)], "zh"))[paper(1).id].writer == scribe.name


async def test_a_model_that_gives_no_answer_is_left_alone_for_a_while(
    store: Store, scribe: Scribe
) -> None:
    twenty = papers(20)
    await store.papers.save(twenty)
    scribe.fails, scribe.error = {each.id for each in twenty}, WriterSilent(reason="timeout")
    told = Telling(store, Extract(), scribe, lambda: NOW, at_once=1)
    summaries = await told.tell(twenty, "zh")
    assert len(summaries) == 20, "everybody has something to read"
    assert len(scribe.asked) == ENOUGH
    told.patience.clock = lambda: NOW + REST
    scribe.fails.clear()
    await told.tell([paper(1)], "en")
    assert len(scribe.asked) == ENOUGH + 1


async def test_one_answer_in_between_and_nobody_is_left_alone(store: Store, scribe: Scribe) -> None:
    nine = papers(9)
    await store.papers.save(nine)
    scribe.error = WriterSilent(reason="timeout")
    scribe.fails = {each.id for each in nine if each != nine[4]}
    await Telling(store, Extract(), scribe, lambda: NOW, at_once=1).tell(nine, "zh")
    assert len(scribe.asked) == 9


async def test_a_model_that_asks_for_it_is_left_alone_at_once(store: Store, scribe: Scribe) -> None:
    scribe.fails = {paper(1).id}
    scribe.error = WriterBusy(reason="HTTP 429", retry_after=120)
    told = Telling(store, Extract(), scribe, lambda: NOW, at_once=1)
    await told.tell([paper(1), paper(2)], "zh")
    assert len(scribe.asked) == 1
    assert told.patience.until == NOW + timedelta(seconds=120)


async def test_two_readers_at_once_have_a_paper_told_once(store: Store, scribe: Scribe) -> None:
    told = telling(store, scribe)
    both = await asyncio.gather(told.tell([paper(1)], "zh"), told.tell([paper(1)], "zh"))
    assert both[0] == both[1]
    assert len(scribe.asked) == 1

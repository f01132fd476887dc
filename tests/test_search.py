"""Papers are found by their words, the newest first, whatever happens to the index meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import finding, query
from digest.finding import KeepingUp
from digest.models import Announcement, Batch, Kind, Paper, Source, Summary
from digest.store import Store, merging
from digest.store.indexing import volume_of
from digest.store.layers import Layer
from tests.fakes.papers import DAY, paper, papers
from tests.fakes.stores import stored

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 2, 3, 2, tzinfo=UTC)


async def announce(
    store: Store, *told: Paper, day: date = DAY, kind: Kind = Kind.NEW, index: bool = True
) -> None:
    batch = Batch("cs", day, Source.FEED, tuple(Announcement(each, kind) for each in told))
    await store.editions.store(batch, (), datetime.combine(day, AT.timetz()))
    if index:
        await KeepingUp(store, asyncio.sleep).catch_up()


async def found(store: Store, text: str, **how: bool | int) -> list[str]:
    hits = await store.search.find(query.understand(text), **how)  # type: ignore[arg-type] # of all kinds
    return [hit.paper.id for hit in hits.hits]


def told(one: Paper, title: str, gist: str = "。", writer: str = "a-model") -> Summary:
    return Summary(one.id, "zh", writer, title, gist, version=one.version)


async def summarise(store: Store, summary: Summary) -> None:
    await store.summaries.save(summary, asked="zh", prompt="1", at=AT)
    await KeepingUp(store).catch_up()


async def test_all_words_are_required_in_any_order_and_form(store: Store) -> None:
    one, other = paper(1, title="Virtualised Clusters"), paper(2, title="A cluster of stars")
    await announce(store, one, other)
    assert await found(store, "cluster") == [other.id, one.id]
    assert await found(store, "clusters virtualized") == [one.id]
    assert await found(store, "cluster -star") == [one.id]
    assert await found(store, "cluster nothing") == []
    assert await found(store, "") == []


@pytest.mark.parametrize("word", ["云", "推理", "RL", "rl", "3D", "C++", "LLM", "冷启动", "Müller"])
async def test_short_words_are_found(store: Store, word: str) -> None:
    one = paper(1, title="RL in 3D with C++ and LLMs", authors=("Jo Muller",))
    await announce(store, one, paper(2))
    await summarise(store, told(one, "云端推理的冷启动"))
    assert await found(store, word) == [one.id]


async def test_newest_first_across_days(store: Store) -> None:
    await announce(store, paper(4), day=DAY - timedelta(days=1))
    await announce(store, paper(8), day=DAY)
    await announce(store, paper(12), day=DAY - timedelta(days=7))
    assert await found(store, "serverless") == ["9913.00008", "9913.00004", "9913.00012"]
    hits = await store.search.find(query.understand("serverless"), limit=1, offset=1)
    assert [(hit.paper.id, hit.day) for hit in hits.hits] == [
        ("9913.00004", DAY - timedelta(days=1))
    ]
    assert (hits.total, hits.more) == (3, False)


async def test_what_lies_far_back_is_found(store: Store) -> None:
    days = [DAY - timedelta(days=back) for back in range(0, 120, 4)]
    for number, day in enumerate(days, 1):
        await announce(store, paper(number, abstract="Rice." * (number % 2)), day=day, index=False)
    await KeepingUp(store).catch_up()
    wanted = [f"9913.{number:05d}" for number in range(1, len(days) + 1)]
    assert await found(store, "example", limit=40) == wanted
    assert await found(store, "example rice", limit=40) == wanted[::2]


async def test_a_phrase_is_found_word_for_word(store: Store) -> None:
    one = paper(1, title="A world model", abstract="It is small.")
    other = paper(2, title="A model of the world", abstract="It is small.")
    await announce(store, one, other)
    assert await found(store, '"world model"') == [one.id]
    assert await found(store, 'world -"world models"') == [other.id]
    assert await found(store, '"Ada Example" small') == [other.id, one.id]


async def test_the_best_first(store: Store) -> None:
    titled = paper(1, title="Rice for robots", abstract="They cook.")
    often = paper(2, title="Cooking", abstract="Rice, more rice, and rice for robots.")
    once = paper(3, title="Cooking", abstract="Robots need it as rice does.")
    await announce(store, titled, often, once)
    assert await found(store, "rice robots") == [once.id, often.id, titled.id]
    assert await found(store, "rice robots", by_rank=True) == [titled.id, often.id, once.id]


async def test_a_word_that_most_papers_have_does_not_order_them(store: Store) -> None:
    old, new = paper(1, title="An example of rice"), paper(2, title="Rice for robots")
    await announce(store, old, new)
    assert await found(store, "example rice", by_rank=True) == [old.id, new.id]
    await announce(store, *papers(200, start=10))
    assert await found(store, "example rice", limit=2, by_rank=True) == [new.id, old.id]


async def test_matches_of_a_common_word_are_counted_so_far(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.store.search.MOST_COUNTED", 10)
    monkeypatch.setattr("digest.store.search.MOST_RANKED", 10)
    await announce(store, *papers(11))
    await announce(store, *papers(20, start=20), day=DAY + timedelta(days=1))
    for by_rank in (False, True):
        hits = await store.search.find(query.understand("example"), limit=1, by_rank=by_rank)
        assert (hits.total, hits.more) == (10, True)


async def test_an_id_is_found_whether_indexed_or_not(store: Store) -> None:
    await announce(store, replace(paper(1), id="2602.02489"), index=False)
    assert await found(store, "arXiv:2602.02489v1") == ["2602.02489"]
    assert await found(store, "2602.02490") == []


async def test_a_new_version_is_found_by_its_own_words_only(store: Store) -> None:
    await announce(store, paper(1, title="About sheep"))
    await announce(store, paper(1, title="About goats", version=2), kind=Kind.REPLACE)
    assert await found(store, "goat") == ["9913.00001"]
    assert await found(store, "sheep") == []
    hits = await store.search.find(query.understand("about"))
    assert hits.total == 1


async def test_a_summary_adds_its_words_and_an_extract_none(store: Store) -> None:
    one = paper(1, title="About sheep")
    await announce(store, one)
    await store.summaries.save(told(one, "羊", writer="extract"), asked="zh", prompt="", at=AT)
    assert await store.indexing.waiting() == 0
    await summarise(store, told(one, "数羊"))
    assert await found(store, "数羊") == await found(store, "sheep") == [one.id]


async def test_a_paper_moves_to_the_day_on_which_it_is_announced(store: Store) -> None:
    await announce(store, paper(1), kind=Kind.REPLACE, day=DAY)
    await announce(store, paper(2), day=DAY - timedelta(days=30))
    assert await found(store, "example") == ["9913.00002", "9913.00001"]
    await announce(store, paper(1), day=DAY)
    assert await found(store, "example") == ["9913.00001", "9913.00002"]
    hits = await store.search.find(query.understand("example"))
    assert hits.total == 2


@pytest.mark.parametrize(
    ("paper_id", "month"),
    [
        ("2602.02489", date(2026, 2, 1)),
        ("1803.01234", date(2018, 1, 1)),
        ("hep-th/9901001", date(1999, 1, 1)),
        ("9913.00001", date.min),
    ],
)
def test_what_was_never_announced_stands_by_the_month_of_its_id(paper_id: str, month: date) -> None:
    assert volume_of(replace(paper(1), id=paper_id), None) == month.toordinal()


async def test_what_is_broken_off_is_done_again(store: Store) -> None:
    await announce(store, *papers(30), index=False)
    step = asyncio.create_task(store.indexing.step(20))
    for _ in range(40):
        await asyncio.sleep(0)
    step.cancel()
    await asyncio.wait([step])
    await announce(store, paper(31))
    assert len(await found(store, "example", limit=99)) == 31
    hits = await store.search.find(query.understand("example"))
    assert (hits.total, await store.indexing.waiting()) == (31, 0)


@pytest.mark.parametrize("broken_off", [0, 1, 5, 20])
async def test_layers_become_one_wherever_that_is_broken_off(store: Store, broken_off: int) -> None:
    for number in range(9):
        day = DAY + timedelta(days=number)
        await announce(store, paper(number), paper(10 + number % 4), day=day, index=False)
        await store.indexing.step()
    before = await found(store, "example", limit=99)
    assert len(before) == 13
    tidying = asyncio.create_task(store.indexing.tidy())
    for _ in range(broken_off * 20):
        await asyncio.sleep(0)
    tidying.cancel()
    await asyncio.wait([tidying])
    assert await found(store, "example", limit=99) == before
    await store.indexing.tidy()
    assert await found(store, "example", limit=99) == before
    assert await found(store, "serverless", limit=99, by_rank=True)


def test_eight_layers_become_one_and_so_does_a_tier_of_papers_that_are_gone() -> None:
    small = [Layer(number, 0, 9, 10) for number in range(1, 9)]
    assert merging.due(small[:7], 70) == ()
    assert merging.due(small, 80) == small
    old = Layer(9, 1, 9, 8000)
    assert merging.due([*small[:7], old], 7000) == ()
    assert merging.due([*small[:7], old], 1000) == [old]
    begun = [replace(small[0], into=3), small[2]]
    assert merging.due(begun, 80) == begun[:1]


async def test_a_paper_pruned_meanwhile_is_no_trouble(store: Store) -> None:
    await announce(store, paper(1), day=DAY - timedelta(days=400), index=False)
    async for _ in store.pruning.steps(DAY):
        pass
    assert await store.papers.get("9913.00001") is None
    assert await store.indexing.step() > 0
    assert await found(store, "example") == []


async def test_pruned_papers_are_found_no_more_and_those_asked_for_are(store: Store) -> None:
    old = DAY - timedelta(days=400)
    await announce(store, *papers(30), day=old)
    await announce(store, paper(99))
    await store.papers.keep(paper(7), AT)
    async for _ in store.pruning.steps(DAY):
        pass
    await KeepingUp(store).catch_up()
    assert await found(store, "example") == ["9913.00099", "9913.00007"]
    hits = await store.search.find(query.understand("example"))
    assert hits.total == 2
    assert await store.search.volumes() == [DAY.toordinal(), date.min.toordinal()]


async def test_an_older_store_is_indexed_behind_its_readers(tmp_path: Path) -> None:
    async with Store.open(stored(tmp_path, "0007")) as upgraded:
        assert await upgraded.indexing.waiting() == 3
        both = await finding.search(upgraded, "rice", limit=8)
        assert both.hits.total == 3
        assert await found(upgraded, "菜谱") == ["9913.00001"]


async def test_the_index_is_kept_up_beside_other_work(store: Store) -> None:
    looks: list[float] = []
    looked = asyncio.Event()

    async def sleep(seconds: float) -> None:
        looks.append(seconds)
        if seconds == finding.LOOK_S:
            looked.set()
            await asyncio.Event().wait()

    await announce(store, *papers(3), index=False)
    async with KeepingUp(store, sleep).meanwhile():
        await looked.wait()
    assert await store.indexing.waiting() == 0
    assert looks == [finding.PAUSE_S, finding.LOOK_S]


@given(text=st.text(max_size=40) | st.text(alphabet="\"-=()*:^ORANDai云'%_\\", max_size=30))
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
async def test_nothing_that_is_typed_is_an_error(store: Store, text: str) -> None:
    await store.search.find(query.understand(text), by_rank=len(text) % 2 == 0)

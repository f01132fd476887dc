"""Stored editions: a day whole, each paper once, late ones with the next edition."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from digest.errors import StoreError
from digest.models import Batch, Count, Edition, Kind, Part, Source
from digest.store import Store
from tests.fakes.papers import DAY, batch, cross, new, paper, papers, replaced
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 2, 3, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEXT = DAY + timedelta(days=1)
AFTER = DAY + timedelta(days=2)
CS = Part(DAY, "cs", Source.FEED, Count(2, 1), etag="e1")


async def keep(store: Store, told: Batch, *of: Part, at: datetime = AT) -> int:
    return await store.editions.store(told, of, at)


async def publish(store: Store, *days: tuple[date, datetime]) -> None:
    for day, at in days:
        await store.editions.publish(day, at)


async def ids(store: Store, day: date = DAY) -> list[str]:
    return [a.paper.id for a in await store.editions.announcements(day)]


async def late(store: Store, day: date) -> list[tuple[date, str]]:
    return [(d, a.paper.id) for d, a in await store.editions.late_for(day)]


async def test_a_day_shows_its_new_and_crossed_papers_and_not_the_replaced(store: Store) -> None:
    told = batch(
        new(paper(1)), cross(paper(2)), replaced(paper(3)), replaced(paper(4), crossed=True)
    )
    assert await keep(store, told) == 2
    shown = await store.editions.announcements(DAY)
    assert [(a.paper.id, a.kind) for a in shown] == [
        ("9913.00001", Kind.NEW),
        ("9913.00002", Kind.CROSS),
    ]
    assert await store.editions.announcements(NEXT) == ()


async def test_a_replacement_updates_the_text_that_an_earlier_day_shows(store: Store) -> None:
    await keep(store, batch(new(paper(1, title="First title"))))
    await keep(store, batch(replaced(paper(1, title="Better title", version=2)), day=NEXT))
    assert (await store.editions.announcements(DAY))[0].paper.title == "Better title"


async def test_a_batch_stored_again_brings_nothing_new(store: Store) -> None:
    told = batch(new(paper(1)), cross(paper(2)))
    assert await keep(store, told, CS) == 2
    assert await keep(store, told, CS) == 0
    assert await ids(store) == ["9913.00001", "9913.00002"]


async def test_a_paper_in_two_archives_is_announced_once_with_its_strongest_kind(
    store: Store,
) -> None:
    await keep(store, batch(cross(paper(1)), subject="stat"))
    assert await keep(store, batch(new(paper(1)))) == 0
    assert await keep(store, batch(cross(paper(1)), subject="math")) == 0
    assert await store.editions.announced_days("9913.00001") == ((DAY, Kind.NEW),)


async def test_a_paper_known_as_replaced_counts_when_it_turns_out_to_be_crossed(
    store: Store,
) -> None:
    await keep(store, batch(replaced(paper(1)), replaced(paper(2))))
    assert await keep(store, batch(cross(paper(1)), new(paper(1)), cross(paper(1)))) == 1
    assert (await store.editions.announcements(DAY))[0].kind is Kind.NEW


async def test_a_paper_remembers_every_day_it_was_announced(store: Store) -> None:
    await keep(store, batch(replaced(paper(1, version=2)), day=NEXT))
    await keep(store, batch(new(paper(1))))
    days = await store.editions.announced_days("9913.00001")
    assert days == ((DAY, Kind.NEW), (NEXT, Kind.REPLACE))


class TestParts:
    async def test_what_is_remembered_of_an_archive_comes_back(self, store: Store) -> None:
        part = replace(CS, listed=Count(3, 1))
        await keep(store, batch(), part, replace(CS, archive="stat", etag=""))
        assert await store.editions.parts(DAY) == {
            "cs": part,
            "stat": replace(CS, archive="stat", etag=""),
        }
        assert part.missing == 1

    async def test_fetched_from_elsewhere_it_keeps_the_etag_and_arxivs_own_count(
        self, store: Store
    ) -> None:
        await keep(store, batch(), replace(CS, listed=Count(3, 1)))
        listing = Part(DAY, "cs", Source.LISTING, Count(3, 1))
        await keep(store, batch(), listing)
        assert await store.editions.parts(DAY) == {
            "cs": replace(listing, listed=Count(3, 1), etag="e1")
        }

    async def test_recounting_changes_only_what_arxiv_lists(self, store: Store) -> None:
        await keep(store, batch(), CS)
        await store.editions.recount(replace(CS, listed=Count(9, 9), etag="other"))
        assert await store.editions.parts(DAY) == {"cs": replace(CS, listed=Count(9, 9))}
        await store.editions.recount(CS)
        assert await store.editions.parts(DAY) == {"cs": CS}

    async def test_the_etag_is_not_remembered_if_the_papers_could_not_be_stored(
        self, store: Store
    ) -> None:
        broken = new(replace(paper(1), title=None))  # type: ignore[arg-type] # a bug elsewhere
        with pytest.raises(StoreError):
            await keep(store, batch(new(paper(2)), broken), CS)
        assert await store.editions.parts(DAY) == {}
        assert await store.papers.get("9913.00002") is None


class TestPublishing:
    async def test_an_edition_is_unpublished_until_it_is_published(self, store: Store) -> None:
        assert await store.editions.get(DAY) is None
        await keep(store, batch(new(paper(1))))
        assert await store.editions.get(DAY) == Edition(DAY, source=Source.FEED)
        assert await store.editions.newest() is None
        assert await store.editions.newest_stored() == Edition(DAY, source=Source.FEED)
        await publish(store, (DAY, AT))
        assert await store.editions.newest() == Edition(DAY, AT, source=Source.FEED)

    async def test_published_again_the_first_time_stays_and_what_is_missing_changes(
        self, store: Store
    ) -> None:
        await store.editions.publish(DAY, AT, approximate=True, missing=("math", "hep-th"))
        await store.editions.publish(DAY, AT + HOUR, missing=("math",))
        assert await store.editions.get(DAY) == Edition(DAY, AT, missing=("math",))

    async def test_a_batch_that_comes_afterwards_leaves_it_published(self, store: Store) -> None:
        await store.editions.publish(DAY, AT, approximate=True, missing=("math",))
        await keep(store, batch(source=Source.SEARCH), at=AT + HOUR)
        assert await store.editions.get(DAY) == Edition(
            DAY, AT, approximate=True, missing=("math",), source=Source.SEARCH
        )

    async def test_times_of_any_zone_are_stored_in_utc(self, store: Store) -> None:
        beijing = timezone(timedelta(hours=8))
        await store.editions.publish(DAY, datetime(2026, 2, 3, 9, 0, tzinfo=beijing))
        published = (await store.editions.get(DAY) or Edition(DAY)).published
        assert published == AT
        assert published.tzinfo is UTC

    async def test_editions_are_listed_newest_first_and_only_the_published(
        self, store: Store
    ) -> None:
        await keep(store, batch(day=AFTER))
        await publish(store, (NEXT, AT), (DAY, AT + HOUR))
        assert [each.day for each in await store.editions.published(5)] == [NEXT, DAY]
        assert [each.day for each in await store.editions.published(1)] == [NEXT]
        assert (await store.editions.newest_stored() or Edition(DAY)).day == AFTER


class TestLatePapers:
    async def test_a_late_paper_goes_out_once_with_the_next_edition(self, store: Store) -> None:
        await keep(store, batch(new(paper(1))))
        await publish(store, (DAY, AT + HOUR))
        await keep(
            store, batch(new(paper(1)), cross(paper(2)), replaced(paper(3))), at=AT + 2 * HOUR
        )
        assert await late(store, DAY) == []
        assert await late(store, NEXT) == [(DAY, "9913.00002")]
        await publish(store, (NEXT, AT + 24 * HOUR))
        assert await late(store, NEXT) == [(DAY, "9913.00002")]
        assert await late(store, AFTER) == []
        await publish(store, (AFTER, AT + 48 * HOUR))
        assert await late(store, AFTER) == []
        assert await late(store, NEXT) == [(DAY, "9913.00002")]

    async def test_what_comes_even_later_goes_out_with_the_one_after(self, store: Store) -> None:
        await publish(store, (DAY, AT), (NEXT, AT + 24 * HOUR))
        await keep(store, batch(new(paper(1))), at=AT + 25 * HOUR)
        await keep(store, batch(new(paper(2)), day=NEXT), at=AT + 25 * HOUR)
        assert await late(store, NEXT) == []
        assert await late(store, AFTER) == [(DAY, "9913.00001"), (NEXT, "9913.00002")]

    async def test_a_day_made_up_for_carries_no_late_papers_and_takes_none_away(
        self, store: Store
    ) -> None:
        await publish(store, (DAY, AT), (AFTER, AT + 48 * HOUR))
        await keep(store, batch(new(paper(1))), at=AT + 49 * HOUR)
        await publish(store, (NEXT, AT + 50 * HOUR))
        assert await late(store, NEXT) == []
        assert await late(store, AFTER + timedelta(days=1)) == [(DAY, "9913.00001")]

    async def test_an_older_day_that_is_looked_up_carries_none_either(self, store: Store) -> None:
        await publish(store, (DAY, AT), (AFTER, AT + HOUR))
        await keep(store, batch(new(paper(1))), at=AT + 2 * HOUR)
        assert await late(store, NEXT) == []

    async def test_a_day_made_from_submission_dates_has_no_late_papers(self, store: Store) -> None:
        await store.editions.publish(DAY, AT, approximate=True)
        await keep(store, batch(new(paper(1)), source=Source.SEARCH), at=AT + HOUR)
        assert await late(store, NEXT) == []

    async def test_what_was_fetched_before_and_stored_after_publication_is_late(
        self, store: Store
    ) -> None:
        await publish(store, (DAY, AT))
        await keep(store, batch(new(paper(1))), at=AT - HOUR)
        assert await late(store, NEXT) == [(DAY, "9913.00001")]

    async def test_a_replacement_that_turns_out_to_be_crossed_later_is_late(
        self, store: Store
    ) -> None:
        await keep(store, batch(replaced(paper(1))))
        await publish(store, (DAY, AT + HOUR))
        await keep(store, batch(cross(paper(1))), at=AT + 2 * HOUR)
        assert await late(store, NEXT) == [(DAY, "9913.00001")]

    async def test_a_clock_set_back_before_publication_makes_nothing_late(
        self, store: Store
    ) -> None:
        await keep(store, batch(new(paper(1))), at=AT)
        await publish(store, (DAY, AT - HOUR))
        assert await late(store, NEXT) == []
        await publish(store, (NEXT, AT - 2 * HOUR))
        await keep(store, batch(new(paper(2)), day=NEXT), at=AT - HOUR)
        assert await late(store, AFTER) == [(NEXT, "9913.00002")]


@pytest.mark.parametrize("moment", range(0, 9, 3))
async def test_storing_that_is_interrupted_leaves_nothing_behind(
    tmp_path: Path, moment: int
) -> None:
    day = batch(*(new(p) for p in papers(1200)))
    async with Store.open(fresh(tmp_path)) as store:
        storing = asyncio.create_task(keep(store, day, CS))
        for _ in range(moment):
            await store.papers.get("9913.00001")
        storing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await storing
        assert await store.editions.parts(DAY) == {}
        assert await store.papers.get("9913.00001") is None
        assert await keep(store, batch(new(paper(1)))) == 1


async def longest_hold(beats: list[float]) -> None:
    """Note, until cancelled, how much CPU the event loop's thread spent between two turns, in s."""
    before = time.thread_time()
    while True:
        await asyncio.sleep(0)
        now = time.thread_time()
        beats.append(now - before)
        before = now


async def test_a_whole_day_is_stored_and_read_without_holding_the_event_loop(store: Store) -> None:
    abstract = "What we measured is $O(n)$, and the rest follows. " * 26
    day = batch(*(new(replace(p, abstract=abstract)) for p in papers(2400)))
    beats: list[float] = []
    heart = asyncio.create_task(longest_hold(beats))
    # A full collection takes 60 ms with everything imported: the process's affair, not ours.
    gc.disable()
    try:
        assert await keep(store, day, CS) == 2400
        assert len(await store.editions.announcements(DAY)) == 2400
    finally:
        gc.enable()
        heart.cancel()
        with suppress(asyncio.CancelledError):
            await heart
    assert max(beats) < 0.02

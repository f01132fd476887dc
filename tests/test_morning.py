"""The morning: an edition is whole and checked before anybody can receive it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from bot import app as building
from digest.errors import Busy, NothingAnnounced
from digest.morning import Progress
from tests.conftest import NOON
from tests.fakes.papers import DAY, paper

if TYPE_CHECKING:
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

MONDAY = date(2026, 2, 2)
SOON = datetime(2026, 2, 3, 6, tzinfo=UTC)
"""Five hours after the batch was due; the feed is out, and it is late."""
ON_TIME = datetime(2026, 2, 3, 2, tzinfo=UTC)
"""21:00 in New York: an hour after the batch was due."""


async def test_a_morning_stores_checks_summarises_and_publishes(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(
        DAY, paper(1), paper(2, categories=("stat.ML",)), paper(3, categories=("hep-th",))
    )
    async with opened() as app:
        reader = await building.local_reader(app)
        outcome = await app.morning.run()
        assert (outcome.day, outcome.announced, outcome.failed) == (DAY, 3, ())
        assert outcome.published == NOON
        assert "/list/cs/new" in arxiv.paths, "counts are checked for what somebody follows"
        assert "/list/hep-th/new" not in arxiv.paths
        shown = (await app.reading.digest(DAY, reader)).entries
        told = await app.store.summaries.get([entry.paper.id for entry in shown], "en")
        assert set(told) == {entry.paper.id for entry in shown}


async def test_a_second_morning_changes_nothing(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1))
    async with opened() as app:
        first = await app.morning.run()
        asked = len(arxiv.requests)
        assert await app.morning.run() == first
    assert len(arxiv.requests) == asked


async def test_half_an_edition_is_not_published(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1), paper(3, categories=("hep-th",)))
    arxiv.fail(503, path="/list/hep-th", times=99)
    async with opened(lambda: ON_TIME) as app:
        outcome = await app.morning.run(DAY)
        assert outcome.published is None
        [(archive, error)] = outcome.failed
        assert (archive, type(error)) == ("hep-th", Busy)
        assert await app.store.editions.newest() is None


async def test_a_part_that_fails_for_hours_is_named_and_the_rest_published(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(DAY, paper(1), paper(3, categories=("hep-th",)))
    arxiv.fail(503, path="/rss/hep-th", times=99)
    async with opened(lambda: SOON) as app:
        reader = replace(await building.local_reader(app), fields=("hep-th",))
        outcome = await app.morning.run(DAY)
        assert outcome.published == SOON
        digest = await app.reading.digest(DAY, reader)
        assert digest.receipt.missing == (("hep-th", -1),)


async def test_what_arxiv_lists_and_nobody_delivers_is_named(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(DAY, paper(1), paper(2))
    async with opened() as app:
        reader = await building.local_reader(app)
        await app.gathering.fetch(DAY, ["cs"])
        part = (await app.store.editions.parts(DAY))["cs"]
        listed = replace(part.count, new=part.count.new + 3)
        await app.store.editions.recount(replace(part, listed=listed))
        outcome = await app.morning.run(DAY)
        assert outcome.short == (("cs", 3),)
        assert (await app.reading.digest(DAY, reader)).receipt.missing == (("cs", 3),)


async def test_a_paper_that_comes_late_goes_out_with_the_next_edition(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(MONDAY, paper(1))
    arxiv.today = MONDAY
    async with opened(lambda: datetime(2026, 2, 2, 17, tzinfo=UTC)) as app:
        await app.morning.run(MONDAY)
    arxiv.announce(MONDAY, paper(2))
    async with opened(lambda: datetime(2026, 2, 2, 20, tzinfo=UTC)) as app:
        assert await app.gathering.refresh(MONDAY) == 1
    arxiv.announce(DAY, paper(3))
    arxiv.today = DAY
    async with opened() as app:
        reader = replace(await building.local_reader(app), fields=("cs.AI",))
        await app.morning.run(DAY)
        entries = (await app.reading.digest(DAY, reader)).entries
        assert {(e.paper.id, e.late) for e in entries} == {
            ("9913.00003", None),
            ("9913.00002", MONDAY),
        }


async def test_a_day_without_announcement_has_no_edition(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(MONDAY, paper(1))
    async with opened() as app:
        with pytest.raises(NothingAnnounced):
            await app.morning.run(DAY)
        assert await app.store.editions.get(DAY) is None


async def test_without_a_day_the_newest_one_is_made(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(MONDAY, paper(1))
    async with opened() as app:
        outcome = await app.morning.run()
    assert outcome.day == MONDAY, "arXiv still shows Monday's"


async def test_whoever_watches_sees_it_happen(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1))
    seen: list[str] = []
    watch = Progress(
        lambda ask, _batch: seen.append(ask.subject),
        lambda told, of: seen.append(f"{told}/{of}"),
    )
    async with opened() as app:
        reader = await building.local_reader(app)
        await app.store.subscribers.save(replace(reader, fields=("cs.AI",)))
        await app.morning.run(watch=watch)
    assert sorted(seen[:3]) == ["cs", "hep-th", "stat"]
    assert seen[3:] == ["1/1", "1/1"], "one summary of one, and that was all"

"""Which document has a day, what is stored of it, and what arXiv's own counts say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from digest.errors import Busy, NothingAnnounced, Unreachable
from digest.gathering import PHYSICS, Ask, plan, source_for
from digest.models import Source
from tests.conftest import NOON, Opened
from tests.fakes.papers import DAY, paper

if TYPE_CHECKING:
    from tests.fakes.arxiv import FakeArxiv

FRIDAY, SATURDAY = date(2026, 2, 6), datetime(2026, 2, 7, 17, tzinfo=UTC)
EVENING = datetime(2026, 2, 3, 1, 30, tzinfo=UTC)
"""Monday 20:30 in New York: the listing of the 3rd is out, its feed is not."""


@pytest.mark.parametrize(
    ("now", "source"),
    [
        (EVENING, Source.LISTING),
        (NOON, Source.FEED),
        (datetime(2026, 2, 4, 4, 59, tzinfo=UTC), Source.FEED),
        (datetime(2026, 2, 4, 5, 0, tzinfo=UTC), Source.CATCHUP),
        (datetime(2026, 5, 4, 17, tzinfo=UTC), Source.CATCHUP),
        (datetime(2026, 5, 5, 17, tzinfo=UTC), Source.SEARCH),
    ],
)
def test_the_hour_says_which_document_has_the_day(now: datetime, source: Source) -> None:
    assert source_for(DAY, now) is source


def test_a_past_day_of_physics_is_one_page() -> None:
    assert plan(FRIDAY, SATURDAY, ["cs", "hep-th", "quant-ph", "math"]) == (
        Ask(Source.CATCHUP, "cs", ("cs",)),
        Ask(Source.CATCHUP, PHYSICS, ("hep-th", "quant-ph")),
        Ask(Source.CATCHUP, "math", ("math",)),
    )


def test_a_single_archive_of_physics_is_asked_for_by_name() -> None:
    assert plan(FRIDAY, SATURDAY, ["hep-th"]) == (Ask(Source.CATCHUP, "hep-th", ("hep-th",)),)


def test_an_old_day_is_one_search_for_all_archives() -> None:
    asked = plan(DAY, datetime(2026, 11, 22, tzinfo=UTC), ["cs", "math"])
    assert asked == (Ask(Source.SEARCH, "*", ("cs", "math")),)


async def test_new_and_cross_papers_of_every_archive_are_stored_once(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    both = paper(1, categories=("cs.LG", "stat.ML"))
    arxiv.announce(DAY, both, paper(2, categories=("hep-th",)), replaced=[paper(3, version=2)])
    async with opened() as app:
        assert await app.gathering.fetch(DAY, ["cs", "stat", "hep-th"]) == ()
        stored = await app.store.editions.announcements(DAY)
        assert [(a.paper.id, a.kind) for a in stored] == [
            ("9913.00001", "new"),
            ("9913.00002", "new"),
        ]
        parts = await app.store.editions.parts(DAY)
        assert (parts["cs"].count.new, parts["stat"].count.cross) == (1, 1)
        assert await app.store.papers.get("9913.00003") is not None


async def test_what_is_stored_is_not_asked_again(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1))
    async with opened() as app:
        await app.gathering.fetch(DAY, ["cs"])
        await app.gathering.fetch(DAY, ["cs"])
    assert arxiv.paths == ["/rss/cs"]


async def test_archives_that_are_not_configured_are_not_asked(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    async with opened(archives=("stat",)) as app:
        await app.gathering.fetch(DAY, ["cs"])
    assert arxiv.paths == []


async def test_a_stale_feed_is_passed_over_for_the_listing(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(date(2026, 2, 2), paper(8))
    arxiv.announce(DAY, paper(1))
    arxiv.feed_day = date(2026, 2, 2)
    async with opened() as app:
        await app.gathering.fetch(DAY, ["cs"])
        assert (await app.store.editions.parts(DAY))["cs"].source is Source.LISTING
    assert arxiv.paths == ["/rss/cs", "/list/cs/new"]


async def test_a_holiday_is_told_from_a_feed_that_is_empty_by_mistake(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    monday = date(2026, 2, 2)
    arxiv.announce(monday, paper(8))
    async with opened() as app:
        with pytest.raises(NothingAnnounced) as caught:
            await app.gathering.fetch(DAY, ["cs"])
        assert caught.value.params["newest"] == monday
        assert "cs" in await app.store.editions.parts(monday), "what arXiv shows instead is kept"


async def test_a_quiet_archive_is_a_part_without_papers(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1), paper(2, categories=("stat.ME",)))
    arxiv.missing = {"9913.00002"}
    async with opened() as app:
        await app.gathering.fetch(DAY, ["stat"])
        assert len(await app.store.editions.announcements(DAY)) == 1, "the listing has it"


async def test_a_past_holiday_has_nothing(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1))
    arxiv.today = FRIDAY
    async with opened(lambda: SATURDAY) as app:
        with pytest.raises(NothingAnnounced):
            await app.gathering.fetch(date(2026, 2, 5), ["cs"])


async def test_papers_that_the_feed_lacks_are_taken_from_the_listing(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(DAY, paper(1), paper(2))
    arxiv.missing = {"9913.00002"}
    async with opened() as app:
        await app.gathering.fetch(DAY, ["cs"])
        assert await app.gathering.check(DAY, ["cs"]) == ()
        assert len(await app.store.editions.announcements(DAY)) == 2
        part = (await app.store.editions.parts(DAY))["cs"]
        assert part.missing == 0
    assert arxiv.paths == ["/rss/cs", "/list/cs/new", "/rss/cs"]


async def test_counts_that_agree_are_asked_for_once(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1), paper(2))
    async with opened() as app:
        await app.gathering.fetch(DAY, ["cs"])
        await app.gathering.check(DAY, ["cs"])
        await app.gathering.check(DAY, ["cs"])
    assert arxiv.paths == ["/rss/cs", "/list/cs/new"]


async def test_a_count_that_cannot_be_had_costs_no_paper(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1))
    async with opened() as app:
        await app.gathering.fetch(DAY, ["cs"])
        arxiv.fail(503, path="/list/", times=99)
        [(archive, error)] = await app.gathering.check(DAY, ["cs"])
        assert archive == "cs"
        assert isinstance(error, Busy)
        assert len(await app.store.editions.announcements(DAY)) == 1


async def test_one_archive_that_fails_costs_the_others_nothing(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(DAY, paper(1), paper(2, categories=("hep-th",)))
    arxiv.fail(503, path="/rss/cs", times=99)
    async with opened() as app:
        [(archive, _error)] = await app.gathering.fetch(DAY, ["cs", "hep-th"])
        assert archive == "cs"
        assert list(await app.store.editions.parts(DAY)) == ["hep-th"]


async def test_a_waiting_reader_is_told_of_the_first_failure(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.stop()
    async with opened() as app:
        [(archive, error)] = await app.gathering.fetch(DAY, ["cs", "stat"], urgent=True)
        assert archive == "cs"
        assert isinstance(error, Unreachable)


async def test_papers_that_come_later_are_found_by_asking_again(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(DAY, paper(1))
    async with opened() as app:
        await app.gathering.fetch(DAY, ["cs"])
        assert await app.gathering.refresh(DAY) == 0
        arxiv.announce(DAY, paper(2))
        assert await app.gathering.refresh(DAY) == 1
    assert arxiv.requests[1].headers["If-None-Match"], "asked by ETag"


async def test_an_old_day_is_made_from_submission_dates(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1, submitted=date(2026, 2, 2)))
    arxiv.today = date(2026, 11, 20)
    async with opened(lambda: datetime(2026, 11, 22, tzinfo=UTC)) as app:
        await app.gathering.fetch(DAY, ["cs", "stat"])
        parts = await app.store.editions.parts(DAY)
        assert {part.source for part in parts.values()} == {Source.SEARCH}
        assert parts["cs"].count.new == 1

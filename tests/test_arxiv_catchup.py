"""The catch-up pages: a past day of a subject, whole or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from digest.arxiv import catchup
from digest.errors import BadDocument, Refused, Truncated
from digest.models import Count, Kind, Source
from tests.fakes import arxiv_documents as documents
from tests.fakes.clock import polite
from tests.fakes.papers import DAY, cross, new, paper, papers, replaced

if TYPE_CHECKING:
    from tests.fakes.arxiv import FakeArxiv

TODAY = DAY + timedelta(days=30)


def test_a_day_is_read_like_the_listing_it_was() -> None:
    announced = [new(paper(1)), cross(paper(2, version=None, categories=("hep-th", "cs.AI")))]
    body = documents.catchup("cs", DAY, announced).encode()
    batch = catchup.parse(body, "cs")
    assert batch.announcements == tuple(announced)
    assert (batch.day, batch.source, batch.listed) == (DAY, Source.CATCHUP, Count(1, 1))


def test_the_group_of_physics_has_its_own_replacements() -> None:
    announced = [
        replaced(paper(1, categories=("hep-th",))),
        replaced(paper(2, categories=("cs.AI", "quant-ph")), crossed=True),
    ]
    body = documents.catchup("grp_physics", DAY, announced).encode()
    kinds = [each.kind for each in catchup.parse(body, "grp_physics").announcements]
    assert kinds == [Kind.REPLACE, Kind.REPLACE_CROSS]


async def test_a_past_day_is_fetched_with_its_abstracts(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1, categories=("hep-th", "math-ph")), replaced=[paper(2)])
    arxiv.announce(TODAY, paper(9))
    arxiv.today = TODAY
    async with polite() as client:
        batch = await catchup.fetch(client, arxiv.site_url, "grp_physics", DAY)
    assert batch.announcements == (new(paper(1, categories=("hep-th", "math-ph"))),)
    assert batch.subject == "grp_physics"


async def test_all_pages_are_read_to_the_total(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, *papers(5), replaced=papers(6, start=6))
    arxiv.page_size = 4
    async with polite() as client:
        batch = await catchup.fetch(client, arxiv.site_url, "cs", DAY)
    assert len(batch.announcements) == 11
    assert batch.listed == Count(new=5, cross=0)
    assert [seen.query["page"] for seen in arxiv.requests] == ["1", "2", "3"]


async def test_a_day_without_announcements_is_an_empty_batch(arxiv: FakeArxiv) -> None:
    sunday = date(2026, 2, 1)
    async with polite() as client:
        batch = await catchup.fetch(client, arxiv.site_url, "cs", sunday)
    assert (batch.day, batch.announcements, batch.listed) == (sunday, (), Count(0, 0))


@pytest.mark.parametrize(
    ("subject", "day"), [("cs", DAY - timedelta(days=91)), ("cs", TODAY), ("xx", DAY)]
)
async def test_what_is_out_of_reach_is_refused_with_arxivs_reason(
    arxiv: FakeArxiv, subject: str, day: date
) -> None:
    async with polite() as client:
        with pytest.raises(Refused, match="not within the past 90 days") as refused:
            await catchup.fetch(client, arxiv.site_url, subject, day)
    assert refused.value.params["status"] == 400


async def test_another_day_than_the_one_asked_for_is_refused(arxiv: FakeArxiv) -> None:
    arxiv.answer(documents.catchup("cs", date(2026, 2, 2), [new(paper(1))]))
    async with polite() as client:
        with pytest.raises(BadDocument, match="asked for 2026-02-03, got 2026-02-02"):
            await catchup.fetch(client, arxiv.site_url, "cs", DAY)


async def test_a_day_whose_pages_end_before_its_total_is_refused(arxiv: FakeArxiv) -> None:
    five = [new(each) for each in papers(5)]
    arxiv.answer(documents.catchup("cs", DAY, five, size=4))
    arxiv.answer(documents.catchup("cs", DAY, five, page=3, size=4))
    async with polite() as client:
        with pytest.raises(Truncated):
            await catchup.fetch(client, arxiv.site_url, "cs", DAY)

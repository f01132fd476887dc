"""The search API: single papers, and older days by submission time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from digest.arxiv import search
from digest.errors import BadDocument, NotAFeed, Refused, Truncated
from digest.models import Kind, Source
from digest.text.clean import fold
from tests.fakes import arxiv_documents as documents
from tests.fakes.clock import polite
from tests.fakes.papers import DAY, paper, papers
from tests.fakes.texts import texts

if TYPE_CHECKING:
    from digest.models import Paper
    from tests.fakes.arxiv import FakeArxiv

SUBMITTED = date(2026, 2, 2)
START = datetime(2026, 2, 2, 19, tzinfo=UTC)


def answer(*found: Paper, total: int | None = None) -> bytes:
    total = len(found) if total is None else total
    return documents.search("x", found, total=total, start=0, size=10).encode()


@settings(max_examples=40)
@given(title=texts, abstract=texts, comment=texts)
def test_no_character_of_a_title_or_an_abstract_is_lost(
    title: str, abstract: str, comment: str
) -> None:
    written = paper(1, title=title, abstract=abstract, comment=comment, submitted=SUBMITTED)
    whole = replace(written, title=fold(title), abstract=fold(abstract), comment=fold(comment))
    kept = whole.title or whole.abstract
    assert search.parse(answer(written)).papers == ((whole,) if kept else ())


def test_everything_but_affiliations_is_read() -> None:
    written = paper(
        1,
        version=3,
        categories=("stat.ML", "cs.AI", "cs.LG"),
        comment="13 pages, 3 figures",
        submitted=SUBMITTED,
    )
    found = search.parse(answer(written, total=7))
    assert found.papers == (written,)
    assert found.total == 7


def test_the_answer_of_the_older_serialiser_is_read_as_well() -> None:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        '<title type="html">ArXiv Query: search_query=cat:cs.RO&amp;id_list=</title>\n'
        "<entry><id>http://arxiv.org/abs/hep-th/9913001v2</id>\n"
        "<updated>2025-10-17T17:59:37Z</updated><published>2025-10-16T23:59:37Z</published>\n"
        "<title>Sheep of Several\n  Kinds</title><summary>  They differ\nmuch.\n</summary>\n"
        "<author><name>Ada Example</name></author>\n"
        '<arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">Two\n  lines</arxiv:comment>\n'
        '<category term="cs.RO" scheme="http://arxiv.org/schemas/atom"/></entry>\n</feed>'
    )
    one = search.parse(body.encode()).papers[0]
    assert (one.id, one.version) == ("hep-th/9913001", 2)
    assert (one.title, one.abstract) == ("Sheep of Several Kinds", "They differ much.")
    assert (one.comment, one.submitted) == ("Two lines", date(2025, 10, 16))
    assert one.categories == ("cs.RO",)


def test_an_error_entry_carries_arxivs_reason() -> None:
    with pytest.raises(Refused, match="incorrect id format for abc"):
        search.parse(documents.search_error("abc").encode())


def test_an_answer_that_is_none_is_refused() -> None:
    with pytest.raises(NotAFeed):
        search.parse(b"<!DOCTYPE html><html></html>")
    with pytest.raises(Truncated):
        search.parse(answer(paper(1))[:-20])
    with pytest.raises(BadDocument, match="without id or category"):
        search.parse(answer(paper(1)).replace(b"term=", b"name="))
    with pytest.raises(BadDocument, match="without id or category"):
        search.parse(answer(paper(1)).replace(b"/abs/", b"/abs/" + b"9" * 60))


def test_an_empty_entry_is_no_paper() -> None:
    found = search.parse(answer(paper(1, title=" ", abstract="\u00a0"), paper(2)))
    assert [each.id for each in found.papers] == [paper(2).id]


def test_an_entry_without_dates_is_read_without() -> None:
    body = answer(paper(1)).replace(b"published>", b"x>")
    assert search.parse(body).papers[0].submitted is None


async def test_papers_are_fetched_by_id_and_missing_ones_are_absent(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, *papers(3))
    wanted = [paper(3).id, "9913.09999", f"{paper(1).id}v1"]
    async with polite() as client:
        found = await search.papers(client, arxiv.api_url, wanted)
    assert {each.id for each in found} == {paper(1).id, paper(3).id}
    assert arxiv.requests[0].query["id_list"] == ",".join(wanted)


async def test_nothing_is_asked_about_no_ids(arxiv: FakeArxiv) -> None:
    async with polite() as client:
        assert await search.papers(client, arxiv.api_url, []) == ()
    assert arxiv.requests == []


async def test_many_ids_are_asked_for_in_several_questions(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, *papers(150))
    async with polite() as client:
        found = await search.papers(client, arxiv.api_url, [each.id for each in papers(150)])
    assert len(found) == 150
    assert len(arxiv.requests) == 2


async def test_a_malformed_id_is_refused_with_arxivs_reason(arxiv: FakeArxiv) -> None:
    async with polite() as client:
        with pytest.raises(Refused, match="incorrect id format for abc") as refused:
            await search.papers(client, arxiv.api_url, ["abc"])
    assert refused.value.params["status"] == 400


async def test_a_window_is_asked_for_in_utc_and_without_its_end(arxiv: FakeArxiv) -> None:
    eastern = timezone(timedelta(hours=-5))
    start = datetime(2026, 1, 30, 14, tzinfo=eastern)
    async with polite() as client:
        end = start + timedelta(days=3)
        batch = await search.window(client, arxiv.api_url, DAY, start, end)
    assert batch.announcements == ()
    query = arxiv.requests[0].query
    assert query["search_query"] == "submittedDate:[202601301900 TO 202602021859]"
    assert query["max_results"] == "2000"


async def test_a_window_is_read_slice_by_slice(arxiv: FakeArxiv) -> None:
    inside = [replace(each, submitted=date(2026, 2, 3)) for each in papers(5)]
    outside = paper(9, submitted=date(2026, 2, 2))
    arxiv.announce(DAY, *inside, outside)
    arxiv.page_size = 2
    async with polite() as client:
        end = START + timedelta(days=1)
        batch = await search.window(client, arxiv.api_url, DAY, START, end)
    assert [each.paper for each in batch.announcements] == inside
    assert {each.kind for each in batch.announcements} == {Kind.NEW}
    assert (batch.subject, batch.day, batch.source) == ("*", DAY, Source.SEARCH)
    assert [seen.query["start"] for seen in arxiv.requests] == ["0", "2", "4"]


async def test_an_empty_slice_by_mistake_is_asked_for_again(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1, submitted=date(2026, 2, 3)))
    mistake = answer(total=1)
    arxiv.answer(mistake, content_type="application/atom+xml")
    end = START + timedelta(days=1)
    async with polite() as client:
        batch = await search.window(client, arxiv.api_url, DAY, START, end)
        assert batch.count.new == 1
        arxiv.answer(mistake, content_type="application/atom+xml", times=2)
        with pytest.raises(Truncated):
            await search.window(client, arxiv.api_url, DAY, START, end)


def test_a_total_or_a_version_of_thousands_of_digits_breaks_nothing() -> None:
    body = answer(paper(1)).replace(b"totalResults>1<", b"totalResults>" + b"9" * 5000 + b"<")
    found = search.parse(body.replace(b"00001v1", b"00001v" + b"9" * 5000))
    assert [each.id for each in found.papers] == [paper(1).id]
    assert found.total >= 1

"""The listing page: the newest batch with arXiv's own counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.arxiv import listing
from digest.errors import BadDocument, Refused, Truncated
from digest.models import Announcement, Count, Kind, Paper, Source
from digest.text.clean import fold
from tests.fakes import arxiv_documents as documents
from tests.fakes.clock import polite
from tests.fakes.papers import DAY, cross, new, paper, papers, replaced
from tests.fakes.texts import names, texts

if TYPE_CHECKING:
    from tests.fakes.arxiv import FakeArxiv


def page(*announced: Announcement, subject: str = "cs") -> bytes:
    return documents.listing(subject, DAY, announced).encode()


def read(written: Paper) -> Paper:
    return listing.parse(page(new(written)), "cs").announcements[0].paper


@settings(max_examples=60)
@given(title=texts, abstract=texts, comment=texts)
def test_no_character_of_a_title_or_an_abstract_is_lost(
    title: str, abstract: str, comment: str
) -> None:
    written = paper(1, title=title, abstract=abstract, comment=comment)
    whole = replace(written, title=fold(title), abstract=fold(abstract), comment=fold(comment))
    assert read(written) == whole


@settings(max_examples=30)
@given(st.lists(names, min_size=1, max_size=4).map(tuple))
def test_authors_are_told_apart(authors: tuple[str, ...]) -> None:
    assert read(paper(1, authors=authors)).authors == tuple(fold(name) for name in authors)


def test_an_address_that_arxiv_hides_behind_a_link_is_there() -> None:
    text = "Code: https://example.org/sheep?n=1#top and http://example.org/."
    assert read(paper(1, abstract=text)).abstract == text


def test_a_link_that_reads_like_what_it_links_to_stays_as_it_reads() -> None:
    body = page(new(paper(1, abstract="See @@.")))
    link = b'<a href="https://arxiv.org/abs/9913.00009">arXiv:9913.00009</a>'
    read_back = listing.parse(body.replace(b"@@", link), "cs").announcements[0].paper
    assert read_back.abstract == "See arXiv:9913.00009."


def test_what_belongs_to_no_paper_is_passed_over() -> None:
    body = page(new(paper(1))).replace(b"<h3>Showing", b"<dl><dd>A notice</dd></dl><h3>Showing")
    assert listing.parse(body, "cs").announcements == (new(paper(1)),)


def test_a_paragraph_break_separates_words() -> None:
    body = page(new(paper(1, abstract="One.@@Two."))).replace(b"@@", b"<br/>")
    assert listing.parse(body, "cs").announcements[0].paper.abstract == "One. Two."


def test_everything_that_the_page_knows_is_read() -> None:
    mine = paper(1, categories=("cs.AI", "stat.ML"), comment="9 pages")
    theirs = paper(2, categories=("hep-th", "cs.AI"))
    batch = listing.parse(page(new(mine), cross(theirs)), "cs")
    assert batch.announcements == (new(mine), cross(replace(theirs, version=None)))
    assert (batch.subject, batch.day, batch.source) == ("cs", DAY, Source.LISTING)
    assert batch.listed == batch.count == Count(new=1, cross=1)


@pytest.mark.parametrize(
    ("subject", "own"), [("cs", True), ("cs.AI", True), ("cs.LG", False), ("stat", False)]
)
def test_replacements_have_neither_version_nor_abstract(subject: str, *, own: bool) -> None:
    body = page(replaced(paper(1, version=4, categories=("cs.AI", "cs.LG", "stat.ML"))))
    one = listing.parse(body, subject).announcements[0]
    assert one.kind is (Kind.REPLACE if own else Kind.REPLACE_CROSS)
    assert (one.paper.version, one.paper.abstract) == (None, "")
    assert one.paper.title == paper(1).title


def test_the_count_is_of_all_pages_and_not_of_this_one() -> None:
    announced = [*map(new, papers(5)), *map(cross, papers(4, start=6))]
    body = documents.listing("cs", DAY, announced, show=7).encode()
    batch = listing.parse(body, "cs")
    assert batch.count == Count(new=5, cross=2)
    assert batch.listed == Count(new=5, cross=4)


def test_thousands_may_have_a_comma() -> None:
    body = page(new(paper(1))).replace(b"showing 1 of 1 ", b"showing 1 of 1,034 ")
    assert listing.parse(body, "cs").listed == Count(new=1034, cross=0)


def test_headings_without_numbers_count_nothing() -> None:
    body = page(new(paper(1))).replace(b" (showing 1 of 1 entries)", b" for Tuesday")
    batch = listing.parse(body, "cs")
    assert batch.count.new == 1
    assert batch.listed is None


def test_an_older_page_is_read_as_well() -> None:
    body = page(new(paper(1)))
    for today, once in {
        b"<span class='descriptor'>Title:</span>": b"<span class=descriptor>Title: </span>",
        b"Ada Example</a>, ": b"Ada Example</a> (Example Institute, Town), ",
        b"'list-authors'>": b"'list-authors'><span class=descriptor>Authors:</span>",
    }.items():
        assert today in body
        body = body.replace(today, once)
    assert listing.parse(body, "cs").announcements == (new(paper(1)),)


def test_names_without_links_are_read_as_well() -> None:
    body = page(new(paper(1, authors=("@@",))))
    linked = b'<a href="https://arxiv.org/search/?query=x" rel="nofollow">@@</a>'
    plain = body.replace(linked, b"Ada Example (Institute, Town), Bo Sample")
    assert read(paper(1)).authors == listing.parse(plain, "cs").announcements[0].paper.authors
    without = body.replace(b"<div class='list-authors'>", b"<div class='none'>")
    assert listing.parse(without, "cs").announcements[0].paper.authors == ()


def test_nothing_announced_is_an_empty_batch() -> None:
    batch = listing.parse(page(), "cs")
    assert batch.announcements == ()
    assert (batch.day, batch.listed) == (DAY, Count(0, 0))


@settings(max_examples=60)
@given(st.integers(min_value=0))
def test_no_beginning_of_a_page_passes_for_the_whole(place: int) -> None:
    whole = page(*map(new, papers(3))).rstrip()
    with pytest.raises(Truncated):
        listing.parse(whole[: place % len(whole)], "cs")


def test_a_page_with_fewer_entries_than_it_says_is_no_whole_page() -> None:
    body = page(*map(new, papers(3))).replace(b"showing 3 of 3", b"showing 4 of 4")
    with pytest.raises(Truncated):
        listing.parse(body, "cs")


def test_an_id_that_nobody_can_store_is_none() -> None:
    body = page(*map(new, papers(3))).replace(b"/abs/", b"/abs/" + b"9" * 60, 1)
    with pytest.raises(Truncated):
        listing.parse(body, "cs")


@pytest.mark.parametrize("digits", [b"9" * 5000, b"0" * 5000 + b"1", b",,,"])
@pytest.mark.parametrize("words", [b"Total of @", b"showing @ of @"])
def test_numbers_that_nobody_can_mean_are_read_or_refused(words: bytes, digits: bytes) -> None:
    written = words.replace(b"@", b"1")
    try:
        body = page(new(paper(1))).replace(written, words.replace(b"@", digits))
        assert len(listing.parse(body, "cs").announcements) == 1
    except Truncated:
        assert digits == b"9" * 5000


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"id='dlpage'", b"id='other'", "no list"),
        (b"Showing new listings for", b"Showing", "no date"),
        (b"February", b"Xxx", "no date"),
        (b"3 February", b"31 February", "no date"),
        (b"(cs.AI)", b"AI", "no category"),
    ],
)
def test_another_page_is_refused(before: bytes, after: bytes, reason: str) -> None:
    body = page(new(paper(1))).replace(before, after)
    with pytest.raises(BadDocument, match=reason):
        listing.parse(body, "cs")


async def test_on_a_weekend_the_last_day_goes_on_being_shown(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1))
    arxiv.today = date(2026, 2, 7)
    async with polite() as client:
        batch = await listing.fetch(client, arxiv.site_url, "cs")
    assert (batch.day, batch.count.new) == (DAY, 1)


async def test_a_list_of_several_pages_is_read_to_its_end(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, *papers(5), *papers(4, start=6, categories=("hep-th", "cs.AI")))
    arxiv.page_size = 4
    async with polite() as client:
        batch = await listing.fetch(client, arxiv.site_url, "cs")
    assert batch.count == batch.listed == Count(new=5, cross=4)
    assert [seen.query.get("skip") for seen in arxiv.requests] == [None, "4", "8"]


async def test_an_unknown_subject_is_refused(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1))
    async with polite() as client:
        with pytest.raises(Refused, match="Invalid archive or category"):
            await listing.fetch(client, arxiv.site_url, "xx")


async def test_a_list_that_ends_before_its_total_is_refused(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, *papers(5))
    arxiv.page_size = 4
    nothing = documents.listing("cs", DAY, [])
    async with polite() as client:
        arxiv.answer(documents.listing("cs", DAY, [new(each) for each in papers(5)], show=4))
        arxiv.answer(nothing)
        with pytest.raises(Truncated):
            await listing.fetch(client, arxiv.site_url, "cs")


async def test_a_list_that_changes_while_it_is_read_is_refused(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, *papers(5))
    arxiv.page_size = 4
    async with polite() as client:
        yesterday = [new(each) for each in papers(5)]
        arxiv.answer(documents.listing("cs", date(2026, 2, 2), yesterday, show=4))
        with pytest.raises(BadDocument, match="day changed"):
            await listing.fetch(client, arxiv.site_url, "cs")

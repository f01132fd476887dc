"""The daily feed: nothing of a paper is lost, and nothing is taken for a feed that is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.arxiv import feed
from digest.errors import ArxivError, BadDocument, NotAFeed, Refused, Truncated
from digest.models import Announcement, Count, Kind, Source
from digest.text.clean import fold
from tests.fakes import arxiv_documents as documents
from tests.fakes.clock import polite
from tests.fakes.papers import DAY, cross, new, paper, papers, replaced
from tests.fakes.texts import names, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.arxiv import FakeArxiv

WRITERS = pytest.mark.parametrize("write", [documents.rss, documents.atom])
SUNDAY = date(2026, 9, 27)
CATEGORIES = ("cs.AI", "cs.CL", "cs.DC", "cs.LG")


def document(*announced: Announcement, day: date = DAY) -> bytes:
    return documents.rss("cs", day, announced).encode()


@WRITERS
@settings(max_examples=40)
@given(title=texts, abstract=texts)
def test_no_character_of_a_title_or_an_abstract_is_lost(
    write: Callable[..., str], title: str, abstract: str
) -> None:
    written = paper(1, title=title, abstract=abstract)
    batch = feed.parse(write("cs", DAY, [new(written)]).encode(), "cs")
    read = batch.announcements[0].paper
    assert read == replace(written, title=fold(title), abstract=fold(abstract))


@WRITERS
def test_everything_that_a_feed_knows_is_read(write: Callable[..., str]) -> None:
    announced = [
        new(paper(1, categories=("cs.AI", "stat.ML"))),
        cross(paper(2, version=2, categories=("hep-th", "cs.AI"))),
        replaced(paper(3, version=3)),
        replaced(paper(4, version=5, categories=("stat.ML", "cs.AI")), crossed=True),
    ]
    batch = feed.parse(write("cs", DAY, announced).encode(), "cs")
    assert batch.announcements == tuple(announced)
    assert batch.count == Count(new=1, cross=1)
    assert (batch.subject, batch.day, batch.source, batch.listed) == ("cs", DAY, Source.FEED, None)


def test_old_identifiers_keep_their_archive() -> None:
    old = replace(paper(1, version=7), id="hep-th/9913001")
    batch = feed.parse(document(replaced(old)), "hep-th")
    assert batch.announcements[0].paper == old


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Ã&#169; and &#xE9; and &#x4E2D;", "Ã© and é and 中"),
        ("<![CDATA[Ã© and &#233; <b>]]>", "Ã© and &#233; <b>"),
        ("&#147;quoted&#148;", "\x93quoted\x94"),
    ],
)
def test_references_and_raw_sections_mean_what_xml_says(written: str, text: str) -> None:
    body = document(new(paper(1, title="@@"))).replace(b"@@", written.encode())
    assert feed.parse(body, "cs").announcements[0].paper.title == text


def test_an_announcement_of_no_known_kind_is_no_new_paper() -> None:
    body = document(new(paper(1))).replace(b"announce_type>new<", b"announce_type>absonly<")
    assert feed.parse(body, "cs").announcements[0].kind is Kind.REPLACE


@settings(max_examples=40)
@given(st.lists(names, min_size=1, max_size=4).map(tuple))
def test_authors_are_told_apart(authors: tuple[str, ...]) -> None:
    batch = feed.parse(document(new(paper(1, authors=authors))), "cs")
    assert batch.announcements[0].paper.authors == tuple(fold(name) for name in authors)


@pytest.mark.parametrize(
    ("creator", "authors"),
    [
        ("Ada Example", ("Ada Example",)),
        ("Ada Example, Bo Sample Jr.", ("Ada Example", "Bo Sample Jr.")),
        ("Bo Sample, Jr., Ada Example", ("Bo Sample, Jr.", "Ada Example")),
        ("Bo Sample, III", ("Bo Sample, III",)),
        ("Ada Example (Institute, Town), Bo Sample", ("Ada Example", "Bo Sample")),
        ("Ada Example (1), Bo Sample (1 and 2) ((1) A, (2) B)", ("Ada Example", "Bo Sample")),
        ("Wei (Ada) Example, Bo Sample", ("Wei (Ada) Example", "Bo Sample")),
        ("Ada Example (lost, Bo Sample", ("Ada Example (lost", "Bo Sample")),
        ("Ada Example) (, Bo Sample", ("Ada Example) (", "Bo Sample")),
        ("the SHEEP Collaboration, Ada Example", ("the SHEEP Collaboration", "Ada Example")),
        ("(Example)", ("(Example)",)),
        ("", ()),
    ],
)
def test_affiliations_are_no_authors(creator: str, authors: tuple[str, ...]) -> None:
    batch = feed.parse(document(new(paper(1, authors=(creator,)))), "cs")
    assert batch.announcements[0].paper.authors == authors


def test_a_paper_that_stands_twice_is_there_once_with_its_strongest_kind() -> None:
    body = document(cross(paper(1)), new(paper(2)), new(paper(1)), replaced(paper(2)))
    batch = feed.parse(body, "cs")
    assert batch.announcements == (new(paper(1)), new(paper(2)))


def test_a_weekend_feed_is_an_empty_batch_of_that_day() -> None:
    batch = feed.parse(document(day=SUNDAY), "cs")
    assert batch.announcements == ()
    assert batch.day == SUNDAY


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("Tue, 03 Feb 2026 00:00:00 -0500", date(2026, 2, 3)),
        ("Tue, 03 Feb 2026 04:59:59 +0000", date(2026, 2, 2)),
        ("Wed, 01 Jul 2026 04:00:00 +0000", date(2026, 7, 1)),
    ],
)
def test_the_day_is_the_feeds_own_in_new_york(stamp: str, day: date) -> None:
    before = format_datetime(documents.midnight(DAY))
    body = documents.rss("cs", DAY, []).replace(before, stamp).encode()
    assert feed.parse(body, "cs").day == day


def test_the_time_of_building_stands_in_for_a_missing_date() -> None:
    body = document().replace(b"<pubDate>", b"<x>").replace(b"</pubDate>", b"</x>")
    assert feed.parse(body, "cs").day == DAY
    without = body.replace(b"lastBuildDate>", b"x>")
    with pytest.raises(BadDocument, match="no date"):
        feed.parse(without, "cs")


def test_a_feed_error_carries_arxivs_reason() -> None:
    body = documents.feed_error("cs.XX", DAY, "Bad archive 'cs.XX'.").encode()
    with pytest.raises(Refused) as refused:
        feed.parse(body, "cs.XX")
    assert refused.value.params["reason"] == "Bad archive 'cs.XX'."


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><head><title>arXiv is down</title></head><body>Sorry</body></html>",
        b"<html><body>rss</body></html>",
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'></html>",
        b"Rate exceeded.",
        b"{}",
        b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"></rss>',
    ],
)
def test_an_html_page_is_no_feed(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        feed.parse(body, "cs")


@WRITERS
def test_no_beginning_of_a_feed_passes_for_the_whole(write: Callable[..., str]) -> None:
    whole = write("cs", DAY, [new(each) for each in papers(3)]).encode().rstrip()
    for place in range(len(whole)):
        with pytest.raises(Truncated):
            feed.parse(whole[:place], "cs")


def test_what_follows_the_end_of_a_feed_does_not_matter() -> None:
    assert feed.parse(document(new(paper(1))) + b"\n<!-- cached -->\n", "cs").count.new == 1


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"oai:arXiv.org:", b"oai:example.org:", "without id"),
        (f"oai:arXiv.org:{paper(1).id}".encode(), b"oai:arXiv.org:", "without id"),
        (b"oai:arXiv.org:", b"oai:arXiv.org:" + b"9" * 60, "without id"),
        (b"<category>cs.AI</category>", b"", "without id or category"),
        (b"<item>", b"<item><open>", "mismatched tag"),
        (b"<item>", b"<item><odd:name/>", "prefix"),
        (b"<link>", b"<textinput><link>", "mismatched tag"),
        (b"<item>", b"<item><textinput><link>x</link></textinput>", "feedparser"),
        (b"Ada Example", b"Ada \xff\xfe", "invalid"),
    ],
)
def test_a_damaged_feed_is_refused_as_a_whole(before: bytes, after: bytes, reason: str) -> None:
    body = document(new(paper(1)), new(paper(2))).replace(before, after, 1)
    with pytest.raises(BadDocument, match=reason):
        feed.parse(body, "cs")


DAMAGE = st.sampled_from(
    b"< & &#0; &#99999999; \xff \x00 ]]> <!-- v9 </item> <textinput/> <svg/> <category/>".split()
)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(min_value=0), DAMAGE), min_size=1, max_size=3))
def test_a_damaged_feed_is_read_or_refused_and_never_breaks_us(
    damage: list[tuple[int, bytes]],
) -> None:
    body = document(new(paper(1)), cross(paper(2)))
    for place, piece in damage:
        cut = place % len(body)
        body = body[:cut] + piece + body[cut:]
    try:
        batch = feed.parse(body, "cs")
    except ArxivError:
        return
    assert len(batch.announcements) == 2


async def test_an_unchanged_feed_is_not_sent_again(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1))
    async with polite() as client:
        first = await feed.fetch(client, arxiv.feed_url, "cs")
        assert first is not None
        assert first.etag
        again = await feed.fetch(client, arxiv.feed_url, "cs", etag=first.etag)
        assert again is None
        arxiv.announce(DAY, paper(2))
        changed = await feed.fetch(client, arxiv.feed_url, "cs", etag=first.etag)
    assert changed is not None
    assert changed.count.new == 2


async def test_a_stale_feed_shows_by_its_day(arxiv: FakeArxiv) -> None:
    yesterday = date(2026, 2, 2)
    arxiv.announce(yesterday, paper(1))
    arxiv.announce(DAY, paper(2))
    arxiv.feed_day = yesterday
    async with polite() as client:
        stale = await feed.fetch(client, arxiv.feed_url, "cs")
        arxiv.feed_day = None
        fresh = await feed.fetch(client, arxiv.feed_url, "cs", etag=stale.etag if stale else "")
    assert stale is not None
    assert (stale.day, stale.announcements) == (yesterday, (new(paper(1)),))
    assert fresh is not None
    assert fresh.day == DAY


async def test_a_holidays_feed_is_empty_and_dated(arxiv: FakeArxiv) -> None:
    arxiv.announce(date(2026, 12, 24), paper(1))
    arxiv.today = date(2026, 12, 25)
    async with polite() as client:
        batch = await feed.fetch(client, arxiv.feed_url, "cs")
    assert batch is not None
    assert (batch.day, batch.announcements) == (date(2026, 12, 25), ())


async def test_a_feed_cut_on_its_way_is_refused(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, *papers(30))
    arxiv.cut(path="/rss/")
    async with polite() as client:
        with pytest.raises(Truncated):
            await feed.fetch(client, arxiv.feed_url, "cs")


async def test_an_html_page_instead_of_a_feed_is_refused(arxiv: FakeArxiv) -> None:
    arxiv.answer("<!DOCTYPE html><html><body>We will be back.</body></html>")
    async with polite() as client:
        with pytest.raises(NotAFeed):
            await feed.fetch(client, arxiv.feed_url, "cs")


def full_day(arxiv: FakeArxiv, size: int = 4) -> None:
    """Nine papers of cs in four categories, where a feed holds `size`."""
    arxiv.page_size = size
    arxiv.announce(
        DAY,
        *papers(3, start=1, categories=("cs.AI", "cs.LG")),
        *papers(2, start=4, categories=("cs.CL",)),
        *papers(2, start=6, categories=("cs.DC",)),
        *papers(2, start=8, categories=("cs.LG", "cs.AI")),
    )


async def test_a_full_feed_is_asked_again_by_halves_of_its_categories(arxiv: FakeArxiv) -> None:
    full_day(arxiv)
    async with polite() as client:
        batch = await feed.fetch(client, arxiv.feed_url, "cs", CATEGORIES, full=4)
    assert batch is not None
    assert {a.paper.id for a in batch.announcements} == {paper(n).id for n in range(1, 10)}
    assert batch.subject == "cs"
    assert arxiv.paths == [
        "/rss/cs",
        "/rss/cs.AI+cs.CL",
        "/rss/cs.AI",
        "/rss/cs.CL",
        "/rss/cs.DC+cs.LG",
        "/rss/cs.DC",
        "/rss/cs.LG",
    ]


async def test_a_paper_of_another_category_of_the_archive_is_new_for_the_archive(
    arxiv: FakeArxiv,
) -> None:
    full_day(arxiv, size=6)
    late = paper(20, version=2, categories=("cs.DC", "cs.AI"))
    arxiv.announce(DAY, crossed=[late])
    async with polite() as client:
        batch = await feed.fetch(client, arxiv.feed_url, "cs", CATEGORIES, full=6)
    assert batch is not None
    kinds = {a.paper.id: a.kind for a in batch.announcements}
    assert kinds.pop(late.id) is Kind.CROSS
    assert set(kinds.values()) == {Kind.NEW}


async def test_a_category_whose_feed_is_stale_brings_no_old_papers(arxiv: FakeArxiv) -> None:
    full_day(arxiv)
    yesterday = documents.rss("cs.AI+cs.CL", date(2026, 2, 2), [new(paper(99))])
    arxiv.answer(yesterday, content_type="application/rss+xml", path="/rss/cs.AI+cs.CL")
    async with polite() as client:
        batch = await feed.fetch(client, arxiv.feed_url, "cs", CATEGORIES, full=4)
    assert batch is not None
    assert batch.day == DAY
    assert paper(99).id not in {a.paper.id for a in batch.announcements}


async def test_a_full_feed_of_one_category_is_taken_as_it_is(arxiv: FakeArxiv) -> None:
    arxiv.page_size = 4
    arxiv.announce(DAY, *papers(9, categories=("cs.AI",)))
    async with polite() as client:
        batch = await feed.fetch(client, arxiv.feed_url, "cs.AI", ["cs.AI"], full=4)
    assert batch is not None
    assert batch.count.new == 4
    assert arxiv.paths == ["/rss/cs.AI", "/rss/cs.AI"]


@pytest.mark.parametrize("digits", ["9" * 5000, "0" * 5000 + "65"])
def test_a_version_or_a_reference_of_thousands_of_digits_breaks_nothing(digits: str) -> None:
    whole = document(new(paper(1, abstract="Sheep &#@;, é"))).decode()
    body = whole.replace("&amp;#@;", f"&#{digits};").replace("00001v1", f"00001v{digits}")
    try:
        batch = feed.parse(body.encode(), "cs")
    except ArxivError:
        return
    assert [each.paper.id for each in batch.announcements] == [paper(1).id]

"""A digest in messages: nothing lost, nothing broken, nothing over the limits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.blocks import Block, Role, Span, abstract_url, bold, line, small
from digest.render.breaking import cut_before
from digest.render.entities import JOINER, QUOTE, Entity, Limits, Page, pages, units
from tests.fakes.visible import documents, seen, visible

SMALL_PAGE = Limits(units=64, entities=12)


def entry(number: int, gist: str = "A gist of the paper.") -> Block:
    reference = Span("2602.02489", link=abstract_url("2602.02489"))
    return Block(
        (line(bold(f"Title {number}")), line(gist), line(small("cs.DC"), " · ", reference)),
        Role.ENTRY,
        str(number),
    )


def styled(page: Page, entity: Entity) -> str:
    """The stretch of the page that an entity covers, as a client would cut it out."""
    raw = page.text.encode("utf-16-le")
    return raw[entity.offset * 2 : (entity.offset + entity.length) * 2].decode("utf-16-le")


def test_an_entry_reads_as_title_gist_and_linked_id() -> None:
    (page,) = pages([entry(1)])
    assert page.text == "1 Title 1\nA gist of the paper.\ncs.\u2060DC · 2602.02489"
    assert [(each.type, styled(page, each)) for each in page.entities] == [
        ("bold", "1 Title 1"),
        ("italic", "cs.\u2060DC"),
        ("text_link", "2602.02489"),
    ]
    assert page.entities[2].url == "https://arxiv.org/abs/2602.02489"


def test_offsets_count_utf_16_units() -> None:
    (page,) = pages([Block((line("🚀 ", bold("title")),))])
    assert page.entities == (Entity("bold", 3, 5),)
    assert styled(page, page.entities[0]) == "title"


def test_a_heading_stands_directly_over_its_papers() -> None:
    (page,) = pages([Block((line(bold("AI"), " 1"),), Role.HEADING), entry(1), entry(2)])
    assert page.text.startswith("AI 1\n1 Title 1\n")
    assert "02489\n\n2 Title 2\n" in page.text


def test_markup_in_a_title_is_only_text() -> None:
    (page,) = pages([Block((line("<b>x</b> [y](https://example.org) *z*"),))])
    assert page.text.replace(JOINER, "") == "<b>x</b> [y](https://example.org) *z*"
    assert page.entities == ()


def test_a_page_ends_between_papers() -> None:
    laid = pages([entry(n, "word " * 60) for n in range(1, 41)])
    assert len(laid) > 2
    for page in laid:
        assert units(page.text) <= 4096
        assert page.text.split("\n")[0].split()[1] == "Title"
        assert page.text.endswith("2602.02489")


def test_a_page_ends_before_the_hundred_and_first_entity() -> None:
    laid = pages([entry(n, "Short.") for n in range(1, 41)])
    assert [len(page.entities) for page in laid] == [99, 21]


def test_a_heading_never_ends_a_page() -> None:
    filler = [Block((line("x" * 4080),)), Block((line(bold("Storage"), " 1"),), Role.HEADING)]
    first, second = pages([*filler, entry(1)])
    assert first.text == "x" * 4080
    assert second.text.startswith("Storage 1\n1 Title 1")


def test_a_heading_stays_with_the_first_part_of_a_long_block() -> None:
    heading = Block((line(bold("Original abstract")),), Role.HEADING)
    laid = pages([heading, Block((line("A sentence of the abstract. " * 400),))])
    assert laid[0].text.startswith("Original abstract\nA sentence")
    assert all(page.text.endswith("abstract.") for page in laid)


def test_a_long_block_is_divided_after_a_sentence_else_after_a_word() -> None:
    sentences = pages([Block((line("一句话。" * 2000),))])
    assert all(page.text.endswith("。") for page in sentences)
    words = pages([Block((line("word " * 2000),))])
    assert all(page.text.endswith("word") for page in words)
    (*_, last) = pages([Block((line("x" * 5000),))])
    assert last.text == "x" * 904


def test_what_is_styled_or_linked_is_not_divided() -> None:
    reference = Span("arXiv 2602.02489", link=abstract_url("2602.02489"))
    for last in (reference, bold("two bold words")):
        first, second = pages([Block((line("x" * 4085, " ", last),))])
        assert first == Page("x" * 4085)
        assert second.text == last.text


def test_emoji_count_twice() -> None:
    assert [units(page.text) for page in pages([Block((line("🚀" * 3000),))])] == [4096, 1904]


def test_an_abstract_folds_and_each_part_of_a_divided_one_does() -> None:
    quote = Block((line("First."), line("Second.")), Role.QUOTE)
    (page,) = pages([Block((line("before"),)), quote])
    assert page.entities == (Entity(QUOTE, 8, 14),)
    long = pages([Block((line("A sentence. " * 600),), Role.QUOTE)])
    assert [each.type for page in long for each in page.entities] == [QUOTE, QUOTE]


@pytest.mark.parametrize(
    ("text", "limit", "whole", "expected"),
    [
        ("One. Two. Three", 10, True, "One. Two."),
        ("One. Two. Three", 9, True, "One. Two."),
        ("One two three", 10, True, "One two "),
        ("A long-winded one", 5, False, "A "),
        ("unbreakable", 5, False, ""),
        ("unbreakable", 5, True, "unbre"),
        ("一二（三四）", 3, True, "一二"),
        ("🚀🚀", 3, True, "🚀"),
        ("e\u0301e\u0301", 3, True, "e\u0301"),
        ("\u0301\u0301\u0301", 2, True, "\u0301\u0301"),
        ("fits", 9, True, "fits"),
    ],
)
def test_a_text_is_cut_where_a_reader_would_pause(
    text: str, limit: int, *, whole: bool, expected: str
) -> None:
    head, tail = cut_before(text, limit, whole=whole)
    assert head == expected
    assert head + tail == text


def test_nothing_to_say_is_no_page() -> None:
    assert pages([]) == ()
    assert pages([Block(()), Block((line("  "),)), Block((line(bold(" "), " "),))]) == ()


def test_a_document_that_ends_in_a_heading_is_shown_whole() -> None:
    assert [page.text for page in pages([Block((line("only"),), Role.HEADING)])] == ["only"]


@settings(max_examples=50, deadline=None)
@given(documents, st.sampled_from((SMALL_PAGE, Limits(), Limits(200, 9))))
def test_any_document_makes_valid_pages_and_loses_nothing(
    document: list[Block], limits: Limits
) -> None:
    laid = pages(document, limits)
    assert visible("".join(page.text for page in laid)).replace(JOINER, "") == seen(document)
    for page in laid:
        assert page.text == page.text.strip() != ""
        assert units(page.text) <= limits.units
        assert len(page.entities) <= limits.entities
        for each in page.entities:
            assert styled(page, each).strip()
            assert each.offset + each.length <= units(page.text)


@pytest.mark.parametrize(
    "text",
    [
        "see https://evil.example/x",
        "www.evil.example",
        "@somebody",
        "#tag",
        "cs.AI, cs.LG",
        "a@b.cd",
    ],
)
def test_what_an_author_wrote_links_nowhere(text: str) -> None:
    [page] = pages([Block((line(bold("Before"), " ", text),))])
    assert page.text.replace(JOINER, "") == f"Before {text}"
    assert not re.search(r"://|\w\.[a-z]|\w@\w|(?<!\S)[@#]\w", page.text.replace("Before", ""))
    [entity] = page.entities
    assert page.text[entity.offset : entity.offset + entity.length] == "Before"


def test_entities_move_along_with_what_is_put_in() -> None:
    [page] = pages([Block((line("cs.AI ", bold("x.y z"), " ", bold("end")),))])
    first, second = page.entities
    assert page.text[first.offset : first.offset + first.length] == f"x.{JOINER}y z"
    assert page.text[second.offset : second.offset + second.length] == "end"


def test_what_is_to_be_copied_is_copied_as_it_is() -> None:
    code = Block((line("url = {https://arxiv.org/abs/2602.02489},"), line("x.y")), Role.CODE)
    [page] = pages([Block((line("🚀 cs.AI:"),)), code, Block((line("a.b"),))])
    [held] = page.entities
    assert (held.type, styled(page, held)) == (
        "pre",
        "url = {https://arxiv.org/abs/2602.02489},\nx.y",
    )
    assert page.text.startswith(f"🚀 cs.{JOINER}AI:\n")
    assert page.text.endswith(f"a.{JOINER}b")


def test_what_is_copied_is_divided_like_anything_else() -> None:
    laid = pages([Block((line("x" * 100),), Role.CODE)], SMALL_PAGE)
    assert [[each.type for each in page.entities] for page in laid] == [["pre"], ["pre"]]


def test_a_page_full_of_addresses_still_fits() -> None:
    for page in pages([Block((line("a.b" * 4000),))]):
        assert units(page.text) <= 4096

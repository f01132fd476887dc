"""A digest as Markdown: what an author wrote never becomes markup."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from digest.render.blocks import Block, Role, Span, Style, abstract_url, bold, line, small
from digest.render.markdown import text
from tests.fakes.visible import documents, seen, visible

LINK = abstract_url("2602.02489")


def read_back(markdown: str) -> tuple[str, set[str], set[str]]:
    """What a reader of the rendered Markdown sees, its links, and all its elements."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    inner = [child for token in tokens for child in token.children or ()]
    shown = "".join(child.content for child in inner)
    links = {str(child.attrs["href"]) for child in inner if child.type == "link_open"}
    return visible(shown).replace("\u2060", ""), links, {token.type for token in (*tokens, *inner)}


def test_a_digest_reads_well_as_source_too() -> None:
    document = [
        Block((line(bold("Papers · Tuesday 3 February")), line("31 are new.")), Role.HEADER),
        Block((line(bold("Storage"), " 1"),), Role.HEADING),
        Block(
            (line(bold("Cold starts")), line(small("cs.DC"), " · ", Span("2602.02489", link=LINK))),
            Role.ENTRY,
            mark="1",
        ),
        Block((line("As written."), line("Twice.")), Role.QUOTE),
    ]
    assert text(document) == (
        "# Papers · Tuesday 3 February\n\n31 are new.\n\n## Storage 1\n\n"
        f"**1 Cold starts**  \n*cs.DC* · [2602.02489]({LINK})\n\n> As written.  \n> Twice.\n"
    )


@pytest.mark.parametrize(
    "title",
    [
        "Graphs [and](https://example.org) links",
        "<script>alert(1)</script> & <b>",
        "*stars* _lines_ `code` ~~gone~~ | table | $x$",
        "# heading #",
        "1. first",
        "42) second",
        "- item",
        "+ item",
        "===",
        "--- rule",
        "> quote",
        "![picture](https://example.org/x.png)",
        "[ref]: https://example.org",
        "&lt;b&gt; &#42;",
        "back\\slash \\*",
        "<https://example.org>",
        "<!-- a comment",
    ],
)
def test_a_title_is_shown_as_it_is(title: str) -> None:
    for document in ([Block((line(title),))], [Block((line("first"), line(title)), Role.QUOTE)]):
        shown, links, elements = read_back(text(document))
        assert shown == seen(document)
        assert links == set()
        assert not elements & {"heading_open", "list_item_open", "html_block", "html_inline"}
        assert not elements & {"image", "code_inline", "strong_open", "em_open", "hr"}


def test_a_number_that_is_spread_over_spans_begins_no_list() -> None:
    document = [Block((line("1", ". x"),))]
    assert "list_item_open" not in read_back(text(document))[2]


def test_a_bare_address_is_no_link_elsewhere_either() -> None:
    assert text([Block((line("see https://example.org and www.example.org"),))]) == (
        "see https\\://example.org and www\\.example.org\n"
    )


def test_a_mail_address_and_a_ratio_are_broken_where_nobody_sees_it() -> None:
    written = text([Block((line("ada@example.org mixes 1:100:1"),))])
    assert written == "ada@\u2060example.org mixes 1:\u2060100:1\n"


def test_a_style_is_left_out_where_it_would_show_as_asterisks() -> None:
    assert text([Block((line("中", bold("（粗）"), "文"),))]) == "中（粗）文\n"
    assert text([Block((line(bold("a"), small("b")),))]) == "**a**b\n"
    assert text([Block((line("a", bold(" b "), "c"),))]) == "a **b** c\n"


def test_a_link_can_be_small() -> None:
    assert text([Block((line(small("x", LINK)),))]) == f"*[x]({LINK})*\n"


def test_what_is_empty_is_left_out() -> None:
    blank = Block((line(" ", Span("", Style.BOLD)), line("  a", " ", "b  ")))
    assert text([Block(()), blank]) == "a b\n"


@settings(max_examples=50, deadline=None)
@given(documents)
def test_any_document_reads_back_as_it_was_meant(document: list[Block]) -> None:
    shown, links, elements = read_back(text(document))
    assert shown == seen(document)
    wanted = {span.link for block in document for each in block.lines for span in each.spans}
    assert links <= wanted
    assert not elements & {"html_block", "html_inline", "image", "list_item_open", "hr", "fence"}

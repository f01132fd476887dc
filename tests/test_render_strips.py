"""Blocks laid once and put on many pages: the very pages that laying them anew would give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.blocks import Block, Role, Span, bold, line
from digest.render.entities import Limits, Page, divided, paste, sentence, strip
from tests.fakes.visible import documents, spans, texts

if TYPE_CHECKING:
    from collections.abc import Iterable


def seen(pages: Iterable[Page]) -> list[tuple[object, ...]]:
    """The pages as bare tuples."""
    return [(page.text, page.entities) for page in pages]


@settings(max_examples=60, deadline=None)
@given(documents, st.sampled_from((Limits(64, 12), Limits(200, 9), Limits())))
def test_pages_of_strips_are_the_pages_of_their_blocks(
    document: list[Block], limits: Limits
) -> None:
    pasted = paste([(strip(block), "") for block in document], limits)
    assert pasted is None or [*map(tuple, pasted)] == seen(divided(document, limits))


@settings(max_examples=60, deadline=None)
@given(st.lists(spans, max_size=3), st.integers(1, 50))
def test_a_strip_takes_any_number_for_its_own(content: list[Span], number: int) -> None:
    block = Block((line(*content), line("cs.AI")), Role.ENTRY, "1")
    renumbered = replace(block, mark=str(number))
    pasted = paste([(strip(block), str(number))]) or ()
    assert [*map(tuple, pasted)] == seen(divided([renumbered], Limits()))


def test_a_title_that_shows_nothing_keeps_its_number() -> None:
    block = Block((line(bold("  ")), line("gist")), Role.ENTRY, "1")
    assert [page.text for page in paste([(strip(block), "12")]) or ()] == ["12\ngist"]


def test_a_block_longer_than_a_page_is_left_to_be_divided() -> None:
    assert paste([(strip(Block((line("word " * 100),))), "")], Limits(64, 12)) is None


def test_addresses_that_need_more_room_than_a_page_has_are_left_to_be_divided() -> None:
    block = strip(Block((line("a.b " * 15),)))
    assert block.units <= 64 < block.size
    assert paste([(block, "")], Limits(64, 12)) is None


@settings(max_examples=60, deadline=None)
@given(texts)
def test_a_sentence_is_laid_as_any_block_is(text: str) -> None:
    assert sentence(text, Role.NOTE) == strip(Block((line(text),), Role.NOTE))

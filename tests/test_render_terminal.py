"""Digests on a real terminal's width, with and without colours."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from digest.render.blocks import Block, Role, Span, abstract_url, bold, line, small
from digest.render.breaking import wrap
from digest.render.terminal import terminal
from digest.text.width import width
from tests.fakes.visible import documents, seen, texts, visible

ENTRY = Block(
    (
        line(bold("把无服务器函数的冷启动降到 9 毫秒")),
        line("用可共享的页缓存快照代替容器启动，在三个云上冷启动快 26.7 倍，内存只多 4%。"),
        line(small("cs.DC"), " · ", Span("2602.00412", link=abstract_url("2602.00412"))),
    ),
    Role.ENTRY,
    mark="1",
)


def printed(blocks: list[Block], columns: int = 80, *, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out,
        width=columns,
        force_terminal=colour,
        no_color=not colour,
        legacy_windows=False,
        _environ={},
    )
    console.print(terminal(blocks))
    return out.getvalue()


def test_an_entry_hangs_from_its_number() -> None:
    assert printed([ENTRY], 40) == (
        " 1 把无服务器函数的冷启动降到 9 毫秒\n"
        "   用可共享的页缓存快照代替容器启动，在\n"
        "   三个云上冷启动快 26.7 倍，内存只\n"
        "   多 4%。\n"
        "   cs.DC · 2602.00412\n"
    )


def test_numbers_of_one_two_and_three_digits_have_room() -> None:
    marks = [printed([Block((line("x"),), Role.ENTRY, mark)]) for mark in ("7", "12", "100")]
    assert marks == [" 7 x\n", "12 x\n", "100 x\n"]


def test_a_heading_stands_directly_over_its_papers() -> None:
    shown = printed([Block((line(bold("AI"), " 1"),), Role.HEADING), ENTRY, ENTRY], 100)
    assert shown.startswith("AI 1\n 1 把")
    assert "2602.00412\n\n 1 把" in shown


def test_the_id_is_a_link_where_the_terminal_can() -> None:
    assert "https://arxiv.org/abs/2602.00412" in printed([ENTRY], colour=True)
    assert "https://" not in printed([ENTRY])


def test_lines_are_not_longer_than_an_eye_can_follow() -> None:
    shown = printed([Block((line("word " * 100),))], 200)
    assert max(map(width, shown.splitlines())) <= 92


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    text = "一二三四五，六七八九十（甲乙丙）丁。"
    for columns in range(6, 30):
        starts = [0, *wrap(text, columns)]
        assert not {text[start] for start in starts} & set("，）。")
        assert not {text[start - 1] for start in starts[1:]} & set("（")


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("one two", 7, ["one two"]),
        ("one two", 6, ["one ", "two"]),
        ("well-known fact", 6, ["well-", "known ", "fact"]),
        ("a-1", 2, ["a-", "1"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("to abcdefgh", 4, ["to ", "abcd", "efgh"]),
        ("👩‍🔬👩‍🔬", 2, ["👩‍🔬", "👩‍🔬"]),
        ("e\u0301e\u0301", 1, ["e\u0301", "e\u0301"]),
        ("", 5, [""]),
        ("located at CPU, I/O, and", 14, ["located at ", "CPU, I/O, and"]),
        ("a set of k-means", 11, ["a set of ", "k-means"]),
    ],
)
def test_words_and_characters_stay_whole(text: str, columns: int, expected: list[str]) -> None:
    cuts = wrap(text, columns)
    parts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert parts == expected


def test_no_last_line_is_left_with_a_character_or_two() -> None:
    sentence = "长期运行的助手仍会断言过时事实影响。"
    (cut,) = wrap(sentence, 32)
    assert sentence[cut:] == "影响。"
    assert wrap("one two three so.", 13) == [8]
    assert wrap("incomprehensibilities so.", 21) == [22]


@settings(max_examples=60, deadline=None)
@given(texts, st.integers(4, 40))
def test_any_text_wraps_within_its_columns(text: str, columns: int) -> None:
    shown = Span(text).text
    cuts = wrap(shown, columns)
    assert cuts == sorted(set(cuts))
    parts = [shown[a:b] for a, b in zip([0, *cuts], [*cuts, len(shown)], strict=True)]
    assert "".join(parts) == shown
    assert all(width(part.rstrip()) <= columns for part in parts)


@settings(max_examples=30, deadline=None)
@given(documents, st.sampled_from((24, 80, 120)))
def test_any_document_is_shown_whole_within_the_terminal(
    document: list[Block], columns: int
) -> None:
    plain = [Block(b.lines, b.role, b.mark if b.role is Role.ENTRY else "") for b in document]
    shown = printed(plain, columns)
    marks_of_empty = [b for b in plain if b.mark and not b.lines]
    if not marks_of_empty:
        assert visible(shown) == seen(plain)
    assert all(width(row) <= columns for row in shown.split("\n"))

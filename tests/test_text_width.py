"""How much room a text takes on a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text.width import cut, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("paper", 5),
        ("论文早报", 8),
        ("AI 论文", 7),
        ("Méndez", 6),
        ("Me\u0301ndez", 6),  # an accent of its own takes no room
        ("👍", 2),
        ("👩‍🔬", 2),
        ("ｆｕｌｌ", 8),
        ("x\u200by", 2),
    ],
)
def test_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("Cold starts in 9 ms", 19, "Cold starts in 9 ms"),
        ("Cold starts in 9 ms", 12, "Cold starts…"),
        ("Cold starts in 9 ms", 13, "Cold starts…"),
        ("把冷启动降到 9 毫秒", 8, "把冷启…"),
        ("把冷启动降到 9 毫秒", 7, "把冷启…"),
        ("me\u0301e\u0301e\u0301", 3, "me\u0301…"),
        ("👩‍🔬👩‍🔬", 3, "👩‍🔬…"),
        ("中文", 2, "…"),
        ("long", 1, "…"),
        ("long", 0, ""),
        ("", 0, ""),
    ],
)
def test_a_text_too_long_ends_in_an_ellipsis(text: str, columns: int, shown: str) -> None:
    assert cut(text, columns) == shown


@given(st.text(max_size=40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_what_is_cut_fits(text: str, columns: int) -> None:
    assert width(cut(text, columns)) <= columns

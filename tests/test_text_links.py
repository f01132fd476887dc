"""Which addresses in an abstract may become a button, and which never."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text.links import MOST, found


@pytest.mark.parametrize(
    ("text", "url", "kind"),
    [
        ("Code is at https://github.com/a-b/c.d_e.", "https://github.com/a-b/c.d_e", "code"),
        (r"Code: \url{https://github.com/x/y\_z}", "https://github.com/x/y_z", "code"),
        ("http://www.gitlab.com/a/b/c, and more", "https://gitlab.com/a/b/c", "code"),
        ("代码：https://github.com/a/b。", "https://github.com/a/b", "code"),
        ("https://github.com/a/b.git", "https://github.com/a/b", "code"),
        ("(huggingface.co/datasets/a/b)", "https://huggingface.co/datasets/a/b", "model"),
        ("see Foo.github.io/page/ .", "https://foo.github.io/page", "project"),
        ("https://foo.github.io", "https://foo.github.io", "project"),
    ],
)
def test_code_and_project_pages_are_found(text: str, url: str, kind: str) -> None:
    [page] = found(text)
    assert (page.url, page.kind) == (url, kind)


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/github.com/a/b",
        "https://github.com@evil.example/a/b",
        "https://github.com.evil.example/a/b",
        "https://user:word@github.com/a/b",
        "https://github.com:8080/a/b",
        "javascript:github.com/a/b",
        "evilgithub.com/a/b",
        "x.github.io.evil.example/a",
        "x.github.io:80/a",
        "https://huggingface.co/papers/2602.02489",
        "https://github.com/only-an-owner",
        "https://github.com/../..",
        "https://github.com/a/" + "b" * 200,
        "https://example.org/a/b",
    ],
)
def test_nothing_else_is(text: str) -> None:
    assert found(text) == ()


def test_each_page_is_named_once_and_not_too_many() -> None:
    many = " ".join(f"https://github.com/a/{name}" for name in ("b", "B", "c", "d", "e"))
    assert [page.shown[-1] for page in found(many, many)] == ["b", "c", "d"]
    assert MOST == 3


_PIECES = (
    *("https://", "github.com", ".github.io", "huggingface.co", "@", ":", "/", "..", "\\", "a"),
    *(".", "%2e", "?", "#", " ", "evil.example", "\u202e", "ｇ", "{", "}", "-", "gitlab.com/"),
)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=12).map("".join))
def test_whatever_is_written_leads_to_one_of_the_sites(text: str) -> None:
    for page in found(text):
        parts = urlsplit(page.url)
        known = {"github.com", "gitlab.com", "huggingface.co"}
        assert parts.hostname in known or (parts.hostname or "").endswith(".github.io")
        assert (parts.scheme, parts.netloc, parts.query) == ("https", parts.hostname, "")
        assert re.fullmatch(r"[A-Za-z0-9._~/-]*", parts.path)

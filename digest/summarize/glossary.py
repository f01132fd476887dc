"""Terms of art: which stay as they are in every language, and which renderings are wrong."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Wrong:
    """A rendering that experts laugh at, except where the paper means something else."""

    language: str
    term: str
    written: tuple[str, ...]
    unless: tuple[str, ...]


@cache
def _data() -> dict[str, Any]:
    raw = resources.files(__package__).joinpath("glossary.toml").read_text(encoding="utf-8")
    return tomllib.loads(raw)


def squeezed(term: str) -> str:
    """A term without what people write differently: case, hyphens, dots and spaces."""
    return re.sub(r"[^\w+]|_", "", term).lower()


@cache
def always_known() -> frozenset[str]:
    """The squeezed terms that an answer may use whatever its paper says."""
    return frozenset(squeezed(term) for term in (*_data()["stay"], *_data()["known"]))


def kept(text: str) -> tuple[str, ...]:
    """The terms in an English text that stay in every language."""
    return tuple(term for term, pattern in _stay() if pattern.search(text))


@cache
def _stay() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (term, re.compile(rf"(?<!\w){re.escape(term)}s?(?!\w)", re.IGNORECASE))
        for term in _data()["stay"]
    )


def wrongly_rendered(text: str, source: str, language: str) -> tuple[tuple[str, str], ...]:
    """Each (wrong rendering, term) in a text about a paper whose English source is given."""
    source = source.lower()
    return tuple(
        (written, wrong.term)
        for wrong in _wrong()
        if wrong.language == language and wrong.term in source
        for written in wrong.written
        if written in text and not any(word in source for word in wrong.unless)
    )


@cache
def _wrong() -> tuple[Wrong, ...]:
    return tuple(
        Wrong(one["language"], one["term"], tuple(one["written"]), tuple(one["unless"]))
        for one in _data()["wrong"]
    )

"""Chinese words of a search, and the English ones that papers say for them (pure).

Abstracts are in English, and not every paper has a summary in Chinese. What is written without
spaces is parted where its words are known: 大模型推理 is 大模型 and 推理.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from digest import fields, query, terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.query import Query, Wanted

MOST_NAMES = 4
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9 +#-]+")
_SHORTEST = 2  # letters; a single one is no name


def widened(asked: Query) -> Query:
    """The query with known Chinese words parted, and English names as good as theirs."""
    parted = tuple(part for each in asked.wanted for part in _parted(each))
    parted = tuple(dict.fromkeys(parted))[: query.MOST_WORDS]
    names = {each.said: names_of(each.said) for each in parted if terms.is_han(each.said)}
    return query.with_instead(replace(asked, wanted=parted), names)


def names_of(word: str) -> tuple[str, ...]:
    """The English names of a Chinese word: the glossary's, or those of the field that it is."""
    if found := glossary().get(word):
        return found
    field = fields.resolve(word).field
    if field is None or field.kind == "phrase":
        return ()
    name = fields.name(field, "en")
    return (name,) if len(name) >= _SHORTEST and _LATIN.fullmatch(name) else ()


def _parted(wanted: Wanted) -> list[Wanted]:
    run = wanted.said
    if wanted.phrase or not terms.is_han(run) or names_of(run):
        return [wanted]
    pieces = parts(run)
    return [query.word(piece) for piece in pieces] if len(pieces) > 1 else [wanted]


def parts(run: str) -> list[str]:
    """The known words in a run of characters, the longest first, and what stands between them."""
    found: list[str] = []
    unknown = ""
    at = 0
    while at < len(run):
        ends = range(len(run), at + 1, -1)
        known = next((run[at:end] for end in ends if run[at:end] in glossary()), "")
        if not known:
            unknown += run[at]
            at += 1
            continue
        found += [unknown] if unknown else []
        found.append(known)
        unknown = ""
        at += len(known)
    return [*found, unknown] if unknown else found


@cache
def glossary() -> Mapping[str, tuple[str, ...]]:
    """Chinese word → its English names."""
    raw = resources.files(__package__).joinpath("widening.toml").read_text(encoding="utf-8")
    return {word: tuple(names) for word, names in tomllib.loads(raw)["zh"].items()}

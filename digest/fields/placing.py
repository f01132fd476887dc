"""How well a paper fits a field: 0 to 1, a member from 0.5 on."""

from __future__ import annotations

import zlib
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from digest.fields import authors, model, own, sieve
from digest.fields.words import read, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from digest.fields.catalogue import Field
    from digest.models import Paper

THRESHOLD = 0.5
"""The score from which a paper belongs to a field, the same for every field."""

NEAR = 0.1
"""The score from which a paper is near enough to a field for a model to be asked."""

BELONGS = 2
"""A model's label of a paper that belongs; 1 touches the field, 0 does not belong."""

REMEMBERED = 4096
"""Texts whose fit to the named fields is remembered, 3 kB each: two days of all of arXiv. Each
minute in which somebody is due begins a round, and would read the edition anew, 1 ms a paper."""

_PRIMARY, _CROSS = 1.0, 0.75  # a category field: its own papers before its cross-lists


def score(paper: Paper, field: Field) -> float:
    """How well `paper` fits `field`, 0 to 1."""
    return _scores(paper, (field,))[field.key]


def member(paper: Paper, field: Field) -> bool:
    """Whether `paper` belongs to `field`."""
    return score(paper, field) >= THRESHOLD


def place(papers: Iterable[Paper], fields: Iterable[Field]) -> dict[str, dict[str, float]]:
    """Paper id → {field key: score}, members only; each text is read at most once."""
    follows = tuple(dict.fromkeys(fields))
    placed: dict[str, dict[str, float]] = {}
    for paper in papers:
        members = {key: fit for key, fit in _scores(paper, follows).items() if fit >= THRESHOLD}
        if members:
            placed[paper.id] = members
    return placed


def judged(score: float, label: int | None) -> float:
    """A score after a model's word: 0 takes the paper out of the field, 2 puts it in.

    A paper that belongs (2) stands above what nobody judged alike; 1, "touches it", leaves the
    score as it is, and so does no word.
    """
    if label == 0:
        return 0.0
    return (1 + score) / 2 if label == BELONGS else score


_METHOD = 1
"""Raised where the code scores papers otherwise than before: what was placed is placed again."""


def near(paper: Paper, most: int = 4) -> dict[str, float]:
    """The named fields that the paper is in or near to, and their scores, the likeliest first."""
    scores = learnt(paper.title, paper.abstract, paper.categories)
    likely = sorted(scores, key=lambda key: -scores[key])
    return {key: scores[key] for key in likely[:most] if scores[key] >= NEAR}


def fingerprint(field: Field) -> str:
    """Changes with whatever changes the scores of a field: weights, phrases, a profile."""
    if field.kind == "category":
        return "category"
    return f"{zlib.crc32(repr(field).encode(), _data()):08x}"


@cache
def _data() -> int:
    """A checksum of everything that was learnt or written down about fields."""
    found = _METHOD
    for folder in ("named", "weights"):
        listed = resources.files(__package__).joinpath(folder).iterdir()
        for each in sorted(listed, key=lambda file: file.name):
            if each.name.endswith((".toml", ".tsv", "fields.json")):
                found = zlib.crc32(each.read_bytes(), found)
    return found


def _scores(paper: Paper, fields: Sequence[Field]) -> dict[str, float]:
    """The scores; a text is read only where a named field asks, or where a phrase may fit."""
    scores = {f.key: _category(paper, f) for f in fields if f.kind == "category"}
    phrases = [f for f in fields if f.kind == "phrase"]
    fitting = [f for f in phrases if sieve.of(f).lets_through(paper)]
    named = [f for f in fields if f.kind == "named"]
    scores |= {f.key: _author(paper, f) for f in fields if f.kind == "author"}
    scores |= dict.fromkeys((f.key for f in phrases), 0.0)
    if named:
        fits = learnt(paper.title, paper.abstract, paper.categories)
        scores |= {f.key: fits[f.key] for f in named}
    if fitting:
        reading = read(paper)
        scores |= {f.key: own.fit(reading, f) for f in fitting}
    return scores


@lru_cache(maxsize=REMEMBERED)
def learnt(title: str, abstract: str, categories: tuple[str, ...]) -> Mapping[str, float]:
    """How well a paper of this text fits each named field; a new version has another text."""
    return model.fits(read_text(title, abstract, categories))


def _author(paper: Paper, field: Field) -> float:
    return float(any(authors.same(field.wanted[0], name) for name in paper.authors))


def _category(paper: Paper, field: Field) -> float:
    if any(code in field.categories for code in paper.categories[:1]):
        return _PRIMARY
    return _CROSS if any(code in field.categories for code in paper.categories) else 0.0

"""How well a paper fits a field: 0 to 1, a member from 0.5 on.

First cut: the field's phrases in title and abstract, and its categories.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from math import exp, log1p
from typing import TYPE_CHECKING

from digest.fields.catalogue import Field, entries
from digest.fields.phrases import Phrases
from digest.fields.words import Reading, read, stems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.models import Paper

THRESHOLD = 0.5
"""The score from which a paper belongs to a field, the same for every field."""

_PRIMARY, _CROSS = 1.0, 0.75  # a category field: its own papers before its cross-lists


def score(paper: Paper, field: Field) -> float:
    """How well `paper` fits `field`, 0 to 1."""
    return _score(read(paper), field)


def member(paper: Paper, field: Field) -> bool:
    """Whether `paper` belongs to `field`."""
    return score(paper, field) >= THRESHOLD


def place(papers: Iterable[Paper], fields: Iterable[Field]) -> dict[str, dict[str, float]]:
    """Paper id → {field key: score}, members only; each text is read once."""
    follows = list(dict.fromkeys(fields))
    placed: dict[str, dict[str, float]] = {}
    for paper in papers:
        reading = read(paper)
        scores = {field.key: _score(reading, field) for field in follows}
        members = {key: fit for key, fit in scores.items() if fit >= THRESHOLD}
        if members:
            placed[paper.id] = members
    return placed


def _score(reading: Reading, field: Field) -> float:
    if field.kind == "named":
        return _named(reading, field)
    if field.kind == "category":
        return _category(reading, field)
    return _phrase(reading, field)


def _category(reading: Reading, field: Field) -> float:
    if reading.categories[:1] and reading.categories[0] in field.categories:
        return _PRIMARY
    return _CROSS if any(code in field.categories for code in reading.categories) else 0.0


def _named(reading: Reading, field: Field) -> float:
    matcher = _matcher()
    title = _counted(matcher, reading.title)
    abstract = _counted(matcher, reading.abstract)
    strong, weak = (field.key, "strong"), (field.key, "weak")
    fit = 1.6 * min(title[strong], 2) + 1.2 * log1p(abstract[strong])
    fit += 0.3 * min(title[weak], 2) + 0.25 * log1p(abstract[weak])
    own = field.categories[:2]
    fit += 1.5 * (reading.categories[:1] in [(code,) for code in own])
    fit += 0.7 * any(code in own for code in reading.categories[1:])
    return 1 / (1 + exp(3.6 - fit))


@cache
def _matcher() -> Phrases[tuple[str, str]]:
    return Phrases(
        (phrase, (entry.key, group))
        for entry in entries().values()
        for group, phrases in (
            ("strong", entry.strong), ("weak", entry.weak), ("not", entry.masked)
        )
        for phrase in phrases
    )  # fmt: skip


def _counted(matcher: Phrases[tuple[str, str]], words: tuple[str, ...]) -> Counter[tuple[str, str]]:
    return Counter(meaning for meanings in matcher.found(words) for meaning in meanings)


def _phrase(reading: Reading, field: Field) -> float:
    if any(_holds(reading, words) for words in field.unwanted):
        return 0.0
    return min(_fit(reading, words) for words in field.wanted)


def _fit(reading: Reading, words: str) -> float:
    wanted = stems(words)
    if _run(reading.title, wanted):
        return 1.0
    if _run(reading.abstract, wanted):
        return 0.8
    return 0.6 if set(wanted) <= {*reading.title, *reading.abstract} and wanted else 0.0


def _holds(reading: Reading, words: str) -> bool:
    wanted = stems(words)
    return _run(reading.title, wanted) or _run(reading.abstract, wanted)


def _run(words: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    length = len(wanted)
    return any(words[at : at + length] == wanted for at in range(len(words) - length + 1))

"""How well a paper fits a field: 0 to 1, a member from 0.5 on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.fields import model, own
from digest.fields.words import Reading, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.fields.catalogue import Field
    from digest.models import Paper

THRESHOLD = 0.5
"""The score from which a paper belongs to a field, the same for every field."""

_PRIMARY, _CROSS = 1.0, 0.75  # a category field: its own papers before its cross-lists


def score(paper: Paper, field: Field) -> float:
    """How well `paper` fits `field`, 0 to 1."""
    return _scores(read(paper), (field,))[field.key]


def member(paper: Paper, field: Field) -> bool:
    """Whether `paper` belongs to `field`."""
    return score(paper, field) >= THRESHOLD


def place(papers: Iterable[Paper], fields: Iterable[Field]) -> dict[str, dict[str, float]]:
    """Paper id → {field key: score}, members only; each text is read once."""
    follows = tuple(dict.fromkeys(fields))
    placed: dict[str, dict[str, float]] = {}
    for paper in papers:
        scores = _scores(read(paper), follows)
        members = {key: fit for key, fit in scores.items() if fit >= THRESHOLD}
        if members:
            placed[paper.id] = members
    return placed


def _scores(reading: Reading, fields: Sequence[Field]) -> dict[str, float]:
    learnt = model.fits(reading) if any(f.kind == "named" for f in fields) else {}
    return {
        field.key: learnt[field.key]
        if field.kind == "named"
        else _category(reading, field)
        if field.kind == "category"
        else own.fit(reading, field)
        for field in fields
    }


def _category(reading: Reading, field: Field) -> float:
    if any(code in field.categories for code in reading.categories[:1]):
        return _PRIMARY
    return _CROSS if any(code in field.categories for code in reading.categories) else 0.0

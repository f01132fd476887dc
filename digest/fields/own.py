"""A reader's own phrase or sentence, and the papers that fit it.

A phrase of a few words is wanted as it stands, or with its words in one sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.fields.words import Reading, Stems, stems

if TYPE_CHECKING:
    from digest.fields.catalogue import Field


def fit(reading: Reading, field: Field) -> float:
    """How well a paper fits a phrase field, 0 to 1; 0 where an unwanted word stands."""
    if any(_holds(reading, stems(words)) for words in field.unwanted):
        return 0.0
    return min(_phrase(reading, stems(words)) for words in field.wanted)


def _phrase(reading: Reading, wanted: Stems) -> float:
    if _runs(reading.title, wanted):
        return 1.0
    times = sum(_runs(each.stems, wanted) for each in reading.sentences)
    if times:
        return 0.8 if times > 1 else 0.7
    together = any(set(wanted) <= set(words) for words in reading.texts)
    return 0.6 if together and wanted else 0.0


def _holds(reading: Reading, wanted: Stems) -> bool:
    return any(_runs(words, wanted) for words in reading.texts)


def _runs(words: Stems, wanted: Stems) -> bool:
    """Whether `wanted` stands in `words`, one after another."""
    length = len(wanted)
    return any(words[at : at + length] == wanted for at in range(len(words) - length + 1))

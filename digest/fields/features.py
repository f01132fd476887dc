"""What is counted of a paper for each named field: phrases, where they stand, and categories.

The same numbers for every field, in the order of NAMES, so that weights learnt on fifteen fields
also serve a sixteenth.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import log1p
from typing import TYPE_CHECKING

from digest.fields.catalogue import Entry, entries
from digest.fields.phrases import Found, Phrases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.fields.words import Reading, Stems

GROUPS = ("strong", "likely", "weak")
ALL_GROUPS = (*GROUPS, "not")
NAMES = (
    *(f"{group}_{what}" for group in GROUPS for what in ("title", "kinds", "count")),
    "said_in_title", "ours", "early", "late", "density",
    "primary_first", "cross_first", "primary_second", "cross_second", "primary_own", "cross_own",
    "in_cs",
    "title_and_text", "category_and_text", "text_alone", "category_and_title", "title_alone",
    "few",
    "text", "labelled",
)  # fmt: skip
"""Names of the numbers, in their order; the last two are the words', see `model.py`."""

Mark = tuple[int, Found]
"""A phrase that was found, and the number of its sentence."""

_TITLE = -1  # in place of a sentence's number
_MOST_IN_TITLE = 3
_FEW = 1.1  # log(1 + 2): from two mentions on, more do not matter so much
_NOTHING = (0.0,) * 14  # the numbers before the categories' of a text without a phrase
_NO_TOGETHER = (0.0,) * 6  # and after them
_WORTH = {"strong": 1.0, "likely": 0.5}  # of a phrase for where it stands


@cache
def phrases() -> Phrases:
    """All phrases of all named fields."""
    return Phrases(
        (entry.key, group, phrase)
        for entry in entries().values()
        for group, listed in (
            ("strong", entry.strong), ("likely", entry.likely), ("weak", entry.weak),
            ("not", entry.masked),
        )
        for phrase in listed
    )  # fmt: skip


def features(reading: Reading) -> dict[str, list[float]]:
    """Field key → the numbers of NAMES but the last two."""
    known, marks = phrases(), dict[str, list[Mark]]()
    for found in known.find(reading.title):
        marks.setdefault(found.owner, []).append((_TITLE, found))
    for at, sentence in enumerate(reading.sentences):
        for found in known.find(sentence.stems):
            marks.setdefault(found.owner, []).append((at, found))
    return {
        key: _numbers(marks[key], reading, home)
        if key in marks
        else [*_NOTHING, *home, *_NO_TOGETHER]
        for key, home in homes(reading.categories).items()
    }


@lru_cache(maxsize=4096)
def homes(categories: tuple[str, ...]) -> Mapping[str, Sequence[float]]:
    """What a paper's categories say of each field; a day has a few hundred combinations."""
    return {key: _home(entry, categories) for key, entry in entries().items()}


def _numbers(marks: Sequence[Mark], reading: Reading, home: Sequence[float]) -> list[float]:
    counted = _counted(marks)
    strong_title, strong_kinds, strong_count = counted[:3]
    in_title = float(strong_title > 0)
    first = max(home[:2])
    return [
        *counted, in_title, *_where(marks, reading), *home,
        strong_title * strong_kinds, first * strong_kinds, (1 - first) * strong_kinds,
        first * in_title, (1 - first) * in_title, min(strong_count, _FEW),
    ]  # fmt: skip


def _counted(marks: Sequence[Mark]) -> list[float]:
    """For each group: different ones in the title, different ones and all in the abstract."""
    in_title: dict[str, set[Stems]] = {group: set() for group in ALL_GROUPS}
    in_text: dict[str, list[Stems]] = {group: [] for group in ALL_GROUPS}
    for at, found in marks:
        if at == _TITLE:
            in_title[found.group].add(found.phrase)
        else:
            in_text[found.group].append(found.phrase)
    numbers: list[float] = []
    for group in GROUPS:
        said = in_text[group]
        kinds = log1p(len(set(said))) if said else 0.0
        numbers += [min(len(in_title[group]), _MOST_IN_TITLE), kinds, log1p(len(said))]
    return numbers


def _where(marks: Sequence[Mark], reading: Reading) -> list[float]:
    """In the authors' own claims, in the first third, after it, and in how much of the text."""
    worths: dict[int, float] = {}
    for at, found in marks:
        worth = _WORTH.get(found.group)
        if worth and at != _TITLE and worth > worths.get(at, 0.0):
            worths[at] = worth
    third = len(reading.sentences) / 3
    claimed = sum(worth for at, worth in worths.items() if reading.sentences[at].ours)
    early = sum(worth for at, worth in worths.items() if at < third)
    total = sum(worths.values())
    share = total / max(1, len(reading.sentences))
    return [log1p(claimed), log1p(early), log1p(total - early), share]


def _home(entry: Entry, categories: Sequence[str]) -> list[float]:
    """Whether the field's closest, second and further categories are the paper's own or crosses."""
    primary, crosses = categories[:1], set(categories[1:])
    numbers: list[float] = []
    for own in (entry.categories[:1], entry.categories[1:2], entry.categories[2:]):
        numbers += [float(any(c in own for c in primary)), float(not crosses.isdisjoint(own))]
    return [*numbers, float(any(c.startswith("cs.") for c in primary))]


def by_name(numbers: Sequence[float]) -> Mapping[str, float]:
    """The numbers with their names, to be shown."""
    return dict(zip(NAMES, numbers, strict=False))

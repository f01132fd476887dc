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

    from digest.fields.words import Reading

GROUPS = ("strong", "likely", "weak")
NAMES = (
    *(f"{group}_{what}" for group in GROUPS for what in ("title", "kinds", "count")),
    "said_in_title", "ours", "early", "late", "density",
    "primary_first", "cross_first", "primary_second", "cross_second", "primary_own", "cross_own",
    "in_cs",
    "title_and_text", "category_and_text", "text_alone", "category_and_title", "title_alone",
    "few",
    "text",
)  # fmt: skip
"""Names of the numbers, in their order; the last is the text model's, see `model.py`."""

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
    """Field key → the numbers of NAMES but the last."""
    title = _by_owner(phrases().find(reading.title))
    sentences = [_by_owner(phrases().find(each.stems)) for each in reading.sentences]
    ours = [each.ours for each in reading.sentences]
    return {
        key: _numbers(title.get(key, ()), [found.get(key, ()) for found in sentences], ours, home)
        for key, home in homes(reading.categories).items()
    }


@lru_cache(maxsize=4096)
def homes(categories: tuple[str, ...]) -> Mapping[str, Sequence[float]]:
    """What a paper's categories say of each field; a day has a few hundred combinations."""
    return {key: _home(entry, categories) for key, entry in entries().items()}


def _by_owner(found: Sequence[Found]) -> dict[str, list[Found]]:
    owned: dict[str, list[Found]] = {}
    for each in found:
        owned.setdefault(each.owner, []).append(each)
    return owned


def _numbers(
    title: Sequence[Found],
    sentences: Sequence[Sequence[Found]],
    ours: Sequence[bool],
    home: Sequence[float],
) -> list[float]:
    if not title and not any(sentences):
        return [*_NOTHING, *home, *_NO_TOGETHER]
    counted = _counted(title, [each for found in sentences for each in found])
    strong_title, strong_kinds, strong_count = counted[:3]
    in_title = float(strong_title > 0)
    first = max(home[:2])
    return [
        *counted, in_title, *_where(sentences, ours), *home,
        strong_title * strong_kinds, first * strong_kinds, (1 - first) * strong_kinds,
        first * in_title, (1 - first) * in_title, min(strong_count, _FEW),
    ]  # fmt: skip


def _counted(title: Sequence[Found], abstract: Sequence[Found]) -> list[float]:
    """For each group: different ones in the title, different ones and all in the abstract."""
    numbers: list[float] = []
    for group in GROUPS:
        in_title = {each.phrase for each in title if each.group == group}
        in_text = [each.phrase for each in abstract if each.group == group]
        kinds = log1p(len(set(in_text)))
        numbers += [min(len(in_title), _MOST_IN_TITLE), kinds, log1p(len(in_text))]
    return numbers


def _where(sentences: Sequence[Sequence[Found]], ours: Sequence[bool]) -> list[float]:
    """In the authors' own claims, in the first third, after it, and in how much of the text."""
    claimed = early = late = 0.0
    third = len(sentences) / 3
    for at, found in enumerate(sentences):
        if not found:
            continue
        worth = max(_WORTH.get(each.group, 0.0) for each in found)
        claimed += worth * ours[at]
        if at < third:
            early += worth
        else:
            late += worth
    return [log1p(claimed), log1p(early), log1p(late), (early + late) / max(1, len(sentences))]


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

"""A reader's own phrase or sentence, and the papers that fit it.

A phrase of a few words is wanted as it stands, or with its words near each other. A longer text
tells of a subject: its words, the words used alike (`weights/associations.tsv`) and the categories
where they are at home are weighed together, by weights learnt on the named fields as if each were
known by its name and sentence only. What a model's profile of the field says (`hints`, `masks`,
`homes`) comes on top: it can bring a paper, and takes none away that the reader's own words bring.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from math import log1p, sqrt
from typing import TYPE_CHECKING

from digest.fields import model
from digest.fields.words import Reading, Stems, stem, stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from digest.fields.catalogue import Field

EVIDENCE = (
    "name_in_title", "name_in_text", "title", "text", "kinds", "alike", "home", "cross",
    "title_and_home", "text_and_home", "name_and_home",
)  # fmt: skip
"""What is counted of a paper for a sentence, in this order."""

_LONGEST_PHRASE = 4  # words that carry meaning; more are a sentence
_UNKNOWN = 7.0  # the rarity of a word that few papers have
_TELLING = 4.0  # the rarity from which one word says enough alone: "kubernetes", not "cloud"
_ALIKE = 24  # so many words used alike are looked for
_LED_ASTRAY = 0.3  # "erasure coding" is no coding agent: what one word alone leads to counts less
_SATURATED = 1.5  # a word said twice counts 1.4 times one said once
_NAME = 2.0  # a word before the first full stop or colon counts as two
_IN_TITLE, _OFTEN_AT_HOME, _OFTEN, _ONCE_AT_HOME = 0.85, 0.7, 0.6, 0.55  # fits by a model's hints
_IN_COMPANY = 0.5  # `object` of "object stores" asks for less than `object stores`
_PARTS = re.compile(r"[.:;,()]+|\s(?:and|or|of|for|with|from|in|behind|the)\s")
_SAYING_LITTLE = """
a about all an and any are as at based be behind being between by can data for from has have how i
in included into is it its like making method methods model models more new of on one or other
others paper papers some such system systems that the their them themselves they this those to use
used using want what where which with work
"""
_COMMON = frozenset(map(stem, _SAYING_LITTLE.split()))


def says_little(word: str) -> bool:
    """Whether a stem is one that any text has: `each`, `based`."""
    return word in _COMMON


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sentence asks for: its words, words used alike, and categories, each with a weight.

    `name` is what stands before the first full stop or colon, word for word.
    """

    name: Stems
    terms: Mapping[str, float]
    alike: Mapping[str, float]
    homes: Mapping[str, float]

    @property
    def sought(self) -> frozenset[str]:
        """Every word and pair of words that counts."""
        return frozenset(self.terms.keys() | self.alike.keys())

    @property
    def words(self) -> frozenset[str]:
        """Every single word in all that."""
        return frozenset(word for term in self.sought for word in term.split(" ")) | {*self.name}


def fit(reading: Reading, field: Field) -> float:
    """How well a paper fits a phrase field, 0 to 1; 0 where an unwanted word stands."""
    if any(_holds(reading, _said(words)) for words in field.unwanted):
        return 0.0
    wanted = min(_wanted(reading, words) for words in field.wanted)
    also = max((_phrase(reading, _said(words)) for words in field.also), default=0.0)
    return max(wanted, also, _hinted(reading, field))


def _hinted(reading: Reading, field: Field) -> float:
    """How much a model's phrases speak for a paper: the title's most, one mention at home least."""
    hints = [_said(words) for words in field.hints]
    if not hints or any(_holds(reading, _said(words)) for words in field.masks):
        return 0.0
    if any(_runs(reading.title, hint) for hint in hints):
        return _IN_TITLE
    said = sum(_runs(each.stems, hint) for hint in hints for each in reading.sentences)
    at_home = not set(field.homes).isdisjoint(reading.categories)
    if said > 1:
        return _OFTEN_AT_HOME if at_home else _OFTEN
    return _ONCE_AT_HOME if said and at_home else 0.0


def is_sentence(words: str) -> bool:
    """Whether more is said than a phrase."""
    return len([word for word in _said(words) if word not in _COMMON]) > _LONGEST_PHRASE


@lru_cache(maxsize=4096)
def _said(words: str) -> Stems:
    return stems(words)


def says_enough(phrase: str) -> bool:
    """Whether papers that have a phrase have something in common: no single common word."""
    telling = [word for word in _said(phrase) if word not in _COMMON]
    if len(telling) > 1:
        return True
    return bool(telling) and len(telling[0]) > 1 and rarity(telling[0]) >= _TELLING


def _wanted(reading: Reading, words: str) -> float:
    if not is_sentence(words):
        return _phrase(reading, _said(words))
    learnt = model.weights_of_sentences()
    numbers = evidence(reading, profile(words))
    total = learnt.bias + sum(w * n for w, n in zip(learnt.numbers, numbers, strict=True))
    return model.squashed(total - learnt.threshold)


def at_most(asked: Asked, most: Mapping[str, int], named: int, categories: Sequence[str]) -> bool:
    """Whether a paper can be a member that says each term at most so often, anywhere.

    Numbers that speak against a paper are taken for nothing: what is let through is read.
    """
    learnt = model.weights_of_sentences()
    numbers = _numbers(asked, most, most, (float(named > 0), named), categories)
    total = sum(w * n for w, n in zip(learnt.numbers, numbers, strict=True) if w > 0)
    return total + learnt.bias >= learnt.threshold


def _phrase(reading: Reading, wanted: Stems) -> float:
    if _runs(reading.title, wanted):
        return 1.0
    times = sum(_runs(each.stems, wanted) for each in reading.sentences)
    if times:
        return 0.8 if times > 1 else 0.7
    return 0.6 if any(_near(words, wanted) for words in reading.texts) else 0.0


def _holds(reading: Reading, wanted: Stems) -> bool:
    return any(_runs(words, wanted) for words in reading.texts)


def _near(words: Stems, wanted: Stems) -> bool:
    """Whether all of `wanted` stand within twice as many words, in any order: "a start so cold".

    Anywhere in a sentence is too far: half of all abstracts hold a model and the real world.
    """
    needed, room = set(wanted), 2 * len(wanted)
    starts = (at for at, word in enumerate(words) if word in needed)
    return any(needed <= set(words[at : at + room]) for at in starts)


def _runs(words: Stems, wanted: Stems) -> bool:
    """Whether `wanted` stands in `words`, one after another."""
    length = len(wanted)
    return any(words[at : at + length] == wanted for at in range(len(words) - length + 1))


@lru_cache(maxsize=256)
def profile(text: str) -> Asked:
    """What a sentence asks for."""
    terms: dict[str, float] = {}
    worth = _NAME
    for at, part in enumerate(_PARTS.split(text)):
        if at:
            worth = 1.0
        words = [word for word in stems(part) if word not in _COMMON]
        alone = worth * (_IN_COMPANY if len(words) > 1 else 1.0)
        weighed = [(word, alone) for word in words]
        weighed += [(f"{one} {other}", worth) for one, other in pairwise(words)]
        for term, weight in weighed:
            terms[term] = max(terms.get(term, 0.0), weight * rarity(term))
    return Asked(stems(_PARTS.split(text)[0]), terms, _used_alike(terms), _at_home(terms))


def rarity(term: str) -> float:
    """How much a word, or two of them, tells: 0 for the commonest, 7 for one that is unknown."""
    known = associations().get(term)
    if known:
        return known.rarity
    word = model.words().get(term)
    return word[0] if word else _UNKNOWN


def _used_alike(terms: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    led_by: dict[str, set[str]] = {}
    for term, weight in terms.items():
        known = associations().get(term)
        for other, like in known.alike if known else ():
            if other not in terms:
                found[other] = found.get(other, 0.0) + weight * like
                led_by.setdefault(other, set()).update(term.split())
    for other, words in led_by.items():
        if len(words) == 1:
            found[other] *= _LED_ASTRAY
    best = sorted(found.items(), key=lambda item: -item[1])[:_ALIKE]
    return dict(best)


def _at_home(terms: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for term, weight in terms.items():
        known = associations().get(term)
        for code, lift in known.homes if known else ():
            found[code] = found.get(code, 0.0) + weight * lift
    most = max(found.values(), default=1.0)
    return {code: weight / most for code, weight in found.items()}


def evidence(reading: Reading, asked: Asked) -> list[float]:
    """The numbers of EVIDENCE."""
    sought = asked.sought
    title = _counted([reading.title], sought)
    text = _counted([sentence.stems for sentence in reading.sentences], sought)
    named = float(_runs(reading.title, asked.name))
    said = sum(_runs(each.stems, asked.name) for each in reading.sentences)
    return _numbers(asked, title, text, (named, said), reading.categories)


def _numbers(
    asked: Asked,
    title: Mapping[str, int],
    text: Mapping[str, int],
    named: tuple[float, int],
    categories: Sequence[str],
) -> list[float]:
    size = sqrt(sum(weight * weight for weight in asked.terms.values())) or 1.0
    wide = sqrt(sum(weight * weight for weight in asked.alike.values())) or 1.0
    in_title = sum(weight for term, weight in asked.terms.items() if term in title) / size
    in_text = _saturated(asked.terms, text) / size
    kinds = sum(term in text or term in title for term in asked.terms) / max(1, len(asked.terms))
    # A word of the title counts twice there, as it does for named fields.
    twice = {term: 2 * count for term, count in title.items()}
    alike = (_saturated(asked.alike, text) + _saturated(asked.alike, twice)) / wide
    home = max((asked.homes.get(code, 0.0) for code in categories[:1]), default=0.0)
    cross = max((asked.homes.get(code, 0.0) for code in categories[1:]), default=0.0)
    near, said = max(home, cross), log1p(named[1])
    return [
        named[0], said, in_title, in_text, kinds, alike, home, cross,
        in_title * near, in_text * near, max(named[0], min(said, 1.0)) * near,
    ]  # fmt: skip


def _counted(texts: Iterable[Stems], sought: frozenset[str]) -> Counter[str]:
    """How often each of the sought words, and pairs of neighbouring words, is said."""
    counted: Counter[str] = Counter()
    for words in texts:
        counted.update(word for word in words if word in sought)
        counted.update(pair for pair in map(" ".join, pairwise(words)) if pair in sought)
    return counted


def _saturated(weights: Mapping[str, float], counted: Mapping[str, int]) -> float:
    total = 0.0
    for term, weight in weights.items():
        if count := counted.get(term, 0):
            total += weight * count * (1 + _SATURATED) / (count + _SATURATED)
    return total


@dataclass(frozen=True, slots=True)
class Association:
    """How rare a term is, the terms used alike, and the categories where it is at home."""

    rarity: float
    alike: tuple[tuple[str, float], ...]
    homes: tuple[tuple[str, float], ...]


@cache
def associations() -> Mapping[str, Association]:
    """Every term of `weights/associations.tsv`."""
    return dict(map(_association, model.lines("associations.tsv")))


def _association(line: str) -> tuple[str, Association]:
    term, rarity, alike, homes = line.split("\t")
    return term, Association(float(rarity), _pairs(alike), _pairs(homes))


def _pairs(told: str) -> tuple[tuple[str, float], ...]:
    split = (each.rpartition(":") for each in told.split())
    return tuple((name.replace("_", " "), int(number) / 100) for name, _, number in split)

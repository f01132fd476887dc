"""The light model: what was learnt, as data, and the sum that it takes.

`weights/words.tsv` says of words and pairs of words how much they speak for each named field: it
was learnt from unlabelled papers, whose labels were the catalogue's phrases and arXiv's categories.
`weights/labelled.tsv` says the same by labelled papers. `weights/fields.json` says how much each
number of `features.NAMES` counts; the entry `*` was learnt on all fields together and serves a
field that has none of its own. All are written by `scripts/train_fields.py`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from math import exp, log, sqrt
from operator import mul
from struct import Struct
from typing import TYPE_CHECKING, Any

from digest.fields.features import NAMES, features

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.fields.words import Reading, Stems

SHARED = "*"
"""The weights of a field without its own."""

_LANE = 64  # bits of a sum for each field, side by side in one number: one addition adds them all
_MIDDLE = 1 << (_LANE - 1)
_UNIT = 1000  # a weight of 1
_SHARE = 100  # how much a word counts that is said once
SHORTEST = 26.0
"""The length, as a vector, of a text of about forty telling words; half of it says a quarter."""

TOPICAL = 1.0
"""The weight from which a word is one of a subject."""

_FARTHEST = 30.0  # e^-30 is 0 to any reader


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each number of a field counts, and the sum from which a paper is a member."""

    numbers: tuple[float, ...]
    bias: float
    threshold: float


def fits(reading: Reading) -> dict[str, float]:
    """Named field → how well a paper fits it, 0 to 1, a member from 0.5 on."""
    texts = text_sums(reading)
    return {
        key: _fit(weights(key), numbers, texts.get(key, 0.0))
        for key, numbers in features(reading).items()
    }


def _fit(learnt: Weights, numbers: Sequence[float], text: float) -> float:
    total = learnt.bias + text + sum(map(mul, learnt.numbers, numbers))
    return squashed(total - learnt.threshold)


def squashed(margin: float) -> float:
    """A margin as a number between 0 and 1; 0 becomes 0.5."""
    return 1 / (1 + exp(-max(-_FARTHEST, min(_FARTHEST, margin))))


def text_sums(reading: Reading) -> dict[str, float]:
    """What the words add to each field's sum."""
    known = words()
    sums: dict[int, int] = defaultdict(int)
    lengths: dict[int, float] = defaultdict(float)
    for term, count in grams(reading).items():
        if word := known.get(term):
            sums[count] += word[1]
            lengths[count] += word[0] * word[0]
    worth = {count: 1 + log(count) for count in sums}  # said twice is not twice as telling
    total = sum(int(_SHARE * worth[count]) * packed for count, packed in sums.items())
    length = sqrt(sum(worth[count] ** 2 * each for count, each in lengths.items()))
    unit = max(1.0, length) * _SHARE * _UNIT
    share = fullness(length)
    return {
        key: share * (bias + lane / unit)
        for (key, bias), lane in zip(_biases().items(), _lanes(total), strict=True)
    }


def fullness(length: float) -> float:
    """How much of what its words say counts: less where there are few, for or against a field."""
    return min(1.0, (length / SHORTEST) ** 2)


def _lanes(total: int) -> tuple[int, ...]:
    """The sums in a number, as they were packed by `_packed`."""
    zero, apart = _zero()
    return tuple(
        lane - _MIDDLE for lane in apart.unpack((total + zero).to_bytes(apart.size, "little"))
    )


@cache
def _zero() -> tuple[int, Struct]:
    """What makes every sum positive, and how they are told apart."""
    count = len(_biases())
    return sum(_MIDDLE << (_LANE * lane) for lane in range(count)), Struct(f"<{count}Q")


def grams(reading: Reading) -> Counter[str]:
    """The words and pairs of neighbouring words of a paper; the title's twice."""
    title = _terms(reading.title)
    terms = title + title
    for sentence in reading.sentences:
        terms += _terms(sentence.stems)
    return Counter(terms)


def _terms(stems: Stems) -> list[str]:
    return [*stems, *map(" ".join, pairwise(stems))]


@cache
def weights(key: str) -> Weights:
    """A field's weights, or the shared ones."""
    learnt = _learnt()["fields"]
    own = learnt.get(key, learnt[SHARED])
    return Weights(tuple(own["weights"][n] for n in NAMES), own["bias"], own["threshold"])


@cache
def weights_of_sentences() -> Weights:
    """The weights of `own.EVIDENCE`, for a reader's own sentence."""
    learnt = _learnt()["sentences"]
    return Weights(tuple(learnt["weights"].values()), learnt["bias"], learnt["threshold"])


@cache
def words() -> dict[str, tuple[float, int]]:
    """Every word that the text models know: how rare it is, and what it adds, packed."""
    labelled = dict(line.split("\t") for line in lines("labelled.tsv"))
    shares = [(weights(key).numbers[-2], weights(key).numbers[-1]) for key in text_biases()]
    found = {}
    for line in lines("words.tsv"):
        term, rarity, listed = line.split("\t")
        told = (_pairs(listed), _pairs(labelled.get(term, "")))
        found[sys.intern(term)] = (float(rarity), _packed(float(rarity), shares, *told))
    return found


def _packed(
    rarity: float,
    shares: Sequence[tuple[float, float]],
    guessed: Mapping[str, float],
    known: Mapping[str, float],
) -> int:
    """What a word adds to the fields' sums, each in its own bits of one number."""
    total = 0
    for lane, (key, (of_guess, of_labels)) in enumerate(zip(text_biases(), shares, strict=True)):
        weight = of_guess * guessed.get(key, 0.0) + of_labels * known.get(key, 0.0)
        total += round(_UNIT * rarity * weight) << (_LANE * lane)
    return total


def _pairs(listed: str) -> dict[str, float]:
    return {key: int(w) / 100 for key, w in (each.split(":") for each in listed.split())}


@cache
def _biases() -> Mapping[str, float]:
    """Field → what the two text models add to a sum before any word."""
    guessed, labelled = text_biases(), _learnt()["labelled"]
    return {
        key: weights(key).numbers[-2] * bias + weights(key).numbers[-1] * labelled[key]
        for key, bias in guessed.items()
    }


def text_biases() -> Mapping[str, float]:
    """Field → the bias of the words learnt without labels."""
    biases: dict[str, float] = _learnt()["text"]
    return biases


def vocabulary() -> dict[str, float]:
    """The terms of words.tsv and their rarity."""
    told = (line.split("\t") for line in lines("words.tsv"))
    return {term: float(rarity) for term, rarity, _ in told}


@cache
def topical() -> frozenset[str]:
    """The terms of words.tsv that say a lot for some field or against it: `reward`, not `then`."""
    told = unlabelled_words().items()
    return frozenset(term for term, said in told if any(abs(w) >= TOPICAL for w in said.values()))


def unlabelled_words() -> dict[str, dict[str, float]]:
    """The weights of words.tsv by term and field."""
    told = (line.split("\t") for line in lines("words.tsv"))
    return {term: _pairs(listed) for term, _, listed in told}


@cache
def _learnt() -> Mapping[str, Any]:
    loaded: dict[str, Any] = json.loads(_text("fields.json"))
    return loaded


def lines(name: str) -> Iterator[str]:
    """The lines of a file of weights without its remarks."""
    return (line for line in _text(name).splitlines() if line and not line.startswith("#"))


def _text(name: str) -> str:
    return resources.files(__package__).joinpath("weights", name).read_text("utf-8")

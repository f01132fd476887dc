"""The light model: what was learnt, as data, and the sum that it takes.

`weights/words.tsv` says of words and pairs of words how much they speak for each named field: it
was learnt from unlabelled papers, whose labels were the catalogue's phrases and arXiv's categories.
`weights/fields.json` says how much each number of `features.NAMES` counts, learnt from labelled
papers; the entry `*` was learnt on all fields together and serves a field that has none of its own.
Both are written by `scripts/train_fields.py`, which also writes its figures beside them.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from math import exp, log, sqrt
from operator import mul
from typing import TYPE_CHECKING, Any

from digest.fields.features import NAMES, features

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.fields.words import Reading, Stems

SHARED = "*"
"""The weights of a field without its own."""

Word = tuple[float, tuple[tuple[str, float], ...]]

_FARTHEST = 30.0  # e^-30 is 0 to any reader


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each number of a field counts, and the sum from which a paper is a member."""

    numbers: tuple[float, ...]
    bias: float
    threshold: float


def fits(reading: Reading) -> dict[str, float]:
    """Named field → how well a paper fits it, 0 to 1, a member from 0.5 on."""
    texts = text_fits(reading)
    return {
        key: _fit(weights(key), [*numbers, texts.get(key, 0.0)])
        for key, numbers in features(reading).items()
    }


def _fit(learnt: Weights, numbers: Sequence[float]) -> float:
    total = learnt.bias + sum(map(mul, learnt.numbers, numbers))
    return squashed(total - learnt.threshold)


def squashed(margin: float) -> float:
    """A margin as a number between 0 and 1; 0 becomes 0.5."""
    return 1 / (1 + exp(-max(-_FARTHEST, min(_FARTHEST, margin))))


def text_fits(reading: Reading) -> dict[str, float]:
    """What the words alone say of each field, in standard deviations over all papers."""
    known, biases = words(), _text_biases()
    length = 0.0
    sums = dict.fromkeys(biases, 0.0)
    counted = grams(reading)
    for term in known.keys() & counted.keys():
        count = counted[term]
        rarity, speaks = known[term]
        value = rarity * (1 + log(count)) if count > 1 else rarity
        length += value * value
        for key, weight in speaks:
            sums[key] += value * weight
    norm = sqrt(length) or 1.0
    return {key: biases[key] + total / norm for key, total in sums.items()}


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
def words() -> dict[str, Word]:
    """Every word that the text model knows: how rare it is, and how much it speaks for fields."""
    return dict(map(_word, lines("words.tsv")))


def _word(line: str) -> tuple[str, Word]:
    term, rarity, listed = line.split("\t")
    pairs = (each.split(":") for each in listed.split())
    return sys.intern(term), (float(rarity), tuple((sys.intern(k), int(w) / 100) for k, w in pairs))


@cache
def _text_biases() -> dict[str, float]:
    biases: dict[str, float] = _learnt()["text"]
    return biases


@cache
def _learnt() -> Mapping[str, Any]:
    loaded: dict[str, Any] = json.loads(_text("fields.json"))
    return loaded


def lines(name: str) -> Iterator[str]:
    """The lines of a file of weights without its remarks."""
    return (line for line in _text(name).splitlines() if line and not line.startswith("#"))


def _text(name: str) -> str:
    return resources.files(__package__).joinpath("weights", name).read_text("utf-8")

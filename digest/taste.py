"""A reader's taste: a linear model over the words of papers that they liked and disliked. Pure.

    learnt(taste, features(paper), likes=True, day=today)   after a 👍; unlearnt() takes it back
    weights(taste)                      how much each word counts for a paper or against it
    leaning(weights, features(paper))   −1 to 1
    moved(fit, leaning)                 where the paper then stands in its field

A word counts by how much of the liked papers' text it is, and by how many more of them say it
than papers do anyhow: what one liked paper happens to say moves little, what they share moves
much. Likes fade by half in `HALF_LIFE`. `docs/taste.md` tells how the numbers were chosen.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from math import exp, log, sqrt, tanh
from operator import itemgetter
from typing import TYPE_CHECKING

from digest.fields import model, own
from digest.fields.words import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from digest.models import Paper

    Features = Mapping[str, float]
    """Word, pair of words, or category → its share of a paper; as a vector, about 1 long."""

HALF_LIFE = 120
"""Days until a like counts half."""

REACH = 0.5
"""How far taste moves a paper at most; the fits of a field's members lie between 0.5 and 1."""

CLEARLY = 0.25
"""The leaning from which a reader is told why: it moved the paper by an eighth."""

MOST_WORDS = 500
"""Words that are kept of what is liked, and as many of what is not."""

MOST_BYTES = 10_000
"""A packed taste, which is stored twice: the one of now, and the one of the last edition."""

FORMAT = 1  # of a packed taste
PAIRS = 0.7  # a pair of words beside the two words: it says again what they say
PAIRS_TELL = 2.0  # times a word, where a reader is told
CATEGORIES = 0.25  # the length of all categories together, beside words of length 1
AMONG_TEN = 0.1  # a category is taken for one that a tenth of the papers have
LIKES_HALF = 2.0  # after two likes the taste counts half of what it can
DISLIKES_HALF = 4.0  # dislikes more slowly: one buries nothing
STEEP = 0.2  # of a sum of weights: two papers of one subject come to 0.15 and more
FADED = 0.02  # papers; what is less is dropped


class Verdict(StrEnum):
    """What a reader thinks of a paper; to save one is to like it."""

    LIKE = "like"
    DISLIKE = "dislike"
    SAVE = "save"

    @property
    def likes(self) -> bool:
        """Whether it speaks for papers like this one."""
        return self is not Verdict.DISLIKE


@dataclass(frozen=True, slots=True)
class Side:
    """What some papers say.

    Attributes:
        papers: how many they are; older ones count less.
        words: word → (the sum of its shares, how many of the papers say it).
    """

    papers: float = 0.0
    words: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taste:
    """What a reader liked and disliked, as it counts on `day`."""

    day: date
    liked: Side = field(default_factory=Side)
    disliked: Side = field(default_factory=Side)


def features(paper: Paper) -> dict[str, float]:
    """What taste sees of a paper: words and pairs of `fields`' vocabulary, and categories.

    About 0.3 ms: the text is read.
    """
    known = model.words()
    found: dict[str, float] = {}
    for term, count in model.grams(read(paper)).items():
        if term in known:
            share = PAIRS if " " in term else 1.0
            found[term] = share * known[term][0] * (1 + log(count))
    length = sqrt(sum(share * share for share in found.values())) or 1.0
    found = {term: share / length for term, share in found.items()}
    codes = dict.fromkeys(paper.categories)
    return found | dict.fromkeys(codes, CATEGORIES / sqrt(max(1, len(codes))))


def learnt(taste: Taste | None, of: Features, *, likes: bool, day: date) -> Taste:
    """The taste after one more paper that the reader liked, or disliked, on `day`."""
    return _changed(taste or Taste(day), of, 1.0, likes=likes, day=day)


def unlearnt(taste: Taste, of: Features, *, likes: bool, since: date, day: date) -> Taste:
    """The taste without a paper that was learnt on the day `since`."""
    return _changed(taste, of, -_left((day - since).days), likes=likes, day=day)


def _left(days: int) -> float:
    """How much of a like is left after so many days."""
    return float(0.5 ** (max(0, days) / HALF_LIFE))


def _changed(taste: Taste, of: Features, times: float, *, likes: bool, day: date) -> Taste:
    day = max(day, taste.day)
    left = _left((day - taste.day).days)
    liked, disliked = _faded(taste.liked, left), _faded(taste.disliked, left)
    if likes:
        return Taste(day, _with(liked, of, times), disliked)
    return Taste(day, liked, _with(disliked, of, times))


def _faded(side: Side, left: float) -> Side:
    if left == 1:
        return side
    words = {word: (left * share, left * papers) for word, (share, papers) in side.words.items()}
    return Side(left * side.papers, words)


def _with(side: Side, of: Features, times: float) -> Side:
    """A side with a paper more or (`times` below 0) less."""
    words = dict(side.words)
    for word, share in of.items():
        before, papers = words.get(word, (0.0, 0.0))
        words[word] = (before + times * share, papers + times)
    words = {word: told for word, told in words.items() if told[1] > FADED and told[0] > 0}
    papers = side.papers + times
    return Side(papers, _best(words)) if words and papers > FADED else Side()


def _best(words: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    if len(words) <= MOST_WORDS:
        return words
    ordered = sorted(words.items(), key=lambda each: -each[1][0] * each[1][1])
    return dict(ordered[:MOST_WORDS])


def weights(taste: Taste | None) -> dict[str, float]:
    """How much each word counts: above 0 for a paper, below 0 against it."""
    if taste is None:
        return {}
    found = _weighed(taste.liked, LIKES_HALF)
    for word, weight in _weighed(taste.disliked, DISLIKES_HALF).items():
        found[word] = found.get(word, 0.0) - weight
    return found


def _weighed(side: Side, half: float) -> dict[str, float]:
    """A vector of length 1, less where there are few papers yet."""
    if not side.papers:
        return {}
    found = {
        word: share * more
        for word, (share, papers) in side.words.items()
        if (more := papers / side.papers - usual(word)) > 0
    }
    length = sqrt(sum(weight * weight for weight in found.values())) or 1.0
    sure = side.papers / (side.papers + half)
    return {word: sure * weight / length for word, weight in found.items()}


@lru_cache(maxsize=20_000)
def usual(word: str) -> float:
    """The share of all papers that say a word."""
    known = model.words().get(word)
    return exp(-known[0]) if known else AMONG_TEN


def leaning(weighed: Mapping[str, float], of: Features) -> float:
    """How far a reader leans towards a paper: −1 to 1, 0 for one that shares nothing."""
    both = weighed.keys() & of.keys()
    return tanh(sum([weighed[word] * of[word] for word in both]) / STEEP) if both else 0.0


def moved(fit: float, leans: float) -> float:
    """Where a paper stands in a field that it fits so well: further up or down, `REACH` at most."""
    return fit + REACH * leans


def telling(weighed: Mapping[str, float], *, most: int = 5) -> tuple[list[str], list[str]]:
    """The words that count most, for and against; a pair stands for its two words."""
    told = {word: weight * readable(word) for word, weight in weighed.items()}
    if not any(told.values()):
        told = dict(weighed)  # categories, where no word says anything
    ordered = sorted(told.items(), key=itemgetter(1), reverse=True)
    towards = (word for word, weight in ordered if weight > 0)
    away = (word for word, weight in reversed(ordered) if weight < 0)
    return _apart(towards, most), _apart(away, most)


@lru_cache(maxsize=20_000)
def readable(word: str) -> float:
    """How much a word tells a reader by itself: `policy gradient` a lot, `height` nothing."""
    topical, words = model.topical(), word.split()
    if word not in topical and (len(words) == 1 or topical.isdisjoint(words)):
        return 0.0
    if any(map(own.says_little, words)):
        return 0.0
    return PAIRS_TELL if len(words) > 1 else 1.0


def _apart(words: Iterable[str], most: int) -> list[str]:
    """The first words that say something else than those before them."""
    chosen: list[str] = []
    for word in words:
        wider = next((n for n, each in enumerate(chosen) if each in word.split()), None)
        if wider is not None and " " in word:
            chosen[wider] = word
            chosen = [each for each in chosen if each == word or each not in word.split()]
        elif not any(word in each.split() for each in chosen):
            chosen.append(word)
        if len(chosen) > 3 * most:
            break
    return list(dict.fromkeys(chosen))[:most]


def pack(taste: Taste) -> str:
    """A taste as a text of at most `MOST_BYTES` ASCII characters; it loses a thousandth."""
    found = _packed(taste)
    while len(found) > MOST_BYTES:  # words as long as arXiv lets them be
        liked, disliked = (_shorter(side) for side in (taste.liked, taste.disliked))
        taste = Taste(taste.day, liked, disliked)
        found = _packed(taste)
    return found


def _shorter(side: Side) -> Side:
    ordered = sorted(side.words.items(), key=lambda each: -each[1][0] * each[1][1])
    return Side(side.papers, dict(ordered[: len(ordered) * 9 // 10]))


def _packed(taste: Taste) -> str:
    sides = (taste.liked, taste.disliked)
    head = [FORMAT, taste.day.isoformat(), *[side.papers for side in sides]]
    words = [sorted(side.words) for side in sides]
    text = json.dumps([*head, *words], ensure_ascii=False, separators=(",", ":")).encode()
    told = [side.words[word] for side, its in zip(sides, words, strict=True) for word in its]
    numbers = list(chain(*told))
    packed = struct.pack(f"<I{len(numbers)}e", len(text), *numbers)
    return base64.b64encode(zlib.compress(packed + text)).decode()


def unpack(packed: str) -> Taste | None:
    """A packed taste; None where it is no such thing, or one of another Paperboy's."""
    try:
        raw = zlib.decompress(base64.b64decode(packed))
        [size] = struct.unpack_from("<I", raw)
        form, day, liked, disliked, *words = json.loads(raw[len(raw) - size :])
        if form != FORMAT:
            return None
        numbers = struct.unpack(f"<{2 * sum(map(len, words))}e", raw[4 : len(raw) - size])
        told = zip(*([iter(numbers)] * 2), strict=True)
        sides = [
            Side(papers, dict(zip(its, told, strict=False)))
            for papers, its in zip((liked, disliked), words, strict=True)
        ]
        return Taste(date.fromisoformat(day), *sides)
    except (ValueError, TypeError, struct.error, zlib.error):
        return None

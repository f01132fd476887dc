"""Text as search reads it: terms that one table holds, whatever the language (pure).

Words lose case, accents, plural and British spelling (`fields.words.stem`); what has a hyphen
counts in parts and as one word (`pre-training`, `pretraining`). Chinese, Japanese and Korean have
no such words: each character counts, and each two neighbours. Of other neighbours only a small
signature counts, by which a phrase is looked for; a text that has it may have the phrase.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from digest.fields.resolving import simplified
from digest.fields.words import stem
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.models import Paper, Summary

LONGEST_TERM = 40
"""Longer words are no words, in characters."""

SIGN = "="
"""What a signature begins with, and no word has."""

_LONGEST_TEXT = 80_000  # characters; the names of three thousand authors are 45,000
_HAN = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
_PIECE = re.compile(
    rf"[{_HAN}]+|\b[cf]#|[^\W_{_HAN}]+(?:-[^\W_{_HAN}]+)*(?:\+\+)?",
)
_ASCII_PIECE = re.compile(r"\b[cf]#|[a-z0-9]+(?:-[a-z0-9]+)*(?:\+\+)?")  # twice as fast
LAST_LETTER = "\u3000"  # of alphabets, all but a few; what comes behind it is looked at closely
_IS_HAN = re.compile(rf"[{_HAN}]")
_TEX = re.compile(r"[\\$]")
_OWNER = re.compile(r"['’]s\b")
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))
_SIGNATURES = 4096  # of pairs: two words of a text have one of another pair's in 1 of 25 texts
_SIGNS = tuple(f"{SIGN}{number:x}" for number in range(_SIGNATURES))
_ODD = 31  # `a b` is not `b a`

KEPT_WORDS = 30_000
"""So many words are not taken apart anew, 0.4 kB each: 96 of 100 that are read; three times as many
spare 4 % of the work, and grow for a year."""


@dataclass(slots=True)
class Read:
    """A text: every term in it as often as it is said, and its words in their order."""

    terms: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def read(text: str) -> Read:
    """The terms and words of a text; TeX is read as it would be printed."""
    found = Read()
    for piece in pieces(text):
        words, terms = _of_piece(piece)
        found.words += words
        found.terms += terms
    return found


@lru_cache(maxsize=KEPT_WORDS)
def _of_piece(piece: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a piece, and its terms."""
    if is_han(piece):
        single = piece if len(piece) > 1 else ""
        return tuple(piece), (*terms_of_run(piece), *single)
    parts = tuple(parts_of(piece))
    return parts, parts if len(parts) == 1 else (*parts, joined(piece))


def pieces(text: str) -> list[str]:
    """Folded runs of letters and digits, `state-of-the-art` as one, or of Chinese characters."""
    shown = text[:_LONGEST_TEXT]
    if _TEX.search(shown):
        shown = readable(shown)
    shown = fold(shown)
    found = (_ASCII_PIECE if shown.isascii() else _PIECE).findall(shown)
    if len(max(found, key=len, default="")) <= LONGEST_TERM:
        return found
    return [each for each in found if len(each) <= LONGEST_TERM or is_han(each)]


def fold(text: str) -> str:
    """Without case, width, accents and the owner's 's; 體 is 体."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        kept = "".join([letter for letter in apart if not unicodedata.combining(letter)])
        text = simplified(unicodedata.normalize("NFC", kept)).translate(_HYPHENS)
    plain = text.casefold()
    return _OWNER.sub("", plain) if "'" in plain or "’" in plain else plain


def is_han(piece: str) -> bool:
    """Whether a piece is written without spaces between words."""
    return piece[0] > LAST_LETTER and _IS_HAN.match(piece) is not None


def parts_of(piece: str) -> list[str]:
    """`pre-training` → pre, training."""
    if "-" not in piece:
        return [stem(piece)]
    return [stem(part) for part in piece.split("-")]


def joined(piece: str) -> str:
    """`pre-training` → pretraining."""
    return stem(piece.replace("-", ""))


def terms_of_run(run: str) -> list[str]:
    """What a text that has this run of characters has, too: each two neighbours."""
    return [run] if len(run) == 1 else [one + other for one, other in pairwise(run)]


def signatures(words: list[str]) -> set[str]:
    """Terms that stand for each two neighbouring words, where neither is a Chinese character."""
    numbers = [_number(word) for word in words]
    return {
        _SIGNS[(one * _ODD + other) % _SIGNATURES]
        for one, other in pairwise(numbers)
        if one and other
    }


def signature(one: str, other: str) -> str:
    """The term for two neighbouring words."""
    return _SIGNS[(_number(one) * _ODD + _number(other)) % _SIGNATURES]


@lru_cache(maxsize=KEPT_WORDS)
def _number(word: str) -> int:
    """Of a word, for its signatures; 0 for a Chinese character."""
    return _SIGNATURES + zlib.crc32(word.encode()) % _SIGNATURES if word < LAST_LETTER else 0


def runs(words: list[str], wanted: tuple[str, ...]) -> bool:
    """Whether some words stand in others, one after another."""
    length = len(wanted)
    return any(tuple(words[at : at + length]) == wanted for at in range(len(words) - length + 1))


TITLED, OFTEN = 1, 2
"""How a paper says a term: in a title; so often that it is about it. Or neither: 0."""

MOST_NAMES = 100  # authors whose names are found word by word and as phrases, too
_OFTEN = 3  # times in an abstract


def of_paper(paper: Paper, summaries: Iterable[Summary]) -> dict[str, int]:
    """Every term that a paper is found by: its texts, authors, remark, and its summaries."""
    title, abstract = read(paper.title), read(paper.abstract)
    found = dict.fromkeys(read(" ".join((*paper.authors, paper.comment))).terms, 0)
    names = [read(name).words for name in paper.authors[:MOST_NAMES]]
    for words in (title.words, abstract.words, *names):
        found |= dict.fromkeys(signatures(words), 0)
    found |= _by_count(abstract.terms)
    found |= {term: found.get(term, 0) | TITLED for term in title.terms}
    for each in summaries:
        _add(found, each)
    return found


def _by_count(said: list[str]) -> dict[str, int]:
    return {term: OFTEN if count >= _OFTEN else 0 for term, count in Counter(said).items()}


def _add(found: dict[str, int], told: Summary) -> None:
    """What a summary says in other words; a title of another language is a title, too."""
    title = read(told.title)
    texts = (told.gist, told.text, told.background, told.innovation, told.conclusion)
    text = read("\n".join(texts))
    for term, often in _by_count(text.terms).items():
        found[term] = found.get(term, 0) | often
    for term in title.terms:
        found[term] = found.get(term, 0) | TITLED
    for term in signatures(title.words) | signatures(text.words):
        found.setdefault(term, 0)

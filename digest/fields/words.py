"""Text as the scorer reads it: lower-case stems without TeX, made once per paper."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.models import Paper

Stems = tuple[str, ...]

_TEX = re.compile(r"\\[a-zA-Z]+\*?|\\.|https?://\S+")
_WORD = re.compile(r"[^\W_]+(?:\+\+)?")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:\+\+)?")  # three times as fast
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_OURS = frozenset({"we", "our", "here"})
_THIS = frozenset({"paper", "work", "study", "article"})
_BRITISH = ((r"isation", "ization"), (r"ising", "izing"), (r"ised", "ized"), (r"ise", "ize"))
_KEPT = ("ss", "us", "is", "ous")
_SHORTEST = 4  # letters; shorter words have no ending to lose
_LONGEST_TEXT = 20_000  # characters; arXiv's abstracts end at 1,920


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's stems; `ours`: it says what this paper does ("we", "our", "this paper")."""

    stems: Stems
    ours: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A paper's title and abstract as stems, and its categories, primary first."""

    title: Stems
    sentences: tuple[Sentence, ...]
    categories: tuple[str, ...]

    @property
    def texts(self) -> tuple[Stems, ...]:
        """The title and each sentence."""
        return (self.title, *(sentence.stems for sentence in self.sentences))


def read(paper: Paper) -> Reading:
    """What the scorer needs of a paper; about 0.1 ms."""
    return read_text(paper.title, paper.abstract, paper.categories)


def read_text(title: str, abstract: str, categories: tuple[str, ...]) -> Reading:
    """The same of its text."""
    sentences = map(stems, _SENTENCE.split(abstract[:_LONGEST_TEXT]))
    return Reading(
        stems(title), tuple(Sentence(words, _ours(words)) for words in sentences), categories
    )


def _ours(words: Stems) -> bool:
    if not _OURS.isdisjoint(words):
        return True
    return "this" in words and any(
        one == "this" and other in _THIS for one, other in pairwise(words)
    )


def stems(text: str) -> Stems:
    """`Virtualised GPU clusters` → ("virtualized", "gpu", "cluster")."""
    plain = text[:_LONGEST_TEXT]
    if "\\" in plain or "http" in plain:
        plain = _TEX.sub(" ", plain)
    if plain.isascii():
        return tuple(map(stem, _ASCII_WORD.findall(plain.lower())))
    plain = unicodedata.normalize("NFKC", plain)
    return tuple(map(stem, _WORD.findall(plain.lower())))


@lru_cache(maxsize=60_000)
def stem(word: str) -> str:
    """A word without its plural and in American spelling."""
    if len(word) < _SHORTEST:
        return word
    word = _singular(word)
    for british, american in _BRITISH:
        if word.endswith(british) and len(word) > len(british) + 2:
            return word.removesuffix(british) + american
    if word.endswith("our") and len(word) > len("hour") + 1:
        return word[:-3] + "or"
    return _DOUBLED.sub(r"\1l\2", word) if "ll" in word else _CENTRE.get(word, word)


_CENTRE = {"centre": "center", "datacentre": "datacenter"}
_DOUBLED = re.compile(r"(.[aeiou])ll(ing|ed|er)$")  # modelling, labelled, traveller


def _singular(word: str) -> str:
    if not word.endswith("s") or word.endswith(_KEPT):
        return word
    if word.endswith("ies") and len(word) > _SHORTEST:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    return word[:-1]

"""Which papers a reader's own phrase can fit at all, seen from their text as it stands.

Reading a paper's text into stems costs more than everything else that is done for a phrase, and all
but a few papers of a day have nothing to do with it. A sieve looks for the beginnings of words that
any spelling of a stem has, and lets through whatever may fit; it never holds back what does.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.fields import own
from digest.fields.words import Stems, stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.fields.catalogue import Field
    from digest.models import Paper

_RESPELT = re.compile(r"iz(?:ation|ing|ed|e)$|l(?:ing|ed|er)$|(?:y|or|er)$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a sentence looks for: the root of each word, and the words of each term."""

    asked: own.Asked
    roots: tuple[tuple[str, str], ...]
    terms: tuple[tuple[str, tuple[str, ...]], ...]

    def may_come_to_enough(self, text: str, categories: Sequence[str]) -> bool:
        """Whether the numbers of a sentence, were each as large as it can be, make a member."""
        found = {word: count for word, root in self.roots if (count := text.count(root))}
        most: dict[str, int] = {}
        for term, words in self.terms:
            count = min([found.get(word, 0) for word in words])
            if count:
                most[term] = count
        named = min((found.get(word, 0) for word in self.asked.name), default=0)
        return own.at_most(self.asked, most, named, categories)


@dataclass(frozen=True, slots=True)
class Sieve:
    """What a phrase field looks for: any of `phrases`, or a sentence that comes to enough."""

    phrases: tuple[tuple[str, ...], ...]
    sentences: tuple[Sentence, ...]

    def lets_through(self, paper: Paper) -> bool:
        """Whether the paper may fit; False means that it does not."""
        text = plain(f"{paper.title} {paper.abstract}")
        if any(all(root in text for root in roots) for roots in self.phrases):
            return True
        return any(each.may_come_to_enough(text, paper.categories) for each in self.sentences)


@lru_cache(maxsize=1024)
def of(field: Field) -> Sieve:
    """The sieve of a phrase field."""
    long = [words for words in field.wanted if own.is_sentence(words)]
    short = [words for words in field.wanted if not own.is_sentence(words)]
    # All that is wanted has to be there: where a phrase is, the sentence beside it need not be
    # looked for.
    phrases = [_roots(stems(" ".join(short)))] if short else []
    phrases += [_roots(stems(words)) for words in (*field.also, *field.hints)]
    return Sieve(tuple(phrases), () if short else tuple(map(_sentence, long)))


def _sentence(words: str) -> Sentence:
    asked = own.profile(words)
    return Sentence(
        asked,
        tuple((word, root(word)) for word in asked.words),
        tuple((term, tuple(term.split(" "))) for term in asked.sought),
    )


def plain(text: str) -> str:
    """A text as roots are looked for in it; the same folding as `words.stems` begins with."""
    shown = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return shown.lower()


def root(stem: str) -> str:
    """What every spelling of a stem begins with: `virtualiz…` and `virtualis…` → `virtuali`."""
    found = _RESPELT.search(stem)
    if found is None:
        return stem
    return stem[: found.start() + 1] if found[0].startswith("iz") else stem[: found.start()]


def _roots(wanted: Stems) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(root, wanted)))

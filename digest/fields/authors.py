"""Authors: whether two ways to write a name may be the same person's (pure).

Case, accents, hyphens and the order of the words do not matter, and an initial stands for any name
that begins so: `Y. LeCun`, `LeCun, Yann` and `Yann A. LeCun` are alike. Two people of one name are
one to us, as they are in what arXiv prints.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

PREFIX = "author:"
"""What the key of an author's field begins with."""

LONGEST_NAME = 80  # characters
_TYPED = re.compile(r"(?:author|作者)\s*[:：]\s*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def typed(text: str) -> str:
    """The name in `author:Yann LeCun`; empty where it is no such thing, or has no name."""
    found = _TYPED.match(text)
    return named(text[found.end() :]) if found else ""


def named(text: str) -> str:
    """A name as it is stored: on one line; empty where no word has two letters."""
    name = " ".join(re.sub(r'[",;，、；]', " ", text).split())[:LONGEST_NAME].strip()
    return name if any(len(word) > 1 for word in words(name)) else ""


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """`Jean-Pierre Müller` → ("jean", "pierre", "muller")."""
    if not name.isascii():
        apart = unicodedata.normalize("NFKD", name)
        name = "".join([letter for letter in apart if not unicodedata.combining(letter)])
    return tuple(_WORD.findall(name.casefold()))


def same(asked: str, written: str) -> bool:
    """Whether a name on a paper may be the one that is asked for.

    A single word is a family name: the last one. What one of two has more may only be initials.
    """
    wanted, there = list(words(asked)), list(words(written))
    if len(wanted) == 1:
        return there[-1:] == wanted
    full = [word for word in wanted if len(word) > 1 and word in there]
    for word in full:
        if word in there:
            there.remove(word)
            wanted.remove(word)
    _drop_initials(wanted, there)
    _drop_initials(there, wanted)
    return bool(full) and all(len(word) == 1 for word in (*wanted, *there))


def _drop_initials(these: list[str], others: list[str]) -> None:
    """Take out each initial with a word that it may stand for."""
    for initial in [word for word in these if len(word) == 1]:
        for other in others:
            if other.startswith(initial):
                these.remove(initial)
                others.remove(other)
                break

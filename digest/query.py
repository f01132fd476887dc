"""What somebody looks for: `world model -survey "cold start" 推理` → what a paper has to have.

All words are required, quotes hold a phrase together, a minus leaves out. Nothing that is typed is
an error: signs that mean nothing are not looked at, and what is too long is cut. All of it is pure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from itertools import pairwise

from digest import ids, terms

MOST_WORDS = 12
"""So many words and phrases of one search count; what follows them does not."""

_MOST_CHARACTERS = 400
_LONGEST_RUN = 16  # characters of Chinese that hang together; a title has twenty
_LONGEST_PHRASE = 12  # words
_QUOTES = str.maketrans(dict.fromkeys("“”„«»「」『』＂", '"'))
_CHUNK = re.compile(r'(?P<minus>(?<!\S)[-−–])?(?:"(?P<phrase>[^"]*)"?|(?P<words>[^\s"]+))')

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word or phrase.

    Attributes:
        said: as it was typed.
        any_of: each is a set of terms that says the same; a paper has all terms of one of them.
        phrase: words that stand one after another, to be looked for in the text itself.
        instead: English words by which a Chinese one was widened.
    """

    said: str
    any_of: tuple[Terms, ...]
    phrase: Terms = ()
    instead: tuple[str, ...] = ()

    @property
    def terms(self) -> frozenset[str]:
        """Every term that may count."""
        return frozenset(term for each in self.any_of for term in each)


@dataclass(frozen=True, slots=True)
class Query:
    """A search: what is required, what is left out; or a paper's id alone; or an author."""

    wanted: tuple[Wanted, ...] = ()
    without: tuple[Wanted, ...] = ()
    paper_id: str = ""
    author: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """Every term that has to be looked up."""
        return tuple(
            sorted({term for each in (*self.wanted, *self.without) for term in each.terms})
        )

    @property
    def near(self) -> Terms:
        """Signatures of words that were typed side by side: papers that say them so fit better."""
        single = [each.any_of[0][0] for each in self.wanted if len(each.any_of[0]) == 1]
        return tuple(terms.signature(one, other) for one, other in pairwise(single))

    def __bool__(self) -> bool:
        return bool(self.wanted or self.paper_id)


def understand(text: str) -> Query:
    """What is looked for; an empty query where there is no word in it."""
    plain = unicodedata.normalize("NFKC", text[:_MOST_CHARACTERS]).translate(_QUOTES)
    if found := ids.parse(plain.strip()):
        return Query(paper_id=found.id)
    wanted: dict[Wanted, None] = {}
    without: dict[Wanted, None] = {}
    for chunk in _CHUNK.finditer(plain):
        these = without if chunk["minus"] else wanted
        these |= dict.fromkeys(_chunk(chunk["phrase"], chunk["words"]))
    return Query(tuple(wanted)[:MOST_WORDS], tuple(without)[:MOST_WORDS])


def by_author(name: str) -> Query:
    """Papers of somebody: their words, each of which may be an initial there."""
    said = [part for piece in terms.pieces(name) for part in terms.parts_of(piece)]
    full = [part for part in said if len(part) > 1][:MOST_WORDS]
    if len(full) == 1:
        return Query((Wanted(full[0], ((full[0],),)),), author=name)
    wanted = tuple(Wanted(part, ((part,), (part[0],))) for part in full)
    return Query(wanted, author=name)


def _chunk(phrase: str | None, words: str | None) -> list[Wanted]:
    if phrase is None:
        return [word(piece) for piece in terms.pieces(words or "")]
    read = terms.read(phrase).words[:_LONGEST_PHRASE]
    return [_phrase(phrase, read)] if read else []


def word(piece: str) -> Wanted:
    """What is wanted by a folded piece of text without spaces."""
    if terms.is_han(piece):
        return Wanted(piece, (tuple(terms.terms_of_run(piece[:_LONGEST_RUN])),))
    parts = terms.parts_of(piece)
    if len(parts) == 1:
        return Wanted(piece, ((parts[0],),))
    return Wanted(piece, ((terms.joined(piece),), _side_by_side(parts)))


def _phrase(said: str, words: list[str]) -> Wanted:
    shown = " ".join(said.split())
    if len(words) == 1:
        return Wanted(shown, ((words[0],),))
    return Wanted(f'"{shown}"', (_side_by_side(words),), tuple(words))


def _side_by_side(words: list[str]) -> Terms:
    """What a text has that has these words one after another."""
    pairs = {f"{one}{other}" for one, other in pairwise(words) if _are_han(one, other)}
    return tuple(sorted({*words, *terms.signatures(words), *pairs}))


def _are_han(one: str, other: str) -> bool:
    return terms.is_han(one) and terms.is_han(other)


def with_instead(query: Query, also: dict[str, tuple[str, ...]]) -> Query:
    """The query with English names, by what was typed, as good as the Chinese word itself."""
    return replace(
        query, wanted=tuple(_widened(each, also.get(each.said, ())) for each in query.wanted)
    )


def _widened(wanted: Wanted, names: tuple[str, ...]) -> Wanted:
    if not names:
        return wanted
    more = (_side_by_side(terms.read(name).words) for name in names)
    any_of = (*wanted.any_of, *(each for each in more if each))
    return replace(wanted, any_of=any_of, instead=names)

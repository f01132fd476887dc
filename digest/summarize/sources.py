"""Where a summary comes from: for each claim the sentence of the abstract that it rests on. Pure.

Figures and names decide, the rarer in the abstract the more; where a claim shares none with any
sentence (a translation of plain words), the part that the sentence plays does, and that is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from digest.summarize.extract import analysed
from digest.summarize.grounding import missing_figures
from digest.summarize.weights import weights
from digest.text.sentences import split
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.models import Paper, Summary

MOST_CLAIMS = 8
_MOST_SENTENCES = 40  # of an abstract that are looked at; real ones have 7
_LONGEST = 12_000  # characters, the same
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9+-]+")
_ENDS = re.compile(r"(?<=[。！？；])\s*")
_FIGURE, _ROLE = 3.0, 0.3  # a shared figure's weight beside a shared word's 1; a fitting role's
_BARE = 0.2  # weight of a sentence without figures, for a claim without any
_PROVEN = 0.5  # shared words and figures that are more than a chance, by weight
_ROLES = {
    "background": {"background"},
    "innovation": {"objective", "method"},
    "conclusion": {"result"},
    "gist": {"objective", "result"},
}
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be by can for from has have in is it its of on or our that the their"
        " this to we which with",
    )
)


class Claim(NamedTuple):
    """A sentence of a summary, and what it rests on.

    Attributes:
        part: `gist`, `background`, `innovation`, `conclusion` or `text`.
        said: what the summary says.
        sentences: of the abstract, in its order; empty where it has none.
        proven: they share figures or words; else only the part that they play speaks for them.
    """

    part: str
    said: str
    sentences: tuple[str, ...]
    proven: bool


def claims(summary: Summary, paper: Paper) -> tuple[Claim, ...]:
    """Each claim of a summary with the sentences of the paper's abstract that it rests on."""
    sentences = split(readable(paper.abstract[:_LONGEST]))[:_MOST_SENTENCES]
    roles = analysed(sentences, readable(paper.title), weights()).roles if sentences else []
    return tuple(_claim(part, said, sentences, roles) for part, said in _said(summary))


def _said(summary: Summary) -> list[tuple[str, str]]:
    """What the summary claims, sentence by sentence, each said once."""
    parts = ("background", "innovation", "conclusion")
    told = [(part, getattr(summary, part)) for part in ("gist", *parts)]
    if not any(text for _, text in told[1:]):
        told.append(("text", summary.text))
    apart = {said: part for part, text in reversed(told) for said in _apart(text)}
    return [(part, said) for said, part in reversed(apart.items())][:MOST_CLAIMS]


def _apart(text: str) -> Iterator[str]:
    for piece in reversed(split(text)):
        yield from (said for said in reversed(_ENDS.split(piece)) if said.strip())


def _claim(part: str, said: str, sentences: Sequence[str], roles: Sequence[str]) -> Claim:
    if not sentences:
        return Claim(part, said, (), proven=False)
    shared = [_words(said) & _words(each) for each in sentences]
    figures = _figures(said, sentences)
    worths = [a + _FIGURE * b for a, b in zip(_rare(shared), _rare(figures), strict=True)]
    fitting = [_ROLE * (role in _ROLES.get(part, ())) for role in roles]
    if not missing_figures(said, ""):
        bare = [_BARE * (not missing_figures(each, "")) for each in sentences]
        fitting = [a + b for a, b in zip(fitting, bare, strict=True)]
    order = sorted(range(len(sentences)), key=lambda at: (-worths[at] - fitting[at], at))
    best = order[0]
    lacking = set().union(*figures) - figures[best]
    more = [at for at in order[1:] if figures[at] & lacking][:1]
    kept = tuple(sentences[at] for at in sorted([best, *more]))
    return Claim(part, said, kept, proven=worths[best] >= _PROVEN)


def _words(text: str) -> set[str]:
    """Words in Latin letters, without plural endings; in Chinese these are the names."""
    found = (word.casefold() for word in _WORD.findall(text))
    return {word.removesuffix("s") for word in found if word not in _COMMON}


def _figures(said: str, sentences: Iterable[str]) -> list[set[str]]:
    """The figures of what is said that each sentence has."""
    every = set(missing_figures(said, ""))
    return [every - set(missing_figures(said, each)) if every else set() for each in sentences]


def _rare(shared: Sequence[set[str]]) -> list[float]:
    """What each sentence's share weighs: a word of all sentences next to nothing."""
    often = {each: sum(each in some for some in shared) for each in set().union(*shared)}
    return [sum(1 / often[each] for each in some) for some in shared]

"""Why taste moved a paper: its own words that count most for the reader. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from digest import taste
from digest.fields.words import stem
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.models import Digest, Entry, Paper

MOST = 2
"""Reasons given for one paper."""

LONGEST = 4  # words of a reason
STRONG = 0.4  # of the strongest word's part in it: what is weaker is no reason
LONGEST_TEXT = 6000  # characters that are looked at

_WORD = re.compile(r"[^\W_]+(?:\+\+)?")
_GAP = re.compile(r"[\s-]")  # what may stand between the words of a phrase


class _Said(NamedTuple):
    """Words of a text that stand together: where, their stems, and what they count."""

    start: int
    end: int
    stems: tuple[str, ...]
    worth: float


def with_reasons(
    digest: Digest, weighed: Mapping[str, float], leans: Mapping[str, float]
) -> Digest:
    """The digest with the reasons of what taste clearly moved up, among what is shown."""
    usual = median(leans.values()) if leans else 0.0

    def told(entry: Entry) -> Entry:
        if leans.get(entry.paper.id, 0.0) - usual < taste.CLEARLY:
            return entry
        return replace(entry, reasons=reasons(entry.paper, weighed))

    sections = tuple(replace(s, entries=tuple(map(told, s.entries))) for s in digest.sections)
    return replace(digest, sections=sections)


def reasons(paper: Paper, weighed: Mapping[str, float]) -> tuple[str, ...]:
    """The phrases of a paper that speak most for it, as its authors wrote them; `MOST` at most.

    Words that stand together are one phrase. Where no word speaks for it, its category does.
    """
    of = taste.features(paper)
    parts = {
        word: weighed[word] * share * taste.readable(word)
        for word, share in of.items()
        if word in weighed
    }
    least = STRONG * max(parts.values(), default=0.0)
    strong = {word: part for word, part in parts.items() if part >= least and part > 0}
    codes = [code for code in paper.categories if weighed.get(code, 0.0) > 0]
    texts = [readable(each)[:LONGEST_TEXT] for each in (paper.abstract, paper.title)]
    found = [(said, text[said.start : said.end]) for text in texts for said in _said(text, strong)]
    chosen: dict[frozenset[str], str] = {}
    for said, words in sorted(found, key=lambda each: -each[0].worth):
        if not any(frozenset(said.stems) & known for known in chosen):
            chosen[frozenset(said.stems)] = words
    return tuple([*chosen.values(), *([] if chosen else codes)][:MOST])


def _said(text: str, strong: Mapping[str, float]) -> Iterator[_Said]:
    """The runs of words that are strong, or in a strong pair."""
    words = [(m.start(), m.end(), stem(m[0].lower())) for m in _WORD.finditer(text)]
    joined = [
        f"{one[2]} {two[2]}" in strong and _GAP.fullmatch(text[one[1] : two[0]]) is not None
        for one, two in pairwise(words)
    ]
    at = 0
    while at < len(words):
        end = at
        while end < len(joined) and joined[end] and end - at < LONGEST - 1:
            end += 1
        run = words[at : end + 1]
        if end > at or run[0][2] in strong:
            stems = tuple(each[2] for each in run)
            yield _Said(run[0][0], run[-1][1], stems, _worth(stems, strong))
        at = end + 1


def _worth(stems: Sequence[str], strong: Mapping[str, float]) -> float:
    pairs = (f"{one} {two}" for one, two in pairwise(stems))
    return sum(strong.get(each, 0.0) for each in {*stems, *pairs})

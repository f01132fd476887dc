"""Phrases of many owners found in one pass over a text's stems.

A table of first stems leads to the phrases that begin so, the longest first. A phrase that is found
takes its words with it, for its owner only: with `point cloud` among what cloud computing is not,
the `cloud` in it counts for nothing there, and `point cloud` still counts for computer vision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from digest.fields.words import Stems, stems

if TYPE_CHECKING:
    from collections.abc import Iterable


class Found(NamedTuple):
    """A phrase in a text: whose it is, in which of their groups, and its stems."""

    owner: str
    group: str
    phrase: Stems


class Phrases:
    """Phrases, each with its owner and group."""

    def __init__(self, phrases: Iterable[tuple[str, str, str]]) -> None:
        collected: dict[str, dict[Stems, list[Found]]] = {}
        for owner, group, phrase in phrases:
            if words := stems(phrase):
                known = collected.setdefault(words[0], {}).setdefault(words, [])
                known.append(Found(owner, group, words))
        self._table = {
            first: sorted(known.items(), key=lambda item: -len(item[0]))
            for first, known in collected.items()
        }

    def find(self, words: Stems) -> list[Found]:
        """The phrases in `words`, in the order of the text."""
        found: list[Found] = []
        taken: dict[str, int] = {}
        table = self._table
        for at, word in enumerate(words):
            if word not in table:
                continue
            for phrase, meanings in table[word]:
                end = at + len(phrase)
                if len(phrase) > 1 and words[at:end] != phrase:
                    continue
                for meaning in meanings:
                    if taken.get(meaning.owner, 0) <= at:
                        taken[meaning.owner] = end
                        found.append(meaning)
        return found

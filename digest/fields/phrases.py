"""Phrases found in one pass over a text's stems, the longest first.

A table of first stems leads to the phrases that begin so; a phrase that is found takes its words
with it, so that `point cloud` hides the `cloud` in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from digest.fields.words import stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Meaning = TypeVar("Meaning")
_Table = dict[str, tuple[tuple[tuple[str, ...], int], ...]]


class Phrases(Generic[Meaning]):
    """Phrases and what each means; several meanings of one phrase are kept in order."""

    def __init__(self, meanings: Iterable[tuple[str, Meaning]]) -> None:
        collected: dict[tuple[str, ...], list[Meaning]] = {}
        for phrase, meaning in meanings:
            if words := stems(phrase):
                collected.setdefault(words, []).append(meaning)
        self._meanings = [tuple(found) for found in collected.values()]
        self._table = _table(collected)

    def found(self, words: Sequence[str]) -> Iterator[tuple[Meaning, ...]]:
        """The meanings of each phrase in `words`, in the order of the text."""
        at, end = 0, len(words)
        while at < end:
            step = 1
            for rest, number in self._table.get(words[at], ()):
                length = len(rest)
                if tuple(words[at + 1 : at + 1 + length]) == rest:
                    yield self._meanings[number]
                    step = length + 1
                    break
            at += step


def _table(collected: Mapping[tuple[str, ...], object]) -> _Table:
    by_first: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for number, words in enumerate(collected):
        by_first.setdefault(words[0], []).append((words[1:], number))
    return {
        first: tuple(sorted(rests, key=lambda rest: -len(rest[0])))
        for first, rests in by_first.items()
    }

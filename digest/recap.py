"""A week of a reader's fields, without what they know already. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from digest.models import Digest, Entry, Summary

MOST = 10


@dataclass(frozen=True, slots=True)
class Week:
    """What a reader's fields brought.

    Attributes:
        brought: how many papers.
        known: of these, how many the reader saved, liked or opened.
        entries: the best of the others, the best first, as entries of their own.
    """

    brought: int
    known: int
    entries: tuple[Entry, ...]


def week(digests: Sequence[Digest], known: Collection[str], most: int = MOST) -> Week:
    """The best of some digests with all that they matched; each paper once, as it fits best."""
    best: dict[str, Entry] = {}
    for entry in _papers(digests):
        before = best.get(entry.paper.id)
        if before is None or entry.score > before.score:
            best[entry.paper.id] = entry
    fresh = [entry for paper_id, entry in best.items() if paper_id not in known]
    fresh.sort(key=lambda entry: (-entry.score, entry.paper.id))
    return Week(len(best), len(best) - len(fresh), tuple(fresh[:most]))


def told(found: Week, summaries: Mapping[str, Summary]) -> Week:
    """The week with the summaries (by paper id) that there are."""
    entries = (replace(each, summary=summaries.get(each.paper.id)) for each in found.entries)
    return replace(found, entries=tuple(entries))


def _papers(digests: Iterable[Digest]) -> Iterator[Entry]:
    """Every paper as an entry of its own; a companion has its story's fields."""
    for digest in digests:
        for entry in (*digest.entries, *digest.rest):
            for one in entry.all:
                tags = tuple(dict.fromkeys((*one.fields, *entry.fields)))
                yield replace(one, fields=tags, companions=(), late=None)

"""The order of papers inside a field, and papers that are one story told twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from digest.fields.words import stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.models import Kind, Paper

Worth = tuple[float, int, float, str]

_STEPS = 20  # fits that differ by less than a twentieth are alike to a reader
_SAME_TITLE = 96  # of 100: a word's ending, a hyphen
_SAME_SERIES = 88  # of 100, when both titles are numbered parts and share an author
_PART = frozenset({"i", "ii", "iii", "iv", "v", "part", "1", "2", "3", "4", "5", "companion"})


def worth(score: float, kind: Kind, paper_id: str) -> Worth:
    """A key that sorts the best first: by fit, then new before cross, then by submission.

    Fits are compared in steps of a twentieth first: within one, a new paper goes before a
    cross-list, and only then does the rest of the fit count.
    """
    return (-round(score * _STEPS) / _STEPS, kind.rank, -score, paper_id)


def folded(papers: Iterable[Paper]) -> list[tuple[Paper, ...]]:
    """Papers with near-duplicates together, in the order of their first ones.

    Near-duplicates are papers of the same title, and numbered parts of one work by one of the same
    authors ("…, Part I" and "…, Part II").
    """
    groups: list[list[Paper]] = []
    titles: list[tuple[str, ...]] = []
    for paper in papers:
        title = stems(paper.title)
        for at, known in enumerate(titles):
            if _alike(title, known) and _companions(paper, groups[at][0], title, known):
                groups[at].append(paper)
                break
        else:
            groups.append([paper])
            titles.append(title)
    return [tuple(group) for group in groups]


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    return fuzz.ratio(" ".join(one), " ".join(other), score_cutoff=_SAME_SERIES) > 0


def _companions(paper: Paper, first: Paper, title: tuple[str, ...], known: tuple[str, ...]) -> bool:
    if fuzz.ratio(" ".join(title), " ".join(known)) >= _SAME_TITLE and _numbers(title, known) == 0:
        return True
    numbered = _numbers(title, known) > 0 and not (set(title) ^ set(known)) - _PART
    return numbered and not set(paper.authors).isdisjoint(first.authors)


def _numbers(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words that number parts only one of the titles has."""
    return len((set(one) ^ set(other)) & _PART)

"""The order of papers inside a field, and papers that are one story told twice."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.fields.words import stems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.models import Kind, Paper

Worth = tuple[float, int, float, str]

_STEPS = 20  # fits that differ by less than a twentieth are alike to a reader
_SERIES = re.compile(
    # What numbers a part: "Part 2", "Paper IV", or a bare Roman number before a full stop, a colon
    # or the end. Bare figures do not ("GPT-4: …"), nor does "I" inside a sentence.
    r"""[\s,.:;(–—-]+(?:
        (?:[Pp]art|[Pp]aper|[Vv]ol(?:ume|\.))\s+(?:[IVX]+|\d{1,2}|[Oo]ne|[Tt]wo|[Tt]hree)\b
        | [IVX]{1,4}(?=\s*[.:)]|\s+[–—-]|$)
        | (?:[Aa]\s+)?[Cc]ompanion\s+[Pp]aper\b
    ).*""",
    re.VERBOSE,
)
_SHORTEST_SERIES = 6  # letters of what comes before the number
_LONGEST_TITLE = 400  # characters that are looked at; arXiv's own limit is below


def worth(score: float, kind: Kind, paper_id: str) -> Worth:
    """A key that sorts the best first: by fit, then new before cross, then by submission.

    Fits are compared in steps of a twentieth first: within one, a new paper goes before a
    cross-list, and only then does the rest of the fit count.
    """
    return (-round(score * _STEPS) / _STEPS, kind.rank, -score, paper_id)


def shifted(worth: Worth, by: float) -> Worth:
    """The worth of a paper whose fit counts so much more, or less."""
    _, kind, fit, paper_id = worth
    return (-round((by - fit) * _STEPS) / _STEPS, kind, fit - by, paper_id)


def folded(papers: Iterable[Paper]) -> list[tuple[Paper, ...]]:
    """Papers with near-duplicates together, in the order of their first ones.

    Near-duplicates are papers of the same title (but for case, hyphens, plurals and spelling), and
    parts of one work by a common author: "…, Part I" and "…, Part II: Experiments", or the work
    without a number beside its second part. One pass: a day's papers take a few milliseconds.
    """
    groups: list[list[Paper]] = []
    by_work: dict[str, list[int]] = defaultdict(list)
    for paper in papers:
        work, title = _keys(paper.title)
        near = (at for at in by_work[work] if _told(paper, title, groups[at]))
        at = next(near, len(groups)) if work else len(groups)
        if at == len(groups):
            groups.append([])
            by_work[work].append(at)
        groups[at].append(paper)
    return [tuple(group) for group in groups]


def work(title: str) -> str:
    """What the titles of one work share, as letters; only papers that share it are ever folded."""
    return _keys(title)[0]


def series(title: str) -> str:
    """A title up to what numbers it as a part of a work; all of it where nothing does."""
    work = _SERIES.sub("", title, count=1)
    return work if len(work) >= _SHORTEST_SERIES else title


def _told(paper: Paper, title: str, group: Iterable[Paper]) -> bool:
    """Whether a reader takes the paper and one of the same work's for one story."""
    authors = set(paper.authors)
    return any(_keys(p.title)[1] == title or not authors.isdisjoint(p.authors) for p in group)


@lru_cache(maxsize=4096)
def _keys(title: str) -> tuple[str, str]:
    """The same for works, and titles, that read the same: `Pre-Training` and `Pretraining`."""
    shown = title[:_LONGEST_TITLE]
    return "".join(stems(series(shown))), "".join(stems(shown))

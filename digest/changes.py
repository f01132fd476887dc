"""What changed between two versions of a text, told shortly (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_WORDS = 800
"""Of each text; more than twice the longest abstract, and still quickly compared."""

APART = 2
"""Changes with no more words between them are one."""

SHORT = 3
"""A change of fewer words is told with a word before and behind it."""

LONGEST = 90
"""Of what is quoted, in characters."""

MOST_TOLD = 3

REWRITTEN = 0.5
"""So much of the text before is gone where it was written anew."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Words that stand in the place of others; either may be empty, not both."""

    gone: str
    new: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of a text.

    Attributes:
        told: the largest changes, in the order of the text.
        others: how many more there are.
        is_rewritten: too much changed to be told one by one.
    """

    told: tuple[Edit, ...] = ()
    others: int = 0
    is_rewritten: bool = False


def between(before: str, after: str) -> Changes:
    """What changed, whatever the lines were broken like; nothing where the words are the same."""
    old, new = before.split()[:MOST_WORDS], after.split()[:MOST_WORDS]
    if old == new:
        return Changes()
    spans = _spans(old, new)
    gone = sum(end - start for start, end, _, _ in spans)
    if not old or gone > REWRITTEN * len(old):
        return Changes(is_rewritten=True)
    largest = sorted(spans, key=lambda span: span[0] - span[1] + span[2] - span[3])[:MOST_TOLD]
    told = tuple(_edit(old, new, span) for span in spans if span in largest)
    return Changes(told, len(spans) - len(told))


_Span = tuple[int, int, int, int]  # from and to, before; from and to, after


def _spans(old: Sequence[str], new: Sequence[str]) -> list[_Span]:
    """Where the two differ; differences that nearly touch are one."""
    spans: list[_Span] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if spans and a - spans[-1][1] <= APART:
            spans[-1] = (spans[-1][0], b, spans[-1][2], d)
        else:
            spans.append((a, b, c, d))
    return spans


def _edit(old: Sequence[str], new: Sequence[str], span: _Span) -> Edit:
    a, b, c, d = span
    if a < b and c < d and max(b - a, d - c) < SHORT:  # "9" alone says nothing
        before, behind = min(a, c, 1), min(len(old) - b, len(new) - d, 1)
        a, b, c, d = a - before, b + behind, c - before, d + behind
    return Edit(_cut(old[a:b]), _cut(new[c:d]))


def _cut(words: Sequence[str]) -> str:
    text = " ".join(words)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"

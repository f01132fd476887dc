"""Papers that were found, as blocks: a page of results."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from digest.render.blocks import Block, Role, Span, abstract_url, bold, line, small
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from digest.models import Paper, Summary

_CATEGORIES = 3
NOT_SAID: Mapping[str, str] = MappingProxyType({})


def blocks(
    hits: Sequence[tuple[Paper, date | None]],
    told: Mapping[str, Summary],
    *,
    first: int = 1,
    why: Mapping[str, str] = NOT_SAID,
) -> tuple[Block, ...]:
    """Papers with their titles in the reader's language, where there is one.

    Args:
        hits: in their order, with the days on which they were announced.
        told: their summaries in the reader's language, by id.
        first: the number of the first one.
        why: what is said below each, by id.
    """
    return tuple(
        _entry(paper, day or paper.submitted, told.get(paper.id), str(number), why)
        for number, (paper, day) in enumerate(hits, first)
    )


def _entry(
    paper: Paper, day: date | None, summary: Summary | None, mark: str, why: Mapping[str, str]
) -> Block:
    facts = [day.isoformat() if day else "", ", ".join(paper.categories[:_CATEGORIES])]
    reference = Span(paper.id, link=abstract_url(paper.id))
    said = small("".join(f"{fact} · " for fact in facts if fact))
    lines = [line(bold(title(paper, summary))), line(said, reference)]
    if reason := why.get(paper.id):
        lines.append(line(small(reason)))
    return Block(tuple(lines), Role.ENTRY, mark)


def title(paper: Paper, summary: Summary | None) -> str:
    """A paper's title as its reader reads it."""
    return summary.title if summary and summary.title else readable(paper.title)

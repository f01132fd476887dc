"""What the newest editions have for a field, in one short block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.locale import listed, say, short_date
from digest.render.blocks import Block, Line, Span, abstract_url, line, small
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from digest.models import Brought, Summary

_LONGEST = 120  # characters of an example's title


def blocks(
    brought: Brought,
    language: str,
    *,
    told: Mapping[str, Summary] | None = None,
    today: date | None = None,
) -> tuple[Block, ...]:
    """How many papers each edition has, and one or two of them.

    Args:
        brought: the field's.
        language: the reader's.
        told: summaries that there are, by paper id, for titles in that language.
        today: the year is written where an edition is of another.
    """
    lines = [line(_counts(brought, language, today))]
    if brought.examples:
        lines.append(line(small(say("commands.lately_examples", language))))
    for paper in brought.examples:
        summary = (told or {}).get(paper.id)
        lines.append(_example(summary.title if summary else paper.title, paper.id))
    return (Block(tuple(lines)),)


def _counts(brought: Brought, language: str, today: date | None) -> str:
    if brought.sample:
        return say("commands.lately_sample", language, number=brought.days[0][1])
    each = [
        say("commands.lately_day", language, number=count, day=short_date(day, language, today))
        for day, count in brought.days
    ]
    if not each:
        return say("commands.lately_later", language)
    return say("commands.lately", language, count=len(each), days=listed(each, language))


def _example(title: str, paper_id: str) -> Line:
    shown = readable(title)
    shown = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1].rstrip()}…"
    return line("· ", shown, " · ", Span(paper_id, link=abstract_url(paper_id)))

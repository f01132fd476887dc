"""Markdown: a list with links, and the reader's notes below what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.locale import long_date, say
from digest.render import markdown
from digest.render.blocks import Block, Role, Span, abstract_url, bold, line, small
from digest.render.citations import facts
from digest.render.paper import authors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from digest.saved import Saved


def file(kept: Sequence[Saved], language: str, today: date) -> bytes:
    """The list, the newest first."""
    day = long_date(today, language, None)
    head = line(say("saved.title", language, count=len(kept)))
    blocks = [Block((head, line(f"{day} {today.year}")), Role.HEADER)]
    for each in kept:
        blocks += _entry(each)
    return markdown.text(blocks).encode()


def _entry(each: Saved) -> list[Block]:
    paper = each.paper
    year = facts.year(paper)
    told, original = each.told[0], facts.title(paper)
    link = abstract_url(paper.id)
    title = Span(told or original, bold("").style, link)
    about = (authors(paper), paper.primary, str(year or ""), paper.id)
    lines = [line(title)]
    if told and told != original:
        lines.append(line(original))
    lines.append(line(small(" · ".join(part for part in about if part))))
    note = [Block((line(each.note),), Role.QUOTE)] if each.note else []
    return [Block(tuple(lines), Role.ENTRY), *note]

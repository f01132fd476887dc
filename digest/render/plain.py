"""Blocks as plain text: for pipes, logs, and places without any styling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.render.blocks import Block, Line, Role, Span, marked

if TYPE_CHECKING:
    from collections.abc import Sequence


def text(blocks: Sequence[Block]) -> str:
    """The blocks, an empty line between them except after a heading; no newline at the end."""
    pieces: list[str] = []
    for block in blocks:
        pieces.append("\n".join(_line(each) for each in marked(block)))
        pieces.append("\n" if block.role is Role.HEADING else "\n\n")
    return "".join(pieces[:-1])


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line.spans).strip()


def _span(span: Span) -> str:
    """A link is written out; its text is left out when the address repeats it."""
    if not span.link:
        return span.text
    return span.link if span.text in span.link else f"{span.text} {span.link}"

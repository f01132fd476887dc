"""Blocks on a terminal, through rich: numbers in a margin, long lines wrapped, ids linked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style as RichStyle
from rich.text import Text

from digest.render.blocks import Block, Line, Role, Span, Style
from digest.render.breaking import wrap
from digest.text.width import width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

READING_WIDTH = 92  # columns; longer lines tire the eye
_NARROWEST = 12
_MARGIN = 3  # columns: a number of two digits and a space

_STYLES = {Style.PLAIN: "", Style.BOLD: "bold", Style.SMALL: "dim"}
_ROLES = {Role.HEADER: "", Role.HEADING: "cyan", Role.NOTE: "dim"}


@dataclass(frozen=True, slots=True)
class Page:
    """A renderable: `console.print(Page(blocks))`."""

    blocks: Sequence[Block]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The wrapped lines, an empty one between blocks except after a heading."""
        columns = max(_NARROWEST, min(options.max_width, READING_WIDTH))
        for index, block in enumerate(self.blocks):
            if index and self.blocks[index - 1].role is not Role.HEADING:
                yield Text()
            yield from _block(block, columns)


def terminal(blocks: Sequence[Block]) -> Page:
    """Something for `console.print` (rich)."""
    return Page(tuple(blocks))


def _block(block: Block, columns: int) -> Iterator[Text]:
    margin = max(_MARGIN, width(block.mark) + 1) if block.role is Role.ENTRY else 0
    mark = f"{block.mark:>{margin - 1}} " if block.mark and margin else ""
    for line in block.lines:
        for part in _wrapped(_text(line, block.role), columns - margin):
            yield Text.assemble((mark, "bold"), " " * (margin - len(mark)), part, no_wrap=True)
            mark = ""


def _text(line: Line, role: Role) -> Text:
    text = Text(style=_ROLES.get(role, ""))
    for span in line.spans:
        text.append(span.text, _style(span))
    return text


def _style(span: Span) -> RichStyle:
    style = RichStyle.parse(_STYLES[span.style])
    if not span.link:
        return style
    return style + RichStyle(link=span.link, underline=True)


def _wrapped(text: Text, columns: int) -> Iterator[Text]:
    for part in text.divide(wrap(text.plain, columns)):
        part.rstrip()
        yield part

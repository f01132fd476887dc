"""What a reader sees, before any place decides how it is shown: spans in lines in blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from digest.render.safe import harmless

_SITE = "https://arxiv.org/abs/"
_ID = re.compile(
    r"(?:\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z]+(?:-[a-z]+)*(?:\.[A-Z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3})"
    r"(?:v[1-9]\d*)?",
    re.ASCII,
)


class Style(StrEnum):
    """How a span differs from the text around it."""

    PLAIN = "plain"
    BOLD = "bold"
    SMALL = "small"  # beside the point: italic or dim


class Role(StrEnum):
    """What a block is for."""

    HEADER = "header"  # the first: what all this is
    HEADING = "heading"  # stays with the block that follows it
    ENTRY = "entry"  # one paper of several
    TEXT = "text"
    QUOTE = "quote"  # somebody else's words, long; a place may fold it
    CODE = "code"  # plain spans to be copied as they are, a link or a BibTeX entry
    NOTE = "note"  # small print


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text on one line; harmless whatever it was made from.

    Attributes:
        text: passes `harmless`.
        link: an abstract page of arXiv, or empty; anything else raises ValueError.
    """

    text: str
    style: Style = Style.PLAIN
    link: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", harmless(self.text))
        is_ours = self.link.startswith(_SITE) and _ID.fullmatch(self.link[len(_SITE) :])
        if self.link and not is_ours:
            raise ValueError(f"not an abstract page: {self.link!r}")


@dataclass(frozen=True, slots=True)
class Line:
    """Spans side by side."""

    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """What can be read of it."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together; a page ends between blocks where it can.

    Attributes:
        mark: the entry's number, shown before its first line.
    """

    lines: tuple[Line, ...]
    role: Role = Role.TEXT
    mark: str = ""


def abstract_url(paper_id: str) -> str:
    """The paper's abstract page; empty where there cannot be one (`9913.00412` of the sample)."""
    return _SITE + paper_id if _ID.fullmatch(paper_id) else ""


def line(*parts: Span | str) -> Line:
    """A line; plain text needs no Span."""
    return Line(tuple(Span(part) if isinstance(part, str) else part for part in parts))


def bold(text: str) -> Span:
    """Text that catches the eye."""
    return Span(text, Style.BOLD)


def small(text: str, link: str = "") -> Span:
    """Text beside the point."""
    return Span(text, Style.SMALL, link)


def marked(block: Block) -> tuple[Line, ...]:
    """The block's lines for a place that has no margin: the mark stands in the first one."""
    if not block.mark:
        return block.lines
    first = block.lines[0].spans if block.lines else ()
    if first and first[0].style is Style.BOLD and not first[0].link:
        spans = (bold(f"{block.mark} {first[0].text}"), *first[1:])
    else:
        spans = (bold(block.mark), Span(" "), *first)
    return (Line(spans), *block.lines[1:])

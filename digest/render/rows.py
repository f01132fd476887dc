"""Rows: a block's lines as text with entities, the way Telegram takes them, in UTF-16 units."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from digest.render.blocks import Block, Role, Span, Style, marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TYPES = {Style.BOLD: "bold", Style.SMALL: "italic"}
QUOTE = "expandable_blockquote"
CODE = "pre"  # holds no other entity: https://core.telegram.org/bots/api#formatting-options
AROUND = {Role.QUOTE: QUOTE, Role.CODE: CODE}
"""What encloses all rows of a block, by its role."""

JOINER = "\u2060"  # WORD JOINER: shows nothing, and no address goes on behind it
_LINKED = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_])|:(?=//)|@(?=\w)|(?<!\w)[#$](?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message can carry: UTF-16 units of text, and entities."""

    units: int = 4096
    entities: int = 100


TELEGRAM = Limits()


class Entity(NamedTuple):  # the cheapest to make: a broadcast makes tens of millions
    """A styled stretch of a page.

    Attributes:
        type: Telegram's name: `bold`, `italic`, `text_link`, `pre`, `expandable_blockquote`.
        offset, length: in UTF-16 units.
        url: of a `text_link`.
    """

    type: str
    offset: int
    length: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A piece that fits one message."""

    text: str
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line on its way to a page."""

    spans: tuple[Span, ...]
    role: Role
    block: int

    @property
    def units(self) -> int:
        """Its length in UTF-16 units."""
        return sum(units(span.text) for span in self.spans)

    @property
    def entities(self) -> int:
        """How many entities it needs at most."""
        return sum(len(types(span)) for span in self.spans) + self.around

    @property
    def around(self) -> int:
        """How many entities enclose it."""
        return int(self.role in AROUND)


def units(text: str) -> int:
    """The length of `text` in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def rows_of(block: Block, number: int) -> list[Row]:
    """The block's lines that show anything, the first one with its mark."""
    rows = []
    for line in marked(block):
        spans = trimmed(line.spans)
        if spans:
            rows.append(Row(spans, block.role, number))
    return rows


def trimmed(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Without empty spans, and without white space at both ends: Telegram would cut it off."""
    kept = [span for span in spans if span.text]
    while kept and not (stripped := kept[0].text.lstrip()):
        kept.pop(0)
    if kept:
        kept[0] = Span(stripped, kept[0].style, kept[0].link)
    while kept and not (stripped := kept[-1].text.rstrip()):
        kept.pop()
    if kept:
        kept[-1] = Span(stripped, kept[-1].style, kept[-1].link)
    return tuple(kept)


def gaps(rows: Sequence[Row]) -> list[str]:
    """What stands before each row."""
    gaps = [""]
    for before, row in pairwise(rows):
        tight = before.block == row.block or before.role is Role.HEADING
        gaps.append("\n" if tight else "\n\n")
    return gaps[: len(rows)]


def page_of(rows: Sequence[Row]) -> Page:
    """The rows one below the other."""
    text: list[str] = []
    entities: list[Entity] = []
    starts: list[int] = []
    offset = 0
    for gap, row in zip(gaps(rows), rows, strict=True):
        text.append(gap)
        offset += len(gap)
        starts.append(offset)
        for span in row.spans:
            length = units(span.text)
            entities += (Entity(kind, offset, length, url) for kind, url in types(span))
            text.append(span.text)
            offset += length
    return Page("".join(text), (*_around(rows, starts), *entities))


def _around(rows: Sequence[Row], starts: Sequence[int]) -> Iterable[Entity]:
    """One entity over all rows of a block that is quoted or to be copied."""
    placed = zip(rows, starts, strict=True)
    for (_, role), group in groupby(placed, key=lambda each: (each[0].block, each[0].role)):
        if role in AROUND:
            held = list(group)
            offset = held[0][1]
            yield Entity(AROUND[role], offset, held[-1][1] + held[-1][0].units - offset)


def types(span: Span) -> list[tuple[str, str]]:
    """(type, url) of each entity that the span needs."""
    kinds: list[tuple[str, str]] = []
    if not span.text.strip():
        return kinds
    if span.style in _TYPES:
        kinds.append((_TYPES[span.style], ""))
    if span.link:
        kinds.append(("text_link", span.link))
    return kinds


def unlinked(page: Page) -> Page:
    """The page with an invisible joiner wherever Telegram would make a link of plain text.

    It does so with addresses, @names, #tags, and anything.like, which `cs.AI` is; what authors
    wrote links nowhere. At most every second unit is one, so a page grows by half at the most.
    Nothing links in what is to be copied: there a joiner would be copied, too.
    """
    held = [range(e.offset + 1, e.offset + e.length) for e in page.entities if e.type == CODE]
    places = [found.end() for found in _LINKED.finditer(page.text)]
    if held:
        places = [at for at in places if not any(units(page.text[:at]) in each for each in held)]
    if not places:
        return page
    text, grown, at = "", [], 0
    for place in places:
        text += page.text[at:place] + JOINER
        grown.append(units(page.text[:place]))
        at = place
    return Page(text + page.text[at:], tuple(_moved(each, grown) for each in page.entities))


def _moved(entity: Entity, grown: Sequence[int]) -> Entity:
    """The entity after a joiner was put in at each of `grown`, in UTF-16 units."""
    start = entity.offset + bisect_right(grown, entity.offset)
    end = entity.offset + entity.length
    length = end + bisect_left(grown, end) - start
    return Entity(entity.type, start, length, entity.url)

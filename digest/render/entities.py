"""Blocks as messages of plain text with entities, the way Telegram takes them: `text` + `entities`.

No markup, so nothing in a title or a summary can break a message. Offsets and lengths count UTF-16
units, as do the limits (https://core.telegram.org/bots/api#messageentity).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from digest.render.blocks import Block, Role, Span, Style, marked
from digest.render.breaking import cut_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TYPES = {Style.BOLD: "bold", Style.SMALL: "italic"}
QUOTE = "expandable_blockquote"
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
        type: Telegram's name: `bold`, `italic`, `text_link`, `expandable_blockquote`.
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
class _Row:
    """One line on its way to a page."""

    spans: tuple[Span, ...]
    role: Role
    block: int

    @property
    def units(self) -> int:
        return sum(units(span.text) for span in self.spans)

    @property
    def entities(self) -> int:
        return sum(len(_types(span)) for span in self.spans) + (self.role is Role.QUOTE)


def units(text: str) -> int:
    """The length of `text` in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Strip:
    """A block as it stands on a page, laid once for any number of pages.

    Attributes:
        text: with joiners, as Telegram gets it; empty where the block says nothing.
        units: of the text without joiners, by which pages are filled.
        size: of the text itself, in UTF-16 units.
        count: how many entities it may need.
        entities: their offsets count from the strip's beginning.
    """

    text: str
    units: int
    size: int
    count: int
    entities: tuple[Entity, ...]
    role: Role


Marked = tuple[Strip, str]
"""A strip, and the mark that it gets."""


def strip(block: Block) -> Strip:
    """The block, laid; no two rows of it are ever parted unless it is longer than a page."""
    rows = _rows(block, 0)
    plain = _page(rows)
    shown = unlinked(plain)
    count = sum(row.entities for row in rows)
    return Strip(
        shown.text, units(plain.text), units(shown.text), count, shown.entities, block.role
    )


def pages(blocks: Sequence[Block], limits: Limits = TELEGRAM) -> tuple[Page, ...]:
    """The blocks on as few pages as fit one after another.

    A page ends between blocks, never after a heading and never within an entity; only a block that
    is longer than a page is divided: between its lines, else after a sentence, else after a word.
    """
    pasted = paste([(strip(block), "") for block in blocks], limits)
    return divided(blocks, limits) if pasted is None else pasted


def paste(strips: Iterable[Marked], limits: Limits = TELEGRAM) -> tuple[Page, ...] | None:
    """The blocks of these strips on pages; None where one of them has to be divided.

    Args:
        strips: each with the mark that it gets instead of its own, which is one digit; or "".
        limits: of a page.
    """
    laid: list[list[Marked]] = []
    used = counted = 0
    for chunk in _together(strips):
        needed = len(chunk) - 1  # headings: one line end each
        count = 0
        for each, mark in chunk:
            needed += each.units + len(mark[1:])
            count += each.count
        if needed > limits.units or count > limits.entities:
            return None
        more = used + len(_gap(laid[-1][-1][0])) + needed if laid else 0
        if laid and more <= limits.units and counted + count <= limits.entities:
            laid[-1] += chunk
            used, counted = more, counted + count
        else:
            laid.append(chunk)
            used, counted = needed, count
    made = [_pasted(strips) for strips in laid]
    if any(size > limits.units for _, size in made):
        return None
    return tuple(page for page, _ in made)


def _together(strips: Iterable[Marked]) -> Iterable[list[Marked]]:
    """A strip with the headings before it."""
    chunk: list[Marked] = []
    for each in strips:
        if each[0].text:
            chunk.append(each)
        if each[0].role is not Role.HEADING and chunk:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _pasted(strips: Sequence[Marked]) -> tuple[Page, int]:
    """One page, and its size in UTF-16 units."""
    text: list[str] = []
    entities: list[Entity] = []
    gap, at, is_quoted = "", 0, False
    for each, mark in strips:
        at += len(gap)
        text += (gap, mark, each.text[1:]) if mark else (gap, each.text)
        more = len(mark[1:])
        moved = at + more
        new = [Entity(kind, moved + o, length, url) for kind, o, length, url in each.entities]
        if more:  # a mark is bold, and all of it
            new[0] = Entity(new[0].type, at, new[0].length + more, new[0].url)
        entities += new
        at += each.size + more
        gap, is_quoted = _gap(each), is_quoted or each.role is Role.QUOTE
    if is_quoted:  # what encloses goes before
        entities.sort(key=lambda entity: entity.type != QUOTE)
    return Page("".join(text), tuple(entities)), at


def _gap(before: Strip) -> str:
    """What stands after a strip."""
    return "\n" if before.role is Role.HEADING else "\n\n"


def divided(blocks: Sequence[Block], limits: Limits) -> tuple[Page, ...]:
    """As `pages`, also where a block is longer than a page, or joiners make a page too long."""
    for room in (limits.units, limits.units * 7 // 8, limits.units * 2 // 3):
        made = [unlinked(page) for page in _pages(blocks, Limits(room, limits.entities))]
        if all(units(page.text) <= limits.units for page in made):
            break
    return tuple(made)


def unlinked(page: Page) -> Page:
    """The page with an invisible joiner wherever Telegram would make a link of plain text.

    It does so with addresses, @names, #tags, and anything.like, which `cs.AI` is; what authors
    wrote links nowhere. At most every second unit is one, so a page grows by half at the most.
    """
    places = [found.end() for found in _LINKED.finditer(page.text)]
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


def _pages(blocks: Sequence[Block], limits: Limits) -> tuple[Page, ...]:
    laid: list[list[_Row]] = []
    for chunk in _chunks(blocks, limits):
        if laid and _fits([*laid[-1], *chunk], limits):
            laid[-1] += chunk
        else:
            laid.append(chunk)
    return tuple(_page(rows) for rows in laid)


def _chunks(blocks: Sequence[Block], limits: Limits) -> Iterable[list[_Row]]:
    """Rows that should not be parted: a block with the headings before it; or parts of that."""
    chunk: list[_Row] = []
    for number, block in enumerate(blocks):
        chunk += _rows(block, number)
        if block.role is not Role.HEADING and chunk:
            yield from _divide(chunk, limits)
            chunk = []
    if chunk:
        yield from _divide(chunk, limits)


def _rows(block: Block, number: int) -> list[_Row]:
    rows = []
    for line in marked(block):
        spans = _trim(line.spans)
        if spans:
            rows.append(_Row(spans, block.role, number))
    return rows


def _trim(spans: Sequence[Span]) -> tuple[Span, ...]:
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


def _divide(chunk: list[_Row], limits: Limits) -> Iterable[list[_Row]]:
    """The chunk, in parts that fit a page; headings stay with the first row after them."""
    if _fits(chunk, limits):
        yield chunk
        return
    part: list[_Row] = []
    for row in _short_rows(chunk, limits):
        if part and not _fits([*part, row], limits):
            yield part
            part = []
        part.append(row)
    yield part


def _short_rows(chunk: list[_Row], limits: Limits) -> Iterable[_Row]:
    """The rows, each so short that it fits a page together with the headings."""
    headings = [row for row in chunk if row.role is Role.HEADING]
    room = limits
    if _fits(headings, Limits(limits.units // 2, limits.entities // 2)):
        room = Limits(
            limits.units - sum(row.units + 2 for row in headings),
            limits.entities - sum(row.entities for row in headings),
        )
    for row in chunk:
        rest: _Row | None = row
        while rest:
            head, rest = _cut(rest, room)
            yield head


def _cut(row: _Row, room: Limits) -> tuple[_Row, _Row | None]:
    """As much of the row as there is room for, and what is left of it."""
    units_left = room.units
    entities_left = room.entities - (row.role is Role.QUOTE)
    for index, span in enumerate(row.spans):
        if units(span.text) > units_left or len(_types(span)) > entities_left:
            before, after = row.spans[:index], row.spans[index:]
            is_whole = _types(span) and units(span.text) <= room.units
            if before and (is_whole or len(_types(span)) > entities_left):
                return _parted(row, before, after)
            head, tail = cut_before(span.text, units_left, whole=not before)
            return _parted(
                row,
                (*before, Span(head, span.style, span.link)),
                (Span(tail, span.style, span.link), *after[1:]),
            )
        units_left -= units(span.text)
        entities_left -= len(_types(span))
    return row, None


def _parted(row: _Row, before: Sequence[Span], after: Sequence[Span]) -> tuple[_Row, _Row | None]:
    rest = _trim(after)
    head = _Row(_trim(before), row.role, row.block)
    return head, _Row(rest, row.role, row.block) if rest else None


def _fits(rows: Sequence[_Row], limits: Limits) -> bool:
    length = sum(row.units for row in rows) + sum(len(gap) for gap in _gaps(rows))
    count = sum(row.entities for row in rows)
    return length <= limits.units and count <= limits.entities


def _gaps(rows: Sequence[_Row]) -> list[str]:
    """What stands before each row."""
    gaps = [""]
    for before, row in pairwise(rows):
        tight = before.block == row.block or before.role is Role.HEADING
        gaps.append("\n" if tight else "\n\n")
    return gaps[: len(rows)]


def _page(rows: Sequence[_Row]) -> Page:
    text: list[str] = []
    entities: list[Entity] = []
    starts: list[int] = []
    offset = 0
    for gap, row in zip(_gaps(rows), rows, strict=True):
        text.append(gap)
        offset += len(gap)
        starts.append(offset)
        for span in row.spans:
            length = units(span.text)
            entities += (Entity(kind, offset, length, url) for kind, url in _types(span))
            text.append(span.text)
            offset += length
    return Page("".join(text), (*_quotes(rows, starts), *entities))


def _quotes(rows: Sequence[_Row], starts: Sequence[int]) -> Iterable[Entity]:
    """One entity over all rows of a quoted block."""
    placed = zip(rows, starts, strict=True)
    for (_, role), group in groupby(placed, key=lambda each: (each[0].block, each[0].role)):
        if role is Role.QUOTE:
            quoted = list(group)
            offset = quoted[0][1]
            yield Entity(QUOTE, offset, quoted[-1][1] + quoted[-1][0].units - offset)


def _types(span: Span) -> list[tuple[str, str]]:
    """(type, url) of each entity that the span needs."""
    kinds: list[tuple[str, str]] = []
    if not span.text.strip():
        return kinds
    if span.style in _TYPES:
        kinds.append((_TYPES[span.style], ""))
    if span.link:
        kinds.append(("text_link", span.link))
    return kinds

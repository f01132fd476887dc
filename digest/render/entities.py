"""Blocks as messages of plain text with entities, the way Telegram takes them: `text` + `entities`.

No markup, so nothing in a title or a summary can break a message. Offsets and lengths count UTF-16
units, as do the limits (https://core.telegram.org/bots/api#messageentity).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from digest.render.blocks import Block, Role, Span
from digest.render.breaking import cut_before
from digest.render.rows import (
    AROUND,
    JOINER,
    QUOTE,
    TELEGRAM,
    Entity,
    Limits,
    Page,
    Row,
    gaps,
    page_of,
    rows_of,
    trimmed,
    types,
    units,
    unlinked,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "JOINER",
    "QUOTE",
    "TELEGRAM",
    "Entity",
    "Limits",
    "Marked",
    "Page",
    "Plain",
    "Sheet",
    "Strip",
    "divided",
    "pages",
    "paste",
    "sentence",
    "strip",
    "units",
]

Plain = tuple[str, int, int, str]
"""An entity as a bare tuple: quickly made, and nothing to the garbage collector."""


class Sheet(NamedTuple):
    """A page that is kept for many readers."""

    text: str
    entities: tuple[Plain, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """A block as it stands on a page, laid once for any number of pages.

    Attributes:
        text: with joiners, as Telegram gets it; empty where the block says nothing.
        units: of the text without joiners, by which pages are filled.
        size: of the text itself, in UTF-16 units.
        count: how many entities it may need.
        entities: their offsets count from the strip's beginning.
        gap: what stands between it and the next.
    """

    text: str
    units: int
    size: int
    count: int
    entities: tuple[Plain, ...]
    role: Role
    gap: str


_GAPS = ("\n\n", "\n")  # behind any strip, behind a heading

Marked = tuple[Strip, str]
"""A strip, and the mark that it gets instead of its own, which is one digit; or ""."""


def strip(block: Block) -> Strip:
    """The block, laid; no two rows of it are ever parted unless it is longer than a page."""
    rows = rows_of(block, 0)
    plain = page_of(rows)
    shown = unlinked(plain)
    count = sum(row.entities for row in rows)
    entities = tuple((kind, offset, length, url) for kind, offset, length, url in shown.entities)
    used = units(plain.text)
    size = used if shown is plain else units(shown.text)
    gap = _GAPS[block.role is Role.HEADING]
    return Strip(shown.text, used, size, count, entities, block.role, gap)


def sentence(text: str, role: Role) -> Strip:
    """The strip of a block of plain text, in a fraction of the time."""
    plain = Page(Span(text).text.strip())
    shown, used = unlinked(plain), units(plain.text)
    size = used if shown is plain else units(shown.text)
    return Strip(shown.text, used, size, 0, (), role, _GAPS[role is Role.HEADING])


def pages(blocks: Sequence[Block], limits: Limits = TELEGRAM) -> tuple[Page, ...]:
    """The blocks on as few pages as fit one after another.

    A page ends between blocks, never after a heading and never within an entity; only a block that
    is longer than a page is divided: between its lines, else after a sentence, else after a word.
    """
    pasted = paste([(strip(block), "") for block in blocks], limits)
    if pasted is None:
        return divided(blocks, limits)
    return tuple(Page(text, tuple(map(Entity._make, entities))) for text, entities in pasted)


def paste(strips: Iterable[Marked], limits: Limits = TELEGRAM) -> tuple[Sheet, ...] | None:
    """The blocks of these strips on pages; None where one of them has to be divided."""
    chunks = tuple(_together(strips))
    for room in _rooms(limits):
        laid = _laid(chunks, room)
        if laid is None:
            return None
        made = [_pasted(each) for each in laid]
        if all(size <= limits.units for _, size in made):
            break
    return tuple(sheet for sheet, _ in made)


def _rooms(limits: Limits) -> Iterable[Limits]:
    """Joiners may make a page too long: then less is put on it."""
    for room in (limits.units, limits.units * 7 // 8, limits.units * 2 // 3):
        yield Limits(room, limits.entities)


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


def _laid(chunks: Iterable[list[Marked]], room: Limits) -> list[list[Marked]] | None:
    """The strips of each page; None where some are longer than a page."""
    laid: list[list[Marked]] = []
    used = counted = 0
    for chunk in chunks:
        needed = len(chunk) - 1  # headings: one line end each
        count = 0
        for each, mark in chunk:
            needed += each.units + len(mark[1:])
            count += each.count
        if needed > room.units or count > room.entities:
            return None
        more = used + len(laid[-1][-1][0].gap) + needed if laid else 0
        if laid and more <= room.units and counted + count <= room.entities:
            laid[-1] += chunk
            used, counted = more, counted + count
        else:
            laid.append(chunk.copy())
            used, counted = needed, count
    return laid


def _pasted(strips: Sequence[Marked]) -> tuple[Sheet, int]:
    """One page, and its size in UTF-16 units."""
    text: list[str] = []
    entities: list[Plain] = []
    gap, at, is_enclosed = "", 0, False
    for each, mark in strips:
        at += len(gap)
        text += (gap, mark, each.text[1:]) if mark else (gap, each.text)
        more = len(mark[1:])
        moved = at + more
        new = [(kind, moved + o, length, url) for kind, o, length, url in each.entities]
        if more:  # a mark is bold, and all of it
            kind, _, length, url = new[0]
            new[0] = (kind, at, length + more, url)
        entities += new
        at += each.size + more
        gap, is_enclosed = each.gap, is_enclosed or each.role in AROUND
    if is_enclosed:  # what encloses goes before
        entities.sort(key=lambda entity: entity[0] not in AROUND.values())
    return Sheet("".join(text), tuple(entities)), at


def divided(blocks: Sequence[Block], limits: Limits) -> tuple[Page, ...]:
    """As `pages`, also where a block is longer than a page, or joiners make a page too long."""
    for room in _rooms(limits):
        made = [unlinked(page) for page in _pages(blocks, room)]
        if all(units(page.text) <= limits.units for page in made):
            break
    return tuple(made)


def _pages(blocks: Sequence[Block], limits: Limits) -> tuple[Page, ...]:
    laid: list[list[Row]] = []
    for chunk in _chunks(blocks, limits):
        if laid and _fits([*laid[-1], *chunk], limits):
            laid[-1] += chunk
        else:
            laid.append(chunk)
    return tuple(page_of(rows) for rows in laid)


def _chunks(blocks: Sequence[Block], limits: Limits) -> Iterable[list[Row]]:
    """Rows that should not be parted: a block with the headings before it; or parts of that."""
    chunk: list[Row] = []
    for number, block in enumerate(blocks):
        chunk += rows_of(block, number)
        if block.role is not Role.HEADING and chunk:
            yield from _divide(chunk, limits)
            chunk = []
    if chunk:
        yield from _divide(chunk, limits)


def _divide(chunk: list[Row], limits: Limits) -> Iterable[list[Row]]:
    """The chunk, in parts that fit a page; headings stay with the first row after them."""
    if _fits(chunk, limits):
        yield chunk
        return
    part: list[Row] = []
    for row in _short_rows(chunk, limits):
        if part and not _fits([*part, row], limits):
            yield part
            part = []
        part.append(row)
    yield part


def _short_rows(chunk: list[Row], limits: Limits) -> Iterable[Row]:
    """The rows, each so short that it fits a page together with the headings."""
    headings = [row for row in chunk if row.role is Role.HEADING]
    room = limits
    if _fits(headings, Limits(limits.units // 2, limits.entities // 2)):
        room = Limits(
            limits.units - sum(row.units + 2 for row in headings),
            limits.entities - sum(row.entities for row in headings),
        )
    for row in chunk:
        rest: Row | None = row
        while rest:
            head, rest = _cut(rest, room)
            yield head


def _cut(row: Row, room: Limits) -> tuple[Row, Row | None]:
    """As much of the row as there is room for, and what is left of it."""
    units_left = room.units
    entities_left = room.entities - row.around
    for index, span in enumerate(row.spans):
        if units(span.text) > units_left or len(types(span)) > entities_left:
            before, after = row.spans[:index], row.spans[index:]
            is_whole = types(span) and units(span.text) <= room.units
            if before and (is_whole or len(types(span)) > entities_left):
                return _parted(row, before, after)
            head, tail = cut_before(span.text, units_left, whole=not before)
            return _parted(
                row,
                (*before, Span(head, span.style, span.link)),
                (Span(tail, span.style, span.link), *after[1:]),
            )
        units_left -= units(span.text)
        entities_left -= len(types(span))
    return row, None


def _parted(row: Row, before: Sequence[Span], after: Sequence[Span]) -> tuple[Row, Row | None]:
    rest = trimmed(after)
    head = Row(trimmed(before), row.role, row.block)
    return head, Row(rest, row.role, row.block) if rest else None


def _fits(rows: Sequence[Row], limits: Limits) -> bool:
    length = sum(row.units for row in rows) + sum(len(gap) for gap in gaps(rows))
    count = sum(row.entities for row in rows)
    return length <= limits.units and count <= limits.entities

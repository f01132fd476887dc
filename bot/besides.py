"""What is one reader's own, added to pages that many readers share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.render import revised
from digest.render.entities import pages, units
from digest.store.outbox import Written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.render.blocks import Block
    from digest.render.entities import Limits
    from digest.store.revisions import Revision

MOST_REVISIONS = 5
"""Told with one digest; the others come with the next."""

GAP = "\n\n"


def told_of(
    revisions: Sequence[Revision], language: str
) -> tuple[tuple[Block, ...], Mapping[str, int]]:
    """The section on new versions of saved papers, and the versions that are told with it."""
    told = revisions[:MOST_REVISIONS]
    entries = (revised.entry(each.paper, each.since, each.before, language) for each in told)
    versions = {each.paper.id: each.paper.version or 0 for each in told}
    return (revised.heading(language), *entries), versions


def with_section(
    before: Sequence[Written], section: Sequence[Block], limits: Limits
) -> tuple[Written, ...]:
    """The pages with a section at their end; what is to be tapped stays below the last.

    It stands on the last page where there is room, else on pages of its own, which wake nobody.
    """
    laid = [Written(page.text, page.entities, silent=True) for page in pages(section, limits)]
    if not before:
        return tuple(laid)
    *first, last = before
    if len(laid) == 1 and (joined := _joined(last, laid[0], limits)):
        return (*first, joined)
    laid[-1] = replace(laid[-1], choices=last.choices)
    return (*first, replace(last, choices=()), *laid)


def _joined(page: Written, more: Written, limits: Limits) -> Written | None:
    """One page of two, with the choices of the first; None where it would be too long."""
    text = f"{page.text}{GAP}{more.text}"
    moved = units(page.text) + len(GAP)
    shifted = tuple((kind, moved + at, size, url) for kind, at, size, url in more.entities)
    entities = (*page.entities, *shifted)
    if units(text) > limits.units or len(entities) > limits.entities:
        return None
    return replace(page, text=text, entities=entities)

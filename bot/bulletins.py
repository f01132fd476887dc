"""Bulletins on their way: what the operator wrote is frozen for every reader, slice by slice."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from digest.locale import say
from digest.render.entities import pages
from digest.render.notices import heading, notice
from digest.store.outbox import Written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from digest.models import Subscriber
    from digest.render.blocks import Block
    from digest.render.entities import Limits
    from digest.store import Store
    from digest.store.bulletins import Bulletin

Laid = dict[tuple[int, str, str], tuple[Written, ...]]


def blocks(text: str, language: str) -> tuple[Block, ...]:
    """A bulletin as its readers see it: the operator's own words, and whose they are."""
    return (*heading(say("bulletin.from", language)), *notice(text))


async def go_on(store: Store, limits: Mapping[str, Limits], now: datetime) -> int:
    """Freezes what is confirmed for whoever has not got it; safe to repeat, and in two processes.

    Args:
        store: where bulletins and readers are.
        limits: of the channels that can be sent on, by their names.
        now: when.

    Returns:
        For how many readers.
    """
    count = 0
    laid: Laid = {}
    while bulletin := await store.bulletins.unfinished():
        written = partial(_written, laid, bulletin, limits)
        count += await store.bulletins.go_on(bulletin, tuple(limits), written, now)
    return count


def _written(
    laid: Laid, bulletin: Bulletin, limits: Mapping[str, Limits], reader: Subscriber
) -> tuple[Written, ...]:
    """The pages for one reader; those of a language and channel are laid once."""
    key = (bulletin.id, reader.channel, reader.language)
    if key not in laid:
        shown = pages(blocks(bulletin.text, reader.language), limits[reader.channel])
        laid[key] = tuple(
            Written(page.text, tuple((*each,) for each in page.entities), silent=number > 0)
            for number, page in enumerate(shown)
        )
    return laid[key]

"""How layers of the search become one: shelf by shelf, so that it can be broken off anywhere.

Which layers become which is written down first. Then some shelves at a time are read, put together
and removed, in one transaction; a search finds each term in the old layers or in the new one. What
is said of volumes that were pruned is left out.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from digest import postings
from digest.store import layers
from digest.store.database import upsert
from digest.store.layers import Layer
from digest.store.search_tables import search_shelves, search_volumes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.postings import Said
    from digest.store.database import Database

MANY = 4  # shelves of each layer at once
SPARE = 4
"""A tier for which a quarter more papers were read than are alive is written anew without them."""


def due(there: Sequence[Layer], alive: int) -> Sequence[Layer]:
    """Which layers should become one now; none where all is well (pure).

    Args:
        there: every layer.
        alive: so many papers can be found.
    """
    begun = next((each.into for each in there if each.into), 0)
    if begun:
        return [each for each in there if each.into == begun]
    for tier in range(layers.TIERS):
        some = [each for each in there if each.tier == tier]
        read = sum(each.papers for each in some)
        if len(some) >= layers.TOGETHER or read > alive + alive // SPARE + layers.PAPERS:
            return some
    return ()


async def merge(database: Database) -> bool:
    """Let some layers become one; return whether there were any that should."""
    async with database.write() as connection:
        there = await layers.lock(connection)
        alive = await _alive(connection)
        some = due(there, sum(alive.values()))
        if not some:
            return False
        new = await _begun(connection, there, some, alive)
    old = [each for each in some if each != new]
    for first in range(0, old[0].shelves, MANY):
        async with database.write() as connection:
            await layers.lock(connection)
            await _some(connection, old, new, range(first, first + MANY), alive)
    async with database.write() as connection:
        there = await layers.lock(connection)
        await layers.put(connection, [each for each in there if each.into != new.number])
    return True


async def _alive(connection: AsyncConnection) -> dict[int, int]:
    """How many papers of each volume can be found."""
    c = search_volumes.c
    rows = await connection.execute(select(c.volume, c.alive).where(c.alive != b""))
    return {row.volume: postings.decode(row.alive).bit_count() for row in rows}


async def _begun(
    connection: AsyncConnection,
    there: Sequence[Layer],
    some: Sequence[Layer],
    alive: Mapping[int, int],
) -> Layer:
    """The layer that others become, written down with them."""
    if some[0].into:
        return next(each for each in there if each.number == some[0].into)
    papers = min(sum(each.papers for each in some), sum(alive.values()))
    tier = max(some[0].tier, min(layers.tier_of(papers), some[0].tier + 1))
    newest = max(each.newest for each in some)
    new = Layer(layers.free(there), tier, newest, papers)
    marked = [replace(each, into=new.number) if each in some else each for each in there]
    await layers.put(connection, [*marked, new])
    return new


async def _some(
    connection: AsyncConnection,
    old: Sequence[Layer],
    new: Layer,
    places: range,
    alive: Collection[int],
) -> None:
    c = search_shelves.c
    numbers = {each.at(place): each for each in old for place in places}
    rows = await connection.execute(select(search_shelves).where(c.shelf.in_(numbers)))
    read = [(numbers[row.shelf].newest, row.entries) for row in rows]
    shelves = await asyncio.to_thread(merged, read, new, alive)
    written = [{"shelf": number, "entries": entries} for number, entries in shelves.items()]
    await upsert(connection, search_shelves, written)
    await connection.execute(delete(search_shelves).where(c.shelf.in_(numbers)))


def merged(
    shelves: Sequence[tuple[int, bytes]], new: Layer, alive: Collection[int]
) -> dict[int, bytes]:
    """The shelves of a layer, by number, that others become (pure).

    Args:
        shelves: the newest volume of each one's layer, and its entries.
        new: the layer.
        alive: volumes that still have papers.
    """
    found: dict[str, dict[int, list[Said]]] = defaultdict(dict)
    for newest, entries in shelves:
        later = new.newest - newest
        for term, written in postings.unpack(entries).items():
            there = found[term]
            for age, said in postings.volumes(written):
                if new.newest - age - later in alive:
                    there.setdefault(age + later, []).append(said)
    return layers.shelved(new, {term: _listed(said) for term, said in found.items() if said})


def _listed(volumes: Mapping[int, Sequence[Said]]) -> bytes:
    return postings.listed(
        {
            age: said[0] if len(said) == 1 else postings.together(said)
            for age, said in volumes.items()
        }
    )

"""Volumes of the search: which papers stand where, and which of them are alive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from digest import postings
from digest.store.database import insert, slices, upsert
from digest.store.search_tables import search_papers, search_volumes
from digest.store.waiting import wait

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection


FEW = 10
"""Where fewer than one in so many papers of a volume are alive, it is not worth its room."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paper stands."""

    volume: int
    place: int


@dataclass(slots=True)
class Volume:
    """A volume's row: so many places given, and those that are alive."""

    number: int
    given: int
    alive: int


async def places(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Place]:
    """Return where papers stand, by id."""
    found: dict[str, Place] = {}
    for some in slices(ids):
        query = select(search_papers).where(search_papers.c.paper_id.in_(some))
        for row in await connection.execute(query):
            found[row.paper_id] = Place(row.volume, row.place)
    return found


async def lock(connection: AsyncConnection, numbers: Iterable[int]) -> dict[int, Volume]:
    """Lock volumes, each made where it is not there: another process may be reading papers."""
    found: dict[int, Volume] = {}
    c = search_volumes.c
    for some in slices(sorted(numbers)):
        empty = [{"volume": number, "given": 0, "alive": b""} for number in some]
        await connection.execute(insert(connection, search_volumes).on_conflict_do_nothing(), empty)
        query = select(search_volumes).where(c.volume.in_(some)).order_by(c.volume)
        for row in await connection.execute(query.with_for_update()):
            found[row.volume] = Volume(row.volume, row.given, postings.decode(row.alive))
    return found


async def put(connection: AsyncConnection, volumes: Iterable[Volume]) -> None:
    """Store volumes' rows."""
    rows = [
        {"volume": each.number, "given": each.given, "alive": postings.encode(each.alive)}
        for each in volumes
    ]
    await upsert(connection, search_volumes, rows)


async def stand(connection: AsyncConnection, placed: dict[str, Place]) -> None:
    """Store where papers stand."""
    rows = [
        {"paper_id": paper_id, "volume": at.volume, "place": at.place}
        for paper_id, at in placed.items()
    ]
    for some in slices(rows):
        await upsert(connection, search_papers, some)


async def leave(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Take papers that are about to be removed out of their volumes."""
    for some in slices(ids):
        known = await places(connection, some)
        volumes = await lock(connection, {each.volume for each in known.values()})
        for each in known.values():
            volumes[each.volume].alive &= ~(1 << each.place)
        await put(connection, volumes.values())
        this = search_papers.c.paper_id.in_(some)
        await connection.execute(delete(search_papers).where(this))


async def thin(connection: AsyncConnection) -> list[int]:
    """Return the volumes in which few papers are alive any more, not one in `FEW`, but some."""
    rows = await connection.execute(select(search_volumes))
    alive = {row.volume: (row.given, postings.decode(row.alive).bit_count()) for row in rows}
    return [number for number, (given, count) in alive.items() if 0 < count * FEW < given]


async def empty(connection: AsyncConnection, number: int) -> int:
    """Let the papers of a volume find another place: they wait to be read again; how many."""
    volume = (await lock(connection, [number]))[number]
    query = select(search_papers.c.paper_id).where(search_papers.c.volume == number)
    standing = (await connection.execute(query)).scalars().all()
    await wait(connection, standing)
    await connection.execute(delete(search_papers).where(search_papers.c.volume == number))
    volume.alive = 0
    await put(connection, [volume])
    return len(standing)

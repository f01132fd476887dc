"""The layers of the search: what was indexed in one step, or what several layers became together.

A step adds a layer and reads none. A search reads a term in every layer, so there must be few:
eight of a tier become one of the next. A layer's terms lie on shelves by a checksum, on eight times
as many in each tier, so that a shelf is about as long in all of them.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from digest import postings
from digest.store.database import insert, slices, upsert
from digest.store.search_tables import search_shelves

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.postings import Said

TOGETHER = 8
"""So many layers of a tier become one."""

PAPERS = 1000
"""A layer of the first tier has at most so many, one of the next eight times as many."""

TIERS = 4
LIST = 0  # the shelf on which the layers are listed
_SHELVES = 64  # of a layer of the first tier
_NUMBERED = 16  # bits of a shelf's number that are its place in the layer
_PARAMETERS = 900  # of one statement
_LISTED = select(search_shelves.c.entries).where(search_shelves.c.shelf == LIST)
_SOME = select(search_shelves).where(
    search_shelves.c.shelf.in_(bindparam("shelves", expanding=True))
)

Found = dict[str, dict[int, list["Said"]]]
"""Term → volume → what layers say of it."""

Lists = dict[str, list[tuple[int, bytes]]]
"""Term → the newest volume of each layer that has it, and its list there."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer.

    Attributes:
        number: its own while it is there.
        tier: 0 for the smallest.
        newest: the newest volume in it.
        papers: so many were read for it.
        into: the number of the layer that it is becoming a part of, 0 where it stays.
    """

    number: int
    tier: int
    newest: int
    papers: int
    into: int = 0

    def shelf(self, term: str) -> int:
        """The number of the shelf on which a term lies."""
        return self.at(zlib.crc32(term.encode()) % self.shelves)

    def at(self, place: int) -> int:
        """The number of one of its shelves."""
        return self.number << _NUMBERED | place

    @property
    def shelves(self) -> int:
        """How many it has."""
        return _SHELVES << 3 * self.tier


def tier_of(papers: int) -> int:
    """The tier of a layer of so many papers."""
    return next((tier for tier in range(TIERS) if papers <= PAPERS * TOGETHER**tier), TIERS - 1)


def free(layers: Iterable[Layer]) -> int:
    """The smallest number that no layer has."""
    taken = {each.number for each in layers}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def listed(connection: Connection) -> list[Layer]:
    """Every layer."""
    return _read((connection.execute(_LISTED)).scalar())


async def lock(connection: AsyncConnection) -> list[Layer]:
    """Every layer, while nobody else adds or removes one."""
    none = [{"shelf": LIST, "entries": b"[]"}]
    await connection.execute(insert(connection, search_shelves).on_conflict_do_nothing(), none)
    return _read((await connection.execute(_LISTED.with_for_update())).scalar())


def _read(written: bytes | None) -> list[Layer]:
    return [Layer(*each) for each in json.loads(written or b"[]")]


async def put(connection: AsyncConnection, layers: Iterable[Layer]) -> None:
    """Store the list of layers."""
    written = json.dumps([astuple(each) for each in layers]).encode()
    await upsert(connection, search_shelves, [{"shelf": LIST, "entries": written}])


def shelved(layer: Layer, terms: Mapping[str, bytes]) -> dict[int, bytes]:
    """The shelves of a layer, by number, on which some terms lie (pure)."""
    found: dict[int, dict[str, bytes]] = defaultdict(dict)
    for term, written in terms.items():
        found[layer.shelf(term)][term] = written
    return {number: postings.pack(shelf) for number, shelf in found.items()}


def look(connection: Connection, sought: Sequence[str]) -> Lists:
    """Where every layer tells of some terms."""
    lie = {(each, term): each.shelf(term) for each in listed(connection) for term in sought}
    shelves: dict[int, bytes] = {}
    for some in slices(sorted(set(lie.values())), _PARAMETERS):
        rows = connection.execute(_SOME, {"shelves": some})
        shelves |= {row[0]: row[1] for row in rows}
    found: Lists = {term: [] for term in sought}
    for (layer, term), shelf in lie.items():
        if shelf in shelves:
            found[term].append((layer.newest, postings.look(shelves[shelf], term)))
    return found


def since(lists: Lists, oldest: int) -> Found:
    """What every layer says of some terms, in the volumes from `oldest` on (pure)."""
    found: Found = {term: {} for term in lists}
    for term, some in lists.items():
        for newest, written in some:
            for age, said in postings.volumes(written):
                if newest - age < oldest:  # all that follow are older
                    break
                found[term].setdefault(newest - age, []).append(said)
    return found

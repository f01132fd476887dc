"""Finding papers by their terms: volumes are read from the newest on, until there is enough."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, repeat
from math import log
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, func, or_, select

from digest import postings, terms
from digest.fields import authors
from digest.postings import NOTHING, Sets
from digest.store.announcements import FRESH
from digest.store.database import slices
from digest.store.papers import load
from digest.store.search_tables import search_papers, search_shelves, search_volumes, shelf_of
from digest.store.tables import announcements

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.models import Paper
    from digest.query import Query, Wanted
    from digest.store.database import Database

MOST_COUNTED = 200
"""Matches are counted so far, or to the end of the page that is asked for."""

MOST_RANKED = 500
"""So many of the newest matches are ranked, or looked through for an author."""

STRIDES = (8, 24, 32)  # volumes read at once, at first; then the last of these
MANY = 256
PARAMETERS = 900  # of one statement
_TITLED, _OFTEN, _NEAR = 2.0, 0.7, 0.8  # what a term in a title, or said often, is worth besides 1
COMMON, FEW = 20, 200  # a term of one in so many papers says nothing, where there are some
_VERIFIED = 16  # texts read at once to see whether they have a phrase

At = tuple[int, int]
"""A volume and a place in it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that was found; `day`: when it was announced, None where it never was."""

    paper: Paper
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """Some of the papers that were found.

    Attributes:
        hits: the ones asked for.
        total: how many match.
        more: there are more than `total`, uncounted; where they are ranked, these are left out.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Alike:
    """A paper that is like another; `shared`: the terms that both have, the rarest first."""

    hit: Hit
    shared: tuple[str, ...]


class Volume(NamedTuple):
    """What a volume has for a query."""

    number: int
    alive: int
    terms: Mapping[str, Sets]


class Search:
    """Reads the index that `store.indexing` writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, query: Query, *, limit: int = 8, offset: int = 0, by_rank: bool = False
    ) -> Hits:
        """Return papers that match, the newest first; or the best of the newest `MOST_RANKED`.

        A phrase is looked for in the texts of those that are returned and stand before them;
        behind them, `total` may count papers that only have its words.
        """
        if query.paper_id:
            return await self._one(query.paper_id)
        if not query.wanted:
            return Hits()
        async with self._database.read() as connection:
            found = _Found(query)
            is_many = by_rank or query.author
            most = MOST_RANKED if is_many else max(MOST_COUNTED, offset + limit)
            async for volume in volumes(connection, found.sought(by_rank=by_rank)):
                found.add(volume)
                if found.total > most:
                    break
            ordered = found.ranked() if by_rank else found.newest()
            return await self._page(connection, query, found, ordered[:most], limit, offset)

    async def alike(self, weights: Mapping[str, float], *, limit: int) -> list[Alike]:
        """Return the papers of the newest volumes that share most of some terms, the best first.

        Terms that are common are worth less, however much their weight is, and very common ones
        nothing.
        """
        async with self._database.read() as connection:
            read: list[Volume] = []
            async for volume in volumes(connection, tuple(weights)):
                read.append(volume)
                if len(read) == MANY:
                    break
            scored = _alike(read, weights)[:limit]
            ids = await _ids(connection, [at for _, at, _ in scored])
            hits = {hit.paper.id: hit for hit in await _hits(connection, ids)}
        found = zip(ids, scored, strict=False)
        return [Alike(hits[each], shared) for each, (_, _, shared) in found if each in hits]

    async def volumes(self) -> list[int]:
        """Return the numbers of the volumes that have papers, the newest first."""
        c = search_volumes.c
        query = select(c.volume).where(c.alive != b"").order_by(c.volume.desc())
        async with self._database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def _one(self, paper_id: str) -> Hits:
        async with self._database.read() as connection:
            hits = await _hits(connection, [paper_id])
        return Hits(tuple(hits), len(hits))

    async def _page(
        self,
        connection: AsyncConnection,
        query: Query,
        found: _Found,
        ordered: Sequence[At],
        limit: int,
        offset: int,
    ) -> Hits:
        total, more = len(ordered), found.total > len(ordered)
        phrases = any(each.phrase for each in (*query.wanted, *query.without))
        if not phrases and not query.author:
            ids = await _ids(connection, ordered[offset : offset + limit])
            return Hits(tuple(await _hits(connection, ids)), total, more)
        kept: list[str] = []
        looked = 0
        for some in slices(ordered, _VERIFIED):
            looked += len(some)
            ids = await _ids(connection, some)
            stored = await load(connection, ids)
            fitting = [each for each in ids if each in stored and _has(stored[each], query)]
            total -= len(some) - len(fitting)
            kept += fitting
            if len(kept) > offset + limit:
                break
        if query.author and looked < found.total:
            total, more = len(kept) - 1, True
        hits = await _hits(connection, kept[offset : offset + limit])
        return Hits(tuple(hits), total, more)


async def volumes(connection: AsyncConnection, sought: Sequence[str]) -> AsyncIterator[Volume]:
    """Yield every volume, the newest first, with what it has of some terms."""
    c = search_volumes.c
    query = select(c.volume, c.alive).order_by(c.volume.desc()).limit(MANY)
    below: int | None = None
    strides = chain(STRIDES, repeat(STRIDES[-1]))
    while True:
        beyond = query if below is None else query.where(c.volume < below)
        rows = [*await connection.execute(beyond)]
        read = 0
        while read < len(rows):
            some = rows[read : read + next(strides)]
            read += len(some)
            stored = await _terms(connection, [row.volume for row in some], sought)
            for row in some:
                yield Volume(row.volume, postings.decode(row.alive), stored[row.volume])
        if len(rows) < MANY:
            return
        below = rows[-1].volume


async def _terms(
    connection: AsyncConnection, numbers: Sequence[int], sought: Sequence[str]
) -> dict[int, dict[str, Sets]]:
    """Volume → term → its sets, where it is there."""
    lie = {(number, term): shelf_of(number, term) for number in numbers for term in sought}
    shelves: dict[int, bytes] = {}
    for some in slices(sorted(set(lie.values())), PARAMETERS):
        query = select(search_shelves).where(search_shelves.c.shelf.in_(some))
        shelves |= {row[0]: row[1] for row in await connection.execute(query)}
    found: dict[int, dict[str, Sets]] = {number: {} for number in numbers}
    for (number, term), shelf in lie.items():
        if shelf in shelves:
            found[number][term] = postings.look(shelves[shelf], term)
    return found


def _alike(
    read: Sequence[Volume], weights: Mapping[str, float]
) -> list[tuple[float, At, tuple[str, ...]]]:
    """(score, where, shared terms) of papers that share at least two terms, the best first."""
    papers = sum(volume.alive.bit_count() for volume in read)
    having = {
        term: sum(volume.terms.get(term, NOTHING).places.bit_count() for volume in read)
        for term in weights
    }
    worth = {
        term: weight * log((1 + papers) / (1 + having[term]))
        for term, weight in weights.items()
        if having[term] * COMMON <= papers or papers < FEW
    }
    ordered = sorted(worth, key=lambda term: -worth[term])
    shared: dict[At, list[str]] = {}
    for volume in read:
        for term in ordered:
            for place in postings.members(volume.terms.get(term, NOTHING).places & volume.alive):
                shared.setdefault((volume.number, place), []).append(term)
    scored = [
        (sum(worth[term] for term in terms_), at, tuple(terms_))
        for at, terms_ in shared.items()
        if len(terms_) > 1
    ]
    return sorted(scored, reverse=True)


class _Found:
    """What was found so far, by volume, the newest first (pure)."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.total = 0
        self._papers = 0
        self._volumes: list[tuple[Volume, int]] = []

    def sought(self, *, by_rank: bool) -> tuple[str, ...]:
        """The terms to be read."""
        return (*self.query.terms, *(self.query.near if by_rank else ()))

    def add(self, volume: Volume) -> None:
        """Takes a volume's matches."""
        self._papers += volume.alive.bit_count()
        bits = matches(self.query, volume)
        if bits:
            self.total += bits.bit_count()
            self._volumes.append((volume, bits))

    def newest(self) -> list[At]:
        """All matches, the newest first."""
        return [
            (volume.number, place)
            for volume, bits in self._volumes
            for place in postings.members(bits)
        ]

    def ranked(self) -> list[At]:
        """All matches, the best first; the newer of two that are equal."""
        worth = {each: self._rarity(each) for each in self.query.wanted}
        scored: list[tuple[float, At]] = []
        for volume, bits in self._volumes:
            scores = dict.fromkeys(postings.members(bits), 0.0)
            for wanted, rarity in worth.items():
                titled, often = _emphasis(wanted, volume)
                for places, by in ((titled, _TITLED), (often, _OFTEN)):
                    for place in postings.members(places & bits):
                        scores[place] += by * rarity
            for near in self.query.near:
                for place in postings.members(volume.terms.get(near, NOTHING).places & bits):
                    scores[place] += _NEAR
            scored += ((score, (volume.number, place)) for place, score in scores.items())
        scored.sort(reverse=True)
        return [at for _, at in scored]

    def _rarity(self, wanted: Wanted) -> float:
        """How much a word tells, by how many of the papers read have it."""
        having = sum(_having(wanted, volume).bit_count() for volume, _ in self._volumes)
        return log(1 + self._papers / (1 + having))


def matches(query: Query, volume: Volume) -> int:
    """The places of a volume that a query wants."""
    bits = volume.alive
    for wanted in query.wanted:
        if not bits:
            return 0
        bits &= _having(wanted, volume)
    for without in query.without:
        if not without.phrase:
            bits &= ~_having(without, volume)
    return bits


def _having(wanted: Wanted, volume: Volume) -> int:
    """The places that have all terms of one of the ways to say it."""
    found = 0
    for each in wanted.any_of:
        bits = -1
        for term in each:
            bits &= volume.terms.get(term, NOTHING).places
        found |= bits
    return found


def _emphasis(wanted: Wanted, volume: Volume) -> tuple[int, int]:
    """The places that have it in a title, and those that say it often."""
    titled = often = 0
    for each in wanted.any_of:
        both = [-1, -1]
        for term in each:
            if not term.startswith(terms.SIGN):
                sets = volume.terms.get(term, NOTHING)
                both = [both[0] & sets.titled, both[1] & sets.often]
        titled, often = titled | both[0], often | both[1]
    return titled, often


def _has(paper: Paper, query: Query) -> bool:
    """Whether a paper's own texts have every phrase, and none that is left out; or its authors."""
    if query.author:
        return any(authors.same(query.author, name) for name in paper.authors)
    texts = [
        terms.read(text).words
        for text in (paper.title, paper.abstract, paper.comment, *paper.authors[: terms.MOST_NAMES])
    ]

    def says(phrase: tuple[str, ...]) -> bool:
        return any(terms.runs(words, phrase) for words in texts)

    wanted = all(says(each.phrase) for each in query.wanted if each.phrase)
    return wanted and not any(says(each.phrase) for each in query.without if each.phrase)


async def _ids(connection: AsyncConnection, ordered: Sequence[At]) -> list[str]:
    """The ids of the papers at some places, in the same order."""
    if not ordered:
        return []
    by_volume: dict[int, list[int]] = {}
    for volume, place in ordered:
        by_volume.setdefault(volume, []).append(place)
    c = search_papers.c
    these = or_(
        *(and_(c.volume == volume, c.place.in_(some)) for volume, some in by_volume.items())
    )
    rows = await connection.execute(select(search_papers).where(these))
    found = {(row.volume, row.place): row.paper_id for row in rows}
    return [found[at] for at in ordered if at in found]


async def _hits(connection: AsyncConnection, ids: Sequence[str]) -> list[Hit]:
    stored = await load(connection, ids)
    c = announcements.c
    days: dict[str, date] = {}
    for some in slices(ids):
        query = select(c.paper_id, func.min(c.day)).where(c.paper_id.in_(some), c.kind.in_(FRESH))
        days |= {row[0]: row[1] for row in await connection.execute(query.group_by(c.paper_id))}
    return [Hit(paper, days.get(paper_id)) for paper_id, paper in stored.items()]

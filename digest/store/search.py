"""Finding papers by their terms: volumes are read from the newest on, until there is enough."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from math import log
from typing import TYPE_CHECKING

from sqlalchemy import Executable, bindparam, func, select

from digest import postings, terms
from digest.fields import authors
from digest.store import layers
from digest.store.announcements import FRESH
from digest.store.database import slices
from digest.store.papers import COLUMNS, paper
from digest.store.search_tables import search_papers, search_volumes
from digest.store.tables import announcements, papers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from digest.models import Paper
    from digest.postings import Said
    from digest.query import Query, Wanted
    from digest.store.database import Database

MOST_COUNTED = 200
"""Matches are counted so far, or to the end of the page that is asked for."""

MOST_RANKED = 500
"""So many of the newest matches are ranked, or looked through for an author."""

AT_FIRST = 24  # volumes that are looked through before the others are read
MANY = 100  # volumes where similar papers are looked for
_TITLED, _OFTEN, _NEAR = 2.0, 0.7, 0.8  # what a term in a title, or said often, is worth besides 1
COMMON, FEW = 20, 200  # a term of one in so many papers says nothing, where there are some
HALF = 2  # a word that was typed says nothing of the order where more than one in so many has it
_VERIFIED = 16  # texts read at once to see whether they have a phrase

# Statements are made once: to make one anew for each search costs more than to carry it out.
_ALIVE = (
    select(search_volumes.c.volume, search_volumes.c.alive)
    .where(search_volumes.c.alive != b"")
    .order_by(search_volumes.c.volume.desc())
)
NEWEST = _ALIVE.limit(AT_FIRST)
OLDER = _ALIVE.where(search_volumes.c.volume < bindparam("before"))
_DAY = (
    select(func.min(announcements.c.day))
    .where(announcements.c.paper_id == papers.c.id, announcements.c.kind.in_(FRESH))
    .scalar_subquery()
    .label("day")
)
OF_ID: Executable = select(*COLUMNS, _DAY).where(papers.c.id == bindparam("paper_id"))
STANDING: Executable = (
    select(search_papers.c.place, *COLUMNS, _DAY)
    .join(papers, papers.c.id == search_papers.c.paper_id)
    .where(
        search_papers.c.volume == bindparam("volume"),
        search_papers.c.place.in_(bindparam("places", expanding=True)),
    )
)

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


class Volume:
    """What a volume has for a query."""

    def __init__(self, number: int, alive: int, said: Mapping[str, list[Said]]) -> None:
        self.number = number
        self.alive = alive
        self._said = said
        self._places: dict[str, int] = {}

    def places(self, term: str) -> int:
        """The places of the papers that have a term."""
        found = self._places.get(term)
        if found is None:
            found = 0
            for each in self._said.get(term, ()):
                found |= postings.places(each)
            self._places[term] = found
        return found

    def emphasis(self, term: str) -> tuple[int, int]:
        """The places of those that have it in a title, and of those that say it often."""
        titled = often = 0
        for each in self._said.get(term, ()):
            found = postings.sets(each)
            titled, often = titled | found.titled, often | found.often
        return titled, often


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
        most = MOST_RANKED if by_rank or query.author else max(MOST_COUNTED, offset + limit)

        def work(connection: Connection) -> Hits:
            found = _Found(query)
            for volume in volumes(connection, found.sought(by_rank=by_rank)):
                found.add(volume)
                if found.total > most:
                    break
            ordered = found.ranked() if by_rank else found.newest()
            return _page(connection, query, found, ordered[:most], limit, offset)

        return await self._database.look(work)

    async def alike(self, weights: Mapping[str, float], *, limit: int) -> list[Alike]:
        """Return the papers of the newest volumes that share most of some terms, the best first.

        Terms that are common are worth less, however much their weight is, and very common ones
        nothing.
        """

        def work(connection: Connection) -> list[Alike]:
            read = list(islice(volumes(connection, tuple(weights)), MANY))
            scored = _alike(read, weights)[:limit]
            hits = _standing(connection, [at for _, at, _ in scored])
            return [Alike(hits[at], shared) for _, at, shared in scored if at in hits]

        return await self._database.look(work)

    async def volumes(self) -> list[int]:
        """Return the numbers of the volumes that have papers, the newest first."""
        c = search_volumes.c
        query = select(c.volume).where(c.alive != b"").order_by(c.volume.desc())
        async with self._database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def _one(self, paper_id: str) -> Hits:
        def work(connection: Connection) -> Hits:
            rows = connection.execute(OF_ID, {"paper_id": paper_id})
            hits = tuple(Hit(paper(row), row.day) for row in rows)
            return Hits(hits, len(hits))

        return await self._database.look(work)


def _page(
    connection: Connection,
    query: Query,
    found: _Found,
    ordered: Sequence[At],
    limit: int,
    offset: int,
) -> Hits:
    total, more = len(ordered), found.total > len(ordered)
    phrases = any(each.phrase for each in (*query.wanted, *query.without))
    if not phrases and not query.author:
        return Hits(tuple(_at(connection, ordered[offset : offset + limit])), total, more)
    kept: list[Hit] = []
    looked = 0
    for some in slices(ordered, _VERIFIED):
        looked += len(some)
        fitting = [each for each in _at(connection, some) if _has(each.paper, query)]
        total -= len(some) - len(fitting)
        kept += fitting
        if len(kept) > offset + limit:
            break
    if query.author and looked < found.total:
        total, more = len(kept) - 1, True
    return Hits(tuple(kept[offset : offset + limit]), total, more)


def volumes(connection: Connection, sought: Sequence[str]) -> Iterator[Volume]:
    """Yield every volume that has papers, the newest first, with what it has of some terms."""
    lists = layers.look(connection, sought)
    rows = connection.execute(NEWEST).all()
    while rows:
        said = layers.since(lists, rows[-1].volume)
        for number, alive in rows:
            there = {term: found[number] for term, found in said.items() if number in found}
            yield Volume(number, postings.decode(alive), there)
        rows = connection.execute(OLDER, {"before": rows[-1].volume}).all()


def _alike(
    read: Sequence[Volume], weights: Mapping[str, float]
) -> list[tuple[float, At, tuple[str, ...]]]:
    """(score, where, shared terms) of papers that share at least two terms, the best first."""
    papers = sum(volume.alive.bit_count() for volume in read)
    having = {term: sum(volume.places(term).bit_count() for volume in read) for term in weights}
    worth = {
        term: weight * log((1 + papers) / (1 + having[term]))
        for term, weight in weights.items()
        if having[term] * COMMON <= papers or papers < FEW
    }
    ordered = sorted(worth, key=lambda term: -worth[term])
    shared: dict[At, list[str]] = {}
    for volume in read:
        for term in ordered:
            for place in postings.members(volume.places(term) & volume.alive):
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
        bits = matches(self.query, volume)
        if bits:
            self._papers += volume.alive.bit_count()
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
        worth = {each: rarity for each in self.query.wanted if (rarity := self._rarity(each))}
        scored: list[tuple[float, At]] = []
        for volume, bits in self._volumes:
            scores = dict.fromkeys(postings.members(bits), 0.0)
            for wanted, rarity in worth.items():
                titled, often = _emphasis(wanted, volume)
                for places, by in ((titled, _TITLED), (often, _OFTEN)):
                    for place in postings.members(places & bits):
                        scores[place] += by * rarity
            for near in self.query.near:
                for place in postings.members(volume.places(near) & bits):
                    scores[place] += _NEAR
            scored += ((score, (volume.number, place)) for place, score in scores.items())
        scored.sort(reverse=True)
        return [at for _, at in scored]

    def _rarity(self, wanted: Wanted) -> float:
        """How much a word tells, by how many papers of the same volumes have it; "the" nothing."""
        having = sum(_having(wanted, volume).bit_count() for volume, _ in self._volumes)
        if having * HALF > self._papers >= FEW:
            return 0.0
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
            bits &= volume.places(term)
        found |= bits
    return found


def _emphasis(wanted: Wanted, volume: Volume) -> tuple[int, int]:
    """The places that have it in a title, and those that say it often."""
    titled = often = 0
    for each in wanted.any_of:
        both = [-1, -1]
        for term in each:
            if not term.startswith(terms.SIGN):
                said = volume.emphasis(term)
                both = [both[0] & said[0], both[1] & said[1]]
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


def _at(connection: Connection, ordered: Sequence[At]) -> list[Hit]:
    """The papers at some places, in the same order."""
    found = _standing(connection, ordered)
    return [found[at] for at in ordered if at in found]


def _standing(connection: Connection, places: Iterable[At]) -> dict[At, Hit]:
    by_volume: dict[int, list[int]] = {}
    for volume, place in places:
        by_volume.setdefault(volume, []).append(place)
    found: dict[At, Hit] = {}
    for volume, some in by_volume.items():
        rows = connection.execute(STANDING, {"volume": volume, "places": some})
        found |= {(volume, row.place): Hit(paper(row), row.day) for row in rows}
    return found

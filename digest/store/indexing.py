"""The search's index: what waits is read, some papers at a time, into volumes of terms.

Whoever stores a paper or a summary puts the paper's id among what waits, in the same transaction.
Papers are read and given places; then, in one transaction, their terms are stored as a new layer,
and they are alive and wait no more. What is broken off is done again, with the same result; what
changes meanwhile waits once more.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, islice
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from digest import postings, terms
from digest.postings import HOWS
from digest.store import layers, merging, volumes
from digest.store.announcements import FRESH
from digest.store.database import slices, upsert
from digest.store.layers import Layer
from digest.store.papers import load
from digest.store.search_tables import search_shelves, search_waiting
from digest.store.summaries import COLUMNS, OWN_WORDS, from_row
from digest.store.tables import announcements, papers, summaries
from digest.store.volumes import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.models import Paper, Summary
    from digest.postings import Said
    from digest.store.database import Database
    from digest.store.volumes import Volume

STEP = 1000  # papers
OFTEN = 3  # a paper may wait: for itself, and for its summaries, which are read with it
BY_YEAR_UNTIL = 2020  # what is older and was never announced here stands together by year


@dataclass(frozen=True, slots=True)
class Text:
    """A paper that was read: the volume where it belongs, and how it says each term."""

    paper_id: str
    volume: int
    anew: bool
    terms: Mapping[str, int]


class Indexing:
    """Keeps the index."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stepping = asyncio.Lock()

    async def waiting(self) -> int:
        """Return how many papers wait to be read; one that changed meanwhile waits twice."""
        async with self._database.read() as connection:
            counted = await connection.execute(select(func.count()).select_from(search_waiting))
            return counted.scalar_one()

    async def step(self, limit: int = STEP) -> int:
        """Read some of what waits, what came last first; return how many were read."""
        async with self._stepping:
            newest = select(search_waiting).order_by(search_waiting.c.id.desc())
            async with self._database.read() as connection:
                rows = (await connection.execute(newest.limit(limit * OFTEN))).all()
                some = set(islice(dict.fromkeys(row.paper_id for row in rows), limit))
                rows = [row for row in rows if row.paper_id in some]
                wanted = dict.fromkeys(some, False)
                wanted |= {row.paper_id: True for row in rows if row.anew}
                texts = await _texts(connection, wanted)
            await self._store(texts, [row.id for row in rows])
            return len(some)

    async def tidy(self) -> None:
        """Let layers become one, as long as there are too many of them."""
        async with self._stepping:
            while await merging.merge(self._database):
                pass

    async def _store(self, texts: Sequence[Text], waited: Sequence[int]) -> None:
        if not waited:
            return
        async with self._database.write() as connection:
            placed = await _place(connection, texts)
        layer = Layer(0, layers.tier_of(len(placed)), max(_numbers(placed), default=0), len(placed))
        terms_ = await asyncio.to_thread(gather, texts, placed, layer.newest)
        async with self._database.write() as connection:
            if placed:
                await _add(connection, layer, terms_)
                await _enliven(connection, placed)
            for some in slices(waited):
                this = search_waiting.c.id.in_(some)
                await connection.execute(delete(search_waiting).where(this))


async def _texts(connection: AsyncConnection, wanted: Mapping[str, bool]) -> list[Text]:
    """Read papers; which of them are to be read anew is the value."""
    ids = list(wanted)
    stored = await load(connection, ids)
    told = await _summaries(connection, ids)
    days = await _days(connection, ids)

    def read_all() -> list[Text]:
        return [
            Text(
                each.id,
                volume_of(each, days.get(each.id)),
                wanted[each.id],
                terms.of_paper(each, told.get(each.id, ())),
            )
            for each in (stored[paper_id] for paper_id in sorted(stored))
        ]

    return await asyncio.to_thread(read_all)


async def _summaries(
    connection: AsyncConnection, ids: Sequence[str]
) -> Mapping[str, list[Summary]]:
    found: dict[str, list[Summary]] = defaultdict(list)
    for some in slices(ids):
        these = summaries.c.paper_id.in_(some) & (summaries.c.writer != OWN_WORDS)
        for row in await connection.execute(select(*COLUMNS).where(these)):
            found[row.paper_id].append(from_row(row))
    return found


async def _days(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, date]:
    """The first day on which each was announced as new or cross."""
    c = announcements.c
    found: dict[str, date] = {}
    for some in slices(ids):
        query = select(c.paper_id, func.min(c.day)).where(c.paper_id.in_(some), c.kind.in_(FRESH))
        found |= {row[0]: row[1] for row in await connection.execute(query.group_by(c.paper_id))}
    return found


def volume_of(paper: Paper, day: date | None) -> int:
    """The number of the volume where a paper belongs.

    Args:
        paper: its id tells when it was submitted, where nothing else does.
        day: on which it was announced, None where it never was.
    """
    if day is not None:
        return day.toordinal()
    month = paper.submitted.replace(day=1) if paper.submitted else _month(paper.id)
    return (month.replace(month=1) if month.year < BY_YEAR_UNTIL else month).toordinal()


def _month(paper_id: str) -> date:
    """`2602.02489` and `hep-th/0202001` say when; an invented id is older than all."""
    yymm = paper_id.rpartition("/")[2][:4]
    year, month = int(yymm[:2]), int(yymm[2:])
    if not 1 <= month <= 12:  # noqa: PLR2004 - months
        return date.min
    return date(year + (1900 if year > 90 else 2000), month, 1)  # noqa: PLR2004 - arXiv is of 1991


async def _place(connection: AsyncConnection, texts: Sequence[Text]) -> dict[str, Place]:
    """Give papers their places; those that moved are not alive where they were."""
    there = await _still_there(connection, texts)
    known = await volumes.places(connection, [each.paper_id for each in there])
    numbers = {each.volume for each in there} | {each.volume for each in known.values()}
    locked = await volumes.lock(connection, numbers)
    placed = {each.paper_id: _placed(each, known, locked) for each in there}
    await volumes.put(connection, locked.values())
    await volumes.stand(connection, placed)
    return placed


async def _still_there(connection: AsyncConnection, texts: Sequence[Text]) -> list[Text]:
    """Without the papers that were pruned since they were read."""
    there: set[str] = set()
    for some in slices([each.paper_id for each in texts]):
        rows = await connection.execute(select(papers.c.id).where(papers.c.id.in_(some)))
        there |= set(rows.scalars())
    return [each for each in texts if each.paper_id in there]


def _placed(text: Text, known: Mapping[str, Place], locked: Mapping[int, Volume]) -> Place:
    """The paper's place, where more of it may be added; else a new one, and the old one is dead."""
    at = known.get(text.paper_id)
    if at and at.volume == text.volume and not text.anew:
        return at
    if at:
        locked[at.volume].alive &= ~(1 << at.place)
    volume = locked[text.volume]
    volume.given += 1
    return Place(text.volume, volume.given - 1)


def _numbers(placed: Mapping[str, Place]) -> set[int]:
    return {each.volume for each in placed.values()}


def gather(texts: Iterable[Text], placed: Mapping[str, Place], newest: int) -> dict[str, bytes]:
    """What a layer of some papers says of each of their terms (pure).

    Lists of numbers would be simpler than bytes, but so many that to look through them for garbage
    holds up the whole program for a tenth of a second.
    """
    there = [(placed[each.paper_id], each) for each in texts if each.paper_id in placed]
    there.sort(key=lambda one: (-one[0].volume, one[0].place))
    found: dict[str, bytearray] = {}
    for number, some in groupby(there, key=lambda one: one[0].volume):
        for term, said in _said(some):
            postings.add_volume(found.setdefault(term, bytearray()), newest - number, said)
    return {term: bytes(written) for term, written in found.items()}


def _said(some: Iterable[tuple[Place, Text]]) -> Iterator[tuple[str, Said]]:
    """What a volume says of each term, by its papers in the order of their places."""
    written: dict[str, bytearray] = {}
    last: dict[str, int] = {}
    for at, text in some:
        place = at.place * HOWS
        for term, how in text.terms.items():
            body = written.get(term)
            if body is None:
                body = written[term] = bytearray()
            distance = place + how - last.get(term, 0)
            if distance < postings.ONE_BYTE:  # the most frequent case, without a call
                body.append(distance)
            else:
                postings.add(body, distance)
            last[term] = place
    for term, body in written.items():
        yield term, postings.shortest(body, last[term])


async def _add(connection: AsyncConnection, layer: Layer, terms_: Mapping[str, bytes]) -> None:
    there = await layers.lock(connection)
    new = replace(layer, number=layers.free(there))
    shelves = await asyncio.to_thread(layers.shelved, new, terms_)
    rows = [{"shelf": number, "entries": entries} for number, entries in shelves.items()]
    await upsert(connection, search_shelves, rows)
    await layers.put(connection, [*there, new])


async def _enliven(connection: AsyncConnection, placed: Mapping[str, Place]) -> None:
    """Let papers be found, where they still stand."""
    standing = await volumes.places(connection, list(placed))
    locked = await volumes.lock(connection, {each.volume for each in standing.values()})
    for paper_id, at in standing.items():
        if placed[paper_id] == at:
            locked[at.volume].alive |= 1 << at.place
    await volumes.put(connection, locked.values())

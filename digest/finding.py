"""Finding papers: what a reader typed, widened where that helps, looked up, and kept up to date."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from math import log1p
from typing import TYPE_CHECKING

import structlog

from digest import query, terms, widening
from digest.errors import StoreError
from digest.fields import own

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from digest.models import Paper
    from digest.query import Query
    from digest.store import Store
    from digest.store.search import Hit, Hits

log = structlog.get_logger()

PAUSE_S = 0.05
"""Between two pieces of the index, in seconds: whoever wants to read or write goes first."""

LOOK_S = 15.0
"""How often we look whether anything waits to be indexed, in seconds."""

SOON = 500
"""So few papers that wait are indexed before a search is answered."""

MOST_FEWER = 3
MOST_TELLING = 12  # words of a paper by which similar ones are looked for
MOST_SHARED = 4  # words of them that are shown

_SAYING_NOTHING = """
across also although always among because been before best better both but can cannot could does
each even ever every further given has have here hence however may might most moreover must not
often only our over per present propose proposed recent recently results show shows since still
study than then there therefore thus too toward towards two under until upon very via was we
well were when whereas whether while who whose will within without would yet you your
"""
SAYING_NOTHING = frozenset(_SAYING_NOTHING.split())
"""Words that any abstract has, besides those of `own.says_little`; rarities leave them out."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, and what is to be said beside it.

    Attributes:
        hits: the papers asked for, and how many there are.
        widened: (what was typed, the English words that were looked for, too).
        fewer: (words, how many papers have them) where no paper has all.
        waiting: so many papers are not in the index yet.
    """

    hits: Hits
    widened: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fewer: tuple[tuple[str, int], ...] = ()
    waiting: int = 0


async def search(
    store: Store, text: str, *, limit: int, offset: int = 0, by_rank: bool = False
) -> Found:
    """Papers that have every word of a text, the newest first or the best."""
    asked = widening.widened(query.understand(text))
    waiting = await _caught_up(store)
    hits = await store.search.find(asked, limit=limit, offset=offset, by_rank=by_rank)
    widened = tuple((each.said, each.instead) for each in asked.wanted if each.instead)
    fewer = () if hits.total else await _fewer(store, asked)
    return Found(hits, widened, fewer, waiting)


async def by_author(store: Store, name: str, *, limit: int, offset: int = 0) -> Found:
    """Papers of somebody, the newest first; `fields.authors` says which names are theirs."""
    waiting = await _caught_up(store)
    hits = await store.search.find(query.by_author(name), limit=limit, offset=offset)
    return Found(hits, waiting=waiting)


@dataclass(frozen=True, slots=True)
class Similar:
    """A paper that is like another; `shared`: words of both, the most telling first."""

    hit: Hit
    shared: tuple[str, ...]


async def similar(store: Store, paper: Paper, *, limit: int) -> list[Similar]:
    """The papers that share most of a paper's rare words, the likest first."""
    await _caught_up(store)
    words = telling(paper)
    weights = {term: weight for term, (_, weight) in words.items()}
    found = await store.search.alike(weights, limit=limit + 1)
    others = [each for each in found if each.hit.paper.id != paper.id]
    return [
        Similar(each.hit, tuple(words[term][0] for term in each.shared[:MOST_SHARED]))
        for each in others[:limit]
    ]


def telling(paper: Paper) -> dict[str, tuple[str, float]]:
    """The terms of a paper that tell most: the word as it is written there, and its weight."""
    written: dict[str, str] = {}
    said: dict[str, int] = {}
    for text, times in ((paper.title, 3), (paper.abstract, 1)):
        for piece in terms.pieces(text):
            for part, term in zip(piece.split("-"), terms.parts_of(piece), strict=False):
                if _tells(part, term):
                    written.setdefault(term, part)
                    said[term] = said.get(term, 0) + times
    weights = {term: own.rarity(term) * log1p(count) for term, count in said.items()}
    best = sorted(weights, key=lambda term: -weights[term])[:MOST_TELLING]
    return {term: (written[term], weights[term]) for term in best}


def _tells(part: str, term: str) -> bool:
    """Whether a word may say what a paper is about; two letters are mostly signs."""
    is_word = len(term) > 2 and term.isalpha()  # noqa: PLR2004 - see above
    return is_word and not own.says_little(term) and part.casefold() not in SAYING_NOTHING


async def _caught_up(store: Store) -> int:
    """What came just now is indexed first; return how much of an older store still waits."""
    waiting = await store.indexing.waiting()
    while 0 < waiting <= SOON:
        await store.indexing.step()
        waiting = await store.indexing.waiting()
    return waiting


async def _fewer(store: Store, asked: Query) -> tuple[tuple[str, int], ...]:
    """The searches with one word less that find most."""
    if len(asked.wanted) < 2:  # noqa: PLR2004 - one word less is none
        return ()
    found: list[tuple[str, int]] = []
    for at in range(len(asked.wanted)):
        kept = (*asked.wanted[:at], *asked.wanted[at + 1 :])
        hits = await store.search.find(replace(asked, wanted=kept), limit=1)
        if hits.total:
            found.append((" ".join(each.said for each in kept), hits.total))
    return tuple(sorted(found, key=lambda pair: -pair[1])[:MOST_FEWER])


class KeepingUp:
    """Indexes what waits, a piece at a time, while nobody waits for it."""

    def __init__(
        self, store: Store, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._store = store
        self._sleep = sleep

    async def run(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            await self.catch_up()
            await self._sleep(LOOK_S)

    async def catch_up(self) -> int:
        """Indexes all that waits, and returns how many papers that were.

        Of several machines one does: what two read at once is right, and in the index twice.
        """
        total, indexing = 0, self._store.indexing
        try:
            async with self._store.locks.hold_among_machines("index") as alone:
                while alone and (done := await indexing.step()):
                    total += done
                    await indexing.tidy()
                    await self._sleep(PAUSE_S)
        except StoreError as error:  # the next look tries again
            log.warning("indexing_failed", error=str(error))
        if total:
            log.info("indexed", papers=total)
        return total

    @asynccontextmanager
    async def meanwhile(self) -> AsyncIterator[None]:
        """Keeps up beside what is done inside."""
        task = asyncio.create_task(self.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

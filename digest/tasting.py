"""Tastes: what readers say of papers is learnt and stored, and an edition seen through it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from digest import taste
from digest.store.tastes import Vote
from digest.taste import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from digest.models import Paper
    from digest.store import Store
    from digest.taste import Features


async def cast(
    store: Store, reader: int, paper: Paper, wanted: Verdict, at: datetime
) -> Verdict | None:
    """Takes in what a reader thinks of a paper; said again, it is taken back.

    A paper that is liked and saved counts once.

    Returns:
        The verdict that now stands; None where it was taken back.
    """
    of = await asyncio.to_thread(taste.features, paper)

    def after(before: Vote | None) -> Vote | None:
        return None if before and before.verdict is wanted else Vote(wanted, at)

    def decide(packed: str | None, before: Vote | None) -> tuple[str | None, Vote | None]:
        return decided(packed, of, before, after(before), at)

    stands = after(await store.tastes.change(reader, paper.id, decide))
    return stands.verdict if stands else None


async def saved(store: Store, reader: int, paper: Paper, at: datetime) -> None:
    """Takes a saved paper for a liked one, unless the reader said already what they think."""
    of = await asyncio.to_thread(taste.features, paper)

    def decide(packed: str | None, before: Vote | None) -> tuple[str | None, Vote | None]:
        return decided(packed, of, before, before or Vote(Verdict.SAVE, at), at)

    await store.tastes.change(reader, paper.id, decide)


async def unsaved(store: Store, reader: int, paper: Paper, at: datetime) -> None:
    """Takes `saved` back; what the reader said stands."""
    of = await asyncio.to_thread(taste.features, paper)

    def decide(packed: str | None, before: Vote | None) -> tuple[str | None, Vote | None]:
        after = None if before and before.verdict is Verdict.SAVE else before
        return decided(packed, of, before, after, at)

    await store.tastes.change(reader, paper.id, decide)


def decided(
    packed: str | None, of: Features, before: Vote | None, after: Vote | None, at: datetime
) -> tuple[str | None, Vote | None]:
    """A packed taste once a vote on a paper becomes another; one that counts alike keeps its time.

    A taste that nobody can read any more begins anew.
    """
    told = taste.unpack(packed) if packed else None
    if before and after and before.verdict.likes == after.verdict.likes:
        return packed, Vote(after.verdict, before.at)
    day = at.date()
    if before and told:
        likes, since = before.verdict.likes, before.at.date()
        told = taste.unlearnt(told, of, likes=likes, since=since, day=day)
    if after:
        told = taste.learnt(told, of, likes=after.verdict.likes, day=day)
    if told is None or not (told.liked.papers or told.disliked.papers):
        return None, after
    return taste.pack(told), after


class Palate:
    """The papers of one edition as taste sees them, read once for all readers who have one.

    Attributes:
        readers: the numbers of those whose taste orders it; the others have nothing to do with it.
    """

    def __init__(self, store: Store, day: date, readers: frozenset[int] = frozenset()) -> None:
        self.readers = readers
        self._store = store
        self._day = day
        self._features: dict[str, Features] = {}
        self._last: tuple[int | None, Mapping[str, float]] = (None, {})

    @classmethod
    async def begin(cls, store: Store, day: date) -> Palate:
        """As tastes are stored now, for the edition of `day`."""
        return cls(store, day, await store.tastes.readers(day))

    async def of(self, reader: int) -> Mapping[str, float]:
        """How much words count for a reader; the same until another one is asked for."""
        if self._last[0] != reader:
            packed = await self._store.tastes.get(reader, self._day)
            self._last = (reader, taste.weights(taste.unpack(packed) if packed else None))
        return self._last[1]

    async def leans(
        self, weighed: Mapping[str, float], papers: Iterable[Paper]
    ) -> dict[str, float]:
        """Paper id → how far the reader leans towards it; in a thread, for it may take 0.5 s."""
        return await asyncio.to_thread(self._leans, weighed, papers)

    def _leans(self, weighed: Mapping[str, float], papers: Iterable[Paper]) -> dict[str, float]:
        found = {}
        for paper in papers:
            if paper.id not in self._features:
                self._features[paper.id] = taste.features(paper)
            found[paper.id] = taste.leaning(weighed, self._features[paper.id])
        return found

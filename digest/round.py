"""A paper round: one edition for all its readers, read and placed once for all of them.

What costs is reading a thousand papers from the store and placing them into fields (a third of a
second); one more reader's pages take some hundred microseconds after that, and nothing where the
same have just been printed. A round is a snapshot: it is begun anew for each broadcast.

Where a model judges fields, its word comes with the summaries of what is shown: a paper that it
takes out of a field makes room for the next one, which is told and judged in its turn.
"""

from __future__ import annotations

import asyncio
import gc
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from digest import fields
from digest.compose import composed, with_summaries
from digest.models import Edition, Source
from digest.press import Kept, Press, Printed
from digest.profiling import with_profiles
from digest.reasons import with_reasons
from digest.shelves import Shelves, read_titles
from digest.tasting import Palate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from digest.fields import Field
    from digest.models import Announcement, Digest, Entry, Paper, Part, Subscriber, Summary
    from digest.render.entities import Limits
    from digest.store import Store
    from digest.store.labels import Labelled
    from digest.telling import Telling

log = structlog.get_logger()

Finished = TypeVar("Finished")

Watched = Callable[[int, int], None]
"""Progress: how many are told, of how many."""


BREATH_S = 0.002
"""So long readers may be served from memory before the event loop gets a turn, in seconds."""

WAVES = 4
"""So often a digest is composed anew because a model took papers out of it. Then what the light
model says stands: a model that wants nothing at all is not asked about everything."""


def _unwatched(_told: int, _of: int) -> None:
    """What is called where nobody watches."""


class Round:
    """One edition as it is stored now.

    Args:
        edition: its day, and what is missing from it.
        announcements: of this edition.
        late: (edition's day, announcement) of what came too late for an earlier one.
        parts: what is stored of each archive.
        telling: writes the summaries that are shown.
        pending: archives still on their way.

    Attributes:
        news: a model put papers into fields, or took them out, since the round began.
    """

    def __init__(
        self,
        edition: Edition,
        announcements: Sequence[Announcement],
        late: Sequence[tuple[date, Announcement]],
        parts: Sequence[Part],
        telling: Telling,
        pending: Sequence[str] = (),
    ) -> None:
        self.edition = edition
        self._telling = telling
        self._papers = [each.paper for each in (*announcements, *(told for _, told in late))]
        self._known: set[str] = set()
        self.news = False
        self._labels: Labelled = {}
        self._placed: dict[str, dict[str, float]] = defaultdict(dict)
        self._told: dict[str, dict[str, Summary]] = defaultdict(dict)
        self._shelves = Shelves(
            edition, announcements, self._placed, parts=parts, pending=pending, late=late
        )
        self._press = Press(model=telling.model is not None)
        self._kept: Kept[Any] = Kept()
        self._palate = Palate(telling.store, edition.day)
        self._breathed = 0.0

    @classmethod
    async def begin(
        cls, store: Store, telling: Telling, day: date, coming: Sequence[str] = ()
    ) -> Round:
        """The round of `day`, from what is stored; `coming` are archives that are being fetched."""
        edition = await store.editions.get(day) or Edition(day)
        if edition.source is Source.SEARCH:
            edition = replace(edition, approximate=True)
        parts = await store.editions.parts(day)
        begun = cls(
            edition,
            await store.editions.announcements(day),
            await store.editions.late_for(day),
            tuple(parts.values()),
            telling,
            [archive for archive in coming if archive not in parts],
        )
        begun._palate = await Palate.begin(store, day)
        begun._labels = await store.labels.of(paper.id for paper in begun._papers)
        return begun

    async def place(self, keys: Iterable[str]) -> None:
        """Places the papers into fields, where that is not done yet; many at once are cheap."""
        new = [key for key in dict.fromkeys(keys) if key not in self._known]
        if not new:
            return
        wanted = [found for key in new if (found := _meant(key))]
        wanted = await with_profiles(self._telling.store, wanted)
        placed = await asyncio.to_thread(_placed, self._papers, wanted)
        _stay()
        for paper_id, scores in placed.items():
            self._placed[paper_id] |= scores
        self._known.update(new)
        self._judge(self._labels, new)
        for key in new:
            self._shelves.of(key)
            await self._breathe()

    async def ahead(self, readers: Iterable[Subscriber], watch: Watched = _unwatched) -> None:
        """Tells what the readers' digests show, as many papers at once as the model takes.

        Reader by reader, each one's last paper would keep the next one's first waiting. `watch` is
        told of each summary that is written, of how many papers there are.
        """
        wanted: dict[str, dict[str, Paper]] = defaultdict(dict)
        for reader in readers:
            await self.place(reader.fields)
            shown = (await self._composed(reader, rest=False)).entries
            wanted[reader.language] |= {entry.paper.id: entry.paper for entry in shown}
        of, before = sum(map(len, wanted.values())), 0
        for language, papers in wanted.items():
            told = partial(_told_of, watch, before, of)
            self._told[language] |= await self._telling.tell(list(papers.values()), language, told)
            before += len(papers)
            await self._learnt(papers.values())
        watch(of, of)

    async def digest(self, subscriber: Subscriber, watch: Watched = _unwatched) -> Digest:
        """The digest for one subscriber; each paper is told once in each language.

        `watch` is told of each summary that is written for it.
        """
        digest, told = await self._settled(subscriber, watch)
        return with_summaries(digest, told, model=self._telling.model is not None)

    async def matched(self, subscriber: Subscriber) -> Digest:
        """All that the subscriber's fields have, in a digest of which nothing is told."""
        await self.place(subscriber.fields)
        return await self._composed(subscriber, rest=True)

    async def printed(
        self,
        subscriber: Subscriber,
        limits: Limits,
        today: date | None,
        finish: Callable[[Printed], Finished],
    ) -> Finished:
        """The digest for one subscriber, without its rest, as pages.

        Args:
            subscriber: of whom fields, size, language, view and taste count, and nothing else.
            limits: of a page.
            today: the year is written where the edition is of another.
            finish: makes of it what is wanted, and kept for the next who gets the same; the same
                function each time.
        """
        year = today.year if today else None
        room = (limits.units, limits.entities)
        wish = (subscriber.size, subscriber.language, subscriber.view)
        shape = (subscriber.fields, wish, room, year)
        is_shared = subscriber.id not in self._palate.readers
        found: Finished | None = self._kept.get(shape) if is_shared else None
        if found is None:
            digest, told = await self._settled(subscriber, rest=False)
            found = finish(self._press.printed(digest, told, limits, today=today))
            if is_shared:
                self._kept.made(shape, found)
        await self._breathe()
        return found

    def unlike(self, readers: Iterable[Subscriber]) -> list[Subscriber]:
        """One of those who get the same papers in the same language, and all who have a taste."""
        tasted = self._palate.readers
        own = ((each, each.id if each.id in tasted else None) for each in readers)
        return list({(r.fields, r.size, r.language, number): r for r, number in own}.values())

    def is_placed(self, keys: Iterable[str]) -> bool:
        """Whether the papers are placed into all of these fields."""
        return self._known.issuperset(keys)

    async def rest(
        self, subscriber: Subscriber, start: int, count: int
    ) -> tuple[Digest, tuple[Entry, ...]]:
        """The digest, and `count` entries of its rest from `start` on, told.

        What a model takes out of a field while it tells them is gone; what it puts among the best
        is shown here all the same, for its reader has passed the place where it belongs now.
        """
        digest, told = await self._settled(subscriber)
        met: dict[str, Entry] = {}
        for _ in range(WAVES):
            page = digest.rest[start : start + count]
            met |= {entry.paper.id: entry for entry in page}
            lacking = [entry.paper for entry in page if entry.paper.id not in told]
            if not lacking:
                break
            told |= await self._telling.tell(lacking, subscriber.language)
            if not await self._learnt(lacking):
                break
            digest = await self._composed(subscriber, rest=True)
        before = {entry.paper.id for entry in (*digest.entries, *digest.rest[:start])}
        page = (*(met[i] for i in met if i in before), *digest.rest[start : start + count])
        digest = with_summaries(digest, told, model=self._telling.model is not None)
        return digest, tuple(replace(each, summary=told.get(each.paper.id)) for each in page)

    async def _settled(
        self, subscriber: Subscriber, watch: Watched = _unwatched, *, rest: bool = True
    ) -> tuple[Digest, dict[str, Summary]]:
        """The digest that stands once what it shows is told, and what is told in its language."""
        await self.place(subscriber.fields)
        told = self._told[subscriber.language]
        for _ in range(WAVES):
            digest = await self._composed(subscriber, rest=rest)
            lacking = [entry.paper for entry in digest.entries if entry.paper.id not in told]
            if not lacking:
                break
            told |= await self._telling.tell(lacking, subscriber.language, watch)
            if not await self._learnt(lacking):
                break
        return digest, told

    async def _composed(self, subscriber: Subscriber, *, rest: bool) -> Digest:
        """In the reader's own order where they have a taste; it costs the others nothing."""
        if subscriber.id is None or subscriber.id not in self._palate.readers:
            return composed(self._shelves, subscriber, rest=rest)
        weighed = await self._palate.of(subscriber.id)
        papers = self._shelves.papers(subscriber.fields)
        leans = await self._palate.leans(weighed, papers)
        digest = composed(self._shelves, subscriber, rest=rest, leans=leans)
        return with_reasons(digest, weighed, leans)

    async def _breathe(self) -> None:
        """Gives the event loop a turn where it had none for long: memory never waits by itself."""
        now = asyncio.get_running_loop().time()
        if now - self._breathed > BREATH_S:
            await asyncio.sleep(0)
            self._breathed = asyncio.get_running_loop().time()

    async def _learnt(self, told: Iterable[Paper]) -> bool:
        """Takes in what a model said of papers while it told them; whether that changes digests."""
        if self._telling.model is None:
            return False
        said = await self._telling.store.labels.of(paper.id for paper in told)
        news = {i: words for i, words in said.items() if words != self._labels.get(i)}
        self._labels |= news
        changed = self._judge(news, self._known)
        self.news = self.news or changed
        return changed

    def _judge(self, said: Labelled, keys: Collection[str]) -> bool:
        """Lets a model's word count for some fields; whether it put papers in or took them out.

        It starts from the light model's score of then: judging twice changes nothing.
        """
        changed = False
        words = ((i, key, word) for i, said_of in said.items() for key, word in said_of.items())
        for paper_id, key, word in words:
            scores = self._placed[paper_id]
            was_member = key in scores
            if key in keys and word.label == 0:
                scores.pop(key, None)
                self._rearrange(key)
            elif key in keys and word.label == fields.BELONGS:
                scores[key] = fields.judged(word.score, word.label)
                self._rearrange(key)
            changed = changed or was_member != (key in scores)
        return changed

    def _rearrange(self, key: str) -> None:
        """Drops what was made of a field's papers before."""
        self._shelves.rebuild(key)
        self._press.clear()
        self._kept.clear()


def _placed(papers: Sequence[Paper], wanted: Sequence[Field]) -> dict[str, dict[str, float]]:
    placed = fields.place(papers, wanted)
    read_titles(paper for paper in papers if paper.id in placed)
    return placed


@cache
def _stay() -> None:
    """Spares the garbage collector what was read to place papers, once: it stays for ever.

    To look through it all again holds the event loop for 0.1 s each time.
    """
    gc.freeze()


def _told_of(watch: Watched, before: int, of: int, told: int, _of_this: int) -> None:
    watch(before + told, of)


@lru_cache(maxsize=1000)
def _meant(key: str) -> Field | None:
    """None, logged once, for a stored key that means nothing: it is its own reader's trouble only.

    The key is not in the log: it is what somebody typed.
    """
    found = fields.known(key)
    if found is None:
        log.warning("field_unreadable", characters=len(key))
    return found

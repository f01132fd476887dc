"""Reading: what somebody asks for, at once: the newest digest, a past day's, one paper.

Reads what is stored; asks arXiv, urgently, for what is not. Where arXiv does not answer, stored
papers stand in, and where there are none the bundled sample, marked as one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from digest import calendar, fields, sample
from digest.arxiv import search
from digest.compose import compose, unfolded, with_summaries
from digest.errors import ArxivError, NothingAnnounced, PaperInvented, PaperNotFound
from digest.gathering import FIRST_DAY, source_for, unwatched
from digest.lately import Lately
from digest.models import Kind, Source
from digest.profiling import Profiling
from digest.round import Round, Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.errands import Errands
    from digest.gathering import Gathering
    from digest.ids import PaperId
    from digest.models import Digest, Entry, Paper, Subscriber, Summary
    from digest.telling import Telling

LATE = timedelta(hours=2)
"""arXiv is called late so long after its own schedule."""


@dataclass(frozen=True, slots=True)
class Note:
    """One line beside an answer: the key of a text, and its values."""

    key: str
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A digest, and what has to be said beside it."""

    digest: Digest
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One paper, told: its summary and the days on which it was announced.

    Attributes:
        note: it is another version than the one that was asked for, and why.
    """

    paper: Paper
    summary: Summary
    days: tuple[tuple[date, Kind], ...] = ()
    sample: bool = False
    note: Note | None = None


class Reading:
    """Answers readers from the store, and from arXiv where the store has not got it.

    Args:
        errands: who fetches the rest after a hurried answer; without one, it stays unfetched.
        profiling: knows what readers' own phrases ask for; without one, their own words do.
    """

    def __init__(
        self,
        gathering: Gathering,
        telling: Telling,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        errands: Errands | None = None,
        profiling: Profiling | None = None,
    ) -> None:
        self.store = gathering.store
        self.gathering = gathering
        self.telling = telling
        self.clock = clock
        self.errands = errands
        self.lately = Lately(gathering.store)
        self.profiling = profiling or Profiling(gathering.store)

    async def today(self, subscriber: Subscriber, *, hurry: bool = True) -> Found:
        """The newest edition's digest; stored papers or the sample where arXiv is silent."""
        expected = calendar.newest_expected(self.clock())
        try:
            return await self.on(expected, subscriber, hurry=hurry)
        except NothingAnnounced as nothing:
            newest = nothing.params.get("newest")
            if newest is None:
                return await self._previous(expected, subscriber, hurry=hurry)
            found = await self.on(newest, subscriber, hurry=hurry)
            return replace(found, notes=(*found.notes, self._why_not_newer(expected)))
        except ArxivError as error:
            return await self._without_arxiv(subscriber, error)

    async def on(self, day: date, subscriber: Subscriber, *, hurry: bool = True) -> Found:
        """The digest of `day`; in a hurry, with the first archives that the reader needs.

        Raises:
            NothingAnnounced: nothing was announced that day, or it is not a day arXiv has.
            ArxivError: nothing of it is stored and arXiv does not give it.
        """
        try:
            await self._have(day, subscriber, hurry=hurry)
        except ArxivError as error:
            if not await self._is_of_sample(day):
                raise
            return await self._without_arxiv(subscriber, error)
        return Found(await self.digest(day, subscriber))

    async def rest(
        self, day: date, subscriber: Subscriber, start: int, count: int
    ) -> tuple[Digest, tuple[Entry, ...]]:
        """The digest of `day`, and `count` entries of its rest from `start` on, told.

        Raises:
            NothingAnnounced, ArxivError: as `on`.
        """
        try:
            await self._have(day, subscriber, hurry=True)
        except ArxivError:
            if not await self._is_of_sample(day):
                raise
            digest = await self.sample(subscriber)
            return digest, digest.rest[start : start + count]
        return await (await self._round(day)).rest(subscriber, start, count)

    async def _have(self, day: date, subscriber: Subscriber, *, hurry: bool) -> None:
        """Sees to it that what the reader needs of a day is stored, or on its way."""
        self._refuse(day)
        wanted = self.wanted(subscriber)
        lacking = await self._lacking(day, wanted)
        first = self._first(day, subscriber, lacking) if hurry else lacking
        failed = await self.gathering.fetch(day, first, urgent=True) if first else ()
        lacking = await self._lacking(day, wanted)
        if failed and len(lacking) == len(wanted):
            raise failed[0][1]
        if lacking and self.errands:
            self.errands.fetch(day, lacking)

    async def digest(self, day: date, subscriber: Subscriber, watch: Watched = unwatched) -> Digest:
        """The digest of `day` from what is stored; `watch` is told of each summary written."""
        return await (await self._round(day)).digest(subscriber, watch)

    async def _round(self, day: date) -> Round:
        coming = self.errands.underway(day) if self.errands else frozenset[str]()
        expected = [name for name in self.gathering.archives if name in coming]
        return await Round.begin(self.store, self.telling, day, expected)

    async def found(self, wanted: PaperId) -> Paper:
        """One paper as arXiv has it, from the store where it is stored.

        Raises:
            PaperNotFound: it is well formed and not on arXiv; PaperInvented: it never is.
            ArxivError: it is not stored, and arXiv does not answer.
        """
        if wanted.is_sample and await self.store.papers.get(wanted.id) is None:
            raise PaperInvented(id=wanted.id)
        paper, _ = await self._found(wanted)
        return paper

    async def paper(self, wanted: PaperId, language: str) -> Told:
        """One paper, told in `language`.

        Raises:
            PaperNotFound: it is well formed and not on arXiv.
            ArxivError: it is not stored, and arXiv does not answer.
        """
        if wanted.is_sample:
            return _sample_paper(wanted, language)
        paper, note = await self._found(wanted)
        await self.store.papers.keep(paper, self.clock())
        summaries = await self.telling.tell([paper], language)
        days = await self.store.editions.announced_days(paper.id)
        return Told(paper, summaries[paper.id], days, note=note)

    async def whole(self, found: Found) -> Found:
        """The same for a file that tells of each paper: companions by themselves, and told."""
        digest = unfolded(found.digest)
        untold = [entry.paper for entry in digest.entries if entry.summary is None]
        if digest.edition.source is Source.SAMPLE:
            told = sample.load().told(digest.language)
        else:
            told = await self.telling.tell(untold, digest.language)
        return replace(found, digest=with_summaries(digest, told, model=digest.model))

    async def sample(self, subscriber: Subscriber) -> Digest:
        """The bundled sample edition, composed for the reader."""
        bundled = sample.load()
        told = bundled.told(subscriber.language)
        announcements = [a for a in bundled.announcements if a.kind.is_fresh]
        follows = [found for key in subscriber.fields if (found := fields.known(key))]
        papers = [announcement.paper for announcement in announcements]
        placed = await asyncio.to_thread(fields.place, papers, follows)
        digest = compose(bundled.edition, subscriber, announcements, placed)
        return with_summaries(digest, told, model=self.telling.model is not None)

    async def _is_of_sample(self, day: date) -> bool:
        """Whether all there is, where arXiv is silent, is the sample, and it is of that day."""
        return day == sample.DAY and await self.store.editions.newest_stored() is None

    def wanted(self, subscriber: Subscriber) -> list[str]:
        """The archives of the reader's fields, the most important first."""
        return list(dict.fromkeys(name for key in subscriber.fields for name in self._served(key)))

    async def _lacking(self, day: date, wanted: Sequence[str]) -> list[str]:
        here = await self.store.editions.parts(day)
        return [archive for archive in wanted if archive not in here]

    def _first(self, day: date, subscriber: Subscriber, lacking: Sequence[str]) -> list[str]:
        """What a waiting reader waits for: each field's most important archive.

        The others follow behind their back: feeds come 3 s apart, pages 15 s.
        """
        first: dict[str, None] = {}
        for key in subscriber.fields:
            served = self._served(key)
            nothing_here = all(name in lacking for name in served)
            if served and nothing_here and not first.keys() & set(served):
                first |= dict.fromkeys(served[:1])
        is_feed = source_for(day, self.clock()) is Source.FEED
        return list(dict.fromkeys([*first, *lacking[:2]]) if is_feed and first else first)

    def _served(self, key: str) -> list[str]:
        field = fields.known(key)
        archives = fields.archives(field) if field else ()
        return [name for name in archives if name in self.gathering.archives]

    def _refuse(self, day: date) -> None:
        now = self.clock()
        if day < FIRST_DAY:
            raise NothingAnnounced("calendar.before_arxiv", day=day, newest=None)
        if calendar.why_nothing(day) == "weekend":
            raise NothingAnnounced(day=day, newest=None)
        coming = calendar.next_expected(now)
        if day == coming:
            due = calendar.out_at(day)
            raise NothingAnnounced("digest.not_out_yet", day=day, newest=None, due=due)
        if day > calendar.newest_expected(now) and day > now.astimezone(calendar.EASTERN).date():
            raise NothingAnnounced("calendar.future", day=day, newest=None, coming=coming)

    def _why_not_newer(self, expected: date) -> Note:
        due = calendar.out_at(expected)
        key = "digest.arxiv_late" if self.clock() > due + LATE else "digest.not_out_yet"
        return Note(key, (("day", expected), ("due", due)))

    async def _previous(self, day: date, subscriber: Subscriber, *, hurry: bool) -> Found:
        """Nothing came on an expected day: an unforeseen holiday. The day before has papers."""
        found = await self.on(calendar.previous(day), subscriber, hurry=hurry)
        return replace(found, notes=(*found.notes, self._why_not_newer(day)))

    async def _without_arxiv(self, subscriber: Subscriber, error: ArxivError) -> Found:
        note = Note(error.key, tuple(error.params.items()))
        newest = await self.store.editions.newest_stored()
        if newest is None:
            note = replace(note, key="digest.sample_instead")
            return Found(await self.sample(subscriber), (note,))
        digest = await self.digest(newest.day, subscriber)
        return Found(digest, (replace(note, key="digest.stored_instead"),))

    async def _found(self, wanted: PaperId) -> tuple[Paper, Note | None]:
        """The paper, in the version that was asked for; else in another, and why."""
        stored = await self.store.papers.get(wanted.id)
        if stored is None or not stored.abstract:
            return await self._asked(wanted)
        if wanted.version in {None, stored.version}:
            return stored, None
        for earlier in await self.store.papers.versions(wanted.id):
            if earlier.version == wanted.version and earlier.abstract:
                return earlier, None
        try:
            return await self._asked(wanted)
        except PaperNotFound:
            return stored, _instead("paper.no_version", wanted, stored)
        except ArxivError:
            return stored, _instead("paper.version_unread", wanted, stored)

    async def _asked(self, wanted: PaperId) -> tuple[Paper, Note | None]:
        """What arXiv has of it, stored."""
        arxiv = self.gathering.arxiv
        for asked in dict.fromkeys((str(wanted), wanted.id)):
            found = await search.papers(arxiv.client, arxiv.api_url, [asked], urgent=True)
            if found:
                await self.store.papers.save(found)
                is_another = wanted.version not in {None, found[0].version}
                note = _instead("paper.no_version", wanted, found[0]) if is_another else None
                return found[0], note
        raise PaperNotFound(id=str(wanted))


def _instead(key: str, wanted: PaperId, shown: Paper) -> Note:
    """That another version is shown than the one that was asked for."""
    return Note(key, (("asked", f"v{wanted.version}"), ("shown", f"v{shown.version or 1}")))


def _sample_paper(wanted: PaperId, language: str) -> Told:
    bundled = sample.load()
    told = bundled.told(language)
    for announcement in bundled.announcements:
        if announcement.paper.id == wanted.id:
            days = ((bundled.edition.day, announcement.kind),)
            return Told(announcement.paper, told[wanted.id], days, sample=True)
    raise PaperNotFound(id=wanted.id)

"""Gathering: one arXiv day fetched, checked against arXiv's own counts, and stored.

Which document has a day depends on the hour (FACTS: the feed is the current day only and appears
at midnight US Eastern; the listing is there minutes after 20:00; catch-up pages reach 90 days
back; older days are known by submission date only). `plan` decides, `Gathering` asks and stores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import structlog

from digest import calendar, fields
from digest.arxiv import catchup, feed, listing, search
from digest.errors import ArxivError, NothingAnnounced
from digest.models import Batch, Count, Part, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.arxiv import Client
    from digest.store import Store

log = structlog.get_logger()

CATCHUP_DAYS = 90
"""How far arXiv's catch-up pages reach back."""

PHYSICS = "grp_physics"
"""One catch-up page for the thirteen archives of physics."""

FIRST_DAY = date(1991, 8, 14)
"""arXiv's first day (hep-th)."""

BUSY_EVERY_DAY = frozenset({"cs", "math", "*", PHYSICS})
"""Subjects that have papers on every announcement day: an empty answer means no announcement."""


@dataclass(frozen=True, slots=True)
class Arxiv:
    """Where arXiv is, and the one client that asks it."""

    client: Client
    feed_url: str
    api_url: str
    site_url: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to arXiv, and the archives that its answer settles."""

    source: Source
    subject: str
    archives: tuple[str, ...]


Arrived = Callable[[Ask, Batch], None]


def unwatched(*_: object) -> None:
    """What is called where nobody watches."""


def source_for(day: date, now: datetime) -> Source:
    """Which document tells of `day` at `now`."""
    today = now.astimezone(calendar.EASTERN).date()
    if day == today:
        return Source.FEED
    if day > today:
        return Source.LISTING
    return Source.CATCHUP if (today - day).days <= CATCHUP_DAYS else Source.SEARCH


def plan(day: date, now: datetime, archives: Sequence[str]) -> tuple[Ask, ...]:
    """The questions that bring `archives` of `day`, in the order of the archives."""
    source = source_for(day, now)
    if source is Source.SEARCH:
        return (Ask(source, "*", tuple(archives)),)
    if source is not Source.CATCHUP:
        return tuple(Ask(source, archive, (archive,)) for archive in archives)
    subjects: dict[str, list[str]] = {}
    several = sum(archive in fields.PHYSICS for archive in archives) > 1
    for archive in archives:
        grouped = several and archive in fields.PHYSICS
        subjects.setdefault(PHYSICS if grouped else archive, []).append(archive)
    return tuple(Ask(source, subject, tuple(names)) for subject, names in subjects.items())


def parts_of(batch: Batch, ask: Ask) -> tuple[Part, ...]:
    """The parts that a batch settles; a group's own count stands for a single archive only."""
    single = len(ask.archives) == 1
    return tuple(
        Part(
            day=batch.day,
            archive=archive,
            source=batch.source,
            count=batch.count if single else _count(batch, archive),
            listed=batch.listed if single else None,
            etag=batch.etag,
        )
        for archive in ask.archives
    )


def _count(batch: Batch, archive: str) -> Count:
    fresh = [a.paper for a in batch.announcements if a.kind.is_fresh]
    new = sum(paper.archive == archive for paper in fresh)
    touched = sum(any(_within(c, archive) for c in paper.categories) for paper in fresh)
    return Count(new, touched - new)


def _within(category: str, archive: str) -> bool:
    return category.partition(".")[0] == archive


def merged(batch: Batch, other: Batch) -> Batch:
    """Both batches' announcements, each paper once with its strongest kind."""
    found = {a.paper.id: a for a in batch.announcements}
    for announcement in other.announcements:
        known = found.get(announcement.paper.id)
        if known is None:
            found[announcement.paper.id] = announcement
        elif announcement.kind.rank < known.kind.rank:
            found[announcement.paper.id] = replace(known, kind=announcement.kind)
    return replace(batch, announcements=tuple(found.values()))


class Gathering:
    """Fetches, checks and stores the parts of editions. Every step is safe to repeat."""

    def __init__(
        self,
        store: Store,
        arxiv: Arxiv,
        archives: Sequence[str] = fields.ARCHIVES,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store = store
        self.arxiv = arxiv
        self.archives = tuple(archives)
        self.clock = clock

    async def fetch(
        self,
        day: date,
        archives: Iterable[str],
        *,
        urgent: bool = False,
        arrived: Arrived = unwatched,
    ) -> tuple[tuple[str, ArxivError], ...]:
        """Fetches the archives of `day` that are not stored yet; returns those that failed.

        Args:
            day: the listing's date.
            archives: in the order in which they are wanted.
            urgent: a reader waits: overtakes background requests, and the first failure ends it.
            arrived: told of each answer and how many new and cross papers it brought.

        Raises:
            NothingAnnounced: arXiv has nothing of that date; `newest` is what it has, if known.
        """
        have = await self.store.editions.parts(day)
        wanted = [a for a in dict.fromkeys(archives) if a in self.archives and a not in have]
        failed: list[tuple[str, ArxivError]] = []
        for ask in plan(day, self.clock(), wanted):
            try:
                batch = await self._batch(ask, day, urgent=urgent)
            except ArxivError as error:
                log.warning("arxiv_failed", subject=ask.subject, day=str(day), error=str(error))
                failed += [(archive, error) for archive in ask.archives]
                if urgent:
                    break
            else:
                await self._keep(batch, ask)
                arrived(ask, batch)
        return tuple(failed)

    async def check(self, day: date, archives: Iterable[str]) -> tuple[tuple[str, ArxivError], ...]:
        """Compares the feed's counts with the listing's own, and fetches a difference again.

        What the listing has and the feed has not is taken from the listing; what is still short
        of arXiv's own count stays in the part, for the receipt to name.
        """
        parts = await self.store.editions.parts(day)
        failed: list[tuple[str, ArxivError]] = []
        for archive in archives:
            part = parts.get(archive)
            if part is None or part.source is not Source.FEED or part.listed is not None:
                continue
            try:
                await self._check(part)
            except ArxivError as error:
                log.warning("arxiv_uncounted", subject=archive, day=str(day), error=str(error))
                failed.append((archive, error))
        return tuple(failed)

    async def refresh(self, day: date) -> int:
        """Asks the day's feeds again, by ETag; returns how many papers came late."""
        late = 0
        for part in (await self.store.editions.parts(day)).values():
            read_today = part.source in {Source.FEED, Source.LISTING}
            if not read_today or source_for(day, self.clock()) is not Source.FEED:
                continue
            batch = await self._feed(part.archive, etag=part.etag)
            if batch is not None and batch.day == day and batch.announcements:
                count = _largest(batch.count, part.count)
                kept = replace(part, source=Source.FEED, count=count, etag=batch.etag)
                late += await self.store.editions.store(batch, (kept,), self.clock())
        return late

    async def renew(self, day: date) -> int:
        """Ask for the new versions of saved papers of which `day` told no more than that; how many.

        A listing has neither their number nor their abstract. It is asked once, before the edition
        is published; what arXiv does not give then, its readers do not miss in their digest.
        """
        edition = await self.store.editions.get(day)
        unread = () if edition and edition.published else await self.store.revisions.unread(day)
        if not unread:
            return 0
        try:
            found = await search.papers(self.arxiv.client, self.arxiv.api_url, unread)
        except ArxivError as error:
            log.info("revisions_unread", papers=len(unread), error=error.key)
            return 0
        await self.store.papers.save(found)
        return len(found)

    async def _check(self, part: Part) -> None:
        listed = await self._listing(part.archive)
        if listed.day != part.day or listed.listed is None:
            return
        if listed.listed == part.count:
            await self.store.editions.recount(replace(part, listed=listed.listed))
            return
        log.info("counts_differ", subject=part.archive, feed=part.count, listing=listed.listed)
        again = await self._feed(part.archive)
        whole = listed if again is None or again.day != part.day else merged(again, listed)
        settled = replace(part, count=whole.count, listed=listed.listed)
        await self.store.editions.store(whole, (settled,), self.clock())

    async def _batch(self, ask: Ask, day: date, *, urgent: bool) -> Batch:
        batch = await self._asked(ask, day, urgent=urgent)
        if batch.source is Source.FEED and (batch.day != day or not batch.announcements):
            # An empty feed may be a quiet archive, a holiday or a feed that has not turned over
            # yet; a dated listing tells which.
            batch = await self._listing(ask.subject, urgent=urgent)
        if batch.day != day:
            await self._keep(batch, ask)  # what arXiv shows instead is an edition all the same
            raise NothingAnnounced(day=day, newest=batch.day)
        quiet = ask.subject not in BUSY_EVERY_DAY and calendar.announced_on(day)
        if not batch.announcements and not quiet:
            key = "digest.not_rebuilt" if ask.source is Source.SEARCH else None
            raise NothingAnnounced(key, day=day, newest=None)
        return batch

    async def _asked(self, ask: Ask, day: date, *, urgent: bool) -> Batch:
        client = self.arxiv.client
        if ask.source is Source.FEED:
            found = await self._feed(ask.subject, urgent=urgent)
            return found or await self._listing(ask.subject, urgent=urgent)
        if ask.source is Source.LISTING:
            return await self._listing(ask.subject, urgent=urgent)
        if ask.source is Source.CATCHUP:
            site = self.arxiv.site_url
            return await catchup.fetch(client, site, ask.subject, day, urgent=urgent)
        start, end = calendar.window(day)
        return await search.window(client, self.arxiv.api_url, day, start, end, urgent=urgent)

    async def _feed(self, archive: str, *, etag: str = "", urgent: bool = False) -> Batch | None:
        return await feed.fetch(
            self.arxiv.client,
            self.arxiv.feed_url,
            archive,
            categories=fields.codes(archive),
            etag=etag,
            urgent=urgent,
        )

    async def _listing(self, archive: str, *, urgent: bool = False) -> Batch:
        return await listing.fetch(self.arxiv.client, self.arxiv.site_url, archive, urgent=urgent)

    async def _keep(self, batch: Batch, ask: Ask) -> None:
        await self.store.editions.store(batch, parts_of(batch, ask), self.clock())


def _largest(count: Count, other: Count) -> Count:
    return Count(max(count.new, other.new), max(count.cross, other.cross))

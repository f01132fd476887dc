"""The morning: fetch → check → store → place → summarise → publish, safe to repeat.

Publication comes last, in one transaction: nobody receives half an edition.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from digest import calendar, fields
from digest.errors import ArxivError, NothingAnnounced
from digest.gathering import source_for, unwatched
from digest.models import Source
from digest.round import Round

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.fields import Field
    from digest.gathering import Arrived, Gathering
    from digest.models import Part, Subscriber
    from digest.reading import Reading

log = structlog.get_logger()

GIVE_UP = timedelta(hours=4)
"""So long after a batch was due its edition is published without the archives that still fail."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a morning brought: for the operator's eyes, and for the exit code.

    Attributes:
        announced: new and cross papers of the edition.
        archives: those that are here.
        failed: archives that could not be fetched or counted, and why.
        short: (archive, how many papers) that arXiv lists and that did not arrive.
        published: None while archives are missing that may still come.
    """

    day: date
    announced: int
    archives: tuple[str, ...]
    failed: tuple[tuple[str, ArxivError], ...] = ()
    short: tuple[tuple[str, int], ...] = ()
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Who wants to watch: each is called as things happen."""

    arrived: Arrived = unwatched
    summarising: Callable[[int, int], None] = unwatched


class Morning:
    """Makes editions."""

    def __init__(
        self, reading: Reading, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.reading = reading
        self.gathering: Gathering = reading.gathering
        self.store = reading.store
        self.clock = clock

    async def run(self, day: date | None = None, watch: Progress | None = None) -> Outcome:
        """Makes the edition of `day` (the newest where None) and publishes it.

        Raises:
            NothingAnnounced: there is no edition of that day.
        """
        watch = watch or Progress()
        readers = await self.store.subscribers.all()
        followed = self._followed(readers)
        order = [*followed, *self.gathering.archives]
        day, failed = await self._gathered(day, order, watch)
        failed += await self.gathering.check(day, followed)
        await self.gathering.renew(day)
        await self._summarised(day, readers, watch)
        outcome = await self._published(day, failed)
        await self.reading.lately.count(self._fields(readers))
        return outcome

    async def _gathered(
        self, day: date | None, order: Sequence[str], watch: Progress
    ) -> tuple[date, tuple[tuple[str, ArxivError], ...]]:
        wanted = day or calendar.newest_expected(self.clock())
        try:
            return wanted, await self.gathering.fetch(wanted, order, arrived=watch.arrived)
        except NothingAnnounced as nothing:
            newest = nothing.params.get("newest")
            if day is not None or newest is None:
                raise
            return newest, await self.gathering.fetch(newest, order, arrived=watch.arrived)

    def _fields(self, readers: Sequence[Subscriber]) -> list[Field]:
        """What somebody follows, as far as it means anything."""
        keys = dict.fromkeys(key for reader in readers for key in reader.fields)
        return [found for key in keys if (found := fields.known(key))]

    def _followed(self, readers: Sequence[Subscriber]) -> list[str]:
        """The archives that somebody follows, those of most readers first."""
        votes: dict[str, int] = {}
        for reader in readers:
            for archive in self.reading.wanted(reader):
                votes[archive] = votes.get(archive, 0) + 1
        return sorted(votes, key=lambda archive: -votes[archive])

    async def _summarised(self, day: date, readers: Sequence[Subscriber], watch: Progress) -> None:
        """Tells what some digest will show."""
        await self.reading.telling.try_again()
        paper_round = await Round.begin(self.store, self.reading.telling, day)
        await paper_round.place(key for reader in readers for key in reader.fields)
        unlike = paper_round.unlike(readers)
        await paper_round.ahead(unlike, watch.summarising)
        if paper_round.news:  # what one reader's papers taught may change another's digest
            for reader in unlike:
                await paper_round.digest(reader)

    async def _published(self, day: date, failed: Sequence[tuple[str, ArxivError]]) -> Outcome:
        parts = await self.store.editions.parts(day)
        absent = tuple(name for name in self.gathering.archives if name not in parts)
        if not absent or self.clock() > calendar.out_at(day) + GIVE_UP:
            approximate = source_for(day, self.clock()) is Source.SEARCH
            await self.store.editions.publish(
                day, self.clock(), approximate=approximate, missing=absent
            )
        edition = await self.store.editions.get(day)
        announced = len(await self.store.editions.announcements(day))
        log.info("edition", day=str(day), announced=announced, missing=len(absent))
        return Outcome(
            day=day,
            announced=announced,
            archives=tuple(parts),
            failed=tuple(failed),
            short=_short(parts),
            published=edition.published if edition else None,
        )


def _short(parts: dict[str, Part]) -> tuple[tuple[str, int], ...]:
    return tuple((name, part.missing) for name, part in parts.items() if part.missing)

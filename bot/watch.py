"""The watch: when to look for arXiv's batch, and what to do with it.

The listing page shows a batch minutes after 20:00 US Eastern; the feed shows it at midnight and is
the cross-check. The calendar only says when to expect a batch: a dated listing is the truth. What
comes next is decided without I/O, from what the store remembers, so a restart goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from digest import calendar
from digest.arxiv import listing
from digest.errors import ArxivError, NothingAnnounced
from digest.gathering import BUSY_EVERY_DAY, Ask, parts_of
from digest.models import Source
from digest.store.looks import ABSENT, CHECK, GATHER, LOOK, MISSED, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.models import Batch
    from digest.morning import Morning

log = structlog.get_logger()

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

PAUSES = ((30 * _MINUTE, 2 * _MINUTE), (2 * _HOUR, 5 * _MINUTE), (12 * _HOUR, 15 * _MINUTE))
"""(up to so long after a batch was due, look so often)."""

LONGEST_PAUSE = _HOUR
"""When a batch is half a day late, or there is a holiday that nobody knows."""

UNEXPECTED = (30 * _MINUTE, 4 * _HOUR)
"""When to look on an evening without an expected batch, after 20:00 US Eastern."""

GATHER_AGAIN = 10 * _MINUTE
"""When an edition that could not be made whole is tried again."""

CHECKS = (15 * _MINUTE, _HOUR, 6 * _HOUR)
"""When to ask the feeds, after midnight US Eastern: they have been stale for hours."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that the next step depends on; each is None where there is none yet.

    Attributes:
        published: the newest published edition.
        stored: the newest edition of which anything is stored.
        look: the last look, and the newest listing date that arXiv showed.
        missed: the last look that failed.
        gather: the last time that an edition could not be made whole.
        check: the last cross-check.
    """

    published: date | None = None
    stored: date | None = None
    look: Seen | None = None
    missed: Seen | None = None
    gather: Seen | None = None
    check: Seen | None = None

    @property
    def newest(self) -> date:
        """The newest listing date that arXiv is known to have."""
        shown = self.look.day if self.look else None
        return max(self.published or date.min, shown or date.min)

    @property
    def tried(self) -> datetime | None:
        """When arXiv was last asked, whether or not it answered."""
        return max((seen.at for seen in (self.look, self.missed) if seen), default=None)


@dataclass(frozen=True, slots=True)
class Look:
    """See which day the listing page shows."""


@dataclass(frozen=True, slots=True)
class Gather:
    """Make the edition of `day`."""

    day: date


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Compare the edition of `day` with the feeds."""

    day: date


@dataclass(frozen=True, slots=True)
class Nothing:
    """Wait."""

    until: datetime


Step = Look | Gather | CrossCheck | Nothing


def next_step(now: datetime, known: Known) -> Step:
    """What to do at `now`."""
    known = _as_of(now, known)
    times: list[datetime] = []
    if day := _unfinished(now, known):
        gather_at = _gather_at(now, day, known.gather)
        if gather_at <= now:
            return Gather(day)
        times.append(gather_at)
    look_at = _look_at(now, known)
    if look_at <= now:
        return Look()
    check_at = _check_at(now, known)
    if check_at and known.published and check_at <= now:
        return CrossCheck(known.published)
    return Nothing(min([*times, look_at, *([check_at] if check_at else [])]))


def _as_of(now: datetime, known: Known) -> Known:
    """Without times to come: the clock was set back since, and nobody waits for them."""

    def past(seen: Seen | None) -> Seen | None:
        return replace(seen, at=now) if seen and seen.at > now else seen

    return replace(
        known,
        look=past(known.look),
        missed=past(known.missed),
        gather=past(known.gather),
        check=past(known.check),
    )


def _unfinished(now: datetime, known: Known) -> date | None:
    """The edition that arXiv has and we have not published."""
    shown = known.newest
    if known.stored and known.stored >= calendar.newest_expected(now):
        shown = max(shown, known.stored)  # a reader asked before we looked
    return shown if shown > (known.published or date.min) else None


def _gather_at(now: datetime, day: date, last: Seen | None) -> datetime:
    return last.at + GATHER_AGAIN if last and last.day == day else now


def _look_at(now: datetime, known: Known) -> datetime:
    evening = calendar.latest_evening(now)
    tomorrow = calendar.out_at(evening + _DAY)
    if known.newest >= evening:
        return tomorrow
    wanted = calendar.newest_expected(now)
    if known.newest < wanted:
        return min(_expected_look_at(calendar.out_at(wanted), known.tried), tomorrow)
    due = calendar.out_at(evening)
    times = (due + after for after in UNEXPECTED)
    return next((at for at in times if known.tried is None or known.tried < at), tomorrow)


def _expected_look_at(due: datetime, tried: datetime | None) -> datetime:
    if tried is None or tried < due:
        return due
    late = tried - due
    return tried + next((pause for upto, pause in PAUSES if late < upto), LONGEST_PAUSE)


def _check_at(now: datetime, known: Known) -> datetime | None:
    """When to ask the feeds for the published edition; None from the next evening on."""
    day = known.published
    if day is None or now >= calendar.out_at(day + _DAY):
        return None
    last = known.check.at if known.check and known.check.day == day else None
    times = (calendar.feed_at(day) + after for after in CHECKS)
    return next((at for at in times if last is None or last < at), None)


def looked_at(archives: Sequence[str]) -> str:
    """The archive whose listing is looked at: one with papers on every day, where there is one."""
    return next((name for name in archives if name in BUSY_EVERY_DAY), archives[0])


class Watch:
    """Carries the steps out. Each is safe to repeat, and remembered in the store."""

    def __init__(
        self,
        morning: Morning,
        clock: Callable[[], datetime],
        published: Callable[[], object] = lambda: None,
    ) -> None:
        """Does nothing yet.

        Args:
            morning: makes editions.
            clock: what time it is.
            published: called when an edition was published and its readers are due.
        """
        self.morning = morning
        self.store = morning.store
        self.clock = clock
        self.published = published
        self._woken: date | None = None

    async def run(self) -> Nothing:
        """Takes one step after another until there is nothing to do; returns until when.

        Of several machines one does, and the others look again in a minute.
        """
        async with self.store.locks.hold_among_machines("watch") as alone:
            return await self._run() if alone else Nothing(self.clock() + _MINUTE)

    async def _run(self) -> Nothing:
        while True:
            known = await self.known()
            await self._wake(known.published)
            step = next_step(self.clock(), known)
            if isinstance(step, Nothing):
                return step
            await self._take(step, known)

    async def known(self) -> Known:
        """What the store remembers."""
        newest, stored = (
            await self.store.editions.newest(),
            await self.store.editions.newest_stored(),
        )
        looks = await self.store.looks.last()
        return Known(
            newest.day if newest else None,
            stored.day if stored else None,
            looks.get(LOOK),
            looks.get(MISSED),
            looks.get(GATHER),
            looks.get(CHECK),
        )

    async def _take(self, step: Look | Gather | CrossCheck, known: Known) -> None:
        match step:
            case Look():
                await self._look(known)
            case Gather(day):
                await self._gather(day)
            case CrossCheck(day):
                await self._check(day)

    async def _look(self, known: Known) -> None:
        arxiv, archive = self.morning.gathering.arxiv, looked_at(self.morning.gathering.archives)
        try:
            batch = await listing.fetch(arxiv.client, arxiv.site_url, archive)
        except ArxivError as error:
            log.warning("look_failed", error=str(error))
            await self.store.looks.note(MISSED, self.clock(), None)
            return
        log.info("looked", shows=str(batch.day))
        shown = known.look.day if known.look else None
        if batch.announcements:
            await self._keep(batch, archive)
            shown = max(batch.day, shown or date.min)
        now = self.clock()
        await self.store.looks.note(LOOK, now, shown)
        wanted = calendar.newest_expected(now)
        if max(known.newest, shown or date.min) < wanted:
            await self.store.looks.note(ABSENT, now, wanted)

    async def _keep(self, batch: Batch, archive: str) -> None:
        """Stores what the look brought: arXiv is not asked for it again."""
        if archive not in await self.store.editions.parts(batch.day):
            ask = Ask(Source.LISTING, archive, (archive,))
            await self.store.editions.store(batch, parts_of(batch, ask), self.clock())

    async def _gather(self, day: date) -> None:
        try:
            outcome = await self.morning.run(day)
        except (ArxivError, NothingAnnounced) as error:
            log.warning("gather_failed", day=str(day), error=str(error))
        else:
            if outcome.published:
                return
        await self.store.looks.note(GATHER, self.clock(), day)

    async def _check(self, day: date) -> None:
        try:
            late = await self.morning.gathering.refresh(day)
            log.info("cross_checked", day=str(day), late=late)
        except ArxivError as error:
            log.warning("cross_check_failed", day=str(day), error=str(error))
        await self.store.looks.note(CHECK, self.clock(), day)

    async def _wake(self, day: date | None) -> None:
        """Wakes who waits for the newest edition, whoever published it; once in a process."""
        if day is not None and day != self._woken:
            await self.store.subscribers.wake(day, self.clock())
            self._woken = day
            self.published()

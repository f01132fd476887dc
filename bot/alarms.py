"""Alarms: the admins hear once that something is wrong, and once that it is over.

`troubles` decides without I/O. What was told stands in the store, so a restart repeats nothing;
what could not be told is told later, if it is still so. Pages that were given up are told by
`bot.deadletters`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from digest import calendar
from digest.due import LATE_AFTER
from digest.store.looks import LOOK, MISSED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.admins import Admins
    from digest.budget import Budget, Standing
    from digest.models import Edition
    from digest.store import Store
    from digest.store.figures import Queue
    from digest.store.looks import Seen

LATE, INCOMPLETE, PAGES = "late", "incomplete", "pages"
DIGESTS, MODEL, BUDGET = "digests", "model", "budget"
KINDS = (LATE, INCOMPLETE, PAGES, DIGESTS, MODEL, BUDGET)

STARTING = timedelta(minutes=30)
"""After a start nothing is called late: what was missed meanwhile is being made."""

SHORT_OF = 10
"""So many papers may be missing from what arXiv counts before the admins hear of it."""

WAITING_FOR = timedelta(hours=2)
WAITING = 20
"""More pages than this that wait for so long are a trouble."""

FAILING_WITHIN = timedelta(minutes=30)
FAILED_DIGESTS = 3
"""Tries at digests that fail within that time."""

AN_HOUR = timedelta(hours=1)
FAILED_SUMMARIES = 10
"""Papers that the model failed at within an hour."""

AGAIN_AFTER = timedelta(minutes=10)
"""When the admins are tried again, where none could be told."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides.

    Attributes:
        since: when this process began to look.
        edition: the newest published one.
        short: how many papers of it arXiv counts and we do not have.
        looks: what was seen of arXiv.
        failed_digests: tries within `FAILING_WITHIN` that failed.
        failed_summaries: papers that the model failed at within the last hour.
        answered: when the model last answered; None where it never did.
        capped_until: when the day whose cap is reached ends; None while it is not.
    """

    now: datetime
    since: datetime
    edition: Edition | None
    short: int
    looks: Mapping[str, Seen]
    queue: Queue
    failed_digests: int = 0
    failed_summaries: int = 0
    answered: datetime | None = None
    capped_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that an admin should know; `day` is the edition that it is about, if any."""

    key: str
    params: Mapping[str, Any]
    day: date | None = None


def troubles(facts: Facts) -> dict[str, Trouble]:
    """What is wrong, by kind."""
    found = {
        LATE: _late(facts),
        INCOMPLETE: _incomplete(facts),
        PAGES: _counted("alarms.pages", facts.queue.stale, more_than=WAITING),
        DIGESTS: _counted("alarms.digests", facts.failed_digests, more_than=FAILED_DIGESTS - 1),
        MODEL: _counted("alarms.model", facts.failed_summaries, more_than=FAILED_SUMMARIES - 1),
        BUDGET: _capped(facts.capped_until),
    }
    return {kind: trouble for kind, trouble in found.items() if trouble}


def _late(facts: Facts) -> Trouble | None:
    day = calendar.newest_expected(facts.now)
    due = calendar.out_at(day)
    if facts.edition and facts.edition.day >= day:
        return None
    if facts.now - due < LATE_AFTER or facts.now - facts.since < STARTING:
        return None
    return Trouble(f"alarms.late_{_whose(day, facts.looks)}", {"day": day, "due": due}, day)


def _whose(day: date, looks: Mapping[str, Seen]) -> str:
    """Why the edition of `day` is not out: `arxiv`, `unreachable` or `ours`."""
    look, missed = looks.get(LOOK), looks.get(MISSED)
    if look and look.day and look.day >= day:
        return "ours"
    if look is None or (missed and missed.at > look.at):
        return "unreachable"
    return "arxiv"


def _incomplete(facts: Facts) -> Trouble | None:
    edition = facts.edition
    if edition is None or not (edition.missing or facts.short > SHORT_OF):
        return None
    archives = ", ".join(edition.missing) or "–"
    told = {"day": edition.day, "iso": edition.day.isoformat(), "archives": archives}
    return Trouble("alarms.incomplete", told | {"papers": facts.short}, edition.day)


def _counted(key: str, count: int, *, more_than: int) -> Trouble | None:
    return Trouble(key, {"count": count}) if count > more_than else None


def _capped(until: datetime | None) -> Trouble | None:
    return Trouble("alarms.budget", {"until": until}) if until else None


def is_over(kind: str, told: Seen, facts: Facts) -> bool:
    """Whether a trouble that was told is no more; one that only pauses is not over."""
    edition = facts.edition
    if kind == LATE:  # the next batch's due time is no end of it
        return bool(edition and told.day and edition.day >= told.day)
    if kind == INCOMPLETE:
        return bool(edition) and _incomplete(facts) is None
    if kind == PAGES:
        return facts.queue.stale == 0
    if kind == DIGESTS:  # nobody knows yet what failed before a restart
        return facts.failed_digests == 0 and facts.now - facts.since >= FAILING_WITHIN
    if kind == MODEL:  # a model that nobody asks does not fail either
        return not facts.failed_summaries and bool(facts.answered and facts.answered > told.at)
    return facts.capped_until is None


@dataclass(slots=True)
class Recent:
    """How much a number that only rises has risen lately."""

    within: timedelta
    _seen: deque[tuple[datetime, int]] = field(default_factory=deque)

    def rise(self, now: datetime, total: int) -> int:
        """Notes the number as it is now, and says by how much it rose within the time."""
        self._seen.append((now, total))
        while now - self._seen[0][0] > self.within:
            self._seen.popleft()
        return total - self._seen[0][1]


class Alarms:
    """Who is told, and what was."""

    def __init__(
        self,
        store: Store,
        admins: Admins,
        budget: Budget | None = None,
        failed_digests: Callable[[], int] = lambda: 0,
    ) -> None:
        """Tells nobody yet.

        Args:
            store: what is looked at, and where what was told is remembered.
            admins: who is told.
            budget: of the model, where there is one.
            failed_digests: how many tries failed since the start.
        """
        self._store = store
        self._admins = admins
        self._budget = budget
        self._failed_digests = failed_digests
        self._recent = Recent(FAILING_WITHIN)
        self._since: datetime | None = None
        self._not_before: datetime | None = None

    async def check(self, now: datetime) -> None:
        """Tells what has begun and what is over; safe to repeat, each minute."""
        self._since = self._since or now
        failed = self._recent.rise(now, self._failed_digests())
        if not self._admins or (self._not_before and now < self._not_before):
            return
        facts = await self._facts(now, self._since, failed)
        found = troubles(facts)
        for kind in KINDS:
            await self._settle(kind, found.get(kind), facts)

    async def _facts(self, now: datetime, since: datetime, failed: int) -> Facts:
        store = self._store
        edition = await store.editions.newest()
        parts = await store.editions.parts(edition.day) if edition else {}
        fallbacks = await store.figures.fallbacks(now) if self._budget else {}
        return Facts(
            now,
            since,
            edition,
            sum(part.missing for part in parts.values()),
            await store.looks.last(),
            await store.figures.queue(now - WAITING_FOR),
            failed,
            fallbacks.get("failed", 0),
            await store.figures.answered() if self._budget else None,
            await self._capped_until(),
        )

    async def _capped_until(self) -> datetime | None:
        if self._budget is None:
            return None
        standing: Standing = await self._budget.standing()
        return standing.until if self._budget.is_spent(standing) else None

    async def _settle(self, kind: str, trouble: Trouble | None, facts: Facts) -> None:
        """Tells what has to be told of one kind, and remembers that it was."""
        name = f"alarm_{kind}"
        told = facts.looks.get(name)
        if told is None and trouble is not None:
            if await self._tell(facts.now, trouble.key, **trouble.params):
                await self._store.looks.note(name, facts.now, trouble.day)
        elif told is not None and is_over(kind, told, facts):
            day = facts.edition.day if facts.edition else facts.now.date()
            if await self._tell(facts.now, f"alarms.{kind}_over", day=day):
                await self._store.looks.forget(name)

    async def _tell(self, now: datetime, key: str, **params: Any) -> bool:
        is_told = await self._admins.tell(key, **params)
        if not is_told:
            self._not_before = now + AGAIN_AFTER
        return is_told

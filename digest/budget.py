"""The budget: what the model may cost in a day, and whether it may be asked once more.

Before each request its dearest outcome is set aside; afterwards what it really cost is written into
the ledger, and only then is the rest free again. So the cap holds with any number in flight.
A day is one of the operator's zone.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

import structlog

from digest.errors import WriterCapped
from digest.store.ledger import Paid
from digest.summarize.prices import NANOS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from decimal import Decimal

    from digest.models import Paper
    from digest.store import Store
    from digest.summarize.prices import Price, Usage

log = structlog.get_logger()

LONGEST_KEPT = 20_000  # characters of an answer; a longer one is none
LONGEST_FINISH = 32

_READ_AGAIN = timedelta(seconds=30)  # what other processes spent is seen after so long
_KEPT_DAYS = timedelta(days=2)  # how old an answer may be that a killed run left


@dataclass(frozen=True, slots=True)
class Caps:
    """What is allowed in a day; None: without limit.

    Attributes:
        money: in the currency of the price.
        calls: requests sent, answered or not.
        quota: papers that one subscriber's own requests may have told.
    """

    money: Decimal | None = None
    calls: int | None = None
    quota: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a day stands.

    Attributes:
        calls: requests sent.
        nanos: spent, in billionths of the price's currency.
        until: when the next day begins (UTC).
        unanswered: of the calls, those of this process that brought nothing.
    """

    day: date
    calls: int
    nanos: int
    until: datetime
    unanswered: int = 0


class Budget:
    """One for all that ask the model."""

    def __init__(
        self,
        store: Store,
        *,
        price: Price | None = None,
        caps: Caps = Caps(),
        zone: tzinfo = UTC,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        at_once: int = 8,
    ) -> None:
        """Does nothing yet.

        Args:
            store: with the ledger.
            price: of the model; None where it is not known, and money cannot be capped.
            caps: of a day.
            zone: the operator's, where days begin at midnight.
            clock: what time it is.
            at_once: requests in flight, whoever asks.
        """
        self.store = store
        self.price = price
        self.caps = caps
        self.zone = zone
        self.clock = clock
        self._slots = asyncio.Semaphore(at_once)
        self._reading = asyncio.Lock()
        self._freed = asyncio.Event()
        self._asker: ContextVar[int | None] = ContextVar("asker", default=None)
        self._anew: ContextVar[bool] = ContextVar("anew", default=False)
        self._day: date | None = None
        self._read_at: datetime | None = None
        self._answered = self._unanswered = self._in_flight = 0
        self._spent = self._held = 0
        self._own: dict[int, set[tuple[str, str]]] = {}
        self._told_day: date | None = None
        self._left: list[Paid] | None = None

    @contextmanager
    def asked_by(self, subscriber_id: int | None, *, anew: bool = False) -> Iterator[None]:
        """Put what is asked meanwhile, in tasks begun here too, on a subscriber's own account.

        What is told `anew` counts once more against their quota.
        """
        token, again = self._asker.set(subscriber_id), self._anew.set(anew)
        try:
            yield
        finally:
            self._asker.reset(token)
            self._anew.reset(again)

    @asynccontextmanager
    async def reserve(
        self, paper_id: str, language: str, tokens_in: int, tokens_out: int
    ) -> AsyncIterator[None]:
        """Wait for a free place, and set aside what a request may cost at most.

        Raises:
            WriterCapped: it would go over the day's cap, or the subscriber's quota.
        """
        async with self._slots:
            dearest = await self._set_aside((paper_id, language), tokens_in, tokens_out)
            try:
                yield
            except BaseException:
                self._unanswered += 1
                raise
            finally:
                self._held -= dearest
                self._in_flight -= 1
                self._freed.set()

    async def record(self, usage: Usage) -> None:
        """Write what an answered request cost into the ledger; returns when it is there."""
        paid = self._paid(usage)
        await self.store.ledger.add(paid)
        # A reading of the ledger in between counts it twice until the next one: the safe side.
        self._answered += 1
        self._spent += paid.nanos or 0

    async def recall(
        self, paper: Paper, language: str, model: str, prompt: int
    ) -> list[tuple[str, str]]:
        """Return the answers, each with why it ended, that a killed run paid for and left."""
        if self._left is None:
            since = self._date(self.clock() - _KEPT_DAYS)
            self._left = await self.store.ledger.open_answers(since, model, prompt)
        wanted = (paper.id, paper.version, language)
        mine = [each for each in self._left if _about(each) == wanted]
        if mine:
            self._left = [each for each in self._left if _about(each) != wanted]
        return [(each.answer, each.finish) for each in mine]

    async def standing(self) -> Standing:
        """How today stands."""
        await self._read()
        today = self._date(self.clock())
        calls = self._answered + self._unanswered
        return Standing(today, calls, self._spent, self._until(today), self._unanswered)

    def is_spent(self, standing: Standing) -> bool:
        """Whether nothing more is asked on that day."""
        calls, money = self.caps.calls, self._money_cap
        return (calls is not None and standing.calls >= calls) or (
            money is not None and standing.nanos >= money
        )

    @property
    def _money_cap(self) -> int | None:
        if self.caps.money is None or self.price is None or not self.price.currency:
            return None
        return int(self.caps.money * NANOS)

    def _paid(self, usage: Usage) -> Paid:
        now, asker, price = self.clock(), self._asker.get(), self.price
        tokens = (usage.tokens_in, usage.tokens_cached, usage.tokens_out)
        return Paid(
            at=now,
            day=self._date(now),
            paper_id=usage.paper_id,
            version=usage.version,
            language=usage.language,
            model=usage.model,
            prompt=usage.prompt,
            tokens_in=usage.tokens_in,
            tokens_cached=usage.tokens_cached,
            tokens_out=usage.tokens_out,
            nanos=price.cost(*tokens, now) if price else None,
            currency=price.currency if price else "",
            asker="edition" if asker is None else "reader",
            subscriber_id=asker,
            answer=usage.answer[:LONGEST_KEPT],
            finish=usage.finish[:LONGEST_FINISH],
        )

    async def _set_aside(self, wanted: tuple[str, str], tokens_in: int, tokens_out: int) -> int:
        """Wait until there is room for a request's dearest outcome, in nanos, and take it."""
        dearest = self.price.cost(tokens_in, 0, tokens_out, self.clock()) if self.price else 0
        await self._read()
        await self._admit(wanted)
        while not self._has_room(dearest):
            if not self._held:
                raise self._capped()
            self._freed.clear()
            await self._freed.wait()  # what is in flight will cost less than was set aside
            await self._read()
        self._held += dearest
        self._in_flight += 1
        return dearest

    def _has_room(self, dearest: int) -> bool:
        calls = self._answered + self._unanswered + self._in_flight
        if self.caps.calls is not None and calls >= self.caps.calls:
            raise self._capped()
        money = self._money_cap
        return money is None or self._spent + self._held + dearest <= money

    async def _admit(self, wanted: tuple[str, str]) -> None:
        """Count a paper against its asker's quota, once: its repairs are the same paper."""
        asker = self._asker.get()
        if asker is None or self.caps.quota is None:
            return
        today = self._date(self.clock())
        if asker not in self._own:
            self._own.setdefault(asker, await self.store.ledger.asked_for(asker, today))
        own = self._own[asker]
        if self._anew.get():
            wanted = (wanted[0], f"{wanted[1]} anew")
        if wanted not in own and len(own) >= self.caps.quota:
            raise WriterCapped(reason="quota", until=self._until(today))
        own.add(wanted)

    async def _read(self) -> None:
        """Begin a new day, and see what other processes spent."""
        async with self._reading:
            now = self.clock()
            today = self._date(now)
            if today != self._day:
                self._day, self._unanswered, self._own = today, 0, {}
            elif self._read_at and now - self._read_at < _READ_AGAIN:
                return
            currency = self.price.currency if self.price else ""
            self._answered, self._spent = await self.store.ledger.total(today, currency)
            self._read_at = now

    def _capped(self) -> WriterCapped:
        today = self._date(self.clock())
        if self._told_day != today:
            log.error("budget_spent", day=str(today), calls=self._answered, nanos=self._spent)
            self._told_day = today
        return WriterCapped(reason="budget", until=self._until(today))

    def _date(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _until(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)


def _about(paid: Paid) -> tuple[str, int | None, str]:
    return paid.paper_id, paid.version, paid.language

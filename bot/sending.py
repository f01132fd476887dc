"""Sending: what waits in the outbox goes out through one channel, and is settled page by page.

Each subscriber's pages are a line: page 2 never leaves before page 1 was tried. Lines go side by
side at the pace of the channel. What may have been sent is settled after it was sent, in groups
(`bot.settling`), so a crash repeats at most what was in flight or just answered. One subscriber's
failure costs nobody else anything.
"""

from __future__ import annotations

import asyncio
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.logs import place
from bot.offers import thawed
from bot.outage import Outage
from bot.pace import PATIENCE_S
from bot.settling import WITHIN_S, Settling
from digest.errors import (
    AnotherPoller,
    ChannelError,
    PageRefused,
    ReaderGone,
    StoreError,
    TokenRefused,
    TryLater,
)
from digest.render.entities import Entity, Page
from digest.store.outbox import Outcome, PageState, Waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from bot.channels import Channel
    from bot.pace import Pace
    from digest.store import Store
    from digest.store.locks import Held
    from digest.store.outbox import Written
    from digest.store.shards import Shard

log = structlog.get_logger()

AT_ONCE = 64
"""Lines side by side: each holds a message in flight, or waits out the second between two."""

MOST_AT_ONCE = 2048
"""The same at the highest rate; so many lines are kept in memory, a page or some each."""

LINE_S = 1.1
"""What a line takes for a page: the second of its chat, and the way to the platform and back."""

SLICE = 200
"""Pages read from the outbox at once: the event loop is held for each of them, 30 µs or so."""

AGAIN_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""How long to wait after each try that may have arrived; the fifth is the last, within a day."""

TRIES = 3
"""How often a page that was not sent is tried in a row."""

NOT_SENT_AGAIN = timedelta(minutes=1)
"""When a page that could not be sent is tried again."""

COUNTED_AS = {PageState.SENT: "sent", PageState.WAITING: "retried", PageState.DEAD: "given_up"}
OUTCOMES = (*COUNTED_AS.values(), "gone")

DOWN_AFTER = 20
"""So many failures in a row, whoever they are for, mean that the platform is down."""


@dataclass(slots=True)
class Tally:
    """What became of the pages of one round.

    Attributes:
        sent: pages that the channel took.
        gone: readers who are not there any more.
        later: pages that are tried again; nobody knows whether they arrived, or they were not sent.
        dead: pages given up.
        elsewhere: another process is sending; this one sent nothing.
    """

    sent: int = 0
    gone: int = 0
    later: int = 0
    dead: int = 0
    elsewhere: bool = False


def lines_for(rate: float) -> int:
    """How many lines side by side keep a rate (messages a second), if each has several pages."""
    return max(AT_ONCE, min(MOST_AT_ONCE, round(2 * rate * LINE_S)))


class Sending:
    """Empties the outbox into one channel."""

    def __init__(
        self,
        store: Store,
        channel: Channel,
        pace: Pace,
        *,
        clock: Callable[[], datetime],
        at_once: int = AT_ONCE,
        read: int = SLICE,
        settle_within_s: float = WITHIN_S,
    ) -> None:
        """Sends nothing yet.

        Args:
            store: whose outbox.
            channel: what takes pages.
            pace: when the next one may leave.
            clock: what time it is, for what is settled.
            at_once: lines side by side; see `lines_for`.
            read: pages read from the outbox at once.
            settle_within_s: how long what became of a page waits to be stored with others.
        """
        self.store = store
        self.channel = channel
        self.pace = pace
        self.clock = clock
        self.at_once = at_once
        self._read = read
        self._settling = Settling(store.outbox.settle, within_s=settle_within_s)
        self._outage = Outage(store, channel)
        self._trouble: StoreError | None = None
        self._is_over = False
        self._failures = 0
        self._tally = Tally()
        self._shard: Shard | None = None
        self._shards: set[Sending] = set()
        self._alone: Held | None = None
        self.outcomes = dict.fromkeys(OUTCOMES, 0)

    async def send_waiting(self, now: datetime, shard: Shard | None = None) -> Tally:
        """Sends what waits for this channel and may be tried by `now`; one round at a time.

        It ends early where the platform is down or asks for a long silence; the rest waits for
        the next round. Where nothing can be settled a StoreError is raised, and nothing more sent.

        Args:
            now: what may be tried later waits.
            shard: only what waits for these readers. Rounds of several shards go side by side.
        """
        if shard is None:
            return await self._round(now)
        its = self._for(shard)
        self._shards.add(its)
        try:
            return await its._round(now)  # noqa: SLF001 # it is one of ours
        finally:
            self._shards.discard(its)

    def _for(self, shard: Shard) -> Sending:
        """The same with a round of its own; pace, settling and counts are shared."""
        its = copy(self)
        its._shard, its._shards = shard, set()  # noqa: SLF001 # a copy of ours
        its._outage = Outage(self.store, self.channel)  # noqa: SLF001 # same
        return its

    async def _round(self, now: datetime) -> Tally:
        self._tally = Tally()
        if self.pace.held_s > PATIENCE_S:
            return self._tally
        async with self.store.outbox.alone(self.channel.name, self._shard) as alone:
            if not alone:
                self._tally.elsewhere = True
                return self._tally
            self._alone = alone
            self._is_over, self._failures, self._trouble = False, 0, None
            await self._settling.catch_up()
            await self._outage.begin(now)
            await self._send_all(now)
            await self._outage.end(self.clock(), took=self._tally.sent, left=self._tally.later)
        return self._tally

    def stop(self) -> None:
        """Lets what is in flight arrive, and begins nothing more in this round."""
        self._is_over = True
        for each in self._shards:
            each.stop()

    async def _send_all(self, now: datetime) -> None:
        try:
            async with asyncio.TaskGroup() as lines:
                trouble = await self._begin(lines, now)
        finally:  # cancelled, too: what was answered is settled
            await self._settling.finish()
        if error := trouble or self._trouble:
            raise error

    async def _begin(self, lines: asyncio.TaskGroup, now: datetime) -> Exception | None:
        """Begins line after line; returns what ended that, for nobody wants a group of errors."""
        room = asyncio.Semaphore(self.at_once)
        try:
            async for line in self._lines(now):
                await room.acquire()
                if self._is_over:
                    break
                lines.create_task(self._work(line)).add_done_callback(lambda _: room.release())
        except Exception as error:  # noqa: BLE001 # raised again when the lines have ended
            return error
        return None

    async def _lines(self, now: datetime) -> AsyncIterator[Sequence[Waiting]]:
        """Each subscriber's pages that wait, in their order."""
        line: list[Waiting] = []
        last: Waiting | None = None
        outbox, name, shard = self.store.outbox, self.channel.name, self._shard
        while some := await outbox.waiting(name, now, last, self._read, shard):
            for page in some:
                if line and line[0].subscriber_id != page.subscriber_id:
                    yield line
                    line = []
                line.append(page)
            last = some[-1]
        if line:
            yield line

    async def _work(self, line: Sequence[Waiting]) -> None:
        number = line[0].subscriber_id
        try:
            await self._send_line(await self._outage.told(line))
        except StoreError as error:  # the disk is full: what is sent could not be settled
            self._trouble, self._is_over = error, True
        except Exception as error:  # noqa: BLE001 # one reader's line costs no other theirs
            log.error("line_failed", reader=number, **place(error))  # noqa: TRY400 # quotes readers

    async def _send_line(self, line: Sequence[Waiting]) -> None:
        address = line[0].address
        for page in line:
            here = page if page.address == address else replace(page, address=address)
            tried, outcome = await self._attempt(here)
            if outcome is None:
                return
            address = tried.address
            self._count(outcome)
            await self._settling.settle(outcome)

    async def _attempt(self, waiting: Waiting) -> tuple[Waiting, Outcome | None]:
        """Sends a page; no outcome where its line is not to go on now."""
        for _ in range(TRIES):
            is_free = await self.pace.slot(waiting.address, patience_s=PATIENCE_S)
            if self._is_over or not self._alone or not is_free:  # another may be sending them
                return waiting, None
            answer = await self._try(waiting)
            if not isinstance(answer, Waiting):
                return waiting, answer
            waiting = answer
        await self._not_sent(waiting)
        return waiting, None

    async def _try(self, waiting: Waiting) -> Outcome | Waiting | None:
        """Sends a page once; returns what became of it, what to try at once instead, or None."""
        written = waiting.written
        choices, rows = thawed(written.choices)
        try:
            message_id = await self.channel.send(
                waiting.address,
                page_of(written),
                silent=written.silent,
                choices=choices,
                rows=rows,
            )
        except ChannelError as error:
            return await self._met(waiting, error)
        except Exception as error:  # noqa: BLE001 # whatever a channel raises costs one page
            log.error("send_failed", reader=waiting.subscriber_id, **place(error))  # noqa: TRY400 # quotes readers
            return self._again(waiting, type(error).__name__)
        self._failures = 0
        self.pace.arrived(waiting.address)
        return Outcome(
            waiting.id, PageState.SENT, self.clock(), waiting.attempts + 1, message_id=message_id
        )

    async def _met(self, waiting: Waiting, error: ChannelError) -> Outcome | Waiting | None:
        """What follows from an error of the channel's."""
        reason = str(error.params.get("reason", type(error).__name__))
        match error:
            case TryLater():
                return await self._hold(waiting, float(error.params.get("retry_after", 1.0)))
            case ReaderGone():
                return await self._gone(waiting, error.params.get("migrate_to"), reason)
            case PageRefused():
                return self._refused(waiting, reason)
            case TokenRefused():
                log.error("token_refused")
                self._outage.met(self.clock())
                self._is_over = True
                return None
            case AnotherPoller():  # a conflict: it was not done
                await self._not_sent(waiting)
                return None
        return self._again(waiting, reason)

    async def _hold(self, waiting: Waiting, seconds: float) -> Waiting | None:
        """Nothing leaves for so long; a long wait is left to a later round."""
        if not seconds:  # there was no connection: nothing left
            self.pace.spare(waiting.address)
        self.pace.hold(seconds)
        if seconds <= PATIENCE_S:
            return waiting
        if not self._is_over:
            log.warning("flood_wait", seconds=seconds)
            self._is_over = True
            until = self.clock() + timedelta(seconds=seconds)
            self._outage.met(until)
            await self.store.outbox.delay(self.channel.name, until)
        return None

    async def _gone(self, waiting: Waiting, moved_to: str | None, reason: str) -> Waiting | None:
        number = waiting.subscriber_id
        if moved_to:
            log.info("reader_moved", reader=number)
            await self.store.subscribers.move(number, moved_to)
            return replace(waiting, address=moved_to)
        log.info("reader_gone", reader=number, reason=reason)
        await self.store.subscribers.set_active(number, False)  # noqa: FBT003 # its only value
        self._tally.gone += 1
        self.outcomes["gone"] += 1
        return None

    def _refused(self, waiting: Waiting, reason: str) -> Waiting | Outcome:
        """A page that is not taken goes out once as plain text before it is given up."""
        if waiting.written.entities:
            return replace(waiting, written=replace(waiting.written, entities=()))
        return self._dead(waiting, waiting.attempts + 1, reason)

    async def _not_sent(self, waiting: Waiting) -> None:
        """Their pages are tried again in a while; that is none of the tries that count."""
        self._tally.later += 1
        self.outcomes["retried"] += 1
        self._failed()
        until = self.clock() + NOT_SENT_AGAIN
        await self.store.outbox.delay(self.channel.name, until, waiting.subscriber_id)

    def _again(self, waiting: Waiting, reason: str) -> Outcome:
        """Nobody knows whether it arrived."""
        self._failed()
        attempts = waiting.attempts + 1
        if attempts > len(AGAIN_AFTER):
            return self._dead(waiting, attempts, reason)
        now = self.clock()
        try_at = now + AGAIN_AFTER[waiting.attempts]
        return Outcome(waiting.id, PageState.WAITING, now, attempts, try_at, reason=reason)

    def _dead(self, waiting: Waiting, attempts: int, reason: str) -> Outcome:
        log.error("page_dead", reader=waiting.subscriber_id, page=waiting.id, reason=reason)
        return Outcome(waiting.id, PageState.DEAD, self.clock(), attempts, reason=reason)

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= DOWN_AFTER and not self._is_over:
            log.warning("channel_down", channel=self.channel.name)
            self._outage.met(self.clock())
            self._is_over = True

    def _count(self, outcome: Outcome) -> None:
        self.outcomes[COUNTED_AS[outcome.state]] += 1
        self._tally.sent += outcome.state is PageState.SENT
        self._tally.later += outcome.state is PageState.WAITING
        self._tally.dead += outcome.state is PageState.DEAD


def page_of(written: Written) -> Page:
    """The page as the channel takes it."""
    return Page(written.text, tuple(map(Entity._make, written.entities)))

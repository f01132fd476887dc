"""The outbox: pages composed and not yet settled; once settled, the same rows are the deliveries.

A page is unique on (subscriber, edition, page): that constraint is what makes it once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    or_,
    select,
    tuple_,
    update,
)

from digest.models import State
from digest.store.database import in_order, insert
from digest.store.revisions import mark_told
from digest.store.settled import AGAIN, EMPTIED, IS_DEAD, IS_WAITING, OVER, again, over
from digest.store.tables import pages, subscribers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import date, datetime

    from sqlalchemy import Connection
    from sqlalchemy.engine import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.models import Subscriber
    from digest.store.database import Database
    from digest.store.locks import Held, Locks
    from digest.store.shards import Shard

NOTICE = 0
"""The number of a page that says that the batch is late; a digest's pages begin with 1."""

RECAP = 1000
"""The pages of Sunday's recap are numbered from the next one on, under that Sunday's day."""

NAMES = ("id", "subscriber_id", "day", "page", "attempts", "try_at")
PAGE = tuple(pages.c[name] for name in (*NAMES, "text", "entities", "choices", "silent"))
"""What is read of a page that waits."""


class PageState(StrEnum):
    """What became of a page."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"  # its reader is not there, or does not want it any more
    DEAD = "dead"  # given up: nobody could be made to take it


@dataclass(frozen=True, slots=True)
class Written:
    """What a page says, as it is stored.

    Attributes:
        entities: (type, offset, length, url) of each.
        choices: the texts of each (label, command, …); an empty one ends a row.
        silent: whether the reader's device stays quiet.
    """

    text: str
    entities: tuple[tuple[str, int, int, str], ...] = ()
    choices: tuple[tuple[str, ...], ...] = ()
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Frozen:
    """A digest as it is stored; see `Outbox.freeze`."""

    subscriber: Subscriber
    day: date
    written: tuple[Written, ...]
    next_at: datetime
    revised: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page that waits to be sent; `attempts` of which nobody knows how they ended."""

    id: int
    subscriber_id: int
    address: str
    day: date
    page: int
    attempts: int
    try_at: datetime
    written: Written


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one page.

    Attributes:
        state: WAITING where it is tried again at `try_at`.
        at: when.
        message_id: the channel's own name for the message.
        reason: why it was not taken, in the channel's words.
    """

    page_id: int
    state: PageState
    at: datetime
    attempts: int = 0
    try_at: datetime | None = None
    message_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Dead:
    """Pages that were given up.

    Attributes:
        pages: how many.
        newest: when the last of them was given up.
        reason: why that one was, in the channel's words.
    """

    pages: int
    newest: datetime
    reason: str


class Outbox:
    """Pages on their way, and what became of them."""

    def __init__(self, database: Database, locks: Locks) -> None:
        self._database = database
        self._locks = locks

    async def freeze(
        self,
        subscriber: Subscriber,
        day: date,
        written: Sequence[Written],
        next_at: datetime,
        at: datetime,
        revised: Mapping[str, int] | None = None,
    ) -> bool:
        """Store the pages of a digest, and that the subscriber had it, in one transaction.

        Args:
            subscriber: as they were when it was composed.
            day: the edition's.
            written: the pages in their order.
            next_at: when to look at the subscriber again.
            at: now; hours up to it count no more.
            revised: saved papers of which the pages tell a new version, and which.

        Returns:
            False where nothing was stored: they have had that edition, or in the meantime they
            left, paused or changed their hour.
        """
        digest = Frozen(subscriber, day, tuple(written), next_at, revised or {})
        return bool(await self.freeze_all([digest], at))

    async def freeze_all(self, digests: Sequence[Frozen], at: datetime) -> int:
        """Store some digests as `freeze` stores one, all in one transaction; return how many.

        For fifty readers it takes hardly longer than for one.
        """
        alike: dict[tuple[date, datetime], list[Frozen]] = {}
        for digest in digests:
            alike.setdefault((digest.day, digest.next_at), []).append(digest)
        frozen = 0
        async with self._database.write() as connection:
            for (day, next_at), some in alike.items():
                status = {"had": day, "settled_at": at, "next_at": next_at}
                fresh = await _advance_all(connection, [each.subscriber for each in some], status)
                kept = [each for each in some if each.subscriber.id in fresh]
                frozen += len(kept)
                for each in kept:
                    await mark_told(connection, each.subscriber.id, each.revised)
                rows = [row for each in kept for row in _rows(each, at)]
                if rows:  # one after the other, so that a reader's pages have numbers in a row
                    await connection.execute(insert(connection, pages), rows)
        return frozen

    async def notify(
        self, subscriber: Subscriber, batch: date, written: Written, next_at: datetime, at: datetime
    ) -> bool:
        """Store the page that says that a batch is late; at most one for each batch."""
        told = or_(subscribers.c.told_late.is_(None), subscribers.c.told_late < batch)
        status = {"told_late": batch, "next_at": next_at}
        async with self._database.write() as connection:
            if not await _advance(connection, subscriber, told, status):
                return False
            return await put(connection, subscriber, batch, [written], at, first=NOTICE)

    async def recap(
        self, subscriber: Subscriber, sunday: date, written: Sequence[Written], at: datetime
    ) -> bool:
        """Store the pages of a week, and that the subscriber had it, in one transaction.

        A week that has none counts as had. When they are looked at again does not change: a
        digest may be due at the same hour.
        """
        c = subscribers.c
        had = and_(c.weekly, or_(c.recapped.is_(None), c.recapped < sunday))
        async with self._database.write() as connection:
            if not await _advance(connection, subscriber, had, {"recapped": sunday}):
                return False
            return await put(connection, subscriber, sunday, written, at, first=RECAP + 1)

    async def waiting(
        self,
        channel: str,
        now: datetime,
        after: Waiting | None = None,
        limit: int = 500,
        shard: Shard | None = None,
    ) -> tuple[Waiting, ...]:
        """Return pages to be sent by `now`, those of one digest in their order, in slices."""
        query = waiting_of(channel, now, after, limit)
        if shard is not None:
            query = query.where(shard.holds(pages.c.subscriber_id))
        async with self._database.read() as connection:
            return tuple(_waiting(row) for row in await connection.execute(query))

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Store what became of some pages, in one transaction that a power cut does not undo."""
        ordered = sorted(outcomes, key=lambda each: each.page_id)
        gone = [over(each) for each in ordered if each.state is not PageState.WAITING]
        later = [again(each) for each in ordered if each.state is PageState.WAITING]

        def store(connection: Connection) -> None:
            for statement, rows in ((OVER, gone), (AGAIN, later)):
                if rows:
                    connection.execute(statement, rows)

        if outcomes:
            await self._database.write_durably(store)

    async def delay(self, channel: str, until: datetime, subscriber_id: int | None = None) -> None:
        """Try nothing that waits before `until`: on a whole channel, or for one subscriber."""
        c = subscribers.c
        those = select(c.id).where(c.channel == channel)
        if subscriber_id is not None:
            those = those.where(c.id == subscriber_id)
        waiting = and_(IS_WAITING, pages.c.try_at < until, pages.c.subscriber_id.in_(those))
        async with self._database.write() as connection:
            await connection.execute(
                update(pages).where(in_order(pages, waiting)).values(try_at=until)
            )

    async def counts(self, day: date | None = None) -> dict[PageState, int]:
        """Return how many pages there are in each state, of one edition or of all."""
        query = select(pages.c.state, func.count()).group_by(pages.c.state)
        if day is not None:
            query = query.where(pages.c.day == day)
        async with self._database.read() as connection:
            found = {PageState(state): n for state, n in (await connection.execute(query)).all()}
        return {state: found.get(state, 0) for state in PageState}

    async def dead(self, since: datetime | None = None) -> Dead | None:
        """Return what was given up later than `since`, or ever; None where nothing was."""
        c = pages.c
        these = IS_DEAD if since is None else and_(IS_DEAD, c.sent_at > since)
        count = select(func.count()).select_from(pages).where(these)
        newest = select(c.sent_at, c.reason).where(these).order_by(c.sent_at.desc()).limit(1)
        async with self._database.snapshot() as connection:
            row = (await connection.execute(newest)).first()
            if row is None:
                return None
            return Dead((await connection.execute(count)).scalar_one(), row.sent_at, row.reason)

    def alone(self, channel: str, shard: Shard | None = None) -> AbstractAsyncContextManager[Held]:
        """Be the only one who sends on a channel, in any process; false where another is.

        Whoever sends a shard's pages is the only one who sends those, and keeps out whoever would
        send all.
        """
        if shard is None:
            return self._locks.hold(channel)
        return self._locks.hold(f"{channel} {shard.number}", beneath=channel)


def waiting_of(channel: str, now: datetime, after: Waiting | None, limit: int) -> Select[Any]:
    """A slice of the pages to be sent by `now`: walks their index, and stops at the limit.

    With an index to find a channel's subscribers by, SQLite would begin with all of them, and sort
    everything that waits for each slice: the sum hides it.
    """
    c = pages.c
    its_channel = subscribers.c.channel.concat("")
    query: Select[Any] = select(*PAGE, subscribers.c.address).join(subscribers)
    query = query.where(IS_WAITING, c.try_at <= now, its_channel == channel)
    if after is not None:
        query = query.where(tuple_(c.try_at, c.id) > (after.try_at, after.id))
    return query.order_by(c.try_at, c.id).limit(limit)


async def drop(
    connection: AsyncConnection, subscriber_id: int | None, *, reason: str, at: datetime
) -> None:
    """Refuse every page that waits for a subscriber."""
    this = (pages.c.subscriber_id == subscriber_id) & IS_WAITING
    values = {"state": PageState.REFUSED.value, "sent_at": at, "reason": reason, **EMPTIED}
    await connection.execute(update(pages).where(in_order(pages, this)).values(values))


async def _advance(
    connection: AsyncConnection,
    subscriber: Subscriber,
    fresh: ColumnElement[bool],
    status: Mapping[str, object],
) -> bool:
    """Store the status of somebody who is as they were when it was decided; else False."""
    c = subscribers.c
    same = and_(
        c.id == subscriber.id,
        c.state == State.ACTIVE.value,
        c.hour == subscriber.hour,
        c.timezone == subscriber.timezone,
    )
    done = await connection.execute(update(subscribers).where(same, fresh).values(status))
    return bool(done.rowcount)


async def _advance_all(
    connection: AsyncConnection, readers: Sequence[Subscriber], status: Mapping[str, Any]
) -> set[int]:
    """Store the same status of all who are as they were, and have not had its edition; say who."""
    c, day = subscribers.c, status["had"]
    alike = tuple_(c.id, c.hour, c.timezone).in_([(r.id, r.hour, r.timezone) for r in readers])
    active = c.state == State.ACTIVE.value
    these = and_(alike, active, or_(c.had.is_(None), c.had < day))
    changed = update(subscribers).where(these).values(status).returning(c.id)
    fresh = set((await connection.execute(changed)).scalars())
    digests = pages.c.page.between(NOTICE + 1, RECAP)
    its_pages = and_(pages.c.subscriber_id.in_(fresh), pages.c.day == day, digests)
    there = await connection.execute(select(pages.c.subscriber_id).where(its_pages).distinct())
    return fresh - set(there.scalars())


async def put(
    connection: AsyncConnection,
    subscriber: Subscriber,
    day: date,
    written: Sequence[Written],
    at: datetime,
    *,
    first: int,
) -> bool:
    """Insert pages, unless they are there."""
    key = {"subscriber_id": subscriber.id, "day": day}
    rows = [key | {"page": n} | _row(each, at) for n, each in enumerate(written, first)]
    statement = insert(connection, pages).on_conflict_do_nothing().returning(pages.c.id)
    if rows and (await connection.execute(statement.values(rows[0]))).scalar() is None:
        return False
    if rows[1:]:
        await connection.execute(insert(connection, pages), rows[1:])
    return True


def _rows(digest: Frozen, at: datetime) -> list[dict[str, object]]:
    key = {"subscriber_id": digest.subscriber.id, "day": digest.day}
    numbered = enumerate(digest.written, NOTICE + 1)
    return [key | {"page": number} | _row(each, at) for number, each in numbered]


def _row(written: Written, at: datetime) -> dict[str, object]:
    return {
        "text": written.text,
        "entities": [list(each) for each in written.entities],
        "choices": [list(each) for each in written.choices],
        "silent": written.silent,
        "state": PageState.WAITING.value,
        "attempts": 0,
        "try_at": at,
        "reason": "",
    }


def _waiting(row: Row[Any]) -> Waiting:
    written = Written(
        row.text,
        tuple(map(tuple, row.entities)),
        tuple(map(tuple, row.choices)),
        row.silent,
    )
    whose = (row.id, row.subscriber_id, row.address, row.day, row.page)
    return Waiting(*whose, row.attempts, row.try_at, written)

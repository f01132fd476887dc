"""Subscribers: what they chose, stored together or not at all, and what has happened to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, exists, func, or_, select, update

from digest import calendar, due, sundays
from digest.models import Standing, State, Subscriber
from digest.store import daily, outbox, phrases, server
from digest.store.database import SLICE, in_order, insert
from digest.store.owned import OWNED
from digest.store.tables import editions, ledger, subscriber_fields, subscribers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.engine import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.store.database import Database
    from digest.store.shards import Shard

STATUS = frozenset({"id", "had", "settled_at", "next_at", "told_late", "recapped"})
SETTINGS = tuple(column.name for column in subscribers.c if column.name not in STATUS)
TURN = ("hour", "timezone", "state", "paused_until")
"""The settings that decide when somebody is due."""


def utc_now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


def next_look(subscriber: Subscriber, after: datetime) -> datetime | None:
    """When to look at them again: at their hour, or at the end of their pause; None for never.

    Whoever reads a recap is looked at on Sunday, too, whatever their hour; whoever has no hour and
    wants to hear of days off, when their batch would have come.
    """
    hour, zone = due.understood(subscriber.hour), subscriber.timezone
    if hour is None and not subscriber.weekly:
        return None
    if subscriber.state is State.PAUSED:
        return subscriber.paused_until
    if subscriber.state is not State.ACTIVE:
        return None
    digests = [due.next_at(hour, zone, after)] if hour else []
    if hour == due.ASAP and subscriber.notices == "all":
        digests.append(calendar.next_evening(after))
    recaps = [sundays.next_at(subscriber.hour, zone, after)] if subscriber.weekly else []
    return min(digests + recaps)


class Subscribers:
    """Who reads, where, what they chose, and what they have had."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    async def find(self, channel: str, address: str) -> Subscriber | None:
        """Return who reads at this address of a channel."""
        c = subscribers.c
        return await self._one((c.channel == channel) & (c.address == address))

    async def at(self, channel: str, chat: str) -> tuple[Subscriber, ...]:
        """Return who reads in a chat of a channel: the chat itself, and its topics (`chat/…`)."""
        c = subscribers.c
        inside = c.address.startswith(f"{chat}/", autoescape=True)
        these = select(subscribers).where(c.channel == channel, or_(c.address == chat, inside))
        async with self._database.read() as connection:
            return tuple(await read(connection, these))

    async def get(self, subscriber_id: int) -> Subscriber | None:
        """Return a subscriber by their internal number."""
        return await self._one(subscribers.c.id == subscriber_id)

    async def all(self) -> tuple[Subscriber, ...]:
        """Return every subscriber, by number."""
        found: list[Subscriber] = []
        async with self._database.read() as connection:
            while some := await _after(connection, found[-1].id if found else 0):
                found += some
        return tuple(found)

    async def counts(self) -> dict[State, int]:
        """Return how many subscribers there are in each state, of those whom `daily` counts."""
        c = subscribers.c
        query = select(c.state, func.count()).where(c.channel != daily.AT_HOME).group_by(c.state)
        async with self._database.read() as connection:
            found = {State(state): n for state, n in (await connection.execute(query)).all()}
        return {state: found.get(state, 0) for state in State}

    async def save(self, subscriber: Subscriber) -> Subscriber:
        """Store a subscriber with their fields in this order, and return them with their number.

        Somebody without a number who turns out to be stored (two first messages at once) keeps
        the fields that are stored; the new ones follow. Where hour, zone or state changed (or
        they are new), earlier hours are settled and the next one is looked up; pages that wait
        for somebody who is not active any more are dropped.
        """
        async with self._database.write() as connection:
            before = await _turn(connection, subscriber)
            saved = await _settle(connection, subscriber)
            await _put_fields(connection, saved)
            if before is None or before[:-1] != tuple(getattr(saved, name) for name in TURN):
                was = State(before[TURN.index("state")]) if before else None
                await _begin_turn(connection, saved, self._now(), was=was)
            if saved.weekly != (before is not None and before[-1]):
                await _begin_weeks(connection, saved, self._now())
            if saved.notices == "all":
                await _look_by(connection, saved, self._now())
            return saved

    async def standing(self, subscriber_id: int) -> Standing | None:
        """Return what has happened to a subscriber."""
        query = select(subscribers).where(subscribers.c.id == subscriber_id)
        async with self._database.read() as connection:
            found = await _standings(connection, query)
        return found[0] if found else None

    async def due(
        self,
        now: datetime,
        after: Standing | None = None,
        limit: int = SLICE,
        shard: Shard | None = None,
    ) -> tuple[Standing, ...]:
        """Return who is to be looked at by `now`, the longest waiting first, in slices.

        Args:
            now: aware.
            after: the last one of the slice before.
            limit: how many at most.
            shard: only of these readers.
        """
        c = subscribers.c
        query = select(subscribers).where(c.next_at <= now)
        if shard is not None:
            query = query.where(shard.holds(c.id))
        if after is not None:
            at, number = after.next_at, after.subscriber.id
            beyond = or_(c.next_at > at, and_(c.next_at == at, c.id > number))
            query = query.where(c.next_at >= at, beyond)
        async with self._database.read() as connection:
            query = query.order_by(c.next_at, c.id).limit(limit)
            return tuple(await _standings(connection, query))

    async def postpone(self, waits: Iterable[tuple[Standing, datetime]]) -> None:
        """Look at them again later, unless they changed their hour in the meantime."""
        c = subscribers.c
        async with self._database.write() as connection:
            for standing, until in sorted(waits, key=lambda wait: wait[0].subscriber.id or 0):
                same = (c.id == standing.subscriber.id) & (c.next_at == standing.next_at)
                await connection.execute(update(subscribers).where(same).values(next_at=until))

    async def wake(self, day: date, now: datetime) -> None:
        """Look at everybody now who waits for the edition of `day`, which is published."""
        c = subscribers.c
        asap = and_(c.hour == due.ASAP, c.state == State.ACTIVE.value)
        owed = or_(c.next_at <= now + due.LOOK_AGAIN, asap)
        without = or_(c.had.is_(None), c.had < day)
        waiting = and_(c.next_at > now, owed, without)
        async with self._database.write() as connection:
            these = in_order(subscribers, waiting)
            await connection.execute(update(subscribers).where(these).values(next_at=now))

    async def mark_had(self, subscriber_id: int, day: date) -> None:
        """Remember that they read the edition of `day`, if it is published: it is not sent again.

        An older edition than the newest that they had changes nothing.
        """
        c = subscribers.c
        published = exists().where(editions.c.day == day, editions.c.published_at.is_not(None))
        this = and_(c.id == subscriber_id, or_(c.had.is_(None), c.had < day), published)
        async with self._database.write() as connection:
            await connection.execute(update(subscribers).where(this).values(had=day))

    async def set_active(self, subscriber_id: int, active: bool, /) -> None:  # noqa: FBT001 # it is the value
        """Mark somebody as gone, with the pages that wait for them; or as back again.

        Who paused or stopped stays so, wherever they go.
        """
        was, becomes = (State.GONE, State.ACTIVE) if active else (State.ACTIVE, State.GONE)
        this = (subscribers.c.id == subscriber_id) & (subscribers.c.state == was.value)
        async with self._database.write() as connection:
            await _lock(connection, this)
            found = await read(connection, select(subscribers).where(this))
            for subscriber in found:
                changed = replace(subscriber, state=becomes)
                await _begin_turn(connection, changed, self._now(), was=was)

    async def move(self, subscriber_id: int, address: str) -> None:
        """Give a chat its new address; all its rows go along.

        Who already joined there (a group that migrated and spoke first) makes room, and the
        edition that they had is not sent again.
        """
        c = subscribers.c
        this = c.id == subscriber_id
        async with self._database.write() as connection:
            channel = select(c.channel).where(this).scalar_subquery()
            there = and_(c.channel == channel, c.address == address, c.id != subscriber_id)
            await _lock(connection, or_(this, there))
            had = (await connection.execute(select(c.had).where(there))).scalar()
            await connection.execute(delete(subscribers).where(there))
            await connection.execute(update(subscribers).where(this).values(address=address))
            if had is not None:
                newer = and_(this, or_(c.had.is_(None), c.had < had))
                await connection.execute(update(subscribers).where(newer).values(had=had))

    async def forget(self, subscriber_id: int) -> None:
        """Erase every row that holds the subscriber's number, in every table.

        What is kept under a phrase of theirs goes, too, where nobody else follows it. What the
        model was paid stays in the ledger, as nobody's.
        """
        async with self._database.write() as connection:
            await _lock(connection, subscribers.c.id == subscriber_id)
            followed = await _fields(connection, subscriber_id)
            for table in reversed(tuple(OWNED.values())):
                if table is not ledger:
                    hers = table.c.subscriber_id == subscriber_id
                    await connection.execute(delete(table).where(hers))
            await phrases.forget(connection, followed)
            this = subscribers.c.id == subscriber_id
            for gone in await read(connection, select(subscribers).where(this)):
                await daily.changed(connection, gone.channel, gone.state, None, self._now())
            await connection.execute(delete(subscribers).where(this))

    async def _one(self, this: ColumnElement[bool]) -> Subscriber | None:
        async with self._database.read() as connection:
            found = await read(connection, select(subscribers).where(this))
        return found[0] if found else None


async def _after(connection: AsyncConnection, number: int | None) -> list[Subscriber]:
    """Read the next slice of subscribers."""
    beyond = select(subscribers).where(subscribers.c.id > number)
    return await read(connection, beyond.order_by(subscribers.c.id).limit(SLICE))


async def _lock(connection: AsyncConnection, these: ColumnElement[bool]) -> None:
    """Let nobody else change them until this is written; always in one order, so none in a ring."""
    if server.is_one(connection):
        query = select(subscribers.c.id).where(these).order_by(subscribers.c.id)
        await connection.execute(query.with_for_update())


async def read(connection: AsyncConnection, these: Select[Any]) -> list[Subscriber]:
    """Return subscribers, by number."""
    found = [standing.subscriber for standing in await _standings(connection, these)]
    return sorted(found, key=lambda subscriber: subscriber.id or 0)


async def _standings(connection: AsyncConnection, these: Select[Any]) -> list[Standing]:
    """Read subscribers and their fields in one statement, so that the two belong together."""
    c = these.subquery().c
    query: Select[Any] = select(*c, subscriber_fields.c.field).outerjoin(
        subscriber_fields, subscriber_fields.c.subscriber_id == c.id
    )
    rows = await connection.execute(query.order_by(c.next_at, c.id, subscriber_fields.c.position))
    found: list[Standing] = []
    for _, same in groupby(rows, key=lambda row: row.id):
        fields = list(same)
        found.append(_standing(fields[0], tuple(row.field for row in fields if row.field)))
    return found


async def _turn(connection: AsyncConnection, subscriber: Subscriber) -> tuple[Any, ...] | None:
    """Read what decides when somebody is due, as it is stored; last, whether they read a recap."""
    c = subscribers.c
    there = (c.channel == subscriber.channel) & (c.address == subscriber.address)
    query = select(*(c[name] for name in TURN), c.weekly).with_for_update()
    for this in (c.id == subscriber.id, there):
        if row := (await connection.execute(query.where(this))).first():
            return tuple(row)
    return None


async def _begin_turn(
    connection: AsyncConnection, subscriber: Subscriber, now: datetime, *, was: State | None
) -> None:
    """Store the state; what was owed until now is not any more."""
    await daily.changed(connection, subscriber.channel, was, subscriber.state, now)
    values = {
        "state": subscriber.state.value,
        "settled_at": now,
        "next_at": next_look(subscriber, now),
    }
    this = subscribers.c.id == subscriber.id
    await connection.execute(update(subscribers).where(this).values(values))
    if subscriber.state is not State.ACTIVE:
        await outbox.drop(connection, subscriber.id, reason=subscriber.state.value, at=now)


async def _look_by(connection: AsyncConnection, saved: Subscriber, now: datetime) -> None:
    """Look at them on the next day off, too, if they were to be left in peace until it is over."""
    c, soon = subscribers.c, next_look(saved, now)
    if soon is None:
        return
    later = and_(c.id == saved.id, c.next_at > soon)
    await connection.execute(update(subscribers).where(later).values(next_at=soon))


async def _begin_weeks(connection: AsyncConnection, saved: Subscriber, now: datetime) -> None:
    """Begin recaps with the next Sunday, or end them; a digest that is owed stays so."""
    c, hour, zone = subscribers.c, saved.hour, saved.timezone
    this = c.id == saved.id
    if not saved.weekly:
        never = and_(this, c.hour == "", c.state == State.ACTIVE.value)
        await connection.execute(update(subscribers).where(never).values(next_at=None))
        return
    missed = sundays.over(hour, zone, now)
    earlier = and_(this, or_(c.recapped.is_(None), c.recapped < missed))
    await connection.execute(update(subscribers).where(earlier).values(recapped=missed))
    soon = sundays.next_at(hour, zone, now)
    later = and_(this, c.state == State.ACTIVE.value, or_(c.next_at.is_(None), c.next_at > soon))
    await connection.execute(update(subscribers).where(later).values(next_at=soon))


async def _settle(connection: AsyncConnection, subscriber: Subscriber) -> Subscriber:
    """Store the settings; return the subscriber with number and fields."""
    settings = {name: getattr(subscriber, name) for name in SETTINGS}
    fields = tuple(dict.fromkeys(subscriber.fields))
    if subscriber.id is not None:
        this = subscribers.c.id == subscriber.id
        done = await connection.execute(update(subscribers).where(this).values(settings))
        if done.rowcount:
            return replace(subscriber, fields=fields)
    statement = insert(connection, subscribers).values(settings)
    statement = statement.on_conflict_do_update(
        index_elements=["channel", "address"], set_=settings
    )
    number = (await connection.execute(statement.returning(subscribers.c.id))).scalar_one()
    stored = await _fields(connection, number)
    return replace(subscriber, id=number, fields=tuple(dict.fromkeys((*stored, *fields))))


async def _put_fields(connection: AsyncConnection, saved: Subscriber) -> None:
    this = subscriber_fields.c.subscriber_id == saved.id
    await connection.execute(delete(subscriber_fields).where(this))
    rows = [
        {"subscriber_id": saved.id, "position": position, "field": field}
        for position, field in enumerate(saved.fields)
    ]
    if rows:
        await connection.execute(insert(connection, subscriber_fields), rows)


async def _fields(connection: AsyncConnection, number: int) -> tuple[str, ...]:
    c = subscriber_fields.c
    query = select(c.field).where(c.subscriber_id == number).order_by(c.position)
    return tuple((await connection.execute(query)).scalars())


def _standing(row: Row[Any], fields: tuple[str, ...]) -> Standing:
    settings = {name: getattr(row, name) for name in SETTINGS} | {"state": State(row.state)}
    return Standing(
        Subscriber(id=row.id, fields=fields, **settings),
        had=row.had,
        settled=row.settled_at,
        next_at=row.next_at,
        told_late=row.told_late,
        recapped=row.recapped,
    )

"""Subscribers, each with their fields, stored together or not at all."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from digest.models import Subscriber
from digest.store.database import SLICE, insert
from digest.store.tables import subscriber_fields, subscribers

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.engine import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.store.database import Database

SETTINGS = tuple(column.name for column in subscribers.c if column.name != "id")


class Subscribers:
    """Who reads, where, and what they chose."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, channel: str, address: str) -> Subscriber | None:
        """Return who reads at this address of a channel."""
        c = subscribers.c
        return await self._one((c.channel == channel) & (c.address == address))

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

    async def save(self, subscriber: Subscriber) -> Subscriber:
        """Store a subscriber with their fields in this order, and return them with their number.

        Somebody without a number who turns out to be stored (two first messages at once) keeps
        the fields that are stored; the new ones follow.
        """
        async with self._database.write() as connection:
            saved = await _settle(connection, subscriber)
            this = subscriber_fields.c.subscriber_id == saved.id
            await connection.execute(delete(subscriber_fields).where(this))
            rows = [
                {"subscriber_id": saved.id, "position": position, "field": field}
                for position, field in enumerate(saved.fields)
            ]
            if rows:
                await connection.execute(insert(connection, subscriber_fields), rows)
            return saved

    async def _one(self, this: ColumnElement[bool]) -> Subscriber | None:
        async with self._database.read() as connection:
            found = await _read(connection, select(subscribers).where(this))
        return found[0] if found else None


async def _after(connection: AsyncConnection, number: int | None) -> list[Subscriber]:
    """Read the next slice of subscribers."""
    beyond = select(subscribers).where(subscribers.c.id > number)
    return await _read(connection, beyond.order_by(subscribers.c.id).limit(SLICE))


async def _read(connection: AsyncConnection, these: Select[Any]) -> list[Subscriber]:
    """Read subscribers and their fields in one statement, so that the two belong together."""
    c = these.subquery().c
    query: Select[Any] = select(*c, subscriber_fields.c.field).outerjoin(
        subscriber_fields, subscriber_fields.c.subscriber_id == c.id
    )
    rows = await connection.execute(query.order_by(c.id, subscriber_fields.c.position))
    found: list[Subscriber] = []
    for _, same in groupby(rows, key=lambda row: row.id):
        fields = list(same)
        found.append(_subscriber(fields[0], tuple(row.field for row in fields if row.field)))
    return found


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


async def _fields(connection: AsyncConnection, number: int) -> tuple[str, ...]:
    c = subscriber_fields.c
    query = select(c.field).where(c.subscriber_id == number).order_by(c.position)
    return tuple((await connection.execute(query)).scalars())


def _subscriber(row: Row[Any], fields: tuple[str, ...]) -> Subscriber:
    return Subscriber(id=row.id, fields=fields, **{name: getattr(row, name) for name in SETTINGS})

"""Phrases of readers' own: what is kept under them goes with the last who follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from digest import fields
from digest.store.tables import placings, profiles, subscriber_fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection


async def forget(connection: AsyncConnection, keys: Iterable[str]) -> None:
    """Erase what was counted and asked for those of these fields that nobody follows any more.

    Named fields and categories are nobody's: theirs stays.
    """
    for key in keys:
        found = fields.known(key)
        if found is None or found.kind not in {"phrase", "author"}:
            continue
        followed = select(subscriber_fields.c.field).where(subscriber_fields.c.field == key)
        if (await connection.execute(followed.limit(1))).first():
            continue
        await connection.execute(delete(placings).where(placings.c.field == key))
        if found.kind == "phrase":
            phrase = fields.asked(found)
            await connection.execute(delete(profiles).where(profiles.c.phrase == phrase))

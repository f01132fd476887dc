"""Stored subscribers: settings and fields, together or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.models import Subscriber
from digest.store.database import SLICE
from digest.store.tables import subscribers
from tests.fakes.stores import change

if TYPE_CHECKING:
    from digest.store import Store

READER = Subscriber("telegram", "4711", "zh", "Asia/Shanghai", 5, ("ai", "云计算", '"cold start"'))


async def test_a_subscriber_comes_back_with_fields_in_their_order(store: Store) -> None:
    saved = await store.subscribers.save(READER)
    assert saved.id is not None
    assert saved == replace(READER, id=saved.id)
    assert await store.subscribers.find("telegram", "4711") == saved
    assert await store.subscribers.get(saved.id) == saved


async def test_nobody_is_found_where_nobody_subscribed(store: Store) -> None:
    assert await store.subscribers.find("console", "4711") is None
    assert await store.subscribers.get(1) is None
    assert await store.subscribers.all() == ()


async def test_changed_settings_replace_the_stored_ones(store: Store) -> None:
    saved = await store.subscribers.save(READER)
    changed = replace(saved, language="en", size=20, fields=("storage", "ai"))
    assert await store.subscribers.save(changed) == changed
    assert await store.subscribers.find("telegram", "4711") == changed


async def test_a_field_followed_twice_is_stored_once(store: Store) -> None:
    saved = await store.subscribers.save(replace(READER, fields=("ai", "storage", "ai")))
    assert saved.fields == ("ai", "storage")


async def test_fields_can_all_be_left(store: Store) -> None:
    saved = await store.subscribers.save(READER)
    await store.subscribers.save(replace(saved, fields=()))
    assert await store.subscribers.get(saved.id or 0) == replace(saved, fields=())


async def test_an_address_can_change_and_the_number_stays(store: Store) -> None:
    saved = await store.subscribers.save(READER)
    await store.subscribers.save(replace(saved, address="-100815"))
    assert await store.subscribers.find("telegram", "4711") is None
    assert (await store.subscribers.find("telegram", "-100815") or READER).id == saved.id


async def test_two_first_messages_at_once_make_one_subscriber_and_lose_no_field(
    store: Store,
) -> None:
    one, other = await asyncio.gather(
        store.subscribers.save(READER),
        store.subscribers.save(replace(READER, fields=("storage",))),
    )
    assert one.id == other.id
    stored = await store.subscribers.find("telegram", "4711")
    assert stored is not None
    assert set(stored.fields) == {*READER.fields, "storage"}


async def test_a_number_that_is_gone_is_not_given_again(store: Store) -> None:
    saved = await store.subscribers.save(READER)
    stranger = await store.subscribers.save(replace(READER, id=(saved.id or 0) + 40, address="8"))
    assert stranger.id == (saved.id or 0) + 1


async def test_all_subscribers_are_listed_by_number(store: Store) -> None:
    first = await store.subscribers.save(READER)
    many = 2 * SLICE + 1  # more than are read at once
    names = ", ".join(c.name for c in subscribers.c if c.name not in {"id", "address"})
    copy = f"INSERT INTO subscribers (address, {names}) SELECT '{{}}', {names} FROM subscribers"
    await change(store, *(f"{copy} WHERE id = 1".format(n) for n in range(2, many + 1)))
    last = await store.subscribers.save(replace(READER, address="9"))
    everybody = await store.subscribers.all()
    assert [reader.id for reader in everybody] == list(range(1, many + 1))
    assert everybody[0] == first
    assert set(everybody[8].fields) == set(last.fields)

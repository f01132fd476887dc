"""What the admins hear of pages that were given up: a number, once for each batch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.admins import Admins
from bot.deadletters import AGAIN_AFTER, DeadLetters
from digest.models import Subscriber
from digest.store import Store
from digest.store.outbox import Outcome, PageState, Written
from tests.fakes.channel import FakeChannel
from tests.fakes.clock import FakeClock
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

READER = Subscriber("telegram", "4711", "en", "UTC", 10, ("ai",), hour="09:30")
DAY = date(2026, 2, 3)
A_MINUTE = timedelta(minutes=1)


@dataclass
class Office:
    """An outbox in which pages are given up, and admins."""

    store: Store
    clock: FakeClock
    channel: FakeChannel

    async def give_up(self, count: int, day: date = DAY) -> None:
        """So many pages of one reader, a second ago."""
        reader = await self.store.subscribers.find("telegram", READER.address)
        reader = reader or await self.store.subscribers.save(READER)
        pages = [Written("a secret of theirs")] * count
        now = self.clock.now()
        assert await self.store.outbox.freeze(reader, day, pages, now, now)
        waiting = await self.store.outbox.waiting("telegram", now)
        self.clock.seconds += 1
        await self.store.outbox.settle(
            [
                Outcome(page.id, PageState.DEAD, self.clock.now(), reason="too long")
                for page in waiting
            ]
        )

    async def tell(self, *admins: str, after: timedelta = A_MINUTE, language: str = "en") -> None:
        """A new process each time."""
        self.clock.seconds += after.total_seconds()
        letters = DeadLetters(self.store, Admins(self.store, self.channel, admins, language))
        await letters.tell(self.clock.now())


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    clock = FakeClock()
    async with Store.open(fresh(tmp_path), now=clock.now) as store:
        yield Office(store, clock, FakeChannel())


async def test_each_admin_hears_the_number_once(office: Office) -> None:
    await office.give_up(3)
    for _ in range(3):
        await office.tell("1", "2", after=AGAIN_AFTER)
    for admin in ("1", "2"):
        [text] = office.channel.texts(admin)
        assert text.startswith("3 pages could not be delivered")
        assert "secret" not in text
        assert READER.address not in text


async def test_where_nothing_was_given_up_nobody_hears_anything(office: Office) -> None:
    await office.tell("1")
    assert office.channel.messages == []
    await office.give_up(1)
    await office.tell()
    assert office.channel.messages == []


async def test_the_next_batch_is_gathered_for_an_hour(office: Office) -> None:
    await office.give_up(1)
    await office.tell("1")
    await office.give_up(1, DAY + timedelta(days=1))
    await office.give_up(1, DAY + timedelta(days=2))
    await office.tell("1")
    assert len(office.channel.texts("1")) == 1
    await office.tell("1", after=AGAIN_AFTER)
    await office.tell("1", after=AGAIN_AFTER)
    assert [text.split()[0] for text in office.channel.texts("1")] == ["1", "2"]


async def test_while_nobody_can_be_told_it_is_kept(office: Office) -> None:
    await office.give_up(2)
    office.channel.lose(2)
    office.channel.block("2")
    await office.tell("1", "2")
    await office.tell("1", "2")
    assert office.channel.messages == []
    await office.tell("1", "2")
    assert len(office.channel.texts("1")) == 1


async def test_an_admin_reads_it_in_their_own_language(office: Office) -> None:
    await office.store.subscribers.save(replace(READER, address="1", language="zh"))
    await office.give_up(2)
    await office.tell("1", "2")
    assert office.channel.texts("1")[0].startswith("有 2 页无法送达")
    assert office.channel.texts("2")[0].startswith("2 pages")

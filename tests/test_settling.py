"""What became of pages is stored in groups, and nobody goes on before it is stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot.settling import MOST, Settling
from digest.errors import StoreFull
from digest.store.outbox import Outcome, PageState
from tests.fakes.clock import START

if TYPE_CHECKING:
    from collections.abc import Sequence


def sent(page: int) -> Outcome:
    return Outcome(page, PageState.SENT, START)


@dataclass
class Book:
    """Stores nothing until it is opened, and nothing at all when it is full."""

    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    is_full: bool = False
    groups: list[list[int]] = field(default_factory=list)

    async def write(self, outcomes: Sequence[Outcome]) -> None:
        await self.is_open.wait()
        if self.is_full:
            raise StoreFull(path="book")
        self.groups.append([outcome.page_id for outcome in outcomes])


@pytest.fixture
def book() -> Book:
    opened = Book()
    opened.is_open.set()
    return opened


async def test_what_comes_together_is_stored_together(book: Book) -> None:
    settling = Settling(book.write, within_s=0)
    await asyncio.gather(*(settling.settle(sent(n)) for n in range(5)))
    await settling.settle(sent(5))
    assert book.groups == [[0, 1, 2, 3, 4], [5]]


async def test_a_group_is_never_larger_than_fifty(book: Book) -> None:
    settling = Settling(book.write, within_s=0)
    await asyncio.gather(*(settling.settle(sent(n)) for n in range(2 * MOST + 20)))
    assert [len(group) for group in book.groups] == [50, 50, 20]


async def test_nobody_goes_on_before_it_is_stored(book: Book) -> None:
    book.is_open.clear()
    settling = Settling(book.write, within_s=0)
    waiting = asyncio.create_task(settling.settle(sent(1)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    book.is_open.set()
    await waiting
    assert book.groups == [[1]]


async def test_a_full_disk_is_told_to_everybody_in_the_group_and_to_nobody_else(
    book: Book,
) -> None:
    book.is_full = True
    settling = Settling(book.write, within_s=0)
    told = await asyncio.gather(
        *(settling.settle(sent(n)) for n in range(3)), return_exceptions=True
    )
    assert [type(each) for each in told] == [StoreFull] * 3
    book.is_full = False
    await settling.settle(sent(3))
    assert book.groups == [[3]]


async def test_it_is_stored_though_nobody_waits_for_it_any_more(book: Book) -> None:
    settling = Settling(book.write, within_s=60)
    waiting = [asyncio.create_task(settling.settle(sent(n))) for n in range(2)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    await settling.finish()
    assert book.groups == [[0, 1]]
    await settling.finish()


async def test_what_cannot_be_stored_and_nobody_waits_for_is_no_noise(book: Book) -> None:
    book.is_full = True
    settling = Settling(book.write, within_s=60)
    waiting = asyncio.create_task(settling.settle(sent(1)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    await settling.finish()
    assert book.groups == []


async def test_ended_while_it_stores_it_leaves_nobody_waiting(book: Book) -> None:
    book.is_open.clear()
    settling = Settling(book.write, within_s=60)
    waiting = asyncio.create_task(settling.settle(sent(1)))
    await asyncio.sleep(0)
    finishing = asyncio.create_task(settling.finish())
    await asyncio.sleep(0)
    for task in settling._storing:  # noqa: SLF001 # as the event loop does at its end
        task.cancel()
    await asyncio.wait({waiting, finishing})
    assert waiting.cancelled()


async def test_what_fails_while_shards_catch_up_is_caught_up_with_the_next_time(book: Book) -> None:
    refused = {1, 2}

    async def write(outcomes: Sequence[Outcome]) -> None:
        if any(outcome.page_id in refused for outcome in outcomes):
            raise StoreFull(path="book")
        await book.write(outcomes)

    settling = Settling(write, within_s=0)
    with pytest.raises(StoreFull):
        await settling.settle(sent(1))
    refused.remove(1)
    book.is_open.clear()
    shards = [asyncio.create_task(settling.catch_up()) for _ in range(2)]
    with pytest.raises(StoreFull):
        await settling.settle(sent(2))
    assert not any(each.done() for each in shards), "nobody sends before it is stored"
    book.is_open.set()
    refused.clear()
    await asyncio.gather(*shards)
    await settling.catch_up()
    assert sorted(page for group in book.groups for page in group) == [1, 2]

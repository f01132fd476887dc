"""What is old goes, in small pieces; what somebody still needs stays, and nobody hears twice."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from digest.gathering import Ask, parts_of
from digest.keeping import Keeping, oldest_kept
from digest.models import Source, Subscriber, Summary
from digest.store import Store
from digest.store.ledger import Paid
from digest.store.outbox import Outcome, PageState, Written
from digest.store.placings import Placing
from tests.fakes.papers import batch, cross, new, paper, replaced
from tests.fakes.stores import fresh, rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from digest.models import Announcement

A_DAY = timedelta(days=1)
NEWEST = date(2026, 2, 3)
DAYS = 40
OLDEST = NEWEST - DAYS * A_DAY
OLD, ON_THE_EDGE = OLDEST - A_DAY, OLDEST
READER = Subscriber("telegram", "1", "en", "UTC", 10, fields=("ai",), hour="07:00")


def evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(fresh(tmp_path), now=lambda: evening(OLD)) as opened:
        yield opened


def told(number: int, text: str = "Told.") -> Summary:
    return Summary(paper(number).id, "en", "extract", "", "", text, "", "", "")


async def announce(
    store: Store, day: date, *told_: Announcement, at: datetime | None = None
) -> None:
    """An edition, as a morning leaves it: announced, with its parts, published."""
    at = at or evening(day)
    announced = batch(*told_, day=day, source=Source.LISTING)
    parts = parts_of(announced, Ask(Source.LISTING, "cs", ("cs",)))
    await store.editions.store(announced, parts, at)
    await store.editions.publish(day, at)


def keeping(store: Store, days: int = DAYS, now: datetime | None = None) -> Keeping:
    return Keeping(store, days, lambda: now or evening(NEWEST), _at_once)


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


async def stays(store: Store, *numbers: int) -> list[int]:
    found = await store.papers.many(paper(n).id for n in numbers)
    return [n for n in numbers if paper(n).id in found]


async def count(store: Store, table: str) -> int:
    [(found,)] = await rows(store, f"SELECT count(*) FROM {table}")
    return int(found)


class TestHowFarBack:
    def test_it_is_counted_from_the_newest_edition(self) -> None:
        assert oldest_kept(NEWEST, NEWEST, DAYS) == OLDEST

    def test_a_clock_that_is_years_ahead_loses_nothing(self) -> None:
        assert oldest_kept(NEWEST, date(2099, 1, 1), DAYS) == OLDEST

    def test_an_edition_of_the_future_loses_nothing(self) -> None:
        assert oldest_kept(date(2099, 1, 1), NEWEST, DAYS) == OLDEST

    def test_for_ever_is_no_day(self) -> None:
        assert oldest_kept(NEWEST, NEWEST, 0) is None


class TestWhatGoes:
    async def test_an_old_day_goes_with_its_papers_and_summaries(self, store: Store) -> None:
        await announce(store, OLD, *(new(paper(n)) for n in range(1, 260)))
        await store.papers.save([replace(paper(1), version=2)])
        await store.summaries.save(told(1), asked="en", prompt="", at=evening(OLD))
        await store.labels.save(paper(1), {"ai": 2}, {"ai": 0.5}, model="m", at=evening(OLD))
        await announce(store, NEWEST, new(paper(300)))
        assert await keeping(store).prune() > 259
        assert [each.day for each in await store.editions.published(10)] == [NEWEST]
        assert await store.editions.parts(OLD) == {}
        assert await stays(store, *range(1, 260), 300) == [300]
        for table in ("summaries", "labels", "versions"):
            assert await count(store, table) == 0, table

    async def test_a_day_on_the_edge_stays(self, store: Store) -> None:
        await announce(store, ON_THE_EDGE, new(paper(1)))
        await announce(store, NEWEST, new(paper(2)))
        assert await keeping(store).prune() == 0
        assert [each.day for each in await store.editions.published(10)] == [NEWEST, ON_THE_EDGE]
        assert await stays(store, 1, 2) == [1, 2]

    async def test_for_ever_is_for_ever(self, store: Store) -> None:
        await announce(store, OLD, new(paper(1)))
        await announce(store, NEWEST, new(paper(2)))
        assert await keeping(store, 0).prune() == 0
        assert await stays(store, 1) == [1]

    async def test_what_was_counted_is_needed_for_a_month(self, store: Store) -> None:
        await announce(store, ON_THE_EDGE, new(paper(1)))
        await announce(store, NEWEST, new(paper(2)))
        made = [Placing(day, "ai", 1, 1, (), "x") for day in (ON_THE_EDGE, NEWEST)]
        await store.placings.save(made)
        await keeping(store).prune()
        assert await store.placings.get([ON_THE_EDGE, NEWEST], ["ai"]) == made[1:]

    async def test_what_is_saved_stays_with_all_that_was_known_of_it(self, store: Store) -> None:
        reader = await store.subscribers.save(READER)
        assert reader.id
        await announce(store, OLD, new(paper(1)), new(paper(2)))
        await store.saved.add(reader.id, paper(1), evening(OLD), "for the seminar")
        await announce(store, OLD, replaced(paper(1, version=2, title="Warmer")))
        await announce(store, NEWEST, new(paper(3)))
        await keeping(store).prune()
        assert await stays(store, 1, 2, 3) == [1, 3]
        first, second = await store.papers.versions(paper(1).id)
        assert (first.title, second.title) == (paper(1).title, "Warmer")
        [kept] = await store.saved.page(reader.id, "en")
        assert (kept.note, kept.version, kept.paper.version) == ("for the seminar", 1, 2)
        await store.saved.remove(reader.id, paper(1).id)

    async def test_what_was_opened_is_remembered_for_a_month(self, store: Store) -> None:
        reader = await store.subscribers.save(READER)
        assert reader.id
        await announce(store, NEWEST, *(new(paper(n)) for n in (1, 2, 3)))
        for number, days in ((1, 35), (2, 30), (3, 0)):
            await store.opened.add(reader.id, paper(number).id, evening(NEWEST - days * A_DAY))
        await store.opened.add(reader.id, "9913.09999", evening(NEWEST))
        await keeping(store).prune()
        assert await store.opened.ids(reader.id) == {paper(2).id, paper(3).id}

    async def test_an_empty_house_has_nothing_to_lose(self, store: Store) -> None:
        assert await keeping(store).prune() == 0

    async def test_old_costs_go(self, store: Store) -> None:
        await announce(store, NEWEST, new(paper(2)))
        for day in (OLD, ON_THE_EDGE):
            await store.ledger.add(paid(day))
        await keeping(store).prune()
        assert [each.day for each in await store.ledger.spent(date.min)] == [ON_THE_EDGE]


def paid(day: date) -> Paid:
    return Paid(
        evening(day), day, "9913.00001", 1, "en", "m", 1, 1, 0, 1, 1, "USD", "edition", None, "", ""
    )


class TestWhatStays:
    async def test_a_paper_that_is_announced_again_later(self, store: Store) -> None:
        await announce(store, OLD, new(paper(1)), new(paper(2)), new(paper(3)))
        await announce(store, NEWEST, cross(paper(2)), replaced(replace(paper(3), version=2)))
        await store.summaries.save(told(2), asked="en", prompt="", at=evening(OLD))
        await keeping(store).prune()
        assert await stays(store, 1, 2, 3) == [2, 3]
        assert await store.summaries.get([paper(2).id], "en")
        assert [a.paper.id for a in await store.editions.announcements(NEWEST)] == [paper(2).id]

    async def test_a_paper_that_somebody_asked_for(self, store: Store) -> None:
        await announce(store, OLD, new(paper(1)), new(paper(2)))
        await store.papers.keep(paper(1), evening(OLD))
        await store.papers.keep(paper(1), evening(NEWEST))
        await store.papers.keep(paper(9), evening(OLD))  # pruned, or never stored, until now
        await announce(store, NEWEST, new(paper(3)))
        await store.summaries.save(told(1), asked="en", prompt="", at=evening(OLD))
        await keeping(store).prune()
        assert await stays(store, 1, 2, 3, 9) == [1, 3, 9]
        assert await store.summaries.get([paper(1).id], "en")

    async def test_a_past_day_that_somebody_had_fetched_lately(self, store: Store) -> None:
        await announce(store, OLD, new(paper(1)), at=evening(NEWEST))
        await announce(store, NEWEST, new(paper(3)))
        await keeping(store).prune()
        assert await store.editions.get(OLD)
        assert await stays(store, 1) == [1]

    async def test_pages_that_wait_and_the_marks_of_what_readers_had(self, store: Store) -> None:
        await announce(store, OLD, new(paper(1)))
        reader = await store.subscribers.save(READER)
        page, next_at = [Written("one"), Written("two")], evening(OLD) + A_DAY
        assert await store.outbox.freeze(reader, OLD, page, next_at, evening(OLD))
        await store.outbox.notify(reader, OLD, Written("late"), next_at, evening(OLD))
        await sent(store, but="two")
        await announce(store, NEWEST, new(paper(3)))
        await keeping(store).prune()
        left = await store.outbox.waiting("telegram", evening(NEWEST))
        assert [each.written.text for each in left] == ["two"]
        assert (await store.outbox.counts())[PageState.SENT] == 0
        # Nothing of the old day goes out again, whoever freezes it.
        assert reader.id
        standing = await store.subscribers.standing(reader.id)
        assert standing
        assert (standing.had, standing.told_late) == (OLD, OLD)
        assert not await store.outbox.freeze(reader, OLD, page, next_at, evening(NEWEST))
        assert not await store.outbox.notify(reader, OLD, page[0], next_at, evening(NEWEST))

    async def test_a_page_of_an_old_day_that_was_sent_lately(self, store: Store) -> None:
        reader = await store.subscribers.save(READER)
        await store.outbox.freeze(reader, OLD, [Written("one")], evening(NEWEST), evening(OLD))
        await sent(store, at=evening(NEWEST))
        await announce(store, NEWEST, new(paper(3)))
        await keeping(store).prune()
        assert (await store.outbox.counts())[PageState.SENT] == 1


async def sent(store: Store, *, but: str = "", at: datetime | None = None) -> None:
    waiting = await store.outbox.waiting("telegram", evening(NEWEST))
    done = [each for each in waiting if each.written.text != but]
    at = at or evening(OLD)
    await store.outbox.settle([Outcome(each.id, PageState.SENT, at) for each in done])


EVERYTHING = "SELECT * FROM pages ORDER BY id"


@pytest.mark.sqlite("the room that a row takes")
class TestPacking:
    """SQLite leaves a page's row where its long text was: 4 kB for what takes 0.2."""

    YESTERDAY = NEWEST - A_DAY

    async def had(self, store: Store, day: date, *texts: str) -> None:
        """A reader gets an edition of two hundred pages, as two hundred readers would."""
        reader = await store.subscribers.save(READER)
        pages = [Written(text + "x" * 3000) for text in texts] * (200 // len(texts))
        await store.outbox.freeze(reader, day, pages, evening(day), evening(day))

    async def test_sent_pages_take_little_room_the_day_after(
        self, store: Store, tmp_path: Path
    ) -> None:
        await self.had(store, self.YESTERDAY, "one", "two")
        await sent(store)
        before, full = await rows(store, EVERYTHING), blocks(tmp_path)
        await announce(store, NEWEST, new(paper(1)))
        await keeping(store, 0).prune()
        assert await rows(store, EVERYTHING) == before
        assert full - blocks(tmp_path) > 180

    async def test_what_waits_and_what_is_new_is_not_moved(self, store: Store) -> None:
        await self.had(store, self.YESTERDAY, "wait", "one")
        await sent(store, but="wait" + "x" * 3000)
        await self.had(store, NEWEST, "new")
        before = await rows(store, EVERYTHING)
        await announce(store, NEWEST, new(paper(1)))
        await keeping(store).prune()
        assert await rows(store, EVERYTHING) == before
        waiting = await store.outbox.waiting("telegram", evening(NEWEST) + A_DAY)
        assert {each.written.text.rstrip("x") for each in waiting} == {"wait", "new"}

    async def test_a_row_is_moved_once(self, store: Store) -> None:
        await self.had(store, self.YESTERDAY, "one")
        await sent(store)
        moved = [n async for n in store.pruning.pack(NEWEST)]
        assert sum(moved) == 200
        await self.had(store, NEWEST, "two")
        await sent(store)
        again = [n async for n in store.pruning.pack(NEWEST + A_DAY)]
        assert sum(again) == 200


def blocks(tmp_path: Path) -> int:
    """So many of the file's blocks are in use."""
    with closing(sqlite3.connect(tmp_path / "paperboy.db")) as connection:
        [(pages,)] = connection.execute("PRAGMA page_count").fetchall()
        [(free,)] = connection.execute("PRAGMA freelist_count").fetchall()
    return int(pages) - int(free)


class TestSmallPieces:
    async def test_others_write_between_two_pieces(self, store: Store) -> None:
        await announce(store, OLD, *(new(paper(n)) for n in range(1, 450)))
        await announce(store, NEWEST, new(paper(1000)))
        writes = 0

        async def somebody_writes(_seconds: float) -> None:
            nonlocal writes
            await store.papers.keep(paper(2000 + writes), evening(NEWEST))
            writes += 1

        await Keeping(store, DAYS, lambda: evening(NEWEST), somebody_writes).prune()
        assert writes >= 6
        assert await stays(store, *range(2000, 2000 + writes)) == [*range(2000, 2000 + writes)]

    async def test_broken_off_it_goes_on_the_next_time(self, store: Store) -> None:
        await announce(store, OLD, *(new(paper(n)) for n in range(1, 450)))
        await announce(store, NEWEST, new(paper(1000)))

        class Killed(BaseException):
            pass

        pieces = 0

        async def kill(_seconds: float) -> None:
            nonlocal pieces
            pieces += 1
            if pieces == 3:
                raise Killed

        with pytest.raises(Killed):
            await Keeping(store, DAYS, lambda: evening(NEWEST), kill).prune()
        half = await store.editions.get(OLD)
        assert half
        assert half.published is None  # nobody takes what is left of it for an edition
        assert await store.editions.parts(OLD) == {}
        await keeping(store).prune()
        assert await store.editions.get(OLD) is None
        assert await count(store, "papers") == 1

    async def test_who_asks_for_a_day_in_between_gets_all_of_it(self, store: Store) -> None:
        everything = [new(paper(n)) for n in range(1, 450)]
        await announce(store, OLD, *everything)
        await announce(store, NEWEST, new(paper(1000)))
        pieces = 0

        async def asks(_seconds: float) -> None:
            nonlocal pieces
            pieces += 1
            if pieces == 3:
                await announce(store, OLD, *everything, at=evening(NEWEST))

        await Keeping(store, DAYS, lambda: evening(NEWEST), asks).prune()
        assert len(await store.editions.announcements(OLD)) == len(everything)
        assert await store.editions.parts(OLD)
        assert await keeping(store).prune() == 0  # it was asked for lately

    async def test_it_is_done_once_for_each_newest_edition(self, store: Store) -> None:
        await announce(store, NEWEST, new(paper(2)))
        once = keeping(store)
        await once.prune()
        await store.ledger.add(paid(OLD))
        assert await once.prune() == 0
        assert await keeping(store).prune() == 1

    async def test_beside_a_conversation_it_ends_with_it(self, store: Store) -> None:
        await announce(store, OLD, new(paper(1)))
        await announce(store, NEWEST, new(paper(2)))
        done = asyncio.Event()

        async def seen(_seconds: float) -> None:
            done.set()

        async with Keeping(store, DAYS, lambda: evening(NEWEST), seen).meanwhile():
            await done.wait()
        async with Keeping(store, DAYS, lambda: evening(NEWEST), _for_ever).meanwhile():
            pass

    @pytest.mark.sqlite("it is made of paper")
    async def test_a_disk_that_refuses_costs_no_conversation(
        self, store: Store, tmp_path: Path
    ) -> None:
        (tmp_path / "paperboy.db").write_text("Dear reader, this is no database. " * 40)
        async with keeping(store).meanwhile() as nothing:
            await asyncio.sleep(0)
        assert nothing is None


async def _for_ever(_seconds: float) -> None:
    await asyncio.Event().wait()

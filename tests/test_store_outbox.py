"""The outbox and what happens to a subscriber: frozen once, settled once, forgotten wholly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from digest import due
from digest.errors import StoreError
from digest.models import Standing, State, Subscriber
from digest.store import Store
from digest.store.outbox import Outcome, PageState, Waiting, Written, waiting_of
from digest.store.tables import metadata
from tests.fakes.stores import fresh, url_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy import Connection

MONDAY, TUESDAY, WEDNESDAY = date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 4)
JOINED = datetime(2026, 2, 2, 12, tzinfo=UTC)
HOUR = datetime(2026, 2, 3, 1, 30, tzinfo=UTC)
"""09:30 in Beijing."""
NEXT = HOUR + timedelta(days=1)
READER = Subscriber("telegram", "4711", "zh", "Asia/Shanghai", 5, ("ai",), hour="09:30")
PAGES = (
    Written(
        "第一页 📰", (("bold", 0, 3, ""), ("text_link", 4, 2, "https://arxiv.org/abs/9913.00001"))
    ),
    Written("第二页", choices=(("今天", "/today"),), silent=True),
)


class Clock:
    """What time it is for the store."""

    def __init__(self) -> None:
        self.now = JOINED

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    async with Store.open(fresh(tmp_path), now=clock) as opened:
        yield opened


async def joined(store: Store, **changed: object) -> Subscriber:
    return await store.subscribers.save(replace(READER, **changed))  # type: ignore[arg-type] # any field


async def standing(store: Store, subscriber: Subscriber) -> Standing:
    found = await store.subscribers.standing(subscriber.id or 0)
    assert found is not None
    return found


async def frozen(store: Store, subscriber: Subscriber, day: date = TUESDAY) -> tuple[Waiting, ...]:
    assert await store.outbox.freeze(subscriber, day, PAGES, NEXT, HOUR)
    return await store.outbox.waiting("telegram", HOUR)


def sent(page: Waiting) -> Outcome:
    return Outcome(page.id, PageState.SENT, HOUR, 1, message_id="99")


class TestWhenSomebodyIsDue:
    async def test_a_newcomer_is_due_at_their_next_hour(self, store: Store) -> None:
        reader = await joined(store)
        assert await standing(store, reader) == Standing(reader, None, JOINED, HOUR)
        assert await store.subscribers.due(HOUR - timedelta(seconds=1)) == ()
        assert await store.subscribers.due(HOUR) == (await standing(store, reader),)

    @pytest.mark.parametrize(
        "changed", [{"hour": ""}, {"state": State.STOPPED}, {"state": State.PAUSED}]
    )
    async def test_who_wants_nothing_is_never_due(
        self, store: Store, changed: dict[str, object]
    ) -> None:
        reader = await joined(store)
        await store.subscribers.save(replace(reader, **changed))  # type: ignore[arg-type] # any field
        assert await store.subscribers.due(HOUR + timedelta(days=999)) == ()

    async def test_another_hour_or_zone_moves_the_next_time(
        self, store: Store, clock: Clock
    ) -> None:
        reader = await joined(store)
        clock.now = JOINED + timedelta(hours=1)
        for changed in (replace(reader, hour="21:15"), replace(reader, timezone="Europe/London")):
            saved = await store.subscribers.save(changed)
            hour = due.understood(saved.hour)
            assert hour is not None
            found = await standing(store, saved)
            assert found.next_at == due.next_at(hour, saved.timezone, clock.now)
            assert found.settled == clock.now

    async def test_other_settings_move_nothing(self, store: Store, clock: Clock) -> None:
        reader = await joined(store)
        clock.now = JOINED + timedelta(days=3)
        saved = await store.subscribers.save(replace(reader, size=7, fields=("storage",)))
        found = await standing(store, saved)
        assert (found.settled, found.next_at) == (JOINED, HOUR)

    async def test_a_pause_is_looked_at_when_it_ends(self, store: Store) -> None:
        reader = await joined(store)
        until = JOINED + timedelta(days=7)
        await store.subscribers.save(replace(reader, state=State.PAUSED, paused_until=until))
        assert await store.subscribers.due(until - timedelta(seconds=1)) == ()
        [found] = await store.subscribers.due(until)
        assert found.subscriber.paused_until == until

    async def test_many_are_read_in_slices_the_longest_waiting_first(self, store: Store) -> None:
        hours = [f"{6 + n % 3:02}:00" for n in range(25)]
        for n, hour in enumerate(hours):
            await joined(store, address=str(n), hour=hour, fields=("ai", "storage"))
        got: list[Standing] = []
        later = HOUR + timedelta(days=1)
        while some := await store.subscribers.due(later, got[-1] if got else None, 4):
            got += some
        assert len(got) == len({each.subscriber.id for each in got}) == 25
        assert got == sorted(got, key=lambda each: (each.next_at, each.subscriber.id))

    @pytest.mark.sqlite("its query plan")
    async def test_who_is_due_is_a_range_of_an_index(self, store: Store) -> None:
        query = "SELECT id FROM subscribers WHERE next_at <= '2026' ORDER BY next_at, id LIMIT 9"
        async with store._database.read() as connection:  # noqa: SLF001 # the plan is what is tested
            plan = (await connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))).all()
        assert [row[3] for row in plan] == [
            "SEARCH subscribers USING COVERING INDEX ix_subscribers_next_at_id (next_at<?)"
        ]

    async def test_a_look_is_put_off_unless_the_hour_was_changed_meanwhile(
        self, store: Store
    ) -> None:
        reader, other = await joined(store), await joined(store, address="2")
        before = await standing(store, reader), await standing(store, other)
        moved = await store.subscribers.save(replace(other, hour="06:00"))
        await store.subscribers.postpone([(each, NEXT) for each in before])
        assert (await standing(store, reader)).next_at == NEXT
        assert (await standing(store, moved)).next_at == HOUR - timedelta(hours=3, minutes=30)

    async def test_publishing_wakes_those_who_wait_for_it(self, store: Store) -> None:
        waits = await joined(store)
        asap, tomorrow = (
            await joined(store, address="asap", hour="asap"),
            await joined(store, address="later", hour="10:00"),
        )
        had = await joined(store, address="had", hour="asap")
        assert await store.outbox.freeze(had, TUESDAY, PAGES, NEXT, HOUR)
        paused = await joined(store, address="paused", hour="asap", state=State.PAUSED)
        now = HOUR - timedelta(minutes=4)
        await store.subscribers.wake(TUESDAY, now)
        woken = {each.subscriber.id for each in await store.subscribers.due(now)}
        assert woken == {waits.id, asap.id}
        assert not woken & {tomorrow.id, had.id, paused.id}

    async def test_who_blocks_us_is_gone_and_is_back_when_they_unblock(
        self, store: Store, clock: Clock
    ) -> None:
        reader = await joined(store)
        await frozen(store, reader)
        await store.subscribers.set_active(reader.id or 0, False)  # noqa: FBT003 # its only value
        found = await standing(store, reader)
        assert (found.subscriber.state, found.next_at) == (State.GONE, None)
        assert await store.outbox.waiting("telegram", NEXT) == ()
        assert (await store.outbox.counts())[PageState.REFUSED] == 2
        clock.now = NEXT + timedelta(hours=5)
        await store.subscribers.set_active(reader.id or 0, True)  # noqa: FBT003 # its only value
        found = await standing(store, reader)
        assert found.subscriber.state is State.ACTIVE
        assert found.settled == clock.now, "what they missed is not sent at once"
        assert found.next_at == NEXT + timedelta(days=1)

    @pytest.mark.parametrize("state", [State.STOPPED, State.PAUSED])
    async def test_who_stopped_or_paused_stays_so_wherever_they_go(
        self, store: Store, state: State
    ) -> None:
        reader = await joined(store, state=state)
        for active in (False, True):
            await store.subscribers.set_active(reader.id or 0, active)
            assert (await standing(store, reader)).subscriber.state is state

    async def test_subscribers_are_counted_by_state(self, store: Store) -> None:
        await joined(store)
        await joined(store, address="2", state=State.STOPPED)
        assert await store.subscribers.counts() == {
            State.ACTIVE: 1,
            State.PAUSED: 0,
            State.STOPPED: 1,
            State.GONE: 0,
        }


class TestWhatTheyHad:
    async def test_an_edition_that_was_read_is_had_once_it_is_published(self, store: Store) -> None:
        reader = await joined(store)
        await store.subscribers.mark_had(reader.id or 0, TUESDAY)
        assert (await standing(store, reader)).had is None
        await store.editions.publish(TUESDAY, HOUR)
        await store.subscribers.mark_had(reader.id or 0, TUESDAY)
        assert await standing(store, reader) == Standing(reader, TUESDAY, JOINED, HOUR)

    async def test_a_past_day_that_is_read_changes_nothing(self, store: Store) -> None:
        reader = await joined(store)
        for day in (MONDAY, TUESDAY):
            await store.editions.publish(day, HOUR)
        for day in (TUESDAY, MONDAY):
            await store.subscribers.mark_had(reader.id or 0, day)
        assert (await standing(store, reader)).had == TUESDAY

    async def test_what_they_read_meanwhile_is_not_frozen(self, store: Store) -> None:
        reader = await joined(store)
        await store.editions.publish(TUESDAY, HOUR)
        await store.subscribers.mark_had(reader.id or 0, TUESDAY)
        assert not await store.outbox.freeze(reader, TUESDAY, PAGES, NEXT, HOUR)
        assert await store.outbox.waiting("telegram", HOUR) == ()


class TestFreezing:
    async def test_pages_come_back_as_they_were_composed(self, store: Store) -> None:
        reader = await joined(store)
        pages = await frozen(store, reader)
        assert [page.written for page in pages] == list(PAGES)
        assert [(page.page, page.day, page.address) for page in pages] == [
            (1, TUESDAY, "4711"),
            (2, TUESDAY, "4711"),
        ]
        assert await standing(store, reader) == Standing(reader, TUESDAY, HOUR, NEXT)

    async def test_an_edition_is_frozen_once(self, store: Store) -> None:
        reader = await joined(store)
        await frozen(store, reader)
        assert not await store.outbox.freeze(reader, TUESDAY, PAGES, NEXT, HOUR)
        assert len(await store.outbox.waiting("telegram", HOUR)) == 2

    async def test_pages_that_are_there_stand_even_where_the_status_was_lost(
        self, store: Store
    ) -> None:
        reader = await joined(store)
        await frozen(store, reader)
        async with store._database.write() as connection:  # noqa: SLF001 # as an old backup would
            await connection.execute(text("UPDATE subscribers SET had = NULL"))
        other = (Written("another"),)
        assert not await store.outbox.freeze(reader, TUESDAY, other, NEXT, HOUR)
        assert [page.written for page in await store.outbox.waiting("telegram", HOUR)] == [*PAGES]
        assert (await standing(store, reader)).had == TUESDAY

    @pytest.mark.parametrize(
        "changed", [{"state": State.PAUSED}, {"hour": "asap"}, {"timezone": "Europe/London"}]
    )
    async def test_what_changed_while_it_was_composed_is_decided_again(
        self, store: Store, changed: dict[str, object]
    ) -> None:
        reader = await joined(store)
        await store.subscribers.save(replace(reader, **changed))  # type: ignore[arg-type] # any field
        assert not await store.outbox.freeze(reader, TUESDAY, PAGES, NEXT, HOUR)
        assert (await standing(store, reader)).had is None

    async def test_it_is_said_once_that_a_batch_is_late(self, store: Store) -> None:
        reader = await joined(store)
        late = Written("late", silent=True)
        assert await store.outbox.notify(reader, TUESDAY, late, NEXT, HOUR)
        assert not await store.outbox.notify(reader, TUESDAY, late, NEXT, HOUR)
        found = await standing(store, reader)
        assert (found.told_late, found.next_at) == (TUESDAY, NEXT)
        assert (found.had, found.settled) == (None, JOINED), "the digest is still owed"
        pages = await frozen(store, reader)
        assert [page.page for page in pages] == [0, 1, 2]


class TestSettling:
    @pytest.mark.sqlite("PRAGMA synchronous")
    async def test_what_was_sent_is_on_the_disk_before_anybody_goes_on(self, store: Store) -> None:
        found: list[object] = []

        def look(connection: Connection) -> None:
            found.append(connection.execute(text("PRAGMA synchronous")).scalar())

        await store._database.write_durably(look)  # noqa: SLF001 # nobody can cut the power here
        assert found == [2], "FULL: https://www.sqlite.org/pragma.html#pragma_synchronous"

    async def test_many_are_settled_at_once_each_as_it_was(self, store: Store) -> None:
        reader = await joined(store)
        assert await store.outbox.freeze(reader, TUESDAY, [Written("x")] * 4, NEXT, HOUR)
        sent, dead, again, left = await store.outbox.waiting("telegram", HOUR)
        await store.outbox.settle(
            [
                Outcome(sent.id, PageState.SENT, HOUR, 1, message_id="57"),
                Outcome(again.id, PageState.WAITING, HOUR, 1, NEXT, reason="timed out"),
                Outcome(dead.id, PageState.DEAD, HOUR, 2, reason="too long"),
            ]
        )
        assert await store.outbox.waiting("telegram", HOUR) == (left,)
        [_, later] = await store.outbox.waiting("telegram", NEXT)
        assert later == replace(again, attempts=1, try_at=NEXT)
        found = await store.outbox.dead()
        assert found is not None
        assert (found.pages, found.newest, found.reason) == (1, HOUR, "too long")
        assert await store.outbox.dead(HOUR) is None

    async def test_in_memory_they_are_settled_as_well(self) -> None:
        async with Store.open("sqlite:///:memory:") as memory:
            reader = await joined(memory)
            assert await memory.outbox.freeze(reader, TUESDAY, [Written("x")], NEXT, HOUR)
            [page] = await memory.outbox.waiting("telegram", HOUR)
            await memory.outbox.settle([Outcome(page.id, PageState.SENT, HOUR, 1)])
            assert (await memory.outbox.counts())[PageState.SENT] == 1

    async def test_a_settled_page_waits_no_more_and_its_text_is_gone(self, store: Store) -> None:
        first, second = await frozen(store, await joined(store))
        await store.outbox.settle([])
        await store.outbox.settle([sent(first)])
        assert await store.outbox.waiting("telegram", HOUR) == (second,)
        async with store._database.read() as connection:  # noqa: SLF001 # what is on the disk
            pages = metadata.tables["pages"]
            row = (await connection.execute(select(pages).order_by(pages.c.id))).first()
        assert row is not None
        assert (row.state, row.text, row.entities, row.choices) == ("sent", "", [], [])
        assert (row.sent_at, row.message_id, row.attempts) == (HOUR, "99", 1)
        assert await store.outbox.counts(TUESDAY) == {
            PageState.WAITING: 1,
            PageState.SENT: 1,
            PageState.REFUSED: 0,
            PageState.DEAD: 0,
        }
        assert sum((await store.outbox.counts(MONDAY)).values()) == 0

    async def test_a_page_can_be_tried_later(self, store: Store) -> None:
        first, second = await frozen(store, await joined(store))
        later = Outcome(first.id, PageState.WAITING, HOUR, 1, try_at=NEXT, reason="timed out")
        await store.outbox.settle([later])
        assert await store.outbox.waiting("telegram", HOUR) == (second,)
        assert await store.outbox.waiting("telegram", NEXT) == (
            second,
            replace(first, attempts=1, try_at=NEXT),
        )

    async def test_what_is_settled_is_not_settled_again(self, store: Store) -> None:
        first, _ = await frozen(store, await joined(store))
        await store.outbox.settle([sent(first)])
        await store.outbox.settle([Outcome(first.id, PageState.DEAD, HOUR, 9)])
        assert (await store.outbox.counts())[PageState.DEAD] == 0

    async def test_a_long_wait_is_remembered_for_all_or_for_one(self, store: Store) -> None:
        reader, other = await joined(store), await joined(store, address="2")
        await frozen(store, reader)
        await frozen(store, other)
        await store.outbox.delay("telegram", NEXT, reader.id)
        waiting = await store.outbox.waiting("telegram", HOUR)
        assert {page.subscriber_id for page in waiting} == {other.id}
        await store.outbox.delay("push", NEXT)
        assert len(await store.outbox.waiting("telegram", HOUR)) == 2
        await store.outbox.delay("telegram", NEXT)
        assert await store.outbox.waiting("telegram", HOUR) == ()
        assert len(await store.outbox.waiting("telegram", NEXT)) == 4

    async def test_slices_follow_each_other_without_gap_or_repetition(self, store: Store) -> None:
        for n in range(7):
            await frozen(store, await joined(store, address=str(n)))
        got: list[Waiting] = []
        while some := await store.outbox.waiting("telegram", HOUR, got[-1] if got else None, 3):
            got += some
        assert [(page.address, page.page) for page in got] == [
            (str(n), page) for n in range(7) for page in (1, 2)
        ]

    async def test_pages_of_another_channel_are_not_ours(self, store: Store) -> None:
        await frozen(store, await joined(store))
        assert await store.outbox.waiting("push", HOUR) == ()

    @pytest.mark.sqlite("its query plan")
    async def test_a_slice_is_read_from_the_pages_own_index_without_sorting(
        self, store: Store
    ) -> None:
        page, *_ = await frozen(store, await joined(store))
        async with store._database.read() as connection:  # noqa: SLF001 # the plan is what is tested
            query = waiting_of("telegram", NEXT, page, 100)
            written = query.compile(connection.engine.sync_engine)
            explained = f"EXPLAIN QUERY PLAN {written}"
            plan = (await connection.exec_driver_sql(explained, (1,) * len(written.params))).all()
        assert [row.detail for row in plan] == [
            "SEARCH pages USING INDEX ix_pages_waiting (try_at>? AND try_at<?)",
            "SEARCH subscribers USING INTEGER PRIMARY KEY (rowid=?)",
        ]


class TestLeaving:
    async def test_who_stops_is_sent_nothing_that_waits(self, store: Store) -> None:
        reader = await joined(store)
        await frozen(store, reader)
        await store.subscribers.save(replace(reader, state=State.STOPPED))
        assert await store.outbox.waiting("telegram", NEXT) == ()

    async def test_forgetting_leaves_no_row_with_the_number(self, store: Store) -> None:
        reader, other = await joined(store), await joined(store, address="2")
        await frozen(store, reader)
        await frozen(store, other)
        await store.subscribers.forget(reader.id or 0)
        async with store._database.read() as connection:  # noqa: SLF001 # every table, as it is
            for table in metadata.sorted_tables:
                for name in {"subscriber_id"} & set(table.c.keys()):
                    query = select(table.c[name])
                    assert set((await connection.execute(query)).scalars()) <= {other.id}
        assert await store.subscribers.find("telegram", "4711") is None
        assert not await store.outbox.freeze(reader, WEDNESDAY, PAGES, NEXT, HOUR)
        await store.subscribers.mark_had(reader.id or 0, TUESDAY)
        assert await store.subscribers.standing(reader.id or 0) is None

    async def test_a_group_that_migrates_takes_everything_along(self, store: Store) -> None:
        reader = await joined(store, address="-7")
        await frozen(store, reader)
        await store.subscribers.move(reader.id or 0, "-1007")
        assert await store.subscribers.find("telegram", "-7") is None
        assert await store.subscribers.find("telegram", "-1007") == replace(reader, address="-1007")
        waiting = await store.outbox.waiting("telegram", HOUR)
        assert {page.address for page in waiting} == {"-1007"}

    async def test_a_group_that_spoke_at_its_new_address_first_becomes_one_again(
        self, store: Store
    ) -> None:
        reader = await joined(store, address="-7")
        newcomer = await joined(store, address="-1007", fields=())
        await store.editions.publish(WEDNESDAY, HOUR)
        await store.subscribers.mark_had(newcomer.id or 0, WEDNESDAY)
        await store.subscribers.move(reader.id or 0, "-1007")
        assert await store.subscribers.all() == (replace(reader, address="-1007"),)
        assert (await standing(store, reader)).had == WEDNESDAY


class TestAlone:
    async def test_one_sends_at_a_time(self, store: Store) -> None:
        async with Store.open(url_of(store)) as other:
            async with store.outbox.alone("telegram") as first:
                assert first
                async with other.outbox.alone("telegram") as second:
                    assert not second
                async with other.outbox.alone("push") as elsewhere:
                    assert elsewhere
            async with other.outbox.alone("telegram") as now:
                assert now

    async def test_in_memory_there_is_nobody_else(self) -> None:
        async with Store.open("sqlite:///:memory:") as memory, memory.outbox.alone("x") as alone:
            assert alone

    @pytest.mark.sqlite("its lock is a file")
    async def test_where_no_lock_can_be_made_the_sentence_says_so(
        self, store: Store, tmp_path: Path
    ) -> None:
        (tmp_path / "paperboy.db.telegram").mkdir()
        with pytest.raises(StoreError):
            async with store.outbox.alone("telegram"):
                pass


class TestLooks:
    async def test_the_last_look_of_each_kind_is_remembered(self, store: Store) -> None:
        assert await store.looks.last() == {}
        await store.looks.note("look", HOUR, MONDAY)
        await store.looks.note("look", NEXT, TUESDAY)
        await store.looks.note("check", HOUR, MONDAY)
        found = await store.looks.last()
        assert (found["look"].at, found["look"].day) == (NEXT, TUESDAY)
        assert (found["check"].at, found["check"].day) == (HOUR, MONDAY)

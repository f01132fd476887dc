"""What becomes of a page, whatever the platform answers: never lost, and not twice."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections import Counter
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pace import PATIENCE_S, Pace
from bot.paced import Paced
from bot.sending import AGAIN_AFTER, DOWN_AFTER, Sending, Tally
from digest.errors import StoreBusy, StoreError, TokenRefused, TryLater
from digest.models import State, Subscriber
from digest.render.entities import TELEGRAM, Page
from digest.store import BUSY_S, Store
from digest.store.outbox import PageState, Written
from tests.fakes.channel import FakeChannel
from tests.fakes.clock import FakeClock
from tests.fakes.stores import change, fresh

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DAY = date(2026, 2, 3)
READER = Subscriber("telegram", "1", "en", "Asia/Shanghai", 10, ("ai",), hour="09:30")
A_MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)


@dataclass
class Room:
    """An outbox, a channel that behaves, and time that passes when somebody sleeps."""

    store: Store
    clock: FakeClock
    at_once: int = 4
    channel: FakeChannel = field(default_factory=FakeChannel)
    sending: Sending = field(init=False)
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A new process on the same store."""
        self.pace = Pace(1000, clock=self.clock, sleep=self.clock.sleep)
        self.sending = Sending(
            self.store,
            self.channel,
            self.pace,
            clock=self.clock.now,
            at_once=self.at_once,
            settle_within_s=0,
        )

    async def reader(self, address: str, pages: int = 1, day: date = DAY) -> Subscriber:
        reader = await self.store.subscribers.find("telegram", address)
        reader = reader or await self.store.subscribers.save(replace(READER, address=address))
        texts = [Written(f"{address}/{n}", (("bold", 0, 1, ""),)) for n in range(1, pages + 1)]
        now = self.clock.now()
        assert await self.store.outbox.freeze(reader, day, texts, now + A_DAY, now)
        return reader

    async def send(self, after: timedelta = timedelta()) -> Tally:
        self.clock.seconds += after.total_seconds()
        return await self.sending.send_waiting(self.clock.now())

    async def send_until_done(self) -> None:
        """A tick each half hour, for two days at most."""
        for _ in range(2 * 24 * 2):
            if not await self.count(PageState.WAITING):
                return
            await self.send(after=30 * A_MINUTE)

    async def count(self, state: PageState) -> int:
        return (await self.store.outbox.counts())[state]

    @property
    def texts(self) -> list[str]:
        """What was sent, without the line that says whose fault it is that a page is late."""
        return [message.page.text.partition("\n\n")[0] for message in self.channel.messages]


@asynccontextmanager
async def opened(url: str, busy_s: float = BUSY_S) -> AsyncIterator[Room]:
    clock = FakeClock()
    async with Store.open(url, now=clock.now, busy_s=busy_s) as store:
        yield Room(store, clock)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with opened(fresh(tmp_path)) as running:
        yield running


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[Room]:
    """A room in which nobody waits for another who writes."""
    async with opened(fresh(tmp_path), busy_s=0.05) as running:
        yield running


class TestWhereAllIsWell:
    async def test_each_page_goes_out_once(self, room: Room) -> None:
        for n in range(9):
            await room.reader(str(n), pages=2)
        assert await room.send() == Tally(sent=18)
        assert await room.send(after=A_DAY) == Tally()
        assert Counter(room.texts) == Counter(f"{n}/{p}" for n in range(9) for p in (1, 2))

    async def test_a_readers_pages_come_in_order_one_a_second(self, room: Room) -> None:
        for n in range(3):
            await room.reader(str(n), pages=4)
        await room.send()
        for n in range(3):
            assert room.channel.texts(str(n)) == [f"{n}/{page}" for page in range(1, 5)]
        assert room.clock.seconds >= 3

    async def test_a_second_lies_between_them_where_one_is_held_up(self, room: Room) -> None:
        arrived: list[float] = []

        async def held_up(_address: str) -> None:
            room.clock.seconds += 0.0 if arrived else 0.7
            arrived.append(room.clock.seconds)

        room.channel.before = held_up
        await room.reader("7", pages=2)
        await room.send()
        assert arrived[1] - arrived[0] >= 1

    async def test_an_older_edition_goes_first(self, room: Room) -> None:
        await room.reader("1", day=DAY)
        await room.reader("1", day=DAY + A_DAY)
        await room.send()
        assert await room.count(PageState.SENT) == 2
        assert len(room.texts) == 2

    async def test_more_pages_than_are_read_at_once(self, room: Room) -> None:
        for n in range(5):
            await room.reader(str(n), pages=2)
        sending = Sending(
            room.store, room.channel, room.pace, clock=room.clock.now, at_once=4, read=3
        )
        assert (await sending.send_waiting(room.clock.now())).sent == 10
        assert all(room.channel.texts(str(n)) == [f"{n}/1", f"{n}/2"] for n in range(5))


class TestReadersWhoAreNotThere:
    async def test_a_blocked_chat_is_left_alone_until_it_comes_back(self, room: Room) -> None:
        gone, other = await room.reader("1", pages=3), await room.reader("2", pages=3)
        room.channel.block("1")
        assert await room.send() == Tally(sent=3, gone=1)
        assert room.channel.tried.count("1") == 1
        found = await room.store.subscribers.get(gone.id or 0)
        assert found is not None
        assert found.state is State.GONE
        assert await room.store.subscribers.get(other.id or 0) == other

        room.channel.unblock("1")
        await room.store.subscribers.set_active(gone.id or 0, True)  # noqa: FBT003 # its only value
        await room.reader("1", day=DAY + A_DAY)
        assert (await room.send(after=A_DAY)).sent == 1

    async def test_a_group_that_moved_gets_everything_at_its_new_address(self, room: Room) -> None:
        await room.reader("-7", pages=3)
        room.channel.move("-7", "-1007")
        assert (await room.send()).sent == 3
        assert room.channel.texts("-1007") == ["-7/1", "-7/2", "-7/3"]
        assert room.channel.tried.count("-7") == 1
        assert await room.store.subscribers.find("telegram", "-1007") is not None


class TestFloods:
    async def test_a_short_one_is_waited_out_by_all(self, room: Room) -> None:
        for n in range(6):
            await room.reader(str(n))
        room.channel.flood(35)
        assert (await room.send()).sent == 6
        assert room.clock.seconds >= 35

    async def test_a_long_one_is_remembered_over_a_restart(self, room: Room) -> None:
        for n in range(6):
            await room.reader(str(n), pages=2)
        room.channel.flood(7200, times=1)
        first = await room.send()
        assert first.sent + await room.count(PageState.WAITING) == 12
        tried = len(room.channel.tried)
        assert await room.send(after=A_MINUTE) == Tally()
        room.restart()
        assert await room.send(after=timedelta(minutes=100)) == Tally()
        assert len(room.channel.tried) == tried
        await room.send(after=timedelta(minutes=30))
        assert sorted(room.texts) == sorted(f"{n}/{p}" for n in range(6) for p in (1, 2))
        for n in range(6):
            one, two = room.channel.texts(str(n))
            assert (one.partition("\n")[0], two) == (f"{n}/1", f"{n}/2")

    async def test_one_chat_that_floods_costs_the_others_nothing(self, room: Room) -> None:
        for n in range(4):
            await room.reader(str(n), pages=2)
        room.channel.flood(1, times=7, address="0")
        assert await room.send() == Tally(sent=6, later=1)
        await room.send_until_done()
        late, after = room.channel.texts("0")
        assert late.startswith("0/1\n\nThis digest comes late because Telegram took no messages")
        assert after == "0/2"


class TestWhatNobodyKnows:
    async def test_only_that_page_is_tried_again_with_growing_pauses(self, room: Room) -> None:
        await room.reader("1", pages=3)
        room.channel.lose(1)
        assert await room.send() == Tally(sent=2, later=1)
        assert room.texts == ["1/2", "1/3"], "later pages go on"
        assert await room.send(after=timedelta(seconds=50)) == Tally()
        assert (await room.send(after=timedelta(seconds=10))).sent == 1

    async def test_five_times_within_a_day_then_it_is_given_up(self, room: Room) -> None:
        await room.reader("1")
        room.channel.lose(99)
        tried: list[timedelta] = []
        for tick in range(6 * 24):
            before = len(room.channel.tried)
            await room.send(after=10 * A_MINUTE)
            tried += [tick * 10 * A_MINUTE] * (len(room.channel.tried) - before)
        assert len(tried) == len(AGAIN_AFTER) + 1 == 5
        pauses = [later - at for at, later in pairwise(tried)]
        assert pauses == sorted(pauses)
        assert await room.count(PageState.DEAD) == 1

    async def test_what_arrived_all_the_same_comes_at_most_once_more(self, room: Room) -> None:
        await room.reader("1", pages=2)
        room.channel.lose(1, arrives=True)
        await room.send_until_done()
        assert Counter(room.texts) == {"1/1": 2, "1/2": 1}

    async def test_a_bug_of_the_channels_costs_one_page_a_while(self, room: Room) -> None:
        for n in range(3):
            await room.reader(str(n))
        room.channel.fail(KeyError("message"), address="1")
        assert await room.send() == Tally(sent=2, later=1)
        assert (await room.send(after=A_MINUTE)).sent == 1


class TestPagesThatAreRefused:
    async def test_styled_text_that_is_refused_goes_out_plain(self, room: Room) -> None:
        await room.reader("1")
        room.channel.refuse("1", plain=False)
        assert (await room.send()).sent == 1
        [message] = room.channel.messages
        assert message.page == Page("1/1")

    async def test_what_is_refused_as_plain_text_too_is_given_up_and_counted(
        self, room: Room
    ) -> None:
        await room.reader("1", pages=2)
        await room.reader("2")
        room.channel.refuse("1", plain=True)
        assert await room.send() == Tally(sent=1, dead=2)
        assert room.channel.tried.count("1") == 4
        assert await room.count(PageState.DEAD) == 2
        assert await room.send(after=A_DAY) == Tally()


class TestAPlatformThatIsDown:
    async def test_nobodys_tries_are_used_up_while_it_is_down(self, room: Room) -> None:
        for n in range(60):
            await room.reader(str(n))
        room.channel.lose(9999)
        first = await room.send()
        assert DOWN_AFTER <= first.later <= DOWN_AFTER + room.at_once
        room.channel = FakeChannel()
        room.restart()
        await room.send_until_done()
        assert Counter(room.texts) == Counter(f"{n}/1" for n in range(60))

    async def test_failures_here_and_there_do_not_end_the_round(self, room: Room) -> None:
        for n in range(60):
            await room.reader(str(n))
            room.channel.lose(n % 2, address=str(n))
        assert await room.send() == Tally(sent=30, later=30)

    async def test_where_nothing_can_be_sent_everything_waits(self, room: Room) -> None:
        for n in range(60):
            await room.reader(str(n))
        room.channel.flood(1, times=9999)
        assert (await room.send()).sent == 0
        assert await room.count(PageState.WAITING) == 60
        room.channel = FakeChannel()
        room.restart()
        await room.send_until_done()
        assert Counter(room.texts) == Counter(f"{n}/1" for n in range(60))

    async def test_a_token_that_is_refused_loses_nothing(self, room: Room) -> None:
        await room.reader("1", pages=2)
        room.channel.fail(TokenRefused())
        assert await room.send() == Tally()
        assert (await room.send(after=A_MINUTE)).sent == 2

    @pytest.mark.sqlite("another who writes")
    async def test_what_cannot_be_settled_is_not_followed_by_more(
        self, impatient: Room, tmp_path: Path
    ) -> None:
        room = impatient
        for n in range(30):
            await room.reader(str(n))
        with closing(sqlite3.connect(tmp_path / "paperboy.db")) as other:

            async def hold(_address: str) -> None:
                if not other.in_transaction:
                    other.execute("BEGIN IMMEDIATE")

            room.channel.before = hold
            with pytest.raises(StoreBusy):
                await room.send()
            before = len(room.texts)
            for _ in range(3):
                with pytest.raises(StoreBusy):
                    await room.send(after=A_MINUTE)
            assert len(room.texts) == before, "nobody gets a page each minute"
            room.channel.before = None
        assert len(room.texts) <= 2 * room.at_once
        assert await room.count(PageState.WAITING) == 30
        await room.send(after=A_MINUTE)
        assert sorted(room.texts) == sorted(f"{n}/1" for n in range(30)), "once each"

    async def test_a_store_that_cannot_be_read_says_so(self, room: Room) -> None:
        await room.reader("1")
        await change(room.store, "ALTER TABLE pages RENAME TO lost")
        with pytest.raises(StoreError):
            await room.send()

    async def test_a_bug_of_ours_costs_one_line_only(self, room: Room) -> None:
        class Hole(Pace):
            async def slot(
                self, chat: str, *, urgent: bool = False, patience_s: float = math.inf
            ) -> bool:
                if chat == "1":
                    raise RuntimeError
                return await super().slot(chat, urgent=urgent, patience_s=patience_s)

        for n in range(3):
            await room.reader(str(n))
        room.sending.pace = Hole(1000, clock=room.clock, sleep=room.clock.sleep)
        assert (await room.send()).sent == 2
        room.restart()
        assert (await room.send()).sent == 1


class TestOneAtATime:
    async def test_while_another_process_sends_we_do_not(self, room: Room) -> None:
        await room.reader("1")
        async with room.store.outbox.alone("telegram"):
            assert await room.send() == Tally(elsewhere=True)
        assert room.texts == []
        assert (await room.send()).sent == 1

    async def test_stopping_begins_nothing_more(self, room: Room) -> None:
        for n in range(20):
            await room.reader(str(n))

        async def stop(_address: str) -> None:
            room.sending.stop()

        room.channel.before = stop
        tally = await room.send()
        assert 1 <= tally.sent <= room.at_once
        assert await room.count(PageState.WAITING) == 20 - tally.sent

    async def test_broken_off_it_has_settled_what_was_answered(self, room: Room) -> None:
        for n in range(20):
            await room.reader(str(n))

        async def hang(_address: str) -> None:
            if len(room.texts) == 10:
                sending.cancel()
                await asyncio.sleep(3600)

        room.channel.before = hang
        sending = asyncio.create_task(room.send())
        await asyncio.wait({sending})
        assert sending.cancelled()
        assert await room.count(PageState.SENT) == len(room.texts) == 10

        room.channel.before = None
        room.restart()
        assert (await room.send()).sent == 10


class TestReplies:
    async def test_a_reply_keeps_the_pace_of_its_chat(self, room: Room) -> None:
        paced = Paced(room.channel, room.pace)
        assert (paced.name, paced.limits) == ("telegram", TELEGRAM)
        for n in range(3):
            assert await paced.send("7", Page(f"reply {n}")) == str(n + 1)
        assert room.clock.seconds == pytest.approx(2)

    async def test_a_reply_that_was_held_up_holds_the_next_one(self, room: Room) -> None:
        async def held_up(_address: str) -> None:
            room.clock.seconds += 0.7

        room.channel.before = held_up
        paced = Paced(room.channel, room.pace)
        await paced.send("7", Page("reply"))
        await paced.send("7", Page("another"))
        assert room.clock.seconds == pytest.approx(2.4)

    async def test_a_reply_that_floods_holds_the_broadcast(self, room: Room) -> None:
        paced = Paced(room.channel, room.pace)
        room.channel.flood(30)
        with pytest.raises(TryLater):
            await paced.send("7", Page("reply"))
        await room.reader("1")
        assert (await room.send()).sent == 1
        assert room.clock.seconds >= 30

    async def test_nobody_waits_hours_for_a_reply(self, room: Room) -> None:
        room.pace.hold(PATIENCE_S * 100)
        with pytest.raises(TryLater) as raised:
            await Paced(room.channel, room.pace).send("7", Page("reply"))
        assert raised.value.params["retry_after"] == pytest.approx(PATIENCE_S * 100)
        assert room.channel.tried == []


FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["flood", "long", "lose", "arrive", "bug"]),
        st.sampled_from(["", "0", "1", "-2", "3"]),
        st.integers(1, 3),
    ),
    max_size=6,
)


@settings(max_examples=8)
@given(faults=FAULTS, blocked=st.sampled_from(["", "3", "-2"]), pages=st.integers(1, 3))
def test_whatever_happens_every_page_arrives_where_it_can(
    tmp_path_factory: pytest.TempPathFactory,
    faults: list[tuple[str, str, int]],
    blocked: str,
    pages: int,
) -> None:
    async def play() -> None:
        async with opened(fresh(tmp_path_factory.mktemp("room"))) as room:
            readers = ("0", "1", "-2", "3")
            for address in readers:
                await room.reader(address, pages)
            if blocked:
                room.channel.block(blocked)
            for kind, address, times in faults:
                beset(room.channel, kind, address, times)
            await room.send_until_done()
            wanted = {f"{a}/{n}" for a in readers if a != blocked for n in range(1, pages + 1)}
            dead = await room.count(PageState.DEAD)
            assert len(wanted - {*room.texts}) <= dead
            arrived_unseen = sum(times for kind, _, times in faults if kind == "arrive")
            assert len(room.texts) - len({*room.texts}) <= arrived_unseen
            assert await room.count(PageState.WAITING) == 0

    asyncio.run(play())


def beset(channel: FakeChannel, kind: str, address: str, times: int) -> None:
    match kind:
        case "flood":
            channel.flood(20, times=times, address=address)
        case "long":
            channel.flood(4000, times=times, address=address)
        case "lose":
            channel.lose(times, address=address)
        case "arrive":
            channel.lose(times, address=address, arrives=True)
        case "bug":
            channel.fail(RuntimeError("bug"), times=times, address=address)

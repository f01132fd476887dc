"""When messages leave: one slot after another, replies first, nobody during a flood wait."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import pace
from bot.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Coroutine

ROUNDS = 30  # of the event loop, until everybody who can go on has gone on


class Sleepers:
    """Time that jumps to the next who wakes, when nobody is awake."""

    def __init__(self, late_s: float = 0.0) -> None:
        self.now = 1000.0
        self.late_s = late_s
        self._waking: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = count()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waking, (self.now + seconds + self.late_s, next(self._number), woken))
        await woken

    async def run(self, *work: Coroutine[None, None, object]) -> None:
        tasks = [asyncio.create_task(each) for each in work]
        while True:
            for _ in range(ROUNDS):
                await asyncio.sleep(0)
            if all(task.done() for task in tasks):
                break
            at, _, woken = heapq.heappop(self._waking)
            self.now = max(self.now, at)
            if not woken.done():
                woken.set_result(None)
        for task in tasks:
            task.result()


class Sent:
    """Sends through a pace, and remembers who left when."""

    def __init__(self, rate: float = 30.0, late_s: float = 0.0) -> None:
        self.time = Sleepers(late_s)
        self.began = self.time.now
        self.pace = Pace(rate, clock=self.time.clock, sleep=self.time.sleep)
        self.left: list[tuple[str, float]] = []

    async def send(self, chat: str, *, urgent: bool = False, after: float = 0) -> None:
        if after:
            await self.time.sleep(after)
        await self.pace.slot(chat, urgent=urgent)
        self.left.append((chat, self.time.now - self.began))

    @property
    def times(self) -> list[float]:
        return [at for _, at in self.left]

    def most_in_a_second(self) -> int:
        return most_within(self.times, 1)


def most_within(times: list[float], seconds: float) -> int:
    return max(sum(start <= at < start + seconds - 1e-9 for at in times) for start in times)


async def test_thirty_a_second_and_never_more() -> None:
    sent = Sent()
    await sent.time.run(*(sent.send(str(n)) for n in range(90)))
    assert sent.times[0] == 0
    assert sent.times[-1] == pytest.approx(89 / 30)
    assert sent.most_in_a_second() <= 31


async def test_those_who_wait_leave_in_the_order_in_which_they_came() -> None:
    sent = Sent()
    await sent.time.run(*(sent.send(str(n)) for n in range(20)))
    assert [chat for chat, _ in sent.left] == [str(n) for n in range(20)]


async def test_a_machine_that_wakes_late_keeps_the_rate_all_the_same() -> None:
    sent = Sent(rate=1000, late_s=0.002)
    await sent.time.run(*(sent.send(str(n)) for n in range(500)))
    assert sent.times[-1] <= 0.51
    assert sent.most_in_a_second() <= 1020


async def test_after_a_silence_there_is_no_burst() -> None:
    sent = Sent()
    await sent.time.run(*(sent.send(str(n), after=60) for n in range(60)))
    assert sent.times[-1] - sent.times[0] >= 59 / 30 - pace.CATCH_UP_S - 0.001
    assert sent.most_in_a_second() <= 31


async def test_one_chat_is_written_to_once_a_second() -> None:
    sent = Sent()
    await sent.time.run(*(sent.send("7") for _ in range(4)), sent.send("8"))
    assert [at for chat, at in sent.left if chat == "7"] == pytest.approx([0, 1, 2, 3])
    assert sent.left[1][0] == "8", "others do not wait for it"
    assert sent.times[1] == pytest.approx(1 / 30)


async def test_the_pause_counts_from_when_a_message_that_was_held_up_arrived() -> None:
    sent = Sent()

    async def slow() -> None:
        await sent.send("7")
        await sent.time.sleep(0.7)
        sent.pace.arrived("7")
        sent.pace.arrived("nobody's")
        await sent.send("7")

    await sent.time.run(slow())
    assert sent.times == pytest.approx([0, 1.7])


async def test_a_group_is_written_to_twenty_times_in_any_minute() -> None:
    sent = Sent()
    await sent.time.run(*(sent.send("-100") for _ in range(45)))
    assert sent.times[:20] == pytest.approx(range(20)), "a long digest is not spread out"
    assert sent.times[20:40] == pytest.approx(range(60, 80))
    assert most_within(sent.times, 60) == 20


async def test_topics_share_their_groups_pace() -> None:
    sent = Sent()
    await sent.time.run(sent.send("-100/1"), sent.send("-100/2"), sent.send("-100"))
    assert [at >= number - 0.01 for number, (_, at) in enumerate(sent.left)] == [True] * 3


async def test_in_a_group_a_message_counts_from_when_it_arrived() -> None:
    sent = Sent()

    async def held_up() -> None:
        await sent.send("-100")
        await sent.time.sleep(30)
        sent.pace.arrived("-100")
        for _ in range(20):
            await sent.send("-100")

    await sent.time.run(held_up())
    assert sent.times[-1] == pytest.approx(90)


async def test_what_never_left_costs_its_chat_nothing() -> None:
    sent = Sent()

    async def disconnected(chat: str) -> None:
        for _ in range(20):
            await sent.send(chat)
            sent.pace.spare(chat)
        sent.pace.spare("nobody's")

    await sent.time.run(disconnected("7"), disconnected("-100"))
    assert sent.times[-1] < 2


async def test_replies_go_ahead_of_the_broadcast() -> None:
    sent = Sent(rate=10)
    broadcast = (sent.send(str(n)) for n in range(30))
    replies = (sent.send(f"reply {n}", urgent=True, after=1.01) for n in range(3))
    await sent.time.run(*broadcast, *replies)
    order = [chat for chat, _ in sent.left]
    first = order.index("reply 0")
    assert order[first : first + 3] == ["reply 0", "reply 1", "reply 2"]
    assert sent.left[first][1] <= 1.2
    assert sent.most_in_a_second() <= 11


async def test_a_reply_does_not_wait_for_its_slot_the_broadcast_does() -> None:
    sent = Sent(rate=2)
    broadcast = (sent.send(str(n)) for n in range(6))
    await sent.time.run(*broadcast, sent.send("reply", urgent=True, after=0.6))
    assert dict(sent.left)["reply"] == pytest.approx(0.6)
    assert sent.times[-1] == pytest.approx(6 / 2), "it is made up for"


async def test_nothing_leaves_during_a_flood_wait_and_nobody_is_lost() -> None:
    sent = Sent()

    async def flood() -> None:
        await sent.time.sleep(0.5)
        sent.pace.hold(35)
        sent.pace.hold(3)
        assert sent.pace.held_s == pytest.approx(35)

    broadcast = (sent.send(str(n)) for n in range(60))
    reply = sent.send("reply", urgent=True, after=1)
    await sent.time.run(flood(), *broadcast, reply)
    assert not [at for at in sent.times if 0.5 < at < 35.5]
    assert len(sent.left) == 61
    assert sent.left[[at < 1 for at in sent.times].count(True)][0] == "reply"
    assert sent.pace.held_s == 0


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    sent = Sent()
    sent.pace.hold(10)

    async def impatient() -> None:
        task = asyncio.create_task(sent.send("reply", urgent=True))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    await sent.time.run(impatient(), sent.send("7"))
    assert [chat for chat, _ in sent.left] == ["7"]
    assert sent.times == pytest.approx([10])


async def test_chats_that_are_long_silent_are_forgotten() -> None:
    sent = Sent(rate=1e9)
    for n in range(pace.CHATS + 5):
        await sent.pace.slot(str(n))
        sent.time.now += 0.01
    assert len(sent.pace._chats) < pace.CHATS  # noqa: SLF001 # memory is what is tested


async def test_a_group_is_remembered_for_its_minute_and_no_longer() -> None:
    sent = Sent(rate=1e9)
    for n in range(2 * pace.CHATS):
        await sent.pace.slot(str(-1 - n))
        sent.time.now += 0.0001
    assert len(sent.pace._chats) == 2 * pace.CHATS  # noqa: SLF001 # memory is what is tested
    sent.time.now += pace.MINUTE_S
    await sent.pace.slot("7")
    assert len(sent.pace._chats) == 1  # noqa: SLF001 # memory is what is tested


@settings(max_examples=25)
@given(
    rate=st.sampled_from([5.0, 30.0, 1000.0]),
    chats=st.lists(st.sampled_from(["1", "2", "3", "-4"]), min_size=1, max_size=50),
    holds=st.lists(st.tuples(st.floats(0, 5), st.floats(0, 9)), max_size=3),
)
def test_whatever_happens_every_limit_is_kept(
    rate: float, chats: list[str], holds: list[tuple[float, float]]
) -> None:
    async def play() -> Sent:
        sent = Sent(rate)

        async def hold(after: float, seconds: float) -> None:
            await sent.time.sleep(after)
            sent.pace.hold(seconds)

        await sent.time.run(*(hold(*each) for each in holds), *(sent.send(c) for c in chats))
        return sent

    sent = asyncio.run(play())
    assert sorted(chat for chat, _ in sent.left) == sorted(chats)
    assert sent.most_in_a_second() <= rate * 1.02 + 1
    for chat in set(chats):
        times = [at for name, at in sent.left if name == chat]
        assert all(later - at >= pace.CHAT_S - 1e-6 for at, later in pairwise(times))
        assert not chat.startswith("-") or most_within(times, pace.MINUTE_S) <= pace.A_MINUTE
    for after, seconds in holds:
        assert not [at for at in sent.times if after + 1e-9 < at < after + seconds - 1e-9]

"""Whose turn it is, and who has had enough."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.channels.telegram_turns import A_MINUTE, Allowance, Turns, Verdict
from digest.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def test_a_chat_is_served_in_order_and_another_does_not_wait() -> None:
    turns, said, gate = Turns(), [], asyncio.Event()

    async def serve(chat: str, text: str, *, waits: bool = False) -> None:
        async with turns.turn(chat, text):
            if waits:
                await gate.wait()
            said.append(text)

    first = asyncio.create_task(serve("1", "slow", waits=True))
    second = asyncio.create_task(serve("1", "after slow"))
    await asyncio.wait_for(serve("2", "other chat"), 30)
    assert said == ["other chat"]
    gate.set()
    await asyncio.gather(first, second)
    assert said == ["other chat", "slow", "after slow"]


async def test_a_double_tap_is_one_command_and_a_repetition_later_is_another() -> None:
    turns = Turns()
    assert not turns.is_repeated("1", "/today")
    async with turns.turn("1", "/today"):
        assert turns.is_repeated("1", "/today")
        assert not turns.is_repeated("1", "/help")
        assert not turns.is_repeated("2", "/today")
    assert not turns.is_repeated("1", "/today")


async def test_the_same_command_after_another_one_is_meant() -> None:
    turns = Turns()
    gate = asyncio.Event()

    async def wait(text: str) -> None:
        async with turns.turn("1", text):
            await gate.wait()

    tasks = [asyncio.create_task(wait(text)) for text in ("/today", "/field ai")]
    await asyncio.sleep(0)
    assert not turns.is_repeated("1", "/today"), "the fields have changed in between"
    assert turns.is_repeated("1", "/field ai")
    gate.set()
    await asyncio.gather(*tasks)


async def test_what_is_given_up_leaves_the_line() -> None:
    turns = Turns()

    async def for_ever() -> None:
        async with turns.turn("1", "/today"):
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(for_ever()) for _ in range(2)]
    await asyncio.sleep(0)
    assert turns.abandon() == 2
    await asyncio.gather(*tasks, return_exceptions=True)
    assert all(task.cancelled() for task in tasks)
    assert turns.abandon() == 0
    assert not turns.is_repeated("1", "/today")


def test_thirty_commands_a_minute_then_one_warning_then_silence() -> None:
    allowance = Allowance()
    assert {allowance.ask("5", number) for number in range(A_MINUTE)} == {Verdict.FINE}
    assert allowance.ask("5", 31) is Verdict.WARN
    assert allowance.ask("5", 32) is Verdict.SILENCE
    assert allowance.ask("6", 32) is Verdict.FINE, "others are not disturbed"
    assert allowance.ask("5", 60) is Verdict.FINE, "the oldest is a minute ago"
    assert allowance.ask("5", 60) is Verdict.WARN, "a new warning after a good command"
    assert allowance.ask("5", 60.5) is Verdict.SILENCE


def test_those_long_silent_are_forgotten() -> None:
    allowance = Allowance(a_minute=1, chats=2)
    for chat in "1123":
        allowance.ask(chat, 0)
    assert allowance.ask("1", 0) is Verdict.FINE


class TestSeveralProcesses:
    """Behind a webhook several answer; they share what only one may hold at a time."""

    @staticmethod
    def two() -> tuple[Turns, Turns]:
        held: set[str] = set()

        @asynccontextmanager
        async def alone(name: str) -> AsyncIterator[bool]:
            is_free = name not in held
            held.add(name)
            try:
                yield is_free
            finally:
                if is_free:
                    held.discard(name)

        async def at_once(_seconds: float) -> None:
            await asyncio.sleep(0)

        return Turns(alone, at_once), Turns(alone, at_once)

    async def test_a_chat_is_answered_by_one_after_the_other(self) -> None:
        one, other = self.two()
        said: list[str] = []

        async def second() -> None:
            async with other.turn("7", "/today") as is_first:
                said.append(f"second {is_first}")

        async with one.turn("7", "/field ai"):
            waiting = asyncio.create_task(second())
            for _ in range(20):
                await asyncio.sleep(0)
            said.append("first")
        await waiting
        assert said == ["first", "second True"]

    async def test_a_double_tap_that_came_to_both_is_answered_once(self) -> None:
        one, other = self.two()
        async with one.turn("7", "/today") as first, other.turn("7", "/today") as second:
            assert (first, second) == (True, False)
        async with other.turn("7", "/today") as again:
            assert again

    async def test_other_chats_wait_for_nobody(self) -> None:
        one, other = self.two()
        async with one.turn("7", "/today") as first, other.turn("8", "/today") as second:
            assert (first, second) == (True, True)

    async def test_where_nobody_can_say_the_answer_itself_does(self) -> None:
        @asynccontextmanager
        async def away(name: str) -> AsyncIterator[bool]:
            if name:
                raise StoreError(path="a server")
            yield True

        async with Turns(away).turn("7", "/today") as is_first:
            assert is_first

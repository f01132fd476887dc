"""Manners: one message to a command, quick answers to taps, and patience with nobody's tricks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.channels.telegram_turns import A_MINUTE
from bot.commands.book import COMMANDS, answer
from tests.fakes.phone import TUESDAY, Town, real, town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.commands import Answer
    from bot.settings import Settings
    from digest.models import Subscriber
    from tests.fakes.arxiv import FakeArxiv

IDENTIFIER = real(1).id


@pytest.fixture
async def lived(settings: Settings, arxiv: FakeArxiv) -> AsyncIterator[Town]:
    async with town(settings, arxiv) as running:
        await running.publish(TUESDAY, *map(real, range(1, 13)))
        yield running


@pytest.mark.parametrize("language", ["en", "zh-hans"])
async def test_one_message_answers_a_command_and_one_notification(
    lived: Town, language: str
) -> None:
    phone = await lived.join(5, language)
    wants_paper = {"paper", "save", "note", "source", "similar", "bibtex", "like", "mistake"}
    for command in COMMANDS:
        before = len(phone.screen)
        await phone.says(f"/{command.name} {IDENTIFIER if command.name in wants_paper else ''}")
        assert len(phone.screen) == before + 1, command.name
        assert sum(not each.silent for each in phone.screen[before:]) == 1, command.name


async def test_long_work_shows_typing_and_a_tap_is_answered_before_it_is_done(
    settings: Settings, arxiv: FakeArxiv
) -> None:
    gate = asyncio.Event()
    lives: list[Town] = []

    async def slowly(reader: Subscriber, text: str) -> Answer:
        if text.startswith("/paper"):
            await gate.wait()
        return await answer(lives[0].rooms.app.desk, reader, text)

    quick = {"typing_after_s": 0.0, "settled_within_s": 0.0}
    async with town(settings, arxiv, answer=slowly, patience=quick) as lived:
        lives.append(lived)
        await lived.publish(TUESDAY, real(1))
        anna, bo = await lived.join(5, "en"), await lived.join(6, "zh-hans")
        await anna.says("/today")
        assert await anna.told("1") == "", "the button rests before the paper is there"
        await lived.telegram.until(lambda: lived.telegram.called("sendChatAction"))
        typing = lived.telegram.called("sendChatAction")[-1].params
        assert (str(typing["chat_id"]), typing["action"]) == ("5", "typing")
        assert len(anna.screen) == 1
        assert (await bo.says("/help")).text, "nobody else waits for it"
        gate.set()
        await lived.telegram.until(lambda: len(anna.screen) == 2)
    assert anna.last.styled("bold")[0] == real(1).title


async def test_forged_foreign_and_stale_buttons_are_refused_in_the_tappers_language(
    lived: Town,
) -> None:
    anna, bo = await lived.join(5, "en"), await lived.join(6, "zh-hans")
    long = "robots follow one recipe at a time we present a large language model agent trained"
    shown = await anna.says(f"/search {long}")
    foreign = shown.keyboard[-1][0]["callback_data"]
    assert foreign.startswith("~")
    for data in (foreign, "~forged", "~~~"):
        told = len(lived.telegram.toasts(6))
        lived.telegram.tap(6, data, language="zh-hans")
        await lived.telegram.until(lambda told=told: len(lived.telegram.toasts(6)) > told)  # type: ignore[misc] # mypy knows no defaults in lambdas
    assert lived.telegram.toasts(6) == ["这个按钮已失效，请重新发送命令。"] * 3
    assert bo.screen == []
    lived.telegram.tap(5, "~forged")
    await lived.telegram.until(lambda: lived.telegram.toasts(5))
    assert anna.toast == "This button has expired. Please send the command again."
    assert (await anna.taps("Best first")).message_id == shown.message_id, "their own works"


async def test_too_much_at_once_is_warned_of_once_then_met_with_silence(
    settings: Settings, arxiv: FakeArxiv
) -> None:
    async with town(settings, arxiv, clock=lambda: 0.0) as lived:
        anna, bo = await lived.join(5, "en"), await lived.join(6, "zh-hans")
        for number in range(A_MINUTE + 5):
            lived.telegram.write(6, f"/size {number + 1}", language="zh-hans")
        lived.telegram.tap(6, "/size 3", language="zh-hans")
        await lived.telegram.until(lambda: lived.telegram.toasts(6))
        await lived.telegram.until(lambda: len(bo.screen) > A_MINUTE)
        assert (await anna.says("/size 4")).text, "others are not disturbed"
        warnings = [m for m in bo.screen if "请稍候" in m.text]
        assert len(warnings) == 1
        assert len(bo.screen) == A_MINUTE + 1
        assert (await lived.reader(6)).size == A_MINUTE


async def test_the_same_command_twice_in_flight_runs_once(
    settings: Settings, arxiv: FakeArxiv
) -> None:
    gate, asked = asyncio.Event(), list[str]()
    lives: list[Town] = []

    async def slowly(reader: Subscriber, text: str) -> Answer:
        asked.append(text)
        await gate.wait()
        return await answer(lives[0].rooms.app.desk, reader, text)

    async with town(settings, arxiv, answer=slowly) as lived:
        lives.append(lived)
        anna, bo = await lived.join(5, "en"), await lived.join(6, "zh-hans")
        for _ in range(3):
            lived.telegram.write(5, "/fields")
            lived.telegram.write(6, "/fields", language="zh-hans")
        lived.telegram.write(5, "/settings")
        await lived.telegram.until(lambda: lived.telegram.confirmed >= 7)
        gate.set()
        await lived.telegram.until(lambda: len(anna.screen) == 2)
        await lived.telegram.until(lambda: bo.screen)
    assert sorted(asked) == ["/fields", "/fields", "/settings"], "once for each of the two"
    assert [each.styled("bold") for each in anna.screen] == [["Your fields"], ["Your settings"]]
    assert [each.styled("bold") for each in bo.screen] == [["您的领域"]]

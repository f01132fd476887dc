"""The admin's numbers, picture and bulletins; nobody else sees that they exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.phone import TUESDAY, Town, at, real, town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.fakes.arxiv import FakeArxiv

BOSS = 9


@pytest.fixture
async def lived(settings: Settings, arxiv: FakeArxiv) -> AsyncIterator[Town]:
    async with town(settings, arxiv, admins=(BOSS,)) as running:
        await running.publish(TUESDAY, real(1))
        yield running


async def test_numbers_and_a_chart_as_a_picture(lived: Town) -> None:
    await lived.join(5, "en", fields=("ai", "rob"))
    await lived.join(6, "zh-hans")
    boss = lived.phone(BOSS, "en")
    told = await boss.says("/admin")
    assert told.text == (
        "Paperboy · Tuesday 3 February\n"
        "Readers: 3 active, 0 paused, 0 gone or stopped. In 30 days 3 joined and 0 left.\n"
        "Followed most: AI 2, Robotics 1.\n"
        "Newest edition: Tuesday 3 February, published.\n"
        "Pages in 30 days: 0 sent, 0 of them today; 0 given up; 0 waiting.\n"
        "The model was not asked in 30 days."
    )
    assert told.labels == [["Chart", "Given up", "Write to all"]]
    drawn = await boss.taps("Chart")
    assert lived.telegram.called("sendPhoto")
    assert drawn.file is not None
    assert drawn.file.content.startswith(b"\x89PNG\r\n")
    assert drawn.text.startswith("The last 30 days, from top to bottom: readers; pages sent")
    assert (await boss.taps("Given up")).text == "No page was given up."


async def test_a_bulletin_is_shown_confirmed_and_reaches_each_in_their_own_frame(
    lived: Town,
) -> None:
    anna, bo = await lived.join(5, "en"), await lived.join(6, "zh-hans")
    boss = lived.phone(BOSS, "en")
    draft = await boss.says("/admin say We move on Sunday.\n*not bold* [x](https://evil.example)")
    assert draft.styled("bold") == ["A word from whoever runs this bot"]
    assert draft.labels == [["Send it (3)", "Throw it away"]]
    await lived.deliver(at(TUESDAY, 18))
    assert anna.screen == bo.screen == [], "not before it is confirmed"
    data = draft.button("Send it (3)")["callback_data"]
    sending = await boss.taps("Send it (3)")
    assert (sending.message_id, sending.labels) == (draft.message_id, []), "it cannot be sent twice"
    await lived.deliver(at(TUESDAY, 19))
    await lived.deliver(at(TUESDAY, 20))
    words = "We move on Sunday.\n*not bold* [x](https:\u2060//evil.\u2060example)"
    assert [m.text for m in anna.screen] == [f"A word from whoever runs this bot\n{words}"]
    assert [m.text for m in bo.screen] == [f"本机器人运营者的话\n{words}"]
    assert anna.last.links == {}
    lived.telegram.tap(BOSS, data)
    await lived.telegram.until(lambda: len(boss.screen) == 3)
    await lived.deliver(at(TUESDAY, 21))
    assert len(anna.screen) == 1, "a draft goes once, whoever taps again"
    dropped = await boss.says("/admin say Never mind.")
    gone = await boss.taps("Throw it away")
    assert gone.message_id == dropped.message_id
    await lived.deliver(at(TUESDAY, 22))
    assert len(anna.screen) == 1


async def test_nobody_else_learns_that_there_is_such_a_thing(lived: Town) -> None:
    anna, bo = await lived.join(5, "en"), await lived.join(6, "zh-hans")
    for line in ("/admin", "/admin chart", "/admin say Hello", "/admin send 1"):
        assert (await anna.says(line)).text == (
            "There is no command /admin. Send /help to see what there is."
        ), line
    assert (await bo.says("管理")).text != ""
    assert "管理" not in "".join(m.text for m in bo.screen[:-1])
    lived.telegram.tap(5, "/admin send 1")
    await lived.telegram.until(lambda: len(anna.screen) == 5)
    assert anna.last.text.startswith("There is no command /admin.")
    for phone in (anna, bo, lived.phone(BOSS, "en")):
        assert "/admin" not in (await phone.says("/help")).text
    assert all("admin" not in str(call.params) for call in lived.telegram.called("setMyCommands"))

"""What the bot says of itself: /help fits one screen of a phone, and /settings reaches the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.commands.book import COMMANDS
from digest.text.width import width
from tests.fakes.phone import Town, town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.fakes.arxiv import FakeArxiv

COLUMNS, ROWS = 40, 22
"""Of a phone's screen: a Chinese character takes two columns."""

LISTED = (
    "today field unfield fields date paper search time saved export taste settings stop forget help"
)
REACHED_BY_TAPPING = "time timezone language size view notices weekly pause resume"


@pytest.fixture
async def lived(settings: Settings, arxiv: FakeArxiv) -> AsyncIterator[Town]:
    async with town(settings, arxiv) as running:
        yield running


@pytest.mark.parametrize(("word", "language"), [("/help", "en"), ("帮助", "zh-hans")])
async def test_help_fits_one_screen(lived: Town, word: str, language: str) -> None:
    lines = (await lived.phone(5, language).says(word)).text.splitlines()
    commands = [line for line in lines if line.startswith("/")]
    assert [line[1:].split()[0] for line in commands] == LISTED.split()
    assert all(width(line) <= COLUMNS for line in commands), "each is one row"
    assert sum(-(-max(width(line), 1) // COLUMNS) for line in lines) <= ROWS


async def test_what_is_not_in_the_list_is_reached_through_the_buttons_of_settings(
    lived: Town,
) -> None:
    bo, anna = await lived.join(6, "zh-hans"), await lived.join(5, "en")
    await bo.says("设置")
    assert bo.last.labels == [
        ["领域", "时间", "时区"],
        ["语言", "篇数", "每篇显示"],
        ["没有早报时", "周报", "暂停"],
    ]
    await anna.says("/settings")
    reached = {b["callback_data"].strip("/") for row in anna.last.keyboard for b in row}
    await anna.taps("Pause")
    assert anna.last.labels == [["Resume"]]
    await anna.says("/settings")
    reached |= {b["callback_data"].strip("/") for row in anna.last.keyboard for b in row}
    assert reached == {"fields", *REACHED_BY_TAPPING.split()}
    assert reached <= {each.name for each in COMMANDS}
    await anna.taps("How many")
    await anna.taps("20")
    assert (await lived.reader(5)).size == 20
    await bo.taps("语言")
    assert (await bo.taps("English")).text == "I speak English now."

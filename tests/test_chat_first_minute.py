"""The first minute on two phones at once: one reader speaks Chinese, one English."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.fakes.phone import TUESDAY, Phone, Town, real, town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.fakes.arxiv import FakeArxiv


@pytest.fixture
async def lived(settings: Settings, arxiv: FakeArxiv) -> AsyncIterator[Town]:
    async with town(settings, arxiv) as running:
        await running.publish(TUESDAY, real(1), real(2), real(3, categories=("cs.RO",)))
        yield running


async def begin(phone: Phone, field: str, today: str) -> None:
    """From /start to the first digest; nobody has to type more than that."""
    greeting = await phone.says("/start")
    assert sum(map(len, greeting.labels)) >= 14
    ticked = await phone.taps(field)
    assert ticked.message_id == greeting.message_id, "the same message, with a tick"
    assert phone.toast == f"✓ {field}"
    assert ticked.labels[-1] == [today]
    digest = await phone.taps(today)
    assert [digest.message_id, greeting.message_id] == [m.message_id for m in phone.screen[::-1]]


def likely(phone: Phone) -> str:
    """What is offered below the first digest: places and hours."""
    labels = [label for row in phone.last.labels for label in row]
    return ", ".join(labels[labels.index({"en": "Settings"}.get(phone.language[:2], "设置")) + 1 :])


async def test_from_start_to_a_digest_in_two_taps_each_in_their_own_language(lived: Town) -> None:
    anna, bo = lived.phone(5, "en-GB"), lived.phone(6, "zh-hans")
    await asyncio.gather(begin(anna, "AI", "Today's papers"), begin(bo, "人工智能", "看今天的论文"))
    greeted, first = (each.text for each in anna.screen)
    assert greeted == (
        "Hello! This is Paperboy.\n"
        "I bring you the new arXiv papers of your fields every working day (07:00). Which fields? "
        "Choose as many as you like, or send /field and any topic.\n\nYou follow AI."
    )
    assert first.startswith("Papers · Tuesday 3 February\narXiv announced 3; ")
    assert likely(anna) == (
        "London, Berlin, New York, Singapore, ✓ 07:00, 08:00, 09:00, 12:30, As soon as it is out"
    )
    greeted, first = (each.text for each in bo.screen)
    assert greeted.startswith("您好！我是论文报童。\n")
    assert greeted.endswith("您关注：人工智能。")
    assert first.startswith("论文早报 · 2月3日 星期二\narXiv 公布 3 篇，")
    assert "从 1 顿烧糊的晚饭中学习的烹饪智能体" in first
    assert likely(bo) == "✓ 北京时间, 08:00, 09:00, ✓ 09:30, 12:30, 一公布就送"
    for phone, hour in ((anna, "08:00"), (bo, "08:00")):
        await phone.taps(hour)
    assert [(await lived.reader(chat)).hour for chat in (5, 6)] == ["08:00", "08:00"]
    assert "推测您的时区" not in (await bo.says("/today")).text, "it is asked once"


async def test_a_field_is_left_again_by_the_same_button(lived: Town) -> None:
    bo = lived.phone(6, "zh-hans")
    await bo.says("/start")
    await bo.taps("人工智能")
    again = await bo.taps("✓ 人工智能")
    assert (again.labels[0][0], again.edits, bo.toast) == ("人工智能", 2, "人工智能")
    assert (await lived.reader(6)).fields == ()
    assert len(bo.screen) == 1


async def test_links_open_a_paper_a_field_and_the_fields_that_somebody_shares(lived: Town) -> None:
    anna, bo = lived.phone(5, "en"), lived.phone(6, "zh-hans")
    shown = await anna.says(f"/start p_{real(1).id.replace('.', '-')}")
    assert shown.styled("bold")[0] == real(1).title
    assert shown.text.endswith("Shall we begin?")
    assert shown.labels[-1] == ["Choose fields"]
    followed = await anna.says("/start f_rob")
    assert ["✓ Robotics"] in [row[:1] for row in followed.labels]
    await anna.says("/fields")
    offer = await anna.taps("Share my fields")
    link = offer.button("Copy the link")["copy_text"]["text"]
    assert link.startswith("https://t.me/paperboy_bot?start=s_")
    taken = await bo.says(f"/start {link.partition('=')[2]}")
    assert taken.text.endswith("您关注：机器人。")
    assert (await lived.reader(6)).fields == ("rob",)
    lived_before = lived.phone(7, "zh")
    await lived_before.says("/field ai")
    asked = await lived_before.says(f"/start {link.partition('=')[2]}")
    assert (asked.text, asked.labels) == ("有人与您分享了这些领域：机器人。", [["关注机器人"]])

"""Keeping: saved papers, notes, files, new versions and Sunday's recap, on two phones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.fakes.phone import ABSTRACT, CHINESE, MONDAY, TUESDAY, Town, at, real, town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.fakes.arxiv import FakeArxiv
    from tests.fakes.telegram_screen import Keyboard

SUNDAY = date(2026, 2, 8)
ONE = real(1)


@pytest.fixture
async def lived(settings: Settings, arxiv: FakeArxiv) -> AsyncIterator[Town]:
    async with town(settings, arxiv) as running:
        running.now[0] = at(MONDAY, 12)
        await running.publish(MONDAY, *map(real, range(1, 12)))
        yield running


async def test_papers_are_saved_found_and_left_again_each_reader_their_own(lived: Town) -> None:
    anna, bo = await lived.join(5, "en"), await lived.join(6, "zh-hans")
    await bo.says(ONE.id)
    await bo.taps("收藏")
    assert bo.toast == f"已收藏：{CHINESE[1][0]}"
    await bo.says(f"/note {ONE.id} 周五组会讲")
    saved = await bo.says("/saved")
    assert saved.text == (
        f"我的收藏（1）\n1 {CHINESE[1][0]}\n2月2日收藏 · 2602.90001\n笔记：周五组会讲"
    )
    assert saved.labels == [["1"], ["导出"]]
    assert "周五组会讲" in (await bo.taps("1")).text, "the note stands on the paper's page"
    assert "已收藏 ✓" in bo.last.labels[1]
    assert (await anna.says("/saved")).text.startswith("You have saved no")
    for number in range(1, 11):
        await anna.says(f"/save {real(number).id} part {number}")
    pages = await anna.says("/saved")
    assert (pages.text.splitlines()[0], pages.labels[1]) == ("Saved papers (10) · 1/2", ["▶"])
    assert (await anna.taps("▶")).message_id == pages.message_id
    assert (await anna.says("/saved kitchens")).text.count("World Models") == 3
    await anna.says(f"/unsave {ONE.id}")
    assert (await anna.told("Save it again")).startswith("Saved with your note: ")


async def test_a_tap_on_save_shows_that_it_is_saved_and_one_more_takes_it_off(lived: Town) -> None:
    bo = await lived.join(6, "zh-hans")
    page = await bo.says(ONE.id)
    before = [*page.keyboard]
    changed = await bo.taps("收藏")
    assert (changed.message_id, changed.text) == (page.message_id, page.text)
    assert changed.labels == [
        ["已收藏 ✓" if label == "收藏" else label for label in row] for row in labels(before)
    ]
    assert others(changed.keyboard, 1) == others(before, 1), "the other buttons do what they did"
    await bo.says(f"/note {ONE.id} " + "周五组会讲，" * 20)
    await bo.says(ONE.id)
    await bo.taps("已收藏 ✓")
    assert bo.toast == f"已取消收藏：{CHINESE[1][0]}"
    assert labels(bo.last.keyboard) == labels(before)
    await bo.taps("收藏")
    assert "周五组会讲" in (await bo.says("/saved")).text, "taken off and put back, it has its note"


def labels(keyboard: Keyboard) -> list[list[str]]:
    return [[button["text"] for button in row] for row in keyboard]


def others(keyboard: Keyboard, row: int) -> Keyboard:
    return [*keyboard[:row], keyboard[row][1:], *keyboard[row + 1 :]]


FILES = (
    ("BibTeX", "paperboy-2026-02-02.bib", "eprint        = {2602.90001}"),
    ("RIS", "paperboy-2026-02-02.ris", "TY  - UNPB\r\nTI  - Cooking Agents"),
    ("Markdown", "paperboy-2026-02-02.md", "> 周五组会讲"),
    ("CSV", "paperboy-2026-02-02.csv", "周五组会讲"),
    ("关于我的一切（JSON）", "paperboy-all-2026-02-02.json", "周五组会讲"),
)


async def test_what_is_saved_comes_as_a_file_of_any_kind(lived: Town) -> None:
    bo = await lived.join(6, "zh-hans")
    await bo.says(f"/save {ONE.id} 周五组会讲")
    await bo.says("/saved")
    await bo.taps("导出")
    for label, name, held in FILES:
        shown = await bo.taps(label)
        assert shown.file is not None
        assert (shown.file.name, held in shown.file.content.decode()) == (name, True)
    assert len(bo.screen) == 3 + len(FILES), "one message for each"


async def test_what_is_to_be_copied_from_the_chat_is_copied_as_it_is(lived: Town) -> None:
    anna = await lived.join(5, "en")
    [entry] = (await anna.says(f"/bibtex {ONE.id}")).styled("pre")
    assert f"url = {{https://arxiv.org/abs/{ONE.id}}}" in entry.splitlines()
    shared = await anna.says("/share")
    lived.telegram.refuse(400, "Bad Request: can't parse entities", method="sendDocument")
    plain = await anna.says(f"/bibtex {ONE.id}")
    assert plain.entities == []
    assert "://" not in plain.text, "as plain text it would be a link"
    assert shared.styled("pre") == [shared.button("Copy the link")["copy_text"]["text"]]


async def test_a_new_version_of_a_saved_paper_comes_with_the_next_digest_once(lived: Town) -> None:
    anna, bo = await lived.join(5, "en"), await lived.join(6, "zh-hans")
    await bo.says(f"/save {ONE.id}")
    newer = replace(ONE, version=2, abstract=ABSTRACT.format(n=1).replace("31%", "37%"))
    lived.now[0] = at(TUESDAY, 0)
    await lived.publish(TUESDAY, real(20), replaced=(newer,))
    await lived.deliver(at(TUESDAY, 7))
    assert bo.last.text.endswith(
        f"\n\n您收藏的论文有新版本\n{ONE.title}\nv1 → v2 · 2602.90001\n"
        "摘要：“needs 31% fewer” → “needs 37% fewer”。"
    )
    assert "v2" not in anna.last.text, "whoever did not save it hears nothing"


async def test_sunday_recaps_what_was_not_looked_at(lived: Town) -> None:
    anna, bo = await lived.join(5, "en", hour=""), await lived.join(6, "zh-hans", hour="")
    await bo.says("/settings")
    await bo.taps("周报")
    on = await bo.taps("开启周报")
    assert on.labels == [["不再送周报"]]
    await bo.says(ONE.id)
    await lived.deliver(at(SUNDAY, 12))
    await lived.deliver(at(SUNDAY, 13))
    assert anna.screen == []
    told = bo.last
    assert told.text.splitlines()[0] == "一周回顾 · 2月2日 – 2月8日"
    assert told.labels[-1] == ["不再送周报"]
    assert ONE.title not in told.text
    assert CHINESE[1][0] not in told.text
    assert CHINESE[2][0] in told.text
    assert "不" in (await bo.taps("不再送周报")).text

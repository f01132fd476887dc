"""Finding papers, people and days, on two phones of different languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.phone import CHINESE, MONDAY, TUESDAY, Town, real, town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.fakes.arxiv import FakeArxiv

RL = real(30, title="RL for Robots that Wash Up", authors=("Eve Unique",), abstract="It washes.")


@pytest.fixture
async def lived(settings: Settings, arxiv: FakeArxiv) -> AsyncIterator[Town]:
    async with town(settings, arxiv) as running:
        await running.publish(MONDAY, real(21), RL)
        await running.publish(TUESDAY, *map(real, range(1, 13)))
        yield running


async def test_words_in_any_language_and_pages_that_turn_in_place(lived: Town) -> None:
    bo, anna = await lived.join(6, "zh-hans"), await lived.join(5, "en")
    found = await bo.says("搜索 厨房")
    assert found.text == (
        f"搜索：厨房\n共 1 篇，新的在前。\n\n1 {CHINESE[2][0]}\n"
        "2026-02-03 · cs.\u2060AI · 2602.90002"
    )
    assert found.labels == [["1"]]
    assert (await bo.taps("1")).styled("bold")[0] == CHINESE[2][0]
    assert "RL for Robots that Wash Up" in (await anna.says("/search RL")).text
    first = await anna.says("/search recipes at once")
    assert first.text.splitlines()[:2] == ["Search: recipes at once", "13 papers, newest first."]
    assert first.labels == [[str(n) for n in range(1, 9)], ["▶"], ["Best first"]]
    second = await anna.taps("▶")
    assert (second.message_id, second.labels[:2]) == (
        first.message_id,
        [[str(n) for n in range(9, 14)], ["◀"]],
    )
    assert (await anna.taps("Best first")).text.splitlines()[1] == "13 papers, best first."
    nothing = await anna.says("/search zebra kitchens")
    assert nothing.text.startswith("No paper has “zebra kitchens”.")
    assert nothing.labels == [["kitchens (4)"]]


async def test_like_one_paper_and_by_one_author_who_can_be_followed(lived: Town) -> None:
    bo, anna = await lived.join(6, "zh-hans"), await lived.join(5, "en")
    alike = await bo.says(f"/similar {real(4).id}")
    assert alike.text.splitlines()[0] == f"与“{real(4).title}”相似"
    why = [line for line in alike.text.splitlines() if line.startswith("共同的词")]
    assert "cooking" in why[0]
    said = " ".join(why).replace("、", " ").split()
    assert not {"the", "that", "and", "from", "with"} & set(said), "words that tell something"
    theirs = await anna.says("/author Eve Unique")
    assert theirs.text == (
        "Papers of Eve Unique\n1 paper.\n\n1 RL for Robots that Wash Up\n"
        "2026-02-02 · cs.\u2060AI · 2602.90030"
    )
    await anna.taps("Follow Eve Unique")
    assert "Eve Unique" in (await anna.says("/fields")).text
    assert "author:Eve Unique" in str((await lived.reader(5)).fields)


async def test_days_as_people_say_them(lived: Town) -> None:
    bo, anna = await lived.join(6, "zh-hans"), await lived.join(5, "en")
    for text in ("2月3号", "2/3", "20260203", "昨天"):  # it is Wednesday in Beijing
        assert (await bo.says(text)).styled("bold")[0] == "论文早报 · 2月3日 星期二", text
    for text in ("yesterday", "/date last Monday", "/date 2026-02-02"):
        assert (await anna.says(text)).styled("bold")[0] == "Papers · Monday 2 February", text
    nothing = await bo.says("三天前")
    assert nothing.text.startswith("2月1日 星期日 arXiv 没有公布论文（周末不公布），")
    assert nothing.labels == [["1月30日 星期五"]]
    assert (await anna.says("/date 31 February")).text.startswith("There is no such day")


async def test_several_days_and_a_calendar_that_marks_what_there_is(lived: Town) -> None:
    bo, anna = await lived.join(6, "zh-hans"), await lived.join(5, "en")
    span = await anna.says("/date 2026-02-01..2026-02-03")
    assert span.styled("bold") == [
        "2 Feb to 3 Feb",
        "Monday 2 February",
        "1",
        "Tuesday 3 February",
        "2",
    ]
    assert span.labels == [["1", "2"], ["2 Feb", "3 Feb"]]
    month = await bo.says("/date")
    assert month.labels[0] == list("一二三四五六日")
    assert month.labels[2][:3] == ["2•", "3•", "4"]
    assert await bo.told("一") == "", "a weekday's name is nothing to tap"
    assert (await bo.taps("◀")).styled("bold") == ["2026年1月"]
    assert (await bo.taps("▶")).labels == month.labels
    assert (await bo.taps("2•")).styled("bold")[0] == "论文早报 · 2月2日 星期一"

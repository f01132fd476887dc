"""The morning message as it comes by itself: frozen, delivered, paged in place, on two phones."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.fakes.phone import CHINESE, TUESDAY, WEDNESDAY, Town, at, real, town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.fakes.arxiv import FakeArxiv

THURSDAY, FRIDAY, SATURDAY = (TUESDAY + timedelta(days=n) for n in (2, 3, 4))


@pytest.fixture
async def lived(settings: Settings, arxiv: FakeArxiv) -> AsyncIterator[Town]:
    async with town(settings, arxiv) as running:
        yield running


async def test_each_gets_it_at_their_hour_in_their_language_and_once(lived: Town) -> None:
    lived.now[0] = at(TUESDAY, 0)
    anna = await lived.join(5, "en", size=2, fields=("ai", '"burnt dinners"'))
    bo = await lived.join(6, "zh-hans", size=2)
    await lived.publish(TUESDAY, *map(real, range(1, 4)))
    for minute in (0, 29, 30, 31):
        await lived.deliver(at(TUESDAY, 1, minute + 0))
    assert (len(bo.screen), len(anna.screen)) == (1, 0), "09:30 in Beijing; not 07:00 in UTC"
    for _ in range(2):
        await lived.deliver(at(TUESDAY, 7))
    assert (len(bo.screen), len(anna.screen)) == (1, 1)
    (title, gist), second = CHINESE[3], CHINESE[2]
    assert bo.last.text == (
        "论文早报 · 2月3日 星期二\narXiv 公布 3 篇，与您有关 3 篇，选出 2 篇。\n\n"
        f"人工智能 2/3\n1 {title}\n{gist}\ncs.\u2060AI · 2602.90003\n\n"
        f"2 {second[0]}\n{second[1]}\ncs.\u2060AI · 2602.90002"
    )
    assert bo.last.labels == [["1", "2"], ["▶", "其余 1 篇"], ["领域", "设置"]]
    assert bo.last.styled("bold") == [
        "论文早报 · 2月3日 星期二",
        "人工智能",
        f"1 {title}",
        f"2 {second[0]}",
    ]
    assert bo.last.links["2602.90003"] == "https://arxiv.org/abs/2602.90003"
    assert not bo.last.silent
    assert anna.last.text.startswith(
        "Papers · Tuesday 3 February\narXiv announced 3; 3 are in your fields, 2 shown."
    )
    assert "you follow" in anna.last.text, "why it is here"


async def test_pages_are_turned_in_place_and_numbers_open_papers(lived: Town) -> None:
    lived.now[0] = at(TUESDAY, 0)
    bo, anna = await lived.join(6, "zh-hans", size=2), await lived.join(5, "en", size=2)
    await lived.publish(TUESDAY, *map(real, range(1, 13)))
    await lived.deliver(at(TUESDAY, 1, 30))
    await lived.deliver(at(TUESDAY, 7))
    before = bo.last.text
    second = await bo.taps("▶")
    assert second.text.splitlines()[1] == "其余论文：第 3 至 10 条，共 12 条。"
    assert second.labels[-1] == ["◀", "2/3", "▶"]
    third = await bo.taps("▶")
    assert third.labels == [["11", "12"], ["◀", "3/3"]]
    await bo.taps("◀")
    assert (await bo.taps("◀")).text == before
    assert (len(bo.screen), bo.screen[0].edits) == (1, 4)
    rest = await anna.taps("The rest of the day (10)")
    assert len(anna.screen) == 2, "the rest is a message of its own"
    assert rest.text.splitlines()[1].startswith("The rest of the day: 3 to 10 of 12.")
    opened = await anna.taps("3")
    assert opened.styled("bold")[0] in rest.text
    assert (await anna.taps("Fields")).styled("bold") == ["Your fields"]
    assert (await bo.taps("设置")).styled("bold") == ["您的设置"]


async def test_the_full_view_folds_the_details(lived: Town) -> None:
    lived.now[0] = at(TUESDAY, 0)
    bo = await lived.join(6, "zh-hans")
    await bo.says("/settings")
    await bo.taps("每篇显示")
    await bo.told("带背景、创新和结论")
    await lived.publish(TUESDAY, real(1))
    await lived.deliver(at(TUESDAY, 7))
    [folded] = bo.last.styled("expandable_blockquote")
    assert folded == "背景：已有的方法不够好。\n创新：提出了新的方法。\n结论：实验说明它有效。"


@pytest.mark.parametrize("hour", ["asap", "09:30"])
async def test_whoever_wants_to_hear_of_days_off_does_and_why(lived: Town, hour: str) -> None:
    lived.now[0] = at(FRIDAY, 0)
    bo = await lived.join(6, "zh-hans", hour=hour)
    anna = await lived.join(5, "en", hour=hour)
    await lived.publish(FRIDAY, real(1))
    await lived.deliver(at(FRIDAY, 9, 30))
    await bo.says("/settings")
    await bo.taps("没有早报时")
    await bo.taps("所有原因")
    before = len(bo.screen)
    for evening in (at(SATURDAY, 1), at(SATURDAY, 1, 30), at(SATURDAY, 9, 30)):
        await lived.deliver(evening)
    assert len(anna.screen) == 1, "who did not ask is left in peace"
    [told] = bo.screen[before:]
    assert told.text == (
        "2月7日 星期六 arXiv 没有公布论文（周末不公布），下一批在星期一 09:00（北京时间）。"
    )
    assert told.silent


async def test_a_holiday_has_its_name_and_a_late_batch_its_reason(lived: Town) -> None:
    juneteenth = date(2026, 6, 19)
    lived.now[0] = at(TUESDAY, 0)
    bo = await lived.join(6, "zh-hans")
    await lived.publish(TUESDAY, real(1))
    await lived.deliver(at(TUESDAY, 2))
    await lived.deliver(at(WEDNESDAY, 1, 30))
    await lived.deliver(at(WEDNESDAY, 4))
    assert len(bo.screen) == 2
    assert bo.last.text == (
        "论文送晚了：2月4日 星期三这一批原定星期三 09:00（北京时间）公布，但我现在连不上 arXiv，"
        "还不知道是否已经公布。我会继续尝试，一拿到就给您送来。"
    )
    await lived.deliver(at(WEDNESDAY, 5))
    assert len(bo.screen) == 2, "it is said once"
    anna = await lived.join(5, "en", notices="all")
    lived.now[0] = at(juneteenth, 1)
    await lived.publish(juneteenth, real(2))
    for day in (juneteenth, juneteenth + timedelta(days=3)):
        await lived.deliver(at(day, 7))
    assert anna.last.text == (
        "arXiv announced nothing on Monday 22 June: Juneteenth. The next batch is due "
        "Tuesday 00:00 (UTC)."
    )

"""Several days at once: spans as people write them, what they brought, and a month to tap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.mornings import pause_days
from digest import zones
from digest.errors import NoSuchDay
from digest.models import Subscriber
from digest.text import spans
from tests.fakes.papers import paper, papers
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

TODAY = date(2026, 2, 5)  # a Thursday
MONDAY, TUESDAY, WEDNESDAY = date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 4)
READER = Subscriber("telegram", "7", fields=("cs.AI", "cl"))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-02-02..2026-02-06", (2, 2), (2, 6)),
        ("2月2日到2月6日", (2, 2), (2, 6)),
        ("2月2日至6日", (2, 2), (2, 6)),
        ("从2月2号到6号", (2, 2), (2, 6)),
        ("2/2 - 2/4", (2, 2), (2, 4)),
        ("from 2 Feb to 4 Feb", (2, 2), (2, 4)),
        ("上周一到昨天", (1, 26), (2, 4)),
        ("2026-02-06 ～ 2026-02-02", (2, 2), (2, 6)),
        ("last week", (1, 26), (2, 1)),
        ("上周", (1, 26), (2, 1)),
        ("上个星期", (1, 26), (2, 1)),
        ("上上周", (1, 19), (1, 25)),
        ("本周", (2, 2), (2, 8)),
        ("this week", (2, 2), (2, 8)),
        ("最近三天", (2, 3), (2, 5)),
        ("last 7 days", (1, 30), (2, 5)),
    ],
)
def test_spans_are_understood(text: str, first: tuple[int, int], last: tuple[int, int]) -> None:
    assert spans.understand(text, TODAY) == (date(2026, *first), date(2026, *last))


@pytest.mark.parametrize("text", ["yesterday", "2026-02-03", "hello to you", "1..2..3", "to", ""])
def test_other_words_are_no_span(text: str) -> None:
    assert spans.understand(text, TODAY) is None


def test_a_span_to_a_day_that_does_not_exist_says_so() -> None:
    with pytest.raises(NoSuchDay):
        spans.understand("2月2日到31日", TODAY)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2026-02", date(2026, 2, 1)),
        ("2025年12月", date(2025, 12, 1)),
        ("12月", date(2025, 12, 1)),
        ("Feb 2026", date(2026, 2, 1)),
        ("december", date(2025, 12, 1)),
        ("上个月", date(2026, 1, 1)),
        ("this month", date(2026, 2, 1)),
        ("2026-13", None),
        ("7", None),
        ("0001-02", None),
    ],
)
def test_months_are_understood(text: str, first: date | None) -> None:
    assert spans.month(text, TODAY) == first


@settings(max_examples=80)
@given(
    st.text(max_size=30)
    | st.lists(st.sampled_from("0123456789-./到 上周月日"), max_size=14).map("".join)
)
def test_whatever_is_typed_is_a_span_or_none(text: str) -> None:
    try:
        found = spans.understand(text, TODAY)
    except NoSuchDay:
        return
    assert found is None or found[0] <= found[1]
    first = spans.month(text, TODAY)
    assert first is None or first.day == 1


@pytest.fixture
async def talk(arxiv: FakeArxiv, opened: Opened) -> AsyncIterator[Talk]:
    """Monday and Tuesday are stored; it is Thursday."""
    for day, start in ((MONDAY, 1), (TUESDAY, 9), (WEDNESDAY, 17)):
        arxiv.announce(day, *papers(6, start=start), paper(start + 7, categories=("cs.DC",)))
    async with opened(lambda: datetime(2026, 2, 5, 17, tzinfo=UTC)) as app:
        for day in (MONDAY, TUESDAY):
            await app.gathering.fetch(day, ("cs",))
        yield Talk(app, await app.store.subscribers.save(READER))


async def test_a_span_tells_each_day_and_its_best(talk: Talk) -> None:
    said = await talk.say("/date 2026-02-01..2026-02-04")
    assert said.startswith("2 Feb to 4 Feb\n")
    assert "Monday 2 February cs.AI 6, Cloud computing " in said
    assert "Wednesday 4 February is not stored yet" in said
    assert talk.labels == ["1", "2", "2 Feb", "3 Feb", "4 Feb"]
    assert talk.commands[0].startswith("/paper 9913.000")
    assert "Papers · Tuesday 3 February" in await talk.tap("3 Feb")


async def test_a_span_is_understood_without_its_command(talk: Talk) -> None:
    talk.reader = replace(talk.reader, language="zh")
    assert (await talk.say("本周")).startswith("2月2日 至 2月5日")
    assert "没有公布论文" in await talk.say("/date 2026-02-07到2026-02-08")
    assert "26日" not in await talk.say("/date 2026-02-02到2026-02-03")
    talk.reader = replace(talk.reader, fields=())
    assert "还没有关注" in await talk.say("/date 上周")


async def test_a_month_marks_the_days_that_are_stored(talk: Talk) -> None:
    assert "Days marked •" in await talk.say("/calendar 2026-02")
    assert talk.reply is not None
    header, *weeks, turn = talk.reply.rows
    assert [each.label for each in header] == ["M", "T", "W", "T", "F", "S", "S"]
    assert [len(week) for week in weeks] == [7] * 5
    cells = {each.label.strip(): each.command for week in weeks for each in week}
    assert cells["3•"] == "/date 2026-02-03"
    assert cells["5"] == "/date 2026-02-05"
    assert cells["7"] == "", "a Saturday has nothing to tap"
    assert cells["9"] == "", "nor has a day to come"
    assert [each.command for each in turn] == ["/calendar 2026-01"]


async def test_months_are_turned_in_place(talk: Talk) -> None:
    first = await talk.say("/date")
    assert first.startswith("February 2026\nWhich day?")
    assert (await talk.tap("◀")).startswith("January 2026")
    assert talk.reply is not None
    assert talk.reply.in_place
    assert "/date 2026-01-16" in talk.commands
    assert "/date 2026-01-20" not in talk.commands, "a holiday's deadline was skipped"
    assert "February" in await talk.tap("▶")
    talk.reader = replace(talk.reader, language="zh")
    assert (await talk.say("日历 上个月")).startswith("2026年1月")
    assert "看懂的月份" in await talk.say("/calendar whenever")
    assert (await talk.say("/date 2026-01")).startswith("2026年1月")


async def test_before_arxiv_there_is_no_month(talk: Talk) -> None:
    await talk.say("/calendar 1991-08")
    assert [each for each in talk.commands if each.startswith("/calendar")] == ["/calendar 1991-09"]


@pytest.mark.parametrize(
    ("text", "days"),
    [("two weeks", 14), ("两周", 14), ("a week", 7), ("for 3 days", 3), ("兩週", 14), ("ten", 10)],
)
def test_a_pause_in_words(text: str, days: int) -> None:
    assert pause_days(text) == days


def test_a_place_that_nobody_means_is_not_offered() -> None:
    assert zones.near_zones("Mars") == ()
    assert zones.near_zones("Bejing") == ("Asia/Shanghai",)

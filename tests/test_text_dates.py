"""Dates as people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import NoSuchDay
from digest.text.dates import understand

FRIDAY = date(2026, 2, 6)


def on_friday(text: str) -> str | None:
    day = understand(text, FRIDAY)
    return day.isoformat() if day else None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-02-03",
            "2026/2/3",
            "2026.02.03",
            "20260203",
            "２０２６－０２－０３",
            "２０２６年２月３日",
        ),
        *(
            "2/3",
            "02/03",
            "02-03",
            "2月3号",
            "2月3日",
            "2 月 3 號",
            "二月三日",
            "2026 年 2 月 3 日",
        ),
        *("二〇二六年二月三日", "2月3日 星期二", "2月3日（周二）", "2026年2月3日"),
        *(
            "Feb 3",
            "feb. 3rd",
            "February 3",
            "3 February 2026",
            "3rd of February",
            "February 3, 2026",
        ),
        *("Tuesday 3 February", "Tue, 3 Feb 2026", "on Tuesday, 2026-02-03", "the 3rd of Feb"),
        *("三天前", "3天前", "3 days ago", "three days ago", "3日前", "大前天", "3 天以前"),
        *(
            "周二",
            "星期二",
            "本周二",
            "这周二",
            "這週二",
            "Tuesday",
            "last Tuesday",
            "tue",
            "This Tuesday",
        ),
        *("星期2", "礼拜二", "on Tuesday", " 2/3 ", "2月3号。", "2/3?"),
    ],
)
def test_tuesday_3_february_in_many_words(text: str) -> None:
    assert on_friday(text) == "2026-02-03"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", "2026-02-06"),
        ("Today", "2026-02-06"),
        ("昨天", "2026-02-05"),
        ("yesterday.", "2026-02-05"),
        ("前天", "2026-02-04"),
        ("the day before yesterday", "2026-02-04"),
        ("明天", "2026-02-07"),
        ("后天", "2026-02-08"),
        ("tomorrow", "2026-02-07"),
        ("the day after tomorrow", "2026-02-08"),
        ("两周前", "2026-01-23"),
        ("2个星期前", "2026-01-23"),
        ("2 weeks ago", "2026-01-23"),
        ("a week ago", "2026-01-30"),
        ("十二天前", "2026-01-25"),
        ("二十天前", "2026-01-17"),
    ],
)
def test_days_away(text: str, day: str) -> None:
    assert on_friday(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("上周三", "2026-01-28"),  # of the week before, though a Wednesday lies between
        ("上个星期三", "2026-01-28"),
        ("上個禮拜天", "2026-02-01"),
        ("上上周五", "2026-01-23"),
        ("上周五", "2026-01-30"),
        ("周三", "2026-02-04"),
        ("last Wednesday", "2026-02-04"),
        ("Wednesday last week", "2026-01-28"),
        ("last week Wednesday", "2026-01-28"),
        ("周五", "2026-01-30"),  # said on a Friday
        ("last Friday", "2026-01-30"),
        ("这周五", "2026-02-06"),
        ("this Friday", "2026-02-06"),
        ("周六", "2026-01-31"),
        ("周日", "2026-02-01"),
        ("本周日", "2026-02-08"),
        ("下周一", "2026-02-09"),
        ("next Monday", "2026-02-09"),
    ],
)
def test_days_of_a_week(text: str, day: str) -> None:
    assert on_friday(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2/6", "2026-02-06"),
        ("2/7", "2025-02-07"),
        ("12月25日", "2025-12-25"),
        ("Dec 25", "2025-12-25"),
        ("25/12", "2025-12-25"),  # there is no month 25
        ("2/29", "2024-02-29"),
        ("Feb 29", "2024-02-29"),
        ("2027-01-01", "2027-01-01"),
    ],
)
def test_without_a_year_it_is_the_most_recent_one(text: str, day: str) -> None:
    assert on_friday(text) == day


@pytest.mark.parametrize(
    "text",
    [
        *("", "7", "12", "2026", "hello", "may", "march", "上周", "last week", "day", "AI", "2.3"),
        *(
            "2602.02489",
            "202602",
            "1/2/2026",
            "3 days",
            "周八",
            "today or tomorrow",
            "99999天前",
            "天前",
        ),
        *("12345678", "cs.AI", "ago", "2 years ago"),
    ],
)
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert on_friday(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-02-30",
            "2/30",
            "2026-13-01",
            "13/40",
            "20260230",
            "2月30号",
            "十三月一日",
            "Feb 30",
        ),
        *("2025-02-29", "0000-01-01", "0/1", "十十月三日", "31 June"),
    ],
)
def test_an_impossible_date_says_so(text: str) -> None:
    with pytest.raises(NoSuchDay) as told:
        understand(f" {text} ", FRIDAY)
    assert told.value.params == {"text": text}
    assert isinstance(told.value, ValueError)


def test_before_the_first_day_of_all_there_is_none() -> None:
    with pytest.raises(NoSuchDay):
        understand("3 days ago", date.min)
    with pytest.raises(NoSuchDay):
        understand("2/29", date(1, 1, 1))


@given(st.dates(date(1992, 1, 1), date(2090, 1, 1)), st.integers(0, 3000))
@settings(max_examples=40, deadline=None)
def test_every_day_is_understood_in_every_form(day: date, later: int) -> None:
    today = day + timedelta(days=later)
    for form in ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y年%m月%d日", "%d %B %Y", "%b %d, %Y"):
        assert understand(day.strftime(form), today) == day
    assert understand(f"{later} days ago", today) == day
    assert understand(f"{later}天前", today) == day
    recent = understand(day.strftime("%m/%d"), today)
    assert recent is not None
    assert recent <= today
    assert (recent.month, recent.day) == (day.month, day.day)


@given(st.text("0123456789年月日号天前上下周一二三十/-. aeyd", max_size=12))
@settings(max_examples=100, deadline=None)
def test_any_text_is_a_day_no_date_or_no_such_day(text: str) -> None:
    try:
        day = understand(text, FRIDAY)
    except NoSuchDay:
        return
    assert day is None or isinstance(day, date)

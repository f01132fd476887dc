"""Several days as people write them: `2026-02-02..2026-02-06`, 2月2日到6日, last week, 2026-02."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from digest.errors import NoSuchDay
from digest.text import dates

Span = tuple[date, date]
"""The first day and the last one."""

_APART = re.compile(r"\s*(?:\.\.+|…|[~〜～—–]|到|至|\s-\s|\s(?:to|until|till|through)\s)\s*")
_BEFORE = re.compile(r"^(?:from|between|从|從|自)\s*")
_DAY = re.compile(r"(\d{1,2})[日号號]?")
_WEEK = {
    0: re.compile(r"this week|(?:本|这|這)[个個]?(?:周|週|星期|礼拜|禮拜)"),
    -1: re.compile(r"last week|上[个個]?(?:周|週|星期|礼拜|禮拜)"),
    -2: re.compile(r"上上[个個]?(?:周|週|星期|礼拜|禮拜)"),
}
_LATELY = re.compile(
    r"(?:(?:the )?(?:past|last) |最近|过去|過去|近)\s*"
    r"(\d{1,3}|[一二三四五六七八九十]|two|three|seven|ten)\s*(?:days?|[天日])"
)
_NUMBERS = {word: n for n, word in enumerate("一二三四五六七八九十", 1)}
_NUMBERS |= {"two": 2, "three": 3, "seven": 7, "ten": 10}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(rf"({'|'.join(_MONTHS)})[a-z]*\.?(?: (\d{{4}}))?")
_OF_YEAR = re.compile(r"(?:(\d{4})\s*[-/年]\s*)?(\d{1,2})\s*月?")
_LAST_MONTH = re.compile(r"last month|上[个個]?月")
_THIS_MONTH = re.compile(r"this month|(?:本|这[个個]?|這[个個]?)月")
_YEARS = range(1991, 2100)


def understand(text: str, today: date) -> Span | None:
    """The days that `text` means when it is said on `today`; None where it is no span.

    Weeks begin on Monday. The end may lack what the beginning has: 2月2日到6日.

    Raises:
        NoSuchDay: it reads as a span, and one of its days does not exist.
    """
    said = _normal(text)
    for weeks, pattern in _WEEK.items():
        if pattern.fullmatch(said):
            monday = today - timedelta(days=today.weekday() - 7 * weeks)
            return monday, monday + timedelta(days=6)
    if found := _LATELY.fullmatch(said):
        count = _NUMBERS.get(found[1]) or int(found[1])
        return today - timedelta(days=max(count, 1) - 1), today
    return _between(_BEFORE.sub("", said), today)


def _between(said: str, today: date) -> Span | None:
    pieces = _APART.split(said)
    if len(pieces) != 2:  # noqa: PLR2004 - a beginning and an end
        return None
    first = dates.understand(pieces[0], today)
    if first is None:
        return None
    last = dates.understand(pieces[1], today)
    if last is None and (day := _DAY.fullmatch(pieces[1])):
        last = _in_month(first, int(day[1]), said)
    if last is None:
        return None
    if last < first and not re.search(r"\d{4}", pieces[1]):  # the 6th is still to come
        last = _behind(first, last)
    return min(first, last), max(first, last)


def _behind(first: date, last: date) -> date:
    """The same day of the first year in which it comes after the beginning."""
    years = (first.year, first.year + 1)
    later = [last.replace(year=year) for year in years if (last.month, last.day) != (2, 29)]
    return next((day for day in later if day >= first), last)


def _in_month(first: date, day: int, said: str) -> date:
    try:
        return first.replace(day=day)
    except ValueError as error:
        raise NoSuchDay(text=said) from error


def month(text: str, today: date) -> date | None:
    """The first day of the month that `text` means (`2026-02`, 2月, Feb 2026, 上个月), or None."""
    said = _normal(text)
    this = today.replace(day=1)
    if _THIS_MONTH.fullmatch(said):
        return this
    if _LAST_MONTH.fullmatch(said):
        return (this - timedelta(days=1)).replace(day=1)
    named, numbered = _NAMED.fullmatch(said), _OF_YEAR.fullmatch(said)
    if named:
        return _first(named[2], _MONTHS.index(named[1]) + 1, this)
    if numbered and (numbered[1] or "月" in said):
        return _first(numbered[1], int(numbered[2]), this)
    return None


def _first(year: str | None, number: int, this: date) -> date | None:
    """The first of a month; without a year, of the most recent one."""
    if not 1 <= number <= 12 or (year and int(year) not in _YEARS):  # noqa: PLR2004 - months
        return None
    if year:
        return date(int(year), number, 1)
    return date(this.year if number <= this.month else this.year - 1, number, 1)


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip("。!?, ")

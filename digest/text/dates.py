"""Dates as people write them, in English and Chinese: 昨天, 上周三, last Wednesday, 2月3号, 2/3.

A date is only what reads as one: "7" and "hello" are none. Words are looked for in fixed forms, a
pattern and its reader each; nothing is guessed from parts of a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from digest.errors import NoSuchDay

MONTHS = 12

Reader = Callable[[re.Match[str], date], date]

_DAYS_AWAY = {
    0: "today|今天|今日|本日",
    -1: "yesterday|昨天|昨日",
    -2: "(?:the )?day before yesterday|前天|前日",
    -3: "大前天",
    1: "tomorrow|明天|明日",
    2: "(?:the )?day after tomorrow|后天|後天",
    3: "大后天|大後天",
}
_DIGITS = dict(zip("〇零一二两兩三四五六七八九", (0, 0, 1, 2, 2, *range(2, 10)), strict=True))
_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_MONTHS = "january february march april may june july august september october november december"
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"

_HAN = "〇零一二两兩三四五六七八九十"
_COUNT = rf"(?P<count>\d{{1,4}}|[{_HAN}]{{1,3}}|an?|{'|'.join(_WORDS)})"
_WEEK = r"(?:周|週|星期|礼拜|禮拜)"
_WEEKDAY = (
    r"(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?"
    r"|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\.?"
)
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?P<year>\d{4}))?"
_SLASHED = r"(?P<month>\d{1,2})/(?P<day>\d{1,2})"
_HAN_DATE = (
    rf"(?:(?P<year>\d{{4}}|[{_HAN}]{{4}})年)?(?P<month>\d{{1,2}}|[{_HAN}]{{1,3}})月"
    rf"(?P<day>\d{{1,2}}|[{_HAN}]{{1,3}})[日号號]?"
)

_ASIDE = re.compile(rf"^(?:on )?{_WEEKDAY},? (?=\S*\d)|[, ]*[(]?{_WEEK}[一二三四五六日天][)]?$")
_BETWEEN_HAN = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


def understand(text: str, today: date) -> date | None:
    """The day that `text` means when it is said on `today`, or None where it is no date.

    上周三 is the Wednesday of the previous week (weeks begin on Monday); a bare 周三 and "last
    Wednesday" are the most recent one before today; a month and day without a year the most recent
    one that is not after today. A day in the future is given back as it is.

    Raises:
        NoSuchDay: it reads as a date, and there is no such day (2026-02-30).
    """
    words = _normal(text)
    for pattern, reader in _forms():
        if found := pattern.fullmatch(words):
            try:
                return reader(found, today)
            except (ValueError, OverflowError) as error:
                raise NoSuchDay(text=text.strip()) from error
    return None


def _normal(text: str) -> str:
    """Half-width, lower case, single spaces; without a full stop, or the weekday beside a date."""
    words = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    words = _BETWEEN_HAN.sub("", words).rstrip("。.!?, ")
    aside = _ASIDE.sub("", words)
    return aside if re.search(r"\d|月", aside) else words


def _number(text: str) -> int:
    """A number in digits, in English words up to twelve, or in Chinese ones below a hundred."""
    if text.isdecimal():
        return int(text)
    if text in {"a", "an"}:
        return 1
    if text in _WORDS:
        return _WORDS.index(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _digits(text)
    return 10 * (_digits(tens) if tens else 1) + (_digits(ones) if ones else 0)


def _digits(text: str) -> int:
    """Chinese digits one after the other; ValueError where one is 十."""
    return int("".join(str(_DIGITS.get(sign, sign)) for sign in text))


def _written(found: re.Match[str], today: date) -> date:
    """A month and a day, with the year or in the most recent one that has it."""
    parts = found.groupdict()
    month = _month(parts["month"])
    day = _number(parts["day"])
    if parts.get("year"):
        return date(_number(parts["year"]), month, day)
    if month > MONTHS >= day and found.re.pattern == _SLASHED:  # 25/12: there is no month 25
        month, day = day, month
    return _most_recent(month, day, today)


def _month(text: str) -> int:
    if text.isascii() and text.isalpha():
        return [name[:3] for name in _MONTHS.split()].index(text[:3]) + 1
    return _number(text)


def _most_recent(month: int, day: int, today: date) -> date:
    date(2000, month, day)  # a leap year: what it does not have, no year has
    year = today.year if (month, day) <= (today.month, today.day) else today.year - 1
    while (month, day) == (2, 29) and not _is_leap(year):
        year -= 1
    return date(year, month, day)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _ago(found: re.Match[str], today: date) -> date:
    unit = 7 if found["unit"].startswith(("week", "周", "週", "个", "個", "星", "礼", "禮")) else 1
    return today - timedelta(days=unit * _number(found["count"]))


def _recent_weekday(found: re.Match[str], today: date) -> date:
    """The most recent such weekday before today: on a Wednesday, "Wednesday" is a week ago."""
    return today - timedelta(days=(today.weekday() - _weekday(found["weekday"]) - 1) % 7 + 1)


def _weekday_of_week(found: re.Match[str], today: date) -> date:
    """A weekday of the week that is named: 上周三, 本周一, this Friday, Friday last week."""
    which = found["which"]
    weeks = -2 * which.count("上上") or {"上": -1, "下": 1, "last": -1, "next": 1}.get(which, 0)
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(days=7 * weeks + _weekday(found["weekday"]))


def _weekday(text: str) -> int:
    if text in "天日":
        return 6
    if text.isascii() and text.isalpha():
        return [name[:3] for name in _WEEKDAYS.split()].index(text[:3])
    return _number(text) - 1


def _away(days: int) -> Reader:
    return lambda _found, today: today + timedelta(days=days)


@cache
def _forms() -> tuple[tuple[re.Pattern[str], Reader], ...]:
    """The forms of a date and their readers; compiled when the first date is read."""
    return tuple((re.compile(pattern), reader) for pattern, reader in _FORMS)


_FORMS: tuple[tuple[str, Reader], ...] = (
    (r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})", _written),
    (r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)", _written),
    (_SLASHED, _written),
    (r"(?P<month>\d\d)-(?P<day>\d\d)", _written),
    (_HAN_DATE, _written),
    (rf"(?:the )?{_DAY}(?: of)? ?{_MONTH}{_YEAR}", _written),
    (rf"{_MONTH} ?(?:the )?{_DAY}{_YEAR}", _written),
    *((words, _away(days)) for days, words in _DAYS_AWAY.items()),
    (rf"{_COUNT} (?P<unit>day|week)s? (?:ago|before|back)", _ago),
    (rf"{_COUNT}(?P<unit>[天日]|个?{_WEEK}|個?{_WEEK})(?:以?前|之前)", _ago),
    (rf"(?:on |last )?{_WEEKDAY}", _recent_weekday),
    (rf"(?:on )?(?P<which>this|next) {_WEEKDAY}", _weekday_of_week),
    (rf"(?:on )?{_WEEKDAY} (?:of )?(?P<which>last|this|next) week", _weekday_of_week),
    (rf"(?P<which>last|this|next) week,? {_WEEKDAY}", _weekday_of_week),
    (rf"{_WEEK}(?P<weekday>[一二三四五六日天1-7])", _recent_weekday),
    (
        rf"(?P<which>上上|上|本|这|這|下)[个個]?{_WEEK}(?P<weekday>[一二三四五六日天1-7])",
        _weekday_of_week,
    ),
)

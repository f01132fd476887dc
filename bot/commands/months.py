"""Several days at once: a calendar of a month (/calendar), and what a span of days brought."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.commands import Choice, Reply
from digest import calendar, fields
from digest.gathering import FIRST_DAY
from digest.locale import long_date, month_name, say, separated, short_date, weekday_names
from digest.render import found as found_page
from digest.render.blocks import Block, Line, Role, abstract_url, bold, line
from digest.render.blocks import Span as Words
from digest.render.notices import heading, notice
from digest.text import spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.commands import Answer, Desk
    from digest.lately import Counted
    from digest.models import Paper, Subscriber
    from digest.text.spans import Span

MOST_DAYS = 31
"""A longer span is told from its end."""

A_WEEK = 7
A_ROW = 5
STORED = "•"

_ONE_DAY = timedelta(days=1)


async def month(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """A month's days to tap; those that are stored are marked."""
    today = desk.today(reader)
    first = spans.month(argument, today) if argument else today.replace(day=1)
    if first is None:
        words = say("commands.not_a_month", reader.language, text=argument[:60])
        return reader, Reply(notice(words))
    return reader, await calendar_of(desk, reader, first, in_place=bool(argument))


async def calendar_of(
    desk: Desk, reader: Subscriber, first: date, *, in_place: bool = False, words: str = ""
) -> Reply:
    """The month that begins with `first`; `words` stand above it."""
    following = (first + timedelta(days=31)).replace(day=1)
    there = set(await desk.store.editions.between(first, following - _ONE_DAY))
    hint = say("commands.calendar", reader.language, mark=STORED)
    title = heading(month_name(first, reader.language))
    newest = calendar.newest_expected(desk.clock())
    header = tuple(Choice(each) for each in weekday_names(reader.language))
    return Reply(
        (*title, *notice(words or hint)),
        rows=(header, *_weeks(first, following, there, newest), _turn(first, following, newest)),
        in_place=in_place,
    )


def _weeks(
    first: date, following: date, there: set[date], newest: date
) -> list[tuple[Choice, ...]]:
    """Rows from Monday to Sunday; a day without an edition is a label, and nothing to tap."""
    day = first - timedelta(days=first.weekday())
    rows = []
    while day < following:
        week = [day + timedelta(days=n) for n in range(A_WEEK)]
        rows.append(tuple(_cell(each, first, there, newest) for each in week))
        day += timedelta(days=A_WEEK)
    return rows


def _cell(day: date, first: date, there: set[date], newest: date) -> Choice:
    if (day.year, day.month) != (first.year, first.month):
        return Choice(" ")
    if day in there:
        return Choice(f"{day.day}{STORED}", f"/date {day}")
    is_announced = FIRST_DAY <= day <= newest and calendar.announced_on(day)
    return Choice(str(day.day), f"/date {day}" if is_announced else "")


def _turn(first: date, following: date, newest: date) -> tuple[Choice, ...]:
    before = (first - _ONE_DAY).replace(day=1)
    back = [Choice("◀", f"/calendar {before:%Y-%m}")] if first > FIRST_DAY else []
    on = [Choice("▶", f"/calendar {following:%Y-%m}")] if following <= newest else []
    return (*back, *on)


async def several(desk: Desk, reader: Subscriber, span: Span) -> Reply:
    """What the days of a span have for the reader's fields, and the best of each."""
    last = min(span[1], calendar.newest_expected(desk.clock()))
    first = max(span[0], last - timedelta(days=MOST_DAYS - 1), FIRST_DAY)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    announced = [day for day in days if calendar.announced_on(day)]
    if not announced:
        return Reply(notice(say("commands.span_empty", reader.language)))
    follows = [found for key in reader.fields if (found := fields.known(key))]
    there = set(await desk.store.editions.between(first, last))
    counted = await desk.reading.lately.over([day for day in announced if day in there], follows)
    best = await desk.store.papers.many(each.best for each in counted.values() if each.best)
    told = await desk.store.summaries.get(list(best), reader.language)
    titles = {i: found_page.title(each, told.get(i)) for i, each in best.items()}
    return _told(reader, announced, there, counted, titles, best, desk.today(reader))


def _told(
    reader: Subscriber,
    announced: Sequence[date],
    there: set[date],
    counted: dict[date, Counted],
    titles: dict[str, str],
    best: dict[str, Paper],
    today: date,
) -> Reply:
    spoken = reader.language
    blocks: list[Block] = list(heading(_title(announced, spoken, today)))
    numbered: list[Choice] = []
    for day in announced:
        found = counted.get(day)
        lines = [line(bold(long_date(day, spoken, today)), " ", _counts(found, day, there, spoken))]
        if found and found.best in best:
            numbered.append(Choice(str(len(numbered) + 1), f"/paper {found.best}"))
            lines.append(_best(numbered[-1].label, titles[found.best], found.best))
        blocks.append(Block(tuple(lines), Role.ENTRY))
    opened = [Choice(short_date(day, spoken, today), f"/date {day}") for day in announced]
    return Reply(tuple(blocks), tuple(opened), rows=tuple(_chunked(numbered)))


def _title(announced: Sequence[date], language: str, today: date) -> str:
    ends = [short_date(day, language, today) for day in (announced[0], announced[-1])]
    return say("commands.span_title", language, first=ends[0], last=ends[1])


def _counts(found: Counted | None, day: date, there: set[date], language: str) -> str:
    if found:
        each = [f"{fields.called(key, language)} {count}" for key, count in found.counts.items()]
        return separated(each, language)
    return say("commands.span_later" if day in there else "commands.span_unread", language)


def _best(number: str, title: str, paper_id: str) -> Line:
    return line(bold(number), f" {title} · ", Words(paper_id, link=abstract_url(paper_id)))


def _chunked(cells: Sequence[Choice]) -> list[tuple[Choice, ...]]:
    return [tuple(cells[start : start + A_ROW]) for start in range(0, len(cells), A_ROW)]

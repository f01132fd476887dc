"""A day's papers, and what of them was not shown: /today, /date, /rest."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.below import A_PAGE, under_digest, under_rest
from bot.commands import Choice, Reply
from bot.commands.following import short
from bot.commands.months import calendar_of, several
from bot.commands.mornings import when
from digest import calendar, fields
from digest.errors import NoSuchDay, NothingAnnounced
from digest.locale import long_date, say
from digest.render import digest as digest_page
from digest.render.notices import nothing_announced, notice
from digest.text import dates, spans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.commands import Answer, Desk
    from digest.models import Subscriber
    from digest.reading import Found


_PAGE = re.compile(
    r"(?P<day>.*?)[\s,，]*(?:p(?:age)?\s*(?P<page>\d{1,3})|第\s*(?P<of>\d{1,3})\s*[页頁])",
    re.IGNORECASE,
)
"""A day, and a page of it."""


async def today(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """The newest edition; with a day, that day's."""
    wanted, page = paged(argument)
    if wanted and says_when(wanted, desk.today(reader)):
        return await on_date(desk, reader, argument)
    if not reader.fields:
        return reader, _no_fields(reader)
    with desk.reading.telling.asked_by(reader.id):
        found = await desk.reading.today(reader)
    if page:
        return await on_date(desk, reader, f"{found.digest.edition.day} p{page}")
    is_first = await _is_first(desk, reader)
    await _had(desk, reader, found)
    shown = _shown(desk, found, reader)
    if not is_first:
        return reader, shown
    asked, rows = when(desk, reader)
    return reader, replace(shown, blocks=(*shown.blocks, *asked), rows=(*shown.rows, *rows))


async def _is_first(desk: Desk, reader: Subscriber) -> bool:
    """Whether it is their first digest, and others will come by themselves."""
    if reader.id is None or not reader.hour:
        return False
    standing = await desk.store.subscribers.standing(reader.id)
    return standing is not None and standing.had is None


async def rest(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """What of a day was not shown, as a message of its own: the digest stays above it."""
    _, reply = await today(desk, reader, f"{argument} p2")
    return reader, replace(reply, in_place=False)


def paged(argument: str) -> tuple[str, int]:
    """The day, and the page that is wanted of it: `2026-02-03 p2`, `昨天第2页`; 0 where none is."""
    found = _PAGE.fullmatch(unicodedata.normalize("NFKC", argument).strip())
    if found is None:
        return argument, 0
    return found["day"], max(1, int(found["page"] or found["of"]))


def says_when(argument: str, today: date) -> bool:
    """Whether it says a day or several, or tries to."""
    wanted = paged(argument)[0]
    try:
        return bool(dates.understand(wanted, today) or spans.understand(wanted, today))
    except NoSuchDay:
        return True


async def on_date(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """A past day's edition, or a page of what of it was not shown."""
    today = desk.today(reader)
    if not argument:
        words = say("commands.which_date", reader.language)
        return reader, await calendar_of(desk, reader, today.replace(day=1), words=words)
    wanted, page = paged(argument)
    try:
        day = dates.understand(wanted, today)
        span = None if day else spans.understand(wanted, today)
    except NoSuchDay:
        words = say("errors.no_such_day", reader.language, text=short(wanted))
        return reader, Reply(notice(words))
    if day:
        return reader, await _day(desk, reader, day, page)
    if span:
        return reader, await several(desk, reader, span) if reader.fields else _no_fields(reader)
    if first := spans.month(wanted, today):
        return reader, await calendar_of(desk, reader, first)
    words = say("commands.not_a_date", reader.language, text=short(wanted))
    return reader, Reply(notice(words))


async def _day(desk: Desk, reader: Subscriber, day: date, page: int) -> Reply:
    """The digest of a day; a page of its rest; or why there is none."""
    if not reader.fields:
        return _no_fields(reader)
    try:
        with desk.reading.telling.asked_by(reader.id):
            if page > 1:
                return await _leaf(desk, reader, day, page)
            found = await desk.reading.on(day, reader)
    except NothingAnnounced as error:
        return nothing(desk, error, reader)
    await _had(desk, reader, found)
    return replace(_shown(desk, found, reader), in_place=bool(page))


async def _leaf(desk: Desk, reader: Subscriber, day: date, page: int) -> Reply:
    """A page of what matched and was not shown: the digest is the first, this one stands in it."""
    start = (page - 2) * A_PAGE
    digest, entries = await desk.reading.rest(day, reader, start, A_PAGE)
    if not entries:
        named = long_date(day, reader.language, desk.today(reader))
        back = Choice("◀", f"/date {day} p1")
        return Reply(notice(say("digest.rest_none", reader.language, day=named)), (back,))
    first = len(digest.entries) + start + 1
    of = 1 - -len(digest.rest) // A_PAGE
    return Reply(
        digest_page.rest(digest, entries, first, desk.today(reader)),
        rows=_rows(under_rest(digest, entries, page, of)),
        in_place=True,
    )


def _rows(pairs: Iterable[Iterable[tuple[str, ...]]]) -> tuple[tuple[Choice, ...], ...]:
    return tuple(tuple(Choice(*pair) for pair in row) for row in pairs)


async def _had(desk: Desk, reader: Subscriber, found: Found) -> None:
    """Who read an edition that is published is not sent it again."""
    if reader.id is not None and found.digest.edition.published:
        await desk.store.subscribers.mark_had(reader.id, found.digest.edition.day)


def _shown(desk: Desk, found: Found, reader: Subscriber) -> Reply:
    notes = [
        block
        for note in found.notes
        for block in notice(
            say(note.key, reader.language, **_local(dict(note.values), desk, reader))
        )
    ]
    page = digest_page.blocks(found.digest, today=desk.today(reader))
    return Reply((*notes, *page), rows=_rows(under_digest(found.digest)))


def _local(values: dict[str, object], desk: Desk, reader: Subscriber) -> dict[str, object]:
    """Times in the reader's zone, dates with their year where it is another."""
    zone, today = ZoneInfo(reader.timezone), desk.today(reader)
    shown: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, datetime):
            shown[name] = value.astimezone(zone)
        elif isinstance(value, date):
            shown[name] = long_date(value, reader.language, today)
        else:
            shown[name] = value
    return shown


def nothing(desk: Desk, error: NothingAnnounced, reader: Subscriber) -> Reply:
    """Why there is no edition of that day, and the nearest one that there is."""
    language, day = reader.language, error.params["day"]
    today = desk.today(reader)
    if error.key != NothingAnnounced.key:  # before arXiv began, or still to come
        return Reply(notice(say(error.key, language, **_local(dict(error.params), desk, reader))))
    coming = calendar.out_at(calendar.next_expected(desk.clock()))
    holiday = calendar.holiday_name(day)
    blocks = nothing_announced(
        day,
        language,
        next_at=coming.astimezone(ZoneInfo(reader.timezone)),
        reason=calendar.why_nothing(day),
        holiday=say(holiday, language) if holiday else "",
        today=today,
    )
    nearest = error.params.get("newest") or calendar.previous(day)
    label = long_date(nearest, language, today)
    return Reply(blocks, (Choice(label, f"/date {nearest.isoformat()}"),))


def _no_fields(reader: Subscriber) -> Reply:
    offered = tuple(
        Choice(fields.name(each, reader.language), f"/field {each.key}") for each in fields.named()
    )
    return Reply(notice(say("commands.no_fields", reader.language)), offered)

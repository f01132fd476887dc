"""A day's papers: /today, /date."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.commands import Choice, Reply
from bot.commands.following import short
from digest import calendar, fields
from digest.errors import NoSuchDay, NothingAnnounced
from digest.locale import long_date, say
from digest.render import digest as digest_page
from digest.render.notices import nothing_announced, notice
from digest.text import dates

if TYPE_CHECKING:
    from bot.commands import Answer, Desk
    from digest.models import Subscriber
    from digest.reading import Found


def local_day(desk: Desk, reader: Subscriber) -> date:
    """Today, where the reader is."""
    return desk.clock().astimezone(ZoneInfo(reader.timezone)).date()


async def today(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """The newest edition; with a day, that day's."""
    if argument and _is_day(argument, local_day(desk, reader)):
        return await on_date(desk, reader, argument)
    if not reader.fields:
        return reader, _no_fields(reader)
    with desk.reading.telling.asked_by(reader.id):
        found = await desk.reading.today(reader)
    await _had(desk, reader, found)
    return reader, _shown(desk, found, reader)


def _is_day(argument: str, today: date) -> bool:
    """Whether it says a day, or tries to."""
    try:
        return dates.understand(argument, today) is not None
    except NoSuchDay:
        return True


async def on_date(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """A past day's edition."""
    if not argument:
        return reader, Reply(notice(say("commands.which_date", reader.language)))
    try:
        day = dates.understand(argument, local_day(desk, reader))
    except NoSuchDay:
        words = say("errors.no_such_day", reader.language, text=short(argument))
        return reader, Reply(notice(words))
    if day is None:
        words = say("commands.not_a_date", reader.language, text=short(argument))
        return reader, Reply(notice(words))
    if not reader.fields:
        return reader, _no_fields(reader)
    try:
        with desk.reading.telling.asked_by(reader.id):
            found = await desk.reading.on(day, reader)
    except NothingAnnounced as error:
        return reader, nothing(desk, error, reader)
    await _had(desk, reader, found)
    return reader, _shown(desk, found, reader)


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
    page = digest_page.blocks(found.digest, today=local_day(desk, reader))
    return Reply((*notes, *page))


def _local(values: dict[str, object], desk: Desk, reader: Subscriber) -> dict[str, object]:
    """Times in the reader's zone, dates with their year where it is another."""
    zone, today = ZoneInfo(reader.timezone), local_day(desk, reader)
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
    today = local_day(desk, reader)
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

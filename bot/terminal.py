"""What the command line does at a terminal: converse, make an edition, show a digest or a paper."""

from __future__ import annotations

import json
import math
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot import app as building
from bot.channels.console import Conversation
from bot.commands import days
from digest import calendar, fields, ids
from digest.errors import NoSuchDay, NothingAnnounced, PaperboyError, SettingsError
from digest.locale import languages, listed, say
from digest.morning import Progress as Watch
from digest.render import data, markdown, plain, report
from digest.render import digest as digest_page
from digest.render import paper as paper_page
from digest.summarize.called import NAMES, called, understand
from digest.text import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from bot.app import App
    from bot.settings import Settings
    from digest.errors import ArxivError
    from digest.gathering import Ask
    from digest.models import Batch, Digest, Subscriber
    from digest.morning import Outcome
    from digest.reading import Found
    from digest.render.blocks import Block

FORMATS = ("text", "markdown", "json")
EVERYTHING = 10**9  # the size of a digest that leaves nothing out


@dataclass(frozen=True, slots=True)
class Asked:
    """What `paperboy show` was asked for, as it was typed.

    Attributes:
        style: the shape of a file to publish; None for the reader's digest.
    """

    day: str | None = None
    fields: tuple[str, ...] = ()
    language: str | None = None
    form: str = "text"
    style: str | None = None


async def converse(settings: Settings) -> int:
    """A conversation until the reader leaves."""
    async with building.opened(settings, background=True) as app:
        reader = await building.local_reader(app)
        talk = Conversation(app.desk, reader)
        talk.note("console.greeting")
        await _first_digests(app, talk)
        async with app.keeping.meanwhile():
            await talk.hold()
    return 0


async def _first_digests(app: App, talk: Conversation) -> None:
    """What is stored at once; then the newest, and the rest of it behind the reader's back."""
    expected = calendar.newest_expected(app.gathering.clock())
    stored = await app.store.editions.newest_stored()
    shown = None
    if stored is not None and stored.day != expected:
        talk.note("console.stored_first", day=stored.day, newest=expected)
        shown = await talk.answer(f"/date {stored.day.isoformat()}")
    await talk.answer("/today", below=shown)
    newest = await app.store.editions.newest_stored()
    if newest is not None and newest.published is None and newest.day == expected:
        app.errands.start(newest.day, app.gathering.archives, app.morning.run(newest.day))


def day_of(text: str | None, settings: Settings, clock: Callable[[], datetime]) -> date | None:
    """The day that `--date` names, where the operator is; None without one.

    Raises:
        SettingsError: it names no day.
    """
    if text is None:
        return None
    zone = ZoneInfo(settings.timezone or building.machine_timezone())
    try:
        found = dates.understand(text, clock().astimezone(zone).date())
    except NoSuchDay as none:
        raise SettingsError(none.key, **none.params) from none
    if found is None:
        raise SettingsError("console.bad_date", text=text[:60])
    return found


async def make_edition(settings: Settings, asked: str | None, clock: Callable[[], datetime]) -> int:
    """Makes the edition of a day, with progress bars on a terminal."""
    language = settings.language or building.machine_language()
    day = day_of(asked, settings, clock)
    async with building.opened(settings, clock, again=partial(_say_again, language)) as app:
        if not await app.store.subscribers.all():
            await building.local_reader(app)
        with _bars(len(app.gathering.archives), language) as watch:
            outcome = await app.morning.run(day, watch)
        await app.keeping.prune()
    for line in _told(outcome, language):
        sys.stdout.write(line + "\n")
    return 0 if outcome.published else 1


@contextmanager
def _bars(archives: int, language: str) -> Iterator[Watch]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    hidden = not console.is_terminal
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=hidden) as bars:
        fetching = bars.add_task(say("console.fetching", language), total=archives)
        telling = bars.add_task(say("console.summarising", language), total=None)

        def arrived(ask: Ask, _batch: Batch) -> None:
            bars.advance(fetching, len(ask.archives))

        def summarising(told: int, of: int) -> None:
            bars.update(telling, completed=told, total=of)

        yield Watch(arrived, summarising)


def _say_again(language: str, failure: ArxivError, wait_s: float) -> None:
    """Nobody looks at a silent terminal for minutes without wondering."""
    known = failure.params
    why = f"HTTP {known['status']}" if "status" in known else known["reason"]
    told = say("console.asked_again", language, why=why, seconds=math.ceil(wait_s))
    sys.stderr.write(told + "\n")


def _told(outcome: Outcome, language: str) -> Iterator[str]:
    done = "console.published" if outcome.published else "console.unpublished"
    yield say(done, language, day=outcome.day, count=outcome.announced)
    for archive, error in outcome.failed:
        why = say(error.key, language, **error.params)
        yield say("console.archive_failed", language, archive=archive, why=why)
    if outcome.short:
        names = [f"{archive} {count}" for archive, count in outcome.short]
        yield say("console.short", language, names=listed(names, language))


async def show_digest(settings: Settings, asked: Asked, clock: Callable[[], datetime]) -> int:
    """Prints a digest, or a file of the whole edition."""
    if asked.form not in FORMATS:
        raise SettingsError("console.bad_format", text=asked.form, formats=", ".join(FORMATS))
    shape = _shape(asked)
    if asked.language:
        asked = replace(asked, language=_language(asked.language, settings))
    day = day_of(asked.day, settings, clock)
    async with building.opened(settings, clock) as app:
        reader = _as_asked(await building.local_reader(app), asked, shape)
        try:
            found = await (
                app.reading.today(reader, hurry=False)
                if day is None
                else app.reading.on(day, reader, hurry=False)
            )
        except NothingAnnounced as error:
            _print_nothing(error, days.nothing(app.desk, error, reader).blocks, reader, shape)
            return 1
        found = await app.reading.whole(found) if shape else found
    _print(found, reader, asked.form, shape)
    return 0


def _shape(asked: Asked) -> report.Shape | None:
    """The style by its name; refuses one that does not exist, or not in that format."""
    if asked.style is None:
        return None
    shapes = [shape.value for shape in report.Shape]
    if asked.style not in shapes:
        raise SettingsError("console.bad_style", text=asked.style, styles=", ".join(shapes))
    if asked.form != "markdown":
        raise SettingsError("console.style_is_markdown")
    return report.Shape(asked.style)


def _as_asked(reader: Subscriber, asked: Asked, shape: report.Shape | None) -> Subscriber:
    code = asked.language or reader.language
    keys = tuple(dict.fromkeys(_field(name) for name in asked.fields)) or reader.fields
    reader = replace(reader, language=code, fields=keys)
    if shape is None:
        return reader
    keys = tuple(key for key in keys if fields.known(key))
    if not keys:
        raise SettingsError("console.style_no_field")
    if shape is report.Shape.FIELD and len(keys) > 1:
        raise SettingsError("console.style_one_field", field=digest_page.field_name(keys[0], code))
    return replace(reader, fields=keys, size=EVERYTHING, id=None)  # in no reader's own order


def _language(text: str, settings: Settings) -> str:
    offered = tuple(NAMES) if settings.has_model else languages()
    if (code := understand(text)) in offered:
        return code
    if code:
        raise SettingsError("console.language_needs_model", language=called(code))
    raise SettingsError("console.bad_language", text=text, languages=", ".join(offered))


def _field(name: str) -> str:
    found = fields.resolve(name)
    if found.field:
        return found.field.key
    near = [fields.name(each, "en") for each in found.choices]
    key = "console.near_fields" if near else "console.bad_field"
    raise SettingsError(key, text=name, near=", ".join(near))


def _print_nothing(
    error: NothingAnnounced,
    why: Sequence[Block],
    reader: Subscriber,
    shape: report.Shape | None,
) -> None:
    """Why there is no edition; a file says it, too, for whoever looks for that day's."""
    if shape:
        day = error.params["day"]
        sys.stdout.write(report.nothing(day, reader.language, shape, why))
    sys.stderr.write(plain.text(why) + "\n")


def _print(found: Found, reader: Subscriber, form: str, shape: report.Shape | None) -> None:
    for note in found.notes:
        sys.stderr.write(say(note.key, reader.language, **dict(note.values)) + "\n")
    sys.stdout.write(report.text(found.digest, shape) if shape else _shown(found.digest, form))


def _shown(digest: Digest, form: str) -> str:
    if form == "json":
        return json.dumps(data.of_digest(digest), ensure_ascii=False, indent=2) + "\n"
    blocks = digest_page.blocks(digest)
    return (markdown.text(blocks) if form == "markdown" else plain.text(blocks)) + "\n"


async def show_paper(settings: Settings, identifier: str, language: str | None) -> int:
    """Prints one paper."""
    wanted = ids.find(identifier)
    if not wanted:
        raise PaperboyError("commands.not_an_id", text=identifier[:60])
    async with building.opened(settings) as app:
        reader = await building.local_reader(app)
        spoken = _language(language, settings) if language else reader.language
        told = await app.reading.paper(wanted[0], spoken)
    page = paper_page.blocks(
        told.paper, spoken, summary=told.summary, announced=told.days, sample=told.sample
    )
    sys.stdout.write(plain.text(page) + "\n")
    return 0

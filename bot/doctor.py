"""`paperboy doctor`: a line for each thing that Paperboy needs, and what to do if it is wrong."""

from __future__ import annotations

import os
import shutil
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot import app as building
from bot import costs, heartbeat
from bot.alarms import SHORT_OF
from bot.channels.telegram import Telegram
from bot.channels.telegram_errors import asked
from digest import calendar
from digest.arxiv import feed
from digest.due import LATE_AFTER
from digest.errors import ArxivError, ChannelError, PaperboyError, StoreError, WriterError
from digest.locale import say
from digest.models import Paper
from digest.store import address
from digest.store.backup import MB
from digest.store.outbox import PageState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from bot.app import App
    from bot.settings import Settings

Finding = tuple[bool, str]
"""Whether it is well, and the sentence."""

LATELY = timedelta(days=7)
"""So long pages that were given up are spoken of."""

ROOM_MB = 200
"""Less free space than this is a trouble, in MB: some weeks of all of arXiv need it."""

OTHERS = 0o077
"""Of a file's mode: what its group and everybody else may do."""

WEBHOOK_LATELY = timedelta(hours=1)
"""A webhook that failed longer ago than this works again."""

PROBE = Paper(
    id="9913.00001",
    version=1,
    title="A Paper That Asks Whether Anybody Answers",
    abstract="We ask whether the model answers. We find that it does.",
    authors=("A. Example",),
    categories=("cs.AI",),
)


async def examine(settings: Settings, clock: Callable[[], datetime] = building.now) -> int:
    """Prints a line for each thing looked at; 0 when all is well, else 1."""
    language = settings.language or building.machine_language()
    well, words = _settings(language)
    sys.stdout.write(_line(words, good=well))
    try:
        async with building.opened(settings, clock) as app:
            async for good, words in _findings(app, language):
                well = well and good
                sys.stdout.write(_line(words, good=good))
    except PaperboyError as error:
        # What every command says of a broken database sends people here.
        key = "doctor.database_failed" if error.key == StoreError.key else error.key
        sys.stdout.write(_line(say(key, language, **error.params), good=False))
        well = False
    return 0 if well else 1


def _line(words: str, *, good: bool = True) -> str:
    return f"{'✓' if good else '✗'} {words}\n"


async def _findings(app: App, language: str) -> AsyncIterator[Finding]:
    yield True, await _database(app, language)
    if room := _room(app, language):
        yield room
    if app.settings.telegram_token.get_secret_value():
        yield await _telegram(app, language)
        yield _running(language)
        if not app.settings.admins:
            yield True, say("doctor.no_admins", language)
    if edition := await _edition(app, language):
        yield edition
    yield await _delivery(app, language)
    yield await _arxiv(app, language)
    spent = app.budget.is_spent(await app.budget.standing())
    if not spent:
        yield await _model(app, language)
    if app.settings.has_model:
        yield not spent, await costs.remaining(app, language)
    if labels := await _labels(app, language):
        yield True, labels


def _settings(language: str) -> Finding:
    """Whether the settings' file is its owner's alone: it holds the token and the key."""
    file = Path(".env")
    if os.name == "posix" and file.is_file() and file.stat().st_mode & OTHERS:
        return False, say("doctor.env_readable", language, file=str(file.resolve()))
    return True, say("doctor.settings", language)


def _room(app: App, language: str) -> Finding | None:
    """Where the disk is nearly full; None where it is not, or the database is elsewhere."""
    file = address.file(address.understand(app.settings.database_url))
    if file is None:
        return None
    free = shutil.disk_usage(file.parent).free // MB
    if free >= ROOM_MB:
        return None
    folder = str(file.parent)
    return False, say("doctor.room", language, free=free, wanted=ROOM_MB, folder=folder)


async def _telegram(app: App, language: str) -> Finding:
    """Whether Telegram takes the token, and can bring updates where it should."""
    settings = app.settings
    telegram = Telegram(
        settings.telegram_token.get_secret_value(),
        api_url=settings.telegram_api_url,
        proxy=settings.proxy or None,
    )
    try:
        async with telegram:
            name, hook = telegram.bot.username, await asked(telegram.bot.get_webhook_info())
    except ChannelError as error:
        return False, say(error.key, language, **error.params)
    if settings.webhook_url and hook.url != settings.webhook_url:
        return False, say("doctor.webhook_elsewhere", language, name=name)
    failed_at = hook.last_error_date
    if hook.url and failed_at and app.gathering.clock() - failed_at < WEBHOOK_LATELY:
        why = _printable(hook.last_error_message or "").rstrip(".")
        return False, say("doctor.webhook_failed", language, name=name, why=why)
    return True, say("doctor.telegram", language, name=name)


def _running(language: str) -> Finding:
    """Whether a Paperboy that serves Telegram ticked lately on this machine."""
    if heartbeat.is_fresh(heartbeat.place(), time.time()):
        return True, say("doctor.running", language)
    return False, say("doctor.not_running", language)


async def _edition(app: App, language: str) -> Finding | None:
    """The newest published edition: whether it is the newest there should be, and whole."""
    edition = await app.store.editions.newest()
    if edition is None:
        return None
    now = app.gathering.clock()
    expected = calendar.newest_expected(now)
    due = calendar.out_at(expected).astimezone(app.budget.zone)
    if edition.day < expected and now - due >= LATE_AFTER:
        words = say("doctor.edition_late", language, day=edition.day, expected=expected, due=due)
        return False, words
    parts = await app.store.editions.parts(edition.day)
    short = sum(part.missing for part in parts.values())
    if not edition.missing and short <= SHORT_OF:
        return True, say("doctor.edition", language, day=edition.day)
    return False, say(
        "doctor.edition_incomplete",
        language,
        day=edition.day,
        iso=edition.day.isoformat(),
        archives=", ".join(edition.missing) or "–",
        papers=short,
    )


def _printable(words: str) -> str:
    """A stranger's words, without what a terminal would obey."""
    return "".join(filter(str.isprintable, words))


async def _database(app: App, language: str) -> str:
    newest = await app.store.editions.newest_stored()
    if newest is None:
        return say("doctor.database_empty", language, database=app.store.shown)
    return say("doctor.database", language, database=app.store.shown, day=newest.day)


async def _labels(app: App, language: str) -> str:
    """How the model's word on fields and the light model's compare; empty before the first."""
    said = await app.store.labels.agreement()
    if not said.judged:
        return ""
    return say("doctor.labels", language, count=said.judged, removed=said.removed, added=said.added)


async def _delivery(app: App, language: str) -> Finding:
    outbox = app.store.outbox
    waiting = (await outbox.counts())[PageState.WAITING]
    dead = await outbox.dead(app.gathering.clock() - LATELY)
    if dead is None:
        return True, say("doctor.delivery", language, waiting=waiting)
    day, why = dead.newest.date(), _printable(dead.reason).rstrip(".")
    return False, say(
        "doctor.given_up", language, waiting=waiting, dead=dead.pages, day=day, why=why
    )


async def _arxiv(app: App, language: str) -> Finding:
    try:
        batch = await feed.fetch(
            app.gathering.arxiv.client,
            app.settings.arxiv_feed_url,
            "econ",
            categories=(),
            urgent=True,
        )
    except ArxivError as error:
        why = say(error.key, language, **error.params)
        return False, say("doctor.arxiv_failed", language, why=why)
    expected = calendar.newest_expected(app.gathering.clock())
    day = batch.day if batch else expected
    return True, say("doctor.arxiv", language, day=day, expected=expected)


def _why(error: WriterError) -> str:
    """The reason alone, without what a terminal would obey and without its full stop."""
    reason = str(error.params.get("reason") or type(error).__name__)
    return _printable(reason).rstrip(".")


async def _model(app: App, language: str) -> Finding:
    model = app.reading.telling.model
    if model is None:
        return True, say("doctor.no_model", language)
    try:
        await model.write(PROBE, language)
    except WriterError as error:
        return False, say("doctor.model_failed", language, model=model.name, why=_why(error))
    return True, say("doctor.model", language, model=model.name)

"""`paperboy doctor`: the settings, the database, arXiv and the model, a line each."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import app as building
from bot import costs
from digest import calendar
from digest.arxiv import feed
from digest.errors import ArxivError, PaperboyError, WriterError
from digest.locale import say
from digest.models import Paper
from digest.store.outbox import PageState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from bot.settings import Settings

Finding = tuple[bool, str]
"""Whether it is well, and the sentence."""

LATELY = timedelta(days=7)
"""So long pages that were given up are spoken of."""

PROBE = Paper(
    id="9913.00001",
    version=1,
    title="A Paper That Asks Whether Anybody Answers",
    abstract="We ask whether the model answers. We find that it does.",
    authors=("A. Example",),
    categories=("cs.AI",),
)


async def examine(settings: Settings) -> int:
    """Prints a line for each thing looked at; 0 when all is well, else 1."""
    language = settings.language or building.machine_language()
    well = True
    sys.stdout.write(_line(say("doctor.settings", language)))
    try:
        async with building.opened(settings) as app:
            async for good, words in _findings(app, language):
                well = well and good
                sys.stdout.write(_line(words, good=good))
    except PaperboyError as error:
        sys.stdout.write(_line(say(error.key, language, **error.params), good=False))
        well = False
    return 0 if well else 1


def _line(words: str, *, good: bool = True) -> str:
    return f"{'✓' if good else '✗'} {words}\n"


async def _findings(app: App, language: str) -> AsyncIterator[Finding]:
    yield True, await _database(app, language)
    yield await _delivery(app, language)
    yield await _arxiv(app, language)
    spent = app.budget.is_spent(await app.budget.standing())
    if not spent:
        yield await _model(app, language)
    if app.settings.has_model:
        yield not spent, await costs.remaining(app, language)
    if labels := await _labels(app, language):
        yield True, labels


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
    why = "".join(filter(str.isprintable, dead.reason))  # a platform's words, and a terminal
    day = dead.newest.date()
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
        return False, say(error.key, language, **error.params)
    expected = calendar.newest_expected(app.gathering.clock())
    day = batch.day if batch else expected
    return True, say("doctor.arxiv", language, day=day, expected=expected)


def _why(error: WriterError) -> str:
    """The reason alone, without what a terminal would obey and without its full stop."""
    reason = str(error.params.get("reason") or type(error).__name__)
    return "".join(filter(str.isprintable, reason)).rstrip(".")


async def _model(app: App, language: str) -> Finding:
    model = app.reading.telling.model
    if model is None:
        return True, say("doctor.no_model", language)
    try:
        await model.write(PROBE, language)
    except WriterError as error:
        return False, say("doctor.model_failed", language, model=model.name, why=_why(error))
    return True, say("doctor.model", language, model=model.name)

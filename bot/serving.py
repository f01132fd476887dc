"""Serving Telegram: the conversations, the watch for arXiv's batch, and delivery, until stopped."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot import app as building
from bot import collector, heartbeat
from bot.access import Door
from bot.admins import Admins
from bot.alarms import Alarms
from bot.below import below
from bot.channels.telegram import Telegram
from bot.channels.telegram_profile import Menus
from bot.channels.telegram_readers import Newcomers
from bot.channels.telegram_replies import Replies
from bot.channels.telegram_serve import serve
from bot.channels.telegram_updates import Conversations
from bot.channels.telegram_webhook import Webhook
from bot.commands.book import COMMANDS, meant
from bot.commands.mornings import fresh_hour
from bot.deadletters import DeadLetters
from bot.deliver import Delivery, deliver_once
from bot.lag import Lag
from bot.leased import Leased, lane_of
from bot.pace import Pace
from bot.paced import Paced
from bot.schedule import Schedule
from bot.sending import Sending, lines_for
from bot.settings import needs
from bot.status import Status, listening
from bot.ticking import Ticking
from bot.watch import Watch
from bot.worker import Worker
from digest.errors import SettingsError
from digest.locale import say, understand_language
from digest.summarize.called import understand

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
    from typing import Any, Protocol

    from bot.app import App
    from bot.settings import Settings
    from bot.vitals import Vitals

    class Living(Protocol):
        """Something that shows how it goes."""

        @property
        def vitals(self) -> Vitals:
            """Its vital signs."""
            ...


log = structlog.get_logger()

FINISH_WITHIN_S = 3.0
"""For answers when we stop; the pages in flight and closing need the rest of ten seconds."""


@dataclass(frozen=True, slots=True)
class Post:
    """What carries messages to Telegram: one pace for replies and broadcast."""

    telegram: Telegram
    pace: Pace
    sending: Sending


@dataclass(frozen=True, slots=True)
class Rooms:
    """All that serves Telegram, ready to begin."""

    app: App
    post: Post
    delivery: Delivery
    schedule: Schedule


@asynccontextmanager
async def _post(
    settings: Settings, app: App, paced: Callable[[float], Pace] = Pace
) -> AsyncIterator[Post]:
    token = settings.telegram_token.get_secret_value()
    if not token:
        raise needs("telegram_token")
    telegram = Telegram(
        token,
        api_url=settings.telegram_api_url,
        proxy=settings.proxy or None,
        paid=settings.paid_broadcast,
        names=app.store.buttons,
    )
    rate = settings.messages_a_second
    async with telegram:
        paces = app.store.paces
        lane = lane_of(telegram.name, token)
        pace = Leased(paces, lane, rate) if paces.are_shared else paced(rate)
        sending = Sending(
            app.store, telegram, pace, clock=app.gathering.clock, at_once=lines_for(rate)
        )
        yield Post(telegram, pace, sending)


@asynccontextmanager
async def furnished(
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    beat: Callable[[], object] = lambda: None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    stopwatch: Callable[[], float] = time.time,
    paced: Callable[[float], Pace] = Pace,
) -> AsyncIterator[Rooms]:
    """Everything that serves Telegram, built and opened; nothing is done yet.

    Args:
        settings: what the operator chose.
        clock: what time it is.
        beat: called on each tick.
        sleep: waits out arXiv's pauses, the model's and pruning's, in seconds.
        stopwatch: what these are measured by: seconds of the Unix clock.
        paced: makes the pace of so many messages a second.
    """
    async with (
        building.opened(settings, clock, background=True, sleep=sleep, stopwatch=stopwatch) as app,
        _post(settings, app, paced) as post,
    ):
        delivery = _delivery(settings, app, post)
        schedule = Schedule(
            Watch(app.morning, clock),
            delivery,
            clock=clock,
            beat=beat,
            prune=app.keeping.prune,
            alarm=_alarms(settings, app, post, delivery).check,
        )
        yield Rooms(app, post, delivery, schedule)


async def answering(settings: Settings, rooms: Rooms) -> None:
    """Answers readers until it is cancelled."""
    await serve(
        rooms.post.telegram,
        _conversations(settings, rooms.app, rooms.post),
        menus=_menus(),
        webhook=_webhook(settings),
        reach=rooms.app.store.reach,
        finish_within_s=FINISH_WITHIN_S,
    )


async def serve_telegram(
    settings: Settings, clock: Callable[[], datetime] = building.now, *, delivers: bool = True
) -> int:
    """Serves until SIGTERM or Ctrl-C, and stops within ten seconds without losing a page.

    Args:
        settings: what the operator chose.
        clock: what time it is.
        delivers: whether it watches, composes and sends; if not, others do.
    """
    language = settings.language or building.machine_language()
    beat = partial(heartbeat.beat, heartbeat.place())
    async with furnished(settings, clock, beat=beat) as rooms:
        name = rooms.post.telegram.bot.username
        sys.stderr.write(say("console.serving", language, name=f"@{name}") + "\n")
        collector.spare()
        sending = rooms.post.sending
        living = rooms.schedule if delivers else Ticking(beat)
        async with watched(rooms.app, sending, rooms.delivery, living), living:
            await _until_stopped(answering(settings, rooms))
    return 0


async def work(settings: Settings, clock: Callable[[], datetime] = building.now) -> int:
    """Does jobs for all processes on one PostgreSQL until SIGTERM or Ctrl-C.

    Raises:
        SettingsError: the database is no PostgreSQL.
    """
    if not settings.database_url.startswith("postgresql"):
        raise SettingsError("errors.worker_needs_server")
    language = settings.language or building.machine_language()
    beat = partial(heartbeat.beat, heartbeat.place())
    async with furnished(settings, clock, beat=beat) as rooms:
        app = rooms.app
        worker = Worker(
            Watch(app.morning, clock),
            rooms.delivery,
            app.reading.telling,
            clock=clock,
            lines=lines_for(settings.messages_a_second),
            beat=beat,
            prune=app.keeping.prune,
            alarm=_alarms(settings, app, rooms.post, rooms.delivery).check,
        )
        sys.stderr.write(say("console.working", language) + "\n")
        collector.spare()
        async with watched(app, rooms.post.sending, rooms.delivery, worker.ticking):
            with _signals(worker.stop):
                await worker.run()
    return 0


@contextmanager
def _signals(stop: Callable[[], object]) -> Iterator[None]:
    """Has SIGTERM and Ctrl-C call `stop`."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def watched(
    app: App, sending: Sending, delivery: Delivery, living: Living
) -> AsyncIterator[int]:
    """Serves /healthz and /metrics where PAPERBOY_HTTP_PORT is set; gives the port, or 0."""
    settings = app.settings
    if not settings.http_port:
        yield 0
        return
    if settings.webhook_url and settings.http_port == settings.webhook_port:
        raise needs("http_port")
    from bot.metrics import Metrics, Own  # noqa: PLC0415 - most do without Prometheus' library

    lag, patience = Lag(), app.reading.telling.patience

    def own() -> Own:
        is_resting = patience.until is not None and app.gathering.clock() < patience.until
        now_s = time.monotonic()
        vitals = living.vitals
        return Own(vitals, now_s, lag.worst_s, sending.outcomes, delivery.total, is_resting)

    status = Status(lambda: living.vitals.troubles(time.monotonic()), Metrics(app, own).page)
    async with listening(status, settings.http_host, settings.http_port) as port:
        measuring = asyncio.create_task(lag.run())
        try:
            yield port
        finally:
            measuring.cancel()


def _delivery(settings: Settings, app: App, post: Post) -> Delivery:
    dead_letters = DeadLetters(app.store, _admins(settings, app, post))
    return Delivery(app.reading, [post.sending], below, dead_letters)


def _admins(settings: Settings, app: App, post: Post) -> Admins:
    return Admins(
        app.store,
        Paced(post.telegram, post.pace),
        [str(number) for number in settings.admins],
        settings.language or "en",
        settings.timezone or building.machine_timezone(),
    )


def _alarms(settings: Settings, app: App, post: Post, delivery: Delivery) -> Alarms:
    budget = app.budget if settings.has_model else None
    admins = _admins(settings, app, post)
    return Alarms(app.store, admins, budget, lambda: delivery.total.failed)


def _conversations(settings: Settings, app: App, post: Post) -> Conversations:
    admins = frozenset(str(number) for number in settings.admins)
    name = post.telegram.bot.username
    desk = replace(app.desk, tell_admins=_admins(settings, app, post).tell, bot_name=name)
    door = Door(desk, settings.access == "open", admins)
    newcomers = Newcomers(
        language=settings.language or "en",
        timezone=settings.timezone,
        size=settings.digest_size,
        hour=lambda zone: fresh_hour(zone, app.gathering.clock().date()),
        understand=understand if settings.has_model else understand_language,
    )
    paced = Paced(post.telegram, post.pace)
    return Conversations(
        post.telegram,
        app.store.subscribers,
        door.answer,
        newcomers=newcomers,
        replies=Replies(post.telegram.bot, paced),
        meant=meant,
        cards=door.cards,
        alone=app.store.locks.hold if app.store.locks.are_shared else None,
    )


def _menus() -> Menus:
    """What is offered where: in a group nothing that is one reader's own."""
    shown = [each for each in COMMANDS if not each.hidden]
    common = [each for each in shown if not each.personal]
    return Menus(
        private=[each.name for each in shown],
        groups=[each.name for each in common if not each.configures],
        admins=[each.name for each in common],
    )


def _webhook(settings: Settings) -> Webhook | None:
    if not settings.webhook_url:
        return None
    secret = settings.webhook_secret.get_secret_value()
    return Webhook(settings.webhook_url, settings.webhook_port, secret=secret)


async def _until_stopped(serving: Coroutine[Any, Any, None]) -> None:
    """Serves until a signal cancels it; whatever else ends it is an error of its own."""
    task = asyncio.create_task(serving)
    with _signals(task.cancel), suppress(asyncio.CancelledError):
        await task


async def deliver(settings: Settings, clock: Callable[[], datetime]) -> int:
    """Sends what is due now, and stops; safe to repeat."""
    language = settings.language or building.machine_language()
    async with building.opened(settings, clock) as app, _post(settings, app) as post:
        done = await deliver_once(_delivery(settings, app, post), clock())
    if done.pages.elsewhere:
        sys.stdout.write(say("console.elsewhere", language) + "\n")
    words = say(
        "console.delivered",
        language,
        composed=done.composed,
        sent=done.pages.sent,
        waiting=done.waiting,
        failed=done.failed + done.pages.dead,
    )
    sys.stdout.write(words + "\n")
    return 1 if done.failed or done.pages.dead else 0


async def invite(settings: Settings, count: int) -> int:
    """Prints codes, each of which lets one reader in."""
    async with building.opened(settings) as app:
        for _ in range(count):
            sys.stdout.write(await app.store.invitations.make(datetime.now(UTC)) + "\n")
    return 0

"""Builds everything, once. Only this file and `cli` know the settings."""

from __future__ import annotations

import asyncio
import locale as platform_locale
import os
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import __version__
from bot.channels.console import ADDRESS, CHANNEL
from bot.commands import Desk
from bot.settings import MOST_SHOWN
from digest.arxiv import Client
from digest.budget import Budget, Caps
from digest.errands import Errands
from digest.finding import KeepingUp
from digest.gathering import Arxiv, Gathering
from digest.keeping import Keeping
from digest.labelling import Labelling
from digest.locale import understand_language
from digest.models import Subscriber
from digest.morning import Morning
from digest.profiling import Profiling
from digest.reading import Reading
from digest.store import Store
from digest.summarize import prices
from digest.summarize.extract import Extract
from digest.telling import Telling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.settings import Settings
    from digest.errors import ArxivError
    from digest.summarize.model import Model

USER_AGENT = f"Paperboy/{__version__} (daily digests of arXiv announcements)"
"""How arXiv's operators know who is asking."""

ANSWER_WITHIN_S = 5.0
"""A reader who waits is told after this long that arXiv does not answer, in seconds."""

OPENAI_URL = "https://api.openai.com/v1"
"""Where a key without an address belongs."""

DEFAULT_FIELD = "ai"


@dataclass(frozen=True, slots=True)
class App:
    """The rooms, furnished."""

    settings: Settings
    store: Store
    gathering: Gathering
    errands: Errands
    reading: Reading
    morning: Morning
    desk: Desk
    budget: Budget
    keeping: Keeping


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def opened(
    settings: Settings,
    clock: Callable[[], datetime] = now,
    *,
    background: bool = False,
    again: Callable[[ArxivError, float], None] | None = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    stopwatch: Callable[[], float] = time.time,
) -> AsyncIterator[App]:
    """Everything, built and opened; closed at the end in the right order.

    Args:
        settings: what the operator chose.
        clock: what time it is; tests and benchmarks live on other days.
        background: whether what a reader does not wait for is fetched while they read.
        again: hears when arXiv did not answer and is asked again, and in how many seconds.
        sleep: waits out arXiv's pauses, the model's and pruning's, in seconds.
        stopwatch: what these pauses are measured by: seconds of the Unix clock.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            Store.open(settings.database_url, clock=stopwatch, now=clock)
        )
        client = Client(
            manners=store.manners,
            user_agent=USER_AGENT,
            proxy=settings.proxy or None,
            answer_within_s=ANSWER_WITHIN_S,
            again=again,
            clock=stopwatch,
            now=clock,
            sleep=sleep,
        )
        arxiv = _arxiv(settings, await stack.enter_async_context(client))
        budget = _budget(settings, store, clock)
        model = await _model(settings, stack, budget, sleep)
        gathering = Gathering(store, arxiv, settings.archives, clock)
        errands = Errands(gathering)
        stack.push_async_callback(errands.close)
        telling = Telling(
            store, Extract(), model, clock, settings.model_concurrency, budget.asked_by
        )
        profiling = Profiling(store, model, telling.patience, clock)
        behind = errands if background else None
        if background:
            await stack.enter_async_context(KeepingUp(store).meanwhile())
        reading = Reading(gathering, telling, clock, behind, profiling)
        stack.push_async_callback(reading.lately.close)
        morning, desk = Morning(reading, clock), _desk(settings, reading, budget, clock)
        keeping = Keeping(store, settings.keep_days, clock, sleep)
        yield App(settings, store, gathering, errands, reading, morning, desk, budget, keeping)


def _desk(
    settings: Settings, reading: Reading, budget: Budget, clock: Callable[[], datetime]
) -> Desk:
    """What commands may ask for."""
    admins = frozenset(str(number) for number in settings.admins)
    return Desk(reading.store, reading, clock, MOST_SHOWN, budget=budget, admins=admins)


def _arxiv(settings: Settings, client: Client) -> Arxiv:
    """arXiv, where the operator says that it is."""
    return Arxiv(client, settings.arxiv_feed_url, settings.arxiv_api_url, settings.arxiv_site_url)


def _budget(settings: Settings, store: Store, clock: Callable[[], datetime]) -> Budget:
    """What the model may cost, at the price that the operator states or that is known."""
    address = settings.openai_base_url or OPENAI_URL
    stated = prices.stated(settings.model_price) if settings.model_price else None
    return Budget(
        store,
        price=stated or prices.price_of(settings.model, address),
        caps=Caps(
            settings.model_daily_money, settings.model_daily_calls, settings.reader_daily_summaries
        ),
        zone=ZoneInfo(settings.timezone or machine_timezone()),
        clock=clock,
        at_once=settings.model_concurrency,
    )


async def _model(
    settings: Settings,
    stack: AsyncExitStack,
    budget: Budget,
    sleep: Callable[[float], Awaitable[object]],
) -> Model | None:
    if not settings.has_model:
        return None
    from digest.summarize.model import Model  # noqa: PLC0415 - openai costs a second of start-up

    labelling = Labelling(budget.store, settings.model, budget.clock)
    model = Model(
        base_url=settings.openai_base_url or OPENAI_URL,
        api_key=settings.openai_api_key.get_secret_value(),
        model=settings.model,
        timeout_s=settings.model_timeout,
        proxy=settings.proxy or None,
        record=budget.record,
        reserve=budget.reserve,
        recall=budget.recall,
        candidates=labelling.candidates,
        learn=labelling.learn,
        sleep=sleep,
    )
    stack.push_async_callback(model.close)
    return model


async def local_reader(app: App) -> Subscriber:
    """Whoever sits at this terminal; at the first time, with what the machine tells of them."""
    known = await app.store.subscribers.find(CHANNEL, ADDRESS)
    return known or await app.store.subscribers.save(newcomer(app.settings))


def newcomer(settings: Settings) -> Subscriber:
    """The reader at the terminal as they are before they chose anything."""
    return Subscriber(
        channel=CHANNEL,
        address=ADDRESS,
        language=settings.language or machine_language(),
        timezone=settings.timezone or machine_timezone(),
        size=settings.digest_size,
        fields=(DEFAULT_FIELD,),
    )


def machine_language() -> str:
    """The catalogue that fits LANGUAGE, LC_ALL, LC_MESSAGES or LANG; English where none does."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for choice in os.environ.get(name, "").split(":"):
            code = platform_locale.normalize(choice).partition(".")[0]
            if found := understand_language(code):
                return found
    return "en"


def machine_timezone() -> str:
    """The machine's IANA zone, from TZ or /etc/localtime; UTC where neither tells."""
    linked = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    written = Path("/etc/timezone")
    candidates = [os.environ.get("TZ", "").lstrip(":"), linked]
    candidates.append(written.read_text(encoding="utf-8").strip() if written.is_file() else "")
    for name in filter(None, candidates):
        try:
            return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return "UTC"

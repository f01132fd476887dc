"""Metrics: what Prometheus reads. Numbers only; they are read from the store when it asks.

What the store cannot say because it fails is left out, and `paperboy_store_up` is 0. Importing
prometheus_client costs a tenth of a second, so this module is imported only where it is served.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bot import __version__
from digest import calendar
from digest.errors import StoreError
from digest.summarize.prices import NANOS

if TYPE_CHECKING:
    from prometheus_client import Metric

    from bot.app import App
    from bot.deliver import Delivered
    from bot.vitals import Vitals
    from digest.models import Count, Edition, Part
    from digest.store.figures import Queue, Readers
    from digest.store.ledger import Spent

log = structlog.get_logger()

OVERDUE = timedelta(minutes=10)
"""A reader who is due for longer than this should have been served."""

STALE = timedelta(hours=2)
"""A page that waits for longer than this does not only wait for its turn."""

LATELY = timedelta(days=1)
"""So long an extract in a model's place is news."""

KEPT_S = 5.0
"""Asked again within this, the same is said: several who look cost no more than one."""

Values = Mapping[Any, float]
"""By tuples of the values of a metric's labels; `()` where it has none."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store says.

    Attributes:
        parts: of the newest published edition.
        spent: today, by model and language.
        failures: requests to the model of today that brought nothing, by this process.
        fallbacks: extracts in a model's place, by reason.
    """

    now: datetime
    edition: Edition | None
    parts: Sequence[Part]
    readers: Readers
    queue: Queue
    spent: Sequence[Spent]
    failures: int
    is_capped: bool
    fallbacks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Own:
    """What this process knows of itself.

    Attributes:
        vitals: its strands.
        now_s: by the vitals' clock.
        lag_s: the longest that the loop was held within a minute.
        pages: what became of pages since it started, by outcome.
        digests: what became of digests since it started.
        is_resting: the model is left alone for a while.
    """

    vitals: Vitals
    now_s: float
    lag_s: float
    pages: Mapping[str, int]
    digests: Delivered
    is_resting: bool


async def stored(app: App) -> Stored:
    """Asks the store.

    Raises:
        StoreError: it does not answer.
    """
    now, figures = app.gathering.clock(), app.store.figures
    edition = await app.store.editions.newest()
    parts = await app.store.editions.parts(edition.day) if edition else {}
    standing = await app.budget.standing()
    return Stored(
        now,
        edition,
        tuple(parts.values()),
        await figures.readers(now - OVERDUE),
        await figures.queue(now - STALE),
        await app.store.ledger.spent(standing.day),
        standing.unanswered,
        app.settings.has_model and app.budget.is_spent(standing),
        await figures.fallbacks(now - LATELY),
    )


class Metrics:
    """The page that Prometheus reads."""

    def __init__(self, app: App, own: Callable[[], Own]) -> None:
        """Reads nothing yet."""
        self._app = app
        self._own = own
        self._page = b""
        self._at: float | None = None
        self._asking = asyncio.Lock()
        self._process = ProcessCollector(registry=None)

    async def page(self) -> bytes:
        """All metrics, in Prometheus' text format; never raises for the store's sake."""
        async with self._asking:
            own = self._own()
            if self._at is None or own.now_s - self._at >= KEPT_S:
                self._page, self._at = await self._read(own), own.now_s
            return self._page

    async def _read(self, own: Own) -> bytes:
        try:
            told: Stored | None = await stored(self._app)
        except StoreError as error:
            log.error("metrics_failed", error=str(error))  # noqa: TRY400 # no bug
            told = None
        registry = CollectorRegistry()
        registry.register(_Told([*families(told, own), *self._process.collect()]))
        return generate_latest(registry)


class _Told(Collector):
    """Families that are there already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[Metric]:
        """What Prometheus' library asks for."""
        return self._families


def families(told: Stored | None, own: Own) -> Iterator[Metric]:
    """Everything in Prometheus' words; `told` is None where the store does not answer."""
    up = _gauge("store_up", "Whether the database answers.", {(): told is not None})
    yield from chain([up], _of_process(own))
    if told is not None:
        yield from chain(_of_edition(told), _of_readers(told), _of_model(told))


def _gauge(name: str, words: str, values: Values, labels: Sequence[str] = ()) -> Metric:
    family = GaugeMetricFamily(f"paperboy_{name}", words, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family


def _counter(name: str, words: str, values: Mapping[str, int], label: str) -> Metric:
    family = CounterMetricFamily(f"paperboy_{name}", words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _of_process(own: Own) -> Iterator[Metric]:
    vitals, now = own.vitals, own.now_s
    version = {(__version__,): 1}
    yield _gauge("build_info", "Which Paperboy this is.", version, ["version"])
    is_healthy = not vitals.troubles(now)
    yield _gauge("healthy", "Whether /healthz answers with 200.", {(): is_healthy})
    yield _gauge(
        "loop_lag_seconds", "The longest that the loop was held in a minute.", {(): own.lag_s}
    )
    failures = {(each.name,): each.failures for each in vitals.pulses}
    yield _gauge("strand_failures", "Failures in a row, by strand.", failures, ["strand"])
    quiet = {(p.name,): now - p.ended for p in vitals.pulses if p.ended is not None}
    yield _gauge("strand_quiet_seconds", "Since it last ended well, by strand.", quiet, ["strand"])
    yield _counter("deliveries", "Pages since the start, by outcome.", own.pages, "outcome")
    done = own.digests
    digests = {"composed": done.composed, "notice": done.notices, "failed": done.failed}
    yield _counter("digests", "Digests since the start, by outcome.", digests, "outcome")
    yield _gauge("model_resting", "Whether the model is left alone for now.", {(): own.is_resting})


def _of_edition(told: Stored) -> Iterator[Metric]:
    expected, edition = calendar.newest_expected(told.now), told.edition
    is_out = edition is not None and edition.day >= expected
    late = 0.0 if is_out else (told.now - calendar.out_at(expected)).total_seconds()
    yield _gauge(
        "edition_late_seconds", "How late the newest edition is; 0 once it is out.", {(): late}
    )
    if edition is None or edition.published is None:
        return
    age = (told.now - edition.published).total_seconds()
    yield _gauge("edition_age_seconds", "Since the newest edition was published.", {(): age})
    labels = ["archive", "kind"]
    ours = _by_kind((part.archive, part.count) for part in told.parts)
    yield _gauge("edition_papers", "Papers of the newest edition.", ours, labels)
    listed = _by_kind((part.archive, part.listed) for part in told.parts if part.listed)
    yield _gauge("edition_announced", "What arXiv itself counts, where asked.", listed, labels)
    short = sum(part.missing for part in told.parts)
    yield _gauge("edition_missing_papers", "Announced, and not here.", {(): short})
    absent = len(edition.missing)
    yield _gauge("edition_missing_archives", "Archives that it went out without.", {(): absent})


def _by_kind(counts: Iterable[tuple[str, Count]]) -> Values:
    found: dict[tuple[str, ...], float] = {}
    for archive, count in counts:
        found |= {(archive, "new"): count.new, (archive, "cross"): count.cross}
    return found


def _of_readers(told: Stored) -> Iterator[Metric]:
    states = {(state,): number for state, number in told.readers.states.items()}
    yield _gauge("readers", "Readers, by state.", states, ["state"])
    overdue = {(): told.readers.overdue}
    yield _gauge("readers_overdue", "Due for ten minutes, and not served.", overdue)
    queue = told.queue
    yield _gauge(
        "outbox_pages", "Pages that wait, for a first try or another.", {(): queue.waiting}
    )
    waits = max(0.0, (told.now - queue.due).total_seconds()) if queue.due else 0.0
    yield _gauge("outbox_wait_seconds", "How long one could have gone already.", {(): waits})
    yield _gauge("outbox_stale_pages", "Composed two hours ago, and waiting.", {(): queue.stale})


def _of_model(told: Stored) -> Iterator[Metric]:
    calls: dict[tuple[str, ...], float] = {}
    tokens: dict[tuple[str, ...], float] = {}
    cost: dict[tuple[str, ...], float] = {}
    for each in told.spent:
        _add(calls, (each.model,), each.calls)
        _add(tokens, (each.model, "in"), each.tokens_in)
        _add(tokens, (each.model, "cached"), each.tokens_cached)
        _add(tokens, (each.model, "out"), each.tokens_out)
        if each.currency:
            _add(cost, (each.model, each.currency), each.nanos / NANOS)
    yield _gauge("model_calls_today", "Answered requests of the operator's day.", calls, ["model"])
    yield _gauge("model_tokens_today", "Tokens of the day.", tokens, ["model", "kind"])
    yield _gauge("model_cost_today", "What the day cost.", cost, ["model", "currency"])
    yield _gauge("model_failures_today", "Requests that brought nothing.", {(): told.failures})
    yield _gauge("model_capped", "Whether the day's cap is reached.", {(): told.is_capped})
    reasons = {(reason,): number for reason, number in told.fallbacks.items()}
    yield _gauge("model_fallbacks", "Extracts in a model's place.", reasons, ["reason"])


def _add(sums: dict[tuple[str, ...], float], key: tuple[str, ...], value: float) -> None:
    sums[key] = sums.get(key, 0) + value

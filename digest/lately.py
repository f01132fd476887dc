"""Lately: what the newest editions have for a field, so that a reader sees what they subscribed to.

Placing a day's thousand papers takes part of a second, so what was found is kept (`placings`) and
stands until the day has other papers or another scorer. Each morning counts what is followed, and
all named fields; a new phrase is counted when it is followed, the newest days first.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from digest import fields, sample
from digest.models import Brought
from digest.profiling import with_profiles
from digest.store.placings import Placing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from digest.fields import Field
    from digest.models import Announcement, Edition
    from digest.store import Store
    from digest.store.labels import Labelled

log = structlog.get_logger()

EDITIONS = 5
EXAMPLES = 2

PATIENCE_S = 0.5
"""A waiting reader's, in seconds: what takes longer is counted on, and there the next time."""

_LONGEST_S = 3600.0
_AT_ONCE = 100  # papers placed between two moments at which leaving ends it
_KEPT = 5  # best papers that are remembered of each day


@dataclass(frozen=True, slots=True)
class Counted:
    """What one day has.

    Attributes:
        counts: field key to how many papers, in the order asked.
        best: the id of the paper that fits the first field best that has any; "" where none has.
    """

    counts: dict[str, int]
    best: str


class Lately:
    """Counts what editions have for fields, once for all readers."""

    def __init__(self, store: Store, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self._stopwatch = stopwatch
        self._counting: dict[tuple[date, frozenset[str]], asyncio.Task[list[Placing]]] = {}
        self._going_on: set[asyncio.Task[None]] = set()

    async def brought(self, wanted: Sequence[Field]) -> dict[str, Brought]:
        """What the five newest editions have, by field key."""
        editions = await self.store.editions.newest_few(EDITIONS)
        if not editions:
            return await asyncio.to_thread(_of_sample, wanted)
        days = [each.day for each in editions]
        begun = {each.day: await self._archives(each) for each in editions if not each.published}
        made = await self._placings(days, wanted, PATIENCE_S)
        said = await self.store.labels.of(_ids(made))
        moved = await self.store.labels.shifts(days)
        best = {field.key: _best(made, field.key, said) for field in wanted}
        papers = await self.store.papers.many(i for ids in best.values() for i in ids)
        return {
            key: Brought(
                tuple(
                    (each.day, max(0, each.found + moved.get((each.day, key), 0)))
                    for each in made
                    if each.field == key and _is_here(key, begun.get(each.day))
                ),
                tuple(papers[paper_id] for paper_id in ids if paper_id in papers),
            )
            for key, ids in best.items()
        }

    async def over(self, days: Sequence[date], wanted: Sequence[Field]) -> dict[date, Counted]:
        """What stored days have for fields; days that could not be counted in time are missing."""
        made = await self._placings(days, wanted, PATIENCE_S * len(days)) if wanted else []
        moved = await self.store.labels.shifts(days)
        said = await self.store.labels.of(_ids(made))
        found = {}
        for day in days:
            of_day = [each for each in made if each.day == day]
            if len(of_day) == len(wanted):
                shift = {each.field: moved.get((day, each.field), 0) for each in of_day}
                counts = {each.field: max(0, each.found + shift[each.field]) for each in of_day}
                best = [i for each in of_day for i in _best([each], each.field, said)[:1]]
                found[day] = Counted(counts, best[0] if best else "")
        return found

    async def _archives(self, edition: Edition) -> frozenset[str]:
        return frozenset(await self.store.editions.parts(edition.day))

    async def count(self, wanted: Iterable[Field]) -> None:
        """Counts fields, and all named ones, over the newest editions, however long it takes."""
        days = [each.day for each in await self.store.editions.newest_few(EDITIONS)]
        await self._placings(days, list(dict.fromkeys([*fields.named(), *wanted])), float("inf"))

    async def _placings(
        self, days: Sequence[date], wanted: Sequence[Field], patience_s: float
    ) -> list[Placing]:
        """What is stored and still stands, and what is counted now; the newest day first."""
        begun = self._stopwatch()
        wanted = await with_profiles(self.store, wanted)
        announced = await self.store.placings.announced(days)
        stored = await self.store.placings.get(days, [field.key for field in wanted])
        scorers = {field.key: fields.fingerprint(field) for field in wanted}
        standing = {
            (each.day, each.field): each
            for each in stored
            if each.scorer == scorers[each.field] and each.announced == announced.get(each.day, 0)
        }
        for day in days:
            new = [field for field in wanted if (day, field.key) not in standing]
            if not new:
                continue
            made = await self._in_time(day, new, patience_s - (self._stopwatch() - begun))
            standing |= {(day, each.field): each for each in made}
            if not made:
                self._go_on(wanted)
                break
        keys = [field.key for field in wanted]
        return [standing[day, key] for day in days for key in keys if (day, key) in standing]

    async def _in_time(self, day: date, new: Sequence[Field], left_s: float) -> list[Placing]:
        """What a day has; nothing where that takes too long, and it is there the next time.

        One named field costs as much as all of them.
        """
        if any(field.kind == "named" for field in new):
            new = list(dict.fromkeys([*new, *fields.named()]))
        counting = (day, frozenset(field.key for field in new))
        task = self._counting.get(counting)
        if task is None:
            task = self._counting[counting] = asyncio.create_task(self._placed(day, new))
            task.add_done_callback(lambda _: self._counting.pop(counting, None))
        try:
            return await asyncio.wait_for(asyncio.shield(task), max(0.0, min(left_s, _LONGEST_S)))
        except TimeoutError:
            return []

    def _go_on(self, wanted: Sequence[Field]) -> None:
        """Counts the rest behind the reader's back."""
        if not self._going_on:
            task = asyncio.create_task(self.count(wanted))
            self._going_on.add(task)
            task.add_done_callback(self._going_on.discard)
            task.add_done_callback(_noted)

    async def close(self) -> None:
        """Ends what is still counted; a day is stored whole or not at all."""
        running = (*self._going_on, *self._counting.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _placed(self, day: date, new: Sequence[Field]) -> list[Placing]:
        """Counts one day off the event loop."""
        told = await self.store.placings.texts(day)
        placed: dict[str, dict[str, float]] = {}
        for start in range(0, len(told), _AT_ONCE):
            papers = [each.paper for each in told[start : start + _AT_ONCE]]
            placed |= await asyncio.to_thread(fields.place, papers, new)
        made = _counted(day, told, placed, new)
        await self.store.placings.save(made)
        return made


def _noted(task: asyncio.Task[None]) -> None:
    """Says in the log what went wrong where nobody waits any more."""
    error = None if task.cancelled() else task.exception()
    if error:
        log.warning("count_failed", error=type(error).__name__)


def _counted(
    day: date,
    told: Sequence[Announcement],
    placed: Mapping[str, Mapping[str, float]],
    wanted: Sequence[Field],
) -> list[Placing]:
    """What a day's announcements have for each field."""
    kinds = {each.paper.id: each.kind for each in told}
    made = []
    for field in wanted:
        fits = {i: scores[field.key] for i, scores in placed.items() if field.key in scores}
        best = sorted(fits, key=lambda i: fields.worth(fits[i], kinds[i], i))[:_KEPT]
        pairs = tuple((i, round(fits[i], 4)) for i in best)
        scorer = fields.fingerprint(field)
        made.append(Placing(day, field.key, len(kinds), len(fits), pairs, scorer))
    return made


def _is_here(key: str, archives: frozenset[str] | None) -> bool:
    """Whether a day has the archive that most of a field's papers are in; None: it has them all."""
    field = fields.known(key)
    return archives is None or bool(field and fields.archives(field)[0] in archives)


def _ids(made: Iterable[Placing]) -> list[str]:
    return [paper_id for each in made for paper_id, _ in each.best]


def _best(made: Iterable[Placing], key: str, said: Labelled) -> list[str]:
    """The ids of the papers that fit best, the newest first where they fit alike."""
    scores: dict[str, float] = {}
    for each in made:
        if each.field == key:
            for paper_id, score in each.best:
                scores.setdefault(paper_id, _judged(score, said, paper_id, key))
    fitting = [paper_id for paper_id, score in scores.items() if score >= fields.THRESHOLD]
    return sorted(fitting, key=lambda paper_id: -scores[paper_id])[:EXAMPLES]


def _judged(score: float, said: Labelled, paper_id: str, key: str) -> float:
    word = said.get(paper_id, {}).get(key)
    return fields.judged(score, word.label if word else None)


def _of_sample(wanted: Sequence[Field]) -> dict[str, Brought]:
    bundled = sample.load()
    day = bundled.edition.day
    fresh = [each for each in bundled.announcements if each.kind.is_fresh]
    papers = {each.paper.id: each.paper for each in fresh}
    return {
        each.field: Brought(
            ((day, each.found),),
            tuple(papers[paper_id] for paper_id, _ in each.best[:EXAMPLES]),
            sample=True,
        )
        for each in _counted(day, fresh, fields.place(papers.values(), wanted), wanted)
    }

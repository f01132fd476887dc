"""Telling: each paper summarised once for each language, by the model or by the extract.

A model that fails, or that may cost no more today, never costs a reader their digest: the extract
stands in, says so, and the model is asked again later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import structlog

from digest.errors import WriterCapped, WriterError, WriterSilent
from digest.patience import Patience
from digest.summarize import write_all
from digest.summarize.prompt import PROMPT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from digest.models import Paper, Summary
    from digest.store import Store
    from digest.summarize import Writer

log = structlog.get_logger()

TRY_AGAIN = timedelta(hours=1)
"""When a paper that the model failed at is given to it again."""

MANY = 40
"""So many papers at once are worth it to hand them out to others."""

AT_ONCE = 8
"""Papers that are being told at the same time."""

QUOTA = "quota"
"""`Summary.reason` of an extract that is one reader's own, and is not stored."""

HandOut = Callable[[Sequence[str], str], Awaitable[None]]
"""Has papers told elsewhere, by id, in a language; those it does not are left to us."""

Told = Callable[[int, int], None]
"""Progress: how many are told, of how many."""


def _quiet(told: int, of: int) -> None:
    """Nobody watches."""


def _on_nobody(_subscriber: int | None, *, anew: bool = False) -> AbstractContextManager[None]:
    """Where no accounts are kept."""
    del anew
    return nullcontext()


class Telling:
    """Summaries, made once and shared by all readers of a language.

    Attributes:
        hand_out: has many papers told by other processes, where there are some.
    """

    def __init__(
        self,
        store: Store,
        extract: Writer,
        model: Writer | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        at_once: int = AT_ONCE,
        asked_by: Callable[..., AbstractContextManager[None]] = _on_nobody,
    ) -> None:
        """Does nothing yet.

        Args:
            store: with papers and summaries.
            extract: who tells where the model does not.
            model: who tells, if anybody.
            clock: what time it is.
            at_once: papers that are being told at the same time.
            asked_by: puts what is told meanwhile on a subscriber's own account; see `Budget`.
        """
        self.store = store
        self.extract = extract
        self.model = model
        self.clock = clock
        self.at_once = at_once
        self.asked_by = asked_by
        self.patience = Patience(clock)
        self.hand_out: HandOut | None = None
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def tell(
        self, papers: Sequence[Paper], language: str, told: Told = _quiet
    ) -> dict[str, Summary]:
        """The summaries of `papers` for readers of `language`, by paper id; writes what lacks."""
        found = await self._known(papers, language)
        lacking = [paper for paper in papers if paper.id not in found]
        if self.hand_out is not None and len(lacking) >= MANY:
            await self.hand_out([paper.id for paper in lacking], language)
            found = await self._known(papers, language)
            lacking = [paper for paper in papers if paper.id not in found]
        async for summary in self._written(lacking, language):
            found[summary.paper_id] = summary
            told(len(found), len(papers))
        return found

    async def _known(self, papers: Sequence[Paper], language: str) -> dict[str, Summary]:
        """What is stored, and stands."""
        ids = [paper.id for paper in papers]
        known = await self.store.summaries.get(ids, language, self.clock() if self.model else None)
        return {paper.id: known[paper.id] for paper in papers if self._stands(known, paper)}

    async def try_again(self, limit: int = 100) -> int:
        """Gives the papers that the model failed at to it again; returns how many it told now."""
        if self.model is None:
            return 0
        mended = 0
        for language, ids in _by_language(await self.store.summaries.due(self.clock(), limit)):
            papers = (await self.store.papers.many(ids)).values()
            async for summary in self._written(list(papers), language):
                mended += not summary.fallback
        return mended

    def _stands(self, known: dict[str, Summary], paper: Paper) -> bool:
        """Whether the stored summary is the best that we have a writer for."""
        summary = known.get(paper.id)
        if summary is None or (summary.version or 1) < (paper.version or 1):
            return False
        extracted = summary.writer == self.extract.name and not summary.fallback
        return not (extracted and self.model is not None)

    async def _written(self, papers: Sequence[Paper], language: str) -> AsyncIterator[Summary]:
        async for _, result in write_all(_Keeper(self), papers, language, self.at_once):
            if isinstance(result, WriterError):  # pragma: no cover  # a keeper always has something
                raise result
            yield result

    async def keep(self, paper: Paper, language: str) -> Summary:
        """One paper's summary, stored; who wants the same one meanwhile waits for it."""
        turn = self._turns.setdefault((paper.id, language), asyncio.Lock())
        was_taken = turn.locked()
        async with turn:
            if was_taken:
                known = await self.store.summaries.get([paper.id], language, self.clock())
                if self._stands(known, paper):
                    return known[paper.id]
            summary, again = await self._summary(paper, language)
            summary = replace(summary, version=paper.version)
            if summary.reason != QUOTA:
                await self._save(summary, language, again)
            return summary

    async def again(self, paper: Paper, language: str) -> Summary:
        """Has the model tell a paper anew; until that is done, and where it fails, the old stands.

        Raises:
            WriterError: there is no model, it failed, or it may not be asked (`WriterCapped`).
        """
        if self.model is None:
            raise WriterError(reason="no model")
        async with self._turns.setdefault((paper.id, language), asyncio.Lock()):
            summary = replace(await self._asked(self.model, paper, language), version=paper.version)
            await self._save(summary, language, None)
            return summary

    async def _summary(self, paper: Paper, language: str) -> tuple[Summary, datetime | None]:
        """The model's, or the extract in its place with when the model is to be asked again."""
        if self.model is None:
            return await self.extract.write(paper, language), None
        try:
            return await self._asked(self.model, paper, language), None
        except WriterCapped as capped:
            reason, again = str(capped.params["reason"]), capped.params["until"]
        except WriterError as error:
            log.warning("model_failed", paper=paper.id, error=str(error))
            reason, again = "failed", self.clock() + TRY_AGAIN
        extract = await self.extract.write(paper, language)
        return replace(extract, fallback=True, reason=reason), again

    async def _asked(self, model: Writer, paper: Paper, language: str) -> Summary:
        self.patience.check()
        try:
            summary = await model.write(paper, language)
        except WriterCapped:
            raise
        except WriterSilent as error:
            self.patience.silent(error)
            raise
        except WriterError:
            self.patience.answered()
            raise
        self.patience.answered()
        return summary

    async def _save(self, summary: Summary, language: str, again: datetime | None) -> None:
        await self.store.summaries.save(
            summary, asked=language, prompt=str(PROMPT), at=self.clock(), retry_at=again
        )


class _Keeper:
    """A writer whose summaries are stored by the time that they are seen, whatever the model does.

    Several are stored at the same time: a caller who looks at one keeps none of them waiting.
    """

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        writer = telling.model or telling.extract
        self.name, self.language_for = writer.name, writer.language_for

    async def write(self, paper: Paper, language: str) -> Summary:
        return await self._telling.keep(paper, language)


def _by_language(due: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    grouped: dict[str, list[str]] = {}
    for paper_id, language in due:
        grouped.setdefault(language, []).append(paper_id)
    return list(grouped.items())

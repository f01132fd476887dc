"""Telling: each paper summarised once for each language, by the model or by the extract.

A model that fails never costs a reader their digest: the extract stands in, says so, and the
model is asked again later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from digest.errors import WriterError
from digest.summarize import write_all
from digest.summarize.prompt import PROMPT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from digest.models import Paper, Summary
    from digest.store import Store
    from digest.summarize import Writer

log = structlog.get_logger()

TRY_AGAIN = timedelta(hours=1)
"""When a paper that the model failed at is given to it again."""

AT_ONCE = 8
"""Requests to the model in flight."""

Told = Callable[[int, int], None]
"""Progress: how many are told, of how many."""


def _quiet(told: int, of: int) -> None:
    """Nobody watches."""


class Telling:
    """Summaries, made once and shared by all readers of a language."""

    def __init__(
        self,
        store: Store,
        extract: Writer,
        model: Writer | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        at_once: int = AT_ONCE,
    ) -> None:
        self.store = store
        self.extract = extract
        self.model = model
        self.clock = clock
        self.at_once = at_once

    async def tell(
        self, papers: Sequence[Paper], language: str, told: Told = _quiet
    ) -> dict[str, Summary]:
        """The summaries of `papers` for readers of `language`, by paper id; writes what lacks."""
        known = await self.store.summaries.get([paper.id for paper in papers], language)
        found = {paper.id: known[paper.id] for paper in papers if self._stands(known, paper)}
        lacking = [paper for paper in papers if paper.id not in found]
        async for summary in self._written(lacking, language):
            found[summary.paper_id] = summary
            told(len(found), len(papers))
        return found

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
        writer = self.model or self.extract
        async for paper, result in write_all(writer, papers, language, self.at_once):
            summary = result
            if isinstance(summary, WriterError):
                log.warning("model_failed", paper=paper.id, error=str(summary))
                summary = replace(await self.extract.write(paper, language), fallback=True)
            summary = replace(summary, version=paper.version)
            await self._save(summary, language)
            yield summary

    async def _save(self, summary: Summary, language: str) -> None:
        now = self.clock()
        again = now + TRY_AGAIN if summary.fallback else None
        await self.store.summaries.save(
            summary, asked=language, prompt=str(PROMPT), at=now, retry_at=again
        )


def _by_language(due: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    grouped: dict[str, list[str]] = {}
    for paper_id, language in due:
        grouped.setdefault(language, []).append(paper_id)
    return list(grouped.items())

"""Who tells a paper shortly: a language model (`model`) or its own abstract (`extract`).

One summary is written per paper and language and shared by all readers, so a writer knows nothing
of readers. `write_all` lets a writer work on many papers at once.
"""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from digest.errors import WriterError
from digest.models import Paper, Summary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

Written = tuple[Paper, Summary | WriterError]
"""A paper with its summary, or with why there is none."""


class Writer(Protocol):
    """Writes one paper's summary.

    Attributes:
        name: what stands in `Summary.writer`: a model's name, or `extract`.
    """

    @property
    def name(self) -> str:
        """What stands in `Summary.writer`."""

    def language_for(self, language: str) -> str:
        """The language that a summary asked for in `language` will really be in."""

    async def write(self, paper: Paper, language: str) -> Summary:
        """The paper told shortly; `WriterError` if that could not be done, now or ever."""


async def write_all(
    writer: Writer, papers: Iterable[Paper], language: str, limit: int
) -> AsyncIterator[Written]:
    """Each paper with its summary, or with why there is none, in the order in which they finish.

    At most `limit` are being written at any moment, also while the caller handles a pair. Closing
    the generator (`contextlib.aclosing`) cancels what is still being written.
    """
    waiting = iter(papers)
    running = _start(writer, islice(waiting, limit), language)
    try:
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            running |= _start(writer, islice(waiting, len(done)), language)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _start(writer: Writer, papers: Iterable[Paper], language: str) -> set[asyncio.Task[Written]]:
    return {asyncio.create_task(_attempt(writer, paper, language)) for paper in papers}


async def _attempt(writer: Writer, paper: Paper, language: str) -> Written:
    try:
        return paper, await writer.write(paper, language)
    except WriterError as error:
        return paper, error

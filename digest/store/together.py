"""Rows that come at the same time are written in one transaction; each caller waits for its own.

Sixteen answers of a model arrive together: one commit then costs what sixteen would cost each.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

Row = TypeVar("Row")


class Together(Generic[Row]):
    """A queue in front of a write."""

    def __init__(self, write: Callable[[Sequence[Row]], Awaitable[None]]) -> None:
        self._write = write
        self._waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, row: Row) -> None:
        """Return when the row is committed; what the database refuses is raised to everybody.

        Who is cancelled while they wait leaves their row to be written.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._drain())
        await done

    async def settled(self) -> None:
        """Return when nothing is waiting any more."""
        if self._writing is not None:
            await asyncio.wait([self._writing])

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._one(batch)
        finally:
            self._writing = None

    async def _one(self, batch: list[tuple[Row, asyncio.Future[None]]]) -> None:
        try:
            await self._write([row for row, _ in batch])
        except Exception as error:  # noqa: BLE001  handed to those whose rows they were
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
        else:
            for _, done in batch:
                if not done.done():
                    done.set_result(None)

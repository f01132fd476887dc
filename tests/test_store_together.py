"""Rows that come together are one commit, and each caller hears of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from digest.store.together import Together

if TYPE_CHECKING:
    from collections.abc import Sequence


class Slow:
    """A write that ends when the test says so."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.batches: list[list[int]] = []
        self.error: Exception | None = None

    async def write(self, rows: Sequence[int]) -> None:
        await self.gate.wait()
        if self.error:
            raise self.error
        self.batches.append(list(rows))


async def test_what_comes_while_one_commit_runs_is_the_next_one() -> None:
    slow = Slow()
    together = Together(slow.write)
    first = asyncio.create_task(together.add(1))
    for _ in range(3):
        await asyncio.sleep(0)
    others = [asyncio.create_task(together.add(row)) for row in (2, 3, 4)]
    await asyncio.sleep(0)
    slow.gate.set()
    await asyncio.gather(first, *others)
    assert slow.batches == [[1], [2, 3, 4]]


@pytest.mark.parametrize("fails", [False, True])
async def test_who_is_cancelled_leaves_their_row_to_be_written(fails: bool) -> None:  # noqa: FBT001  a parameter
    slow = Slow()
    together = Together(slow.write)
    waiting = asyncio.create_task(together.add(1))
    await asyncio.sleep(0)
    waiting.cancel()
    slow.error = OSError("full") if fails else None
    slow.gate.set()
    await together.settled()
    assert slow.batches == ([] if fails else [[1]])
    await together.settled()


async def test_what_the_database_refuses_is_raised_to_everybody_and_the_next_goes_on() -> None:
    slow = Slow()
    slow.gate.set()
    together = Together(slow.write)
    slow.error = OSError("full")
    told = await asyncio.gather(together.add(1), together.add(2), return_exceptions=True)
    assert [type(each) for each in told] == [OSError, OSError]
    slow.error = None
    await together.add(3)
    assert slow.batches == [[3]]

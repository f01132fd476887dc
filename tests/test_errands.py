"""What is fetched behind a reader's back: once, and ended without loss."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.fakes.papers import DAY, paper

if TYPE_CHECKING:
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv


async def test_an_archive_is_fetched_once_however_often_it_is_asked_for(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(DAY, paper(1))
    async with opened() as app:
        app.errands.fetch(DAY, ["cs", "stat"])
        app.errands.fetch(DAY, ["stat", "cs"])
        assert app.errands.underway(DAY) == {"cs", "stat"}
        await app.errands.done()
        assert app.errands.underway(DAY) == frozenset()
    assert arxiv.paths.count("/rss/cs") == 1


async def test_an_errand_that_fails_disturbs_nobody(arxiv: FakeArxiv, opened: Opened) -> None:
    async with opened() as app:  # nothing was announced
        app.errands.fetch(DAY, ["cs"])
        await app.errands.done()
    assert arxiv.paths


async def test_leaving_ends_what_is_underway(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.hang()
    async with opened() as app:
        app.errands.fetch(DAY, ["cs"])
        await asyncio.sleep(0)  # it begins
        await app.errands.close()
        assert app.errands.underway(DAY) == frozenset()
        assert await app.store.editions.parts(DAY) == {}

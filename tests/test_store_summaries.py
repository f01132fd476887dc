"""Stored summaries: one for each paper and reader's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from traceback import format_exception
from typing import TYPE_CHECKING

import pytest

from digest.errors import StoreError
from digest.models import Summary
from digest.store import Store
from tests.fakes.papers import papers
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NOW = datetime(2026, 2, 3, 1, 0, tzinfo=UTC)
TOLD = Summary(
    "9913.00001", "zh", "some-model", "题目", "一句话。", "摘要。", "背景", "创新", "结论"
)
EXTRACT = Summary("9913.00001", "en", "extract", "Title", "One sentence.", fallback=True, version=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(fresh(tmp_path)) as opened:
        await opened.papers.save(papers(3))
        yield opened


async def save(store: Store, summary: Summary, asked: str = "zh", **when: datetime) -> None:
    await store.summaries.save(summary, asked=asked, prompt="p1", at=NOW, **when)


async def found(store: Store, language: str = "zh") -> dict[str, Summary]:
    return await store.summaries.get(["9913.00001", "9913.00002"], language)


async def test_a_summary_is_told_to_readers_of_its_language_only(store: Store) -> None:
    await save(store, TOLD)
    assert await found(store) == {"9913.00001": TOLD}
    assert await found(store, "en") == {}


async def test_an_english_extract_stands_for_the_language_that_was_asked(store: Store) -> None:
    await save(store, EXTRACT)
    assert (await found(store))["9913.00001"].language == "en"


async def test_the_model_takes_the_place_of_its_extract_but_not_the_other_way(store: Store) -> None:
    await save(store, EXTRACT)
    await save(store, TOLD)
    assert await found(store) == {"9913.00001": TOLD}
    await save(store, EXTRACT)
    assert await found(store) == {"9913.00001": TOLD}


async def test_a_new_version_is_told_even_by_an_extract(store: Store) -> None:
    await save(store, TOLD)
    await save(store, replace(EXTRACT, version=2))
    assert (await found(store))["9913.00001"].writer == "extract"


async def test_a_failed_summary_is_due_again_at_its_time_and_not_before(store: Store) -> None:
    await save(store, EXTRACT, retry_at=NOW + timedelta(hours=1))
    assert await store.summaries.due(NOW, 10) == []
    assert await store.summaries.due(NOW + timedelta(hours=1), 10) == [("9913.00001", "zh")]


async def test_what_a_model_told_at_last_is_no_longer_due(store: Store) -> None:
    await save(store, EXTRACT, retry_at=NOW)
    await save(store, TOLD)
    assert await store.summaries.due(NOW, 10) == []


async def test_the_longest_due_come_first_and_no_more_than_asked(store: Store) -> None:
    beijing = timezone(timedelta(hours=8))
    for number, minutes in ((1, 3), (2, 1), (3, 2)):
        at = (NOW - timedelta(minutes=minutes)).astimezone(beijing)
        await save(store, replace(EXTRACT, paper_id=f"9913.0000{number}"), retry_at=at)
    due = await store.summaries.due(NOW.astimezone(beijing), 2)
    assert due == [("9913.00001", "zh"), ("9913.00003", "zh")]


async def test_a_summary_of_a_paper_that_is_not_stored_is_refused(store: Store) -> None:
    with pytest.raises(StoreError) as refused:
        await save(store, replace(TOLD, paper_id="9913.77777"))
    told = "".join(format_exception(refused.value))
    assert "FOREIGN KEY" in told.upper()
    assert "一句话" not in told, "values stay out of errors: they may be somebody's address"

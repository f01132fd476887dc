"""The soak run's own promises: it lives through days as they come, and sees what goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks import soak
from benchmarks.soak_arxiv import arxiv
from benchmarks.soak_year import BEGINS, batches, end_of
from digest import calendar

if TYPE_CHECKING:
    from pathlib import Path

ARCHIVES = ("cs", "stat")


def test_a_batch_of_invented_papers_and_a_restart_between_its_readers(tmp_path: Path) -> None:
    ends = [datetime(2026, 1, 5, 6, tzinfo=UTC), datetime(2026, 1, 5, 14, tzinfo=UTC)]
    there = arxiv([], ARCHIVES, weeks=1, most=24)
    found = soak.run(tmp_path / "soak.db", there, ARCHIVES, ends=ends, keep_days=31, restarts={1})
    assert not list(soak.broken(found))
    assert found["editions"] == 1
    assert found["digests"] == 19
    assert found["pages"] >= found["digests"]
    assert (found["pages_waiting"], found["errors"], found["written"]) == (0, 0, 6)


def test_what_is_worse_than_promised_is_named() -> None:
    good = dict.fromkeys(soak.NONE, 0.0) | {"memory_growth_mb": 19.0}
    assert not list(soak.broken(good))
    bad = good | {"pages_twice": 2.0, "memory_growth_mb": 21.0}
    assert list(soak.broken(bad)) == ["pages_twice is 2", "memory_growth_mb is 21"]


def test_its_year_is_arxivs_with_everything_that_can_go_wrong() -> None:
    year = batches(52)
    assert [each.day for each in year] == [
        each.day for each in year if calendar.announced_on(each.day)
    ]
    assert 245 <= len(year) <= 255
    assert all(BEGINS < each.out < end_of(52) for each in year)
    for trouble in ("is_late", "is_feed_empty", "busy", "flood_s", "failures"):
        assert 5 <= sum(bool(getattr(each, trouble)) for each in year) <= 60
    late = [each.out.astimezone(calendar.EASTERN) for each in year if each.is_late]
    assert all(each.hour == 5 for each in late)
    assert end_of(2) - end_of(1) == timedelta(weeks=1)

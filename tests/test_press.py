"""Readers share the work of a morning and nothing else: everybody's pages are their very own.

The naive way (composed anew, rendered anew, for each reader) says what they should be.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose import compose, composed, with_summaries
from digest.models import (
    Announcement,
    Count,
    Edition,
    Paper,
    Part,
    Source,
    Subscriber,
    Summary,
)
from digest.press import Kept, Press
from digest.render.digest import blocks
from digest.render.entities import TELEGRAM, Limits, pages
from digest.shelves import Shelves
from tests.fakes.papers import DAY, cross, new, paper, replaced

KEYS = ("ai", "st", "cl", "cs.DC", '"cold starts"', "?!")
MONDAY = date(2026, 2, 2)
TITLES = ("Snapshots", "Snapshots, Part II", "snap-shots", "A Planner", "Cold #Starts on x.org")
SMALL = Limits(300, 12)

readers = st.builds(
    Subscriber,
    st.just("telegram"),
    st.text("0123456789", min_size=1, max_size=3),
    language=st.sampled_from(("en", "zh")),
    size=st.sampled_from((1, 3, 12)),
    fields=st.lists(st.sampled_from(KEYS), max_size=4).map(tuple),
)
numbers = st.integers(1, 14)
announced = st.builds(
    lambda kind, number, title: kind(paper(number, title=title)),
    st.sampled_from((new, new, cross, replaced)),
    numbers,
    st.sampled_from(TITLES),
)
scores = st.dictionaries(st.sampled_from(KEYS[:5]), st.sampled_from((0.5, 0.52, 0.9, 1.0)))
Placed = dict[str, dict[str, float]]
days = st.tuples(
    st.lists(announced, max_size=16),
    st.lists(st.tuples(st.just(MONDAY), announced), max_size=4),
    st.dictionaries(numbers.map(lambda number: paper(number).id), scores, max_size=14),
    st.sampled_from((Edition(DAY), Edition(DAY, missing=("math", "cs"), source=Source.SAMPLE))),
)


def told(of: Paper) -> Summary:
    """A summary; every third paper has none, every fourth a fallback."""
    number = int(of.id[-2:])
    return Summary(of.id, "en", "extract", of.title, f"Gist of {of.id}.", fallback=number % 4 == 0)


@settings(max_examples=120, deadline=None)
@given(days, st.lists(readers, min_size=1, max_size=12), st.sampled_from((TELEGRAM, SMALL)))
def test_who_shares_the_press_gets_what_they_would_get_alone(
    day: tuple[list[Announcement], list[tuple[date, Announcement]], Placed, Edition],
    crowd: list[Subscriber],
    limits: Limits,
) -> None:
    announcements, late, placed, edition = day
    parts = [Part(DAY, "cs", Source.FEED, Count(4, 1), Count(6, 1))]
    around: dict[str, Any] = {"parts": parts, "pending": ("stat",), "late": late}
    everything = [each.paper for each in (*announcements, *(each for _, each in late))]
    summaries = {each.id: told(each) for each in everything if int(each.id[-2:]) % 3}
    shelves, press = Shelves(edition, announcements, placed, **around), Press(model=False)
    for reader in crowd:
        whole = compose(edition, reader, announcements, placed, **around)
        alone = replace(with_summaries(whole, summaries, model=False), rest=())
        printed = press.printed(composed(shelves, reader, rest=False), summaries, limits, today=DAY)
        assert printed.digest == alone
        laid = pages(blocks(alone, today=DAY), limits)
        assert printed.pages == tuple((page.text, page.entities) for page in laid)


def day_of_two() -> tuple[Shelves, Placed]:
    """Two papers; the second came late for Monday."""
    placed = {paper(1).id: {"ai": 0.9, "st": 0.8}, paper(2).id: {"st": 0.9}}
    return Shelves(Edition(DAY), [new(paper(1))], placed, late=[(MONDAY, new(paper(2)))]), placed


def text_of(press: Press, shelves: Shelves, reader: Subscriber) -> str:
    """What one reader sees."""
    [page] = press.printed(composed(shelves, reader, rest=False), {}, TELEGRAM).pages
    return page.text


def test_nobody_sees_another_s_fields_language_or_late_papers() -> None:
    shelves, _ = day_of_two()
    press = Press(model=False)
    both = Subscriber("telegram", "1", language="zh", fields=("ai", "st"))
    one = Subscriber("telegram", "2", language="en", fields=("ai",))
    seen_by_both = text_of(press, shelves, both)
    seen_by_one = text_of(press, shelves, one)
    assert paper(2).id in seen_by_both
    assert paper(2).id not in seen_by_one
    assert "存储" not in seen_by_one
    assert "torage" not in seen_by_one
    assert text_of(press, shelves, both) == seen_by_both


def test_a_field_whose_papers_change_is_sorted_anew() -> None:
    shelves, placed = day_of_two()
    reader = Subscriber("telegram", "1", fields=("st",))
    assert paper(1).id in text_of(Press(model=False), shelves, reader)
    del placed[paper(1).id]["st"]
    shelves.rebuild("st")
    assert paper(1).id not in text_of(Press(model=False), shelves, reader)


def test_a_short_memory_changes_no_page() -> None:
    shelves, _ = day_of_two()
    reader = Subscriber("telegram", "1", fields=("ai", "st"))
    press, forgetful = Press(model=False), Press(model=False, kept=1)
    for _ in range(2):
        assert text_of(forgetful, shelves, reader) == text_of(press, shelves, reader)


def test_only_what_is_wanted_again_is_kept() -> None:
    kept = Kept[str]()
    kept.made("a", "A")
    assert kept.get("a") is None
    kept.made("a", "A")
    assert kept.get("a") == "A"
    kept.clear()
    assert kept.get("a") is None


def test_the_longest_unused_makes_room() -> None:
    kept = Kept[str](most=2)
    for key in "aabb":
        kept.made(key, key.upper())
    assert kept.get("a") == "A"
    for key in "cc":
        kept.made(key, key.upper())
    assert [kept.get(key) for key in "abc"] == ["A", None, "C"]


def test_who_was_met_long_ago_is_met_anew() -> None:
    kept = Kept[str](met=1)
    for key in "aba":
        kept.made(key, key.upper())
    assert kept.get("a") is None

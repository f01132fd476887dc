"""Stored papers: no text is lost, whichever document told it first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.store.papers import merge
from tests.fakes.papers import paper, papers

if TYPE_CHECKING:
    from digest.models import Paper
    from digest.store import Store

OLD = paper(1, title="Old title", abstract="Old abstract.", version=1)
NEWER = replace(OLD, version=2, title="New title", abstract="New abstract.")


async def test_a_paper_comes_back_as_it_was_stored(store: Store) -> None:
    told = paper(
        7,
        title=r"On $\ell_1$ and <b>的</b> 𝔸 \& more",
        authors=("Zoë Müller", "李雷", "O'Brien; DROP TABLE papers"),
        categories=("math.CO", "cs.DM"),
        comment="13 pages",
        submitted=date(2026, 1, 31),
    )
    await store.papers.save([told])
    assert await store.papers.get(told.id) == told


async def test_a_paper_that_is_not_stored_is_none(store: Store) -> None:
    assert await store.papers.get("9913.99999") is None
    assert await store.papers.versions("9913.99999") == ()
    assert await store.papers.many([]) == {}


async def test_many_keeps_the_order_asked_and_leaves_out_what_is_not_stored(store: Store) -> None:
    await store.papers.save(papers(3))
    found = await store.papers.many(["9913.00003", "9913.77777", "9913.00001", "9913.00003"])
    assert list(found) == ["9913.00003", "9913.00001"]


async def test_more_papers_than_a_statement_takes_parameters(store: Store) -> None:
    many = papers(1100)
    await store.papers.save(many)
    assert tuple((await store.papers.many(p.id for p in many)).values()) == many


async def test_a_replacement_takes_over_and_the_old_text_is_kept(store: Store) -> None:
    await store.papers.save([OLD])
    await store.papers.save([NEWER])
    assert await store.papers.get(OLD.id) == NEWER
    assert await store.papers.versions(OLD.id) == (OLD, NEWER)


async def test_an_older_version_that_comes_later_is_only_kept(store: Store) -> None:
    third = replace(OLD, version=3, title="Third title")
    await store.papers.save([third, OLD, NEWER])
    assert await store.papers.versions(OLD.id) == (OLD, NEWER, third)


async def test_the_same_paper_twice_in_one_save_is_merged(store: Store) -> None:
    listed = replace(OLD, version=None, abstract="")
    await store.papers.save([listed, OLD, NEWER, listed])
    assert await store.papers.versions(OLD.id) == (OLD, NEWER)


async def test_a_version_kept_once_is_not_rewritten(store: Store) -> None:
    await store.papers.save([NEWER, OLD])
    await store.papers.save([replace(OLD, title="Another text for version 1")])
    assert (await store.papers.versions(OLD.id))[0].title == "Old title"


async def test_a_text_of_unknown_version_is_kept_without_a_number(store: Store) -> None:
    unnumbered, third = replace(OLD, version=None), replace(OLD, version=3, title="Third title")
    await store.papers.save([unnumbered, third])
    assert await store.papers.versions(OLD.id) == (unnumbered, third)


class TestMerging:
    """Decided without a database: (what is current, what is kept beside)."""

    def test_a_listing_without_abstract_leaves_the_stored_one(self) -> None:
        listed = replace(OLD, version=None, title="Retitled", abstract="", comment="9 pages")
        assert merge(OLD, listed) == (replace(OLD, comment="9 pages"), None)

    def test_the_search_api_fills_what_the_feed_does_not_tell(self) -> None:
        found = replace(OLD, comment="9 pages", submitted=date(2026, 2, 1))
        assert merge(OLD, found) == (found, None)

    def test_an_empty_abstract_of_a_newer_version_leaves_the_stored_text(self) -> None:
        assert merge(OLD, replace(NEWER, abstract="")) == (
            replace(NEWER, abstract="Old abstract."),
            OLD,
        )

    def test_a_later_cross_list_adds_its_category_and_the_primary_stays(self) -> None:
        crossed = replace(OLD, categories=("stat.ML", "cs.AI"))
        assert merge(OLD, crossed)[0].categories == ("cs.AI", "stat.ML")

    def test_a_listed_paper_learns_its_version_from_the_feed(self) -> None:
        listed = replace(OLD, version=None, abstract="Old\n  abstract.")
        assert merge(listed, OLD) == (replace(OLD, abstract="Old\n  abstract."), None)
        assert merge(listed, replace(OLD, version=4)) == (replace(listed, version=4), None)

    def test_what_a_second_version_replaces_was_the_first(self) -> None:
        assert merge(replace(OLD, version=None), NEWER) == (NEWER, OLD)

    def test_a_replacement_listed_first_is_filled_by_the_feed(self) -> None:
        listed = replace(NEWER, version=None, abstract="")
        assert merge(listed, NEWER) == (NEWER, None)


VERSIONS = st.one_of(st.none(), st.integers(1, 3))
TEXTS = st.sampled_from(["", "one", "two", "three"])
TELLINGS = st.lists(
    st.builds(lambda v, t, a: replace(OLD, version=v, title=t, abstract=a), VERSIONS, TEXTS, TEXTS),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60)
@given(TELLINGS)
def test_in_any_order_the_newest_version_wins_and_no_text_becomes_empty(told: list[Paper]) -> None:
    current: Paper | None = None
    for each in told:
        before = current
        current, _ = merge(before, each)
        assert current.abstract or not (each.abstract or (before and before.abstract))
    numbers = [p.version for p in told if p.version is not None]
    assert current is not None
    assert current.version == max(numbers, default=None)

"""What changed between two abstracts, in a few words that are true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import changes
from digest.changes import Changes, Edit, between
from digest.render import plain, revised
from tests.fakes.papers import paper

if TYPE_CHECKING:
    from digest.models import Paper

BEFORE = (
    "Serverless functions start slowly. We share page-cache snapshots between 4 functions. The "
    "median start falls from 240 ms to 9 ms on three clouds, and memory grows by 4%."
)
WORDS = st.lists(st.sampled_from(["a", "b", "c", "dd", "ee", "9", "ms"]), max_size=40).map(" ".join)
TEXTS = WORDS | st.text(max_size=120)


def test_a_number_is_told_with_the_words_around_it() -> None:
    after = BEFORE.replace("9 ms", "8 ms")
    assert between(BEFORE, after) == Changes((Edit("to 9 ms", "to 8 ms"),))


def test_new_sentences_and_lost_ones() -> None:
    more = f"{BEFORE} The code is public."
    assert between(BEFORE, more) == Changes((Edit("", "The code is public."),))
    assert between(more, BEFORE) == Changes((Edit("The code is public.", ""),))


def test_the_largest_are_told_and_the_others_counted() -> None:
    after = BEFORE
    for old, new in (
        ("slowly.", "very slowly indeed."),
        ("snapshots", "pictures"),
        ("240", "241"),
        ("three", "seven"),
        ("4%.", "4%, which is little."),
    ):
        after = after.replace(old, new)
    found = between(BEFORE, after)
    assert (len(found.told), found.others) == (3, 2)
    assert "very slowly indeed." in found.told[0].new
    assert found.told[-1].new.endswith("which is little.")


def test_what_is_written_anew_is_not_taken_apart() -> None:
    assert between(BEFORE, "Sheep are hard to count.").is_rewritten
    assert between("", BEFORE).is_rewritten


def test_a_long_quotation_ends() -> None:
    [edit] = between(BEFORE, f"{BEFORE} {'very ' * 60}").told
    assert len(edit.new) <= changes.LONGEST
    assert edit.new.endswith("…")


@settings(max_examples=120)
@given(before=TEXTS, after=TEXTS)
def test_what_is_told_stands_in_the_texts(before: str, after: str) -> None:
    found = between(before, after)
    old, new = " ".join(before.split()), " ".join(after.split())
    assert (found == Changes()) == (old == new)
    assert len(found.told) <= changes.MOST_TOLD
    for edit in found.told:
        assert edit.gone or edit.new
        assert edit.gone.removesuffix("…") in old
        assert edit.new.removesuffix("…") in new


@settings(max_examples=50)
@given(text=TEXTS)
def test_nothing_changes_by_breaking_lines(text: str) -> None:
    assert between(text, "\n".join(text.split())) == Changes()


class TestToldToReaders:
    NOW = paper(4, version=2, abstract=BEFORE)

    def said(self, before: tuple[str, str] | None, now: Paper = NOW, language: str = "en") -> str:
        return plain.text((revised.entry(now, 1, before, language),))

    def test_title_and_abstract_in_both_languages(self) -> None:
        before = ("Warm Starts", BEFORE.replace("9 ms", "90 ms"))
        assert self.said(before) == (
            "Cold Starts of Serverless Functions in 4 ms\nv1 → v2 · 9913.00004\n"
            "The title was “Warm Starts”. Abstract: “to 90 ms” → “to 9 ms”."
        )
        told = self.said(before, language="zh")
        assert told.endswith("原标题为“Warm Starts”。摘要：“to 90 ms” → “to 9 ms”。")

    @pytest.mark.parametrize(
        ("abstract", "said"),
        [
            (BEFORE, "Title and abstract are the same."),
            ("", "Title and abstract are the same."),
            ("Sheep.", "The abstract is largely written anew."),
            (f"{BEFORE} Really.", "Abstract: gone “Really.”."),
            (BEFORE[:-20], "Abstract: "),
        ],
    )
    def test_what_there_is_to_say(self, abstract: str, said: str) -> None:
        assert said in self.said((self.NOW.title, abstract))

    def test_a_version_that_is_not_stored(self) -> None:
        assert "is not stored here" in self.said(None)

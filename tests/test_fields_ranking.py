"""The order inside a field, and one story told twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest import fields
from digest.models import Kind, Paper
from tests.fakes.papers import paper


def test_the_better_fit_comes_first_and_new_before_cross_at_like_fit() -> None:
    told = [
        (0.91, Kind.CROSS, "9913.00001"),
        (0.60, Kind.NEW, "9913.00002"),
        (0.90, Kind.NEW, "9913.00004"),
        (0.90, Kind.NEW, "9913.00003"),
    ]
    ordered = sorted(told, key=lambda each: fields.worth(*each))
    assert [each[2] for each in ordered] == ["9913.00003", "9913.00004", "9913.00001", "9913.00002"]


def numbered(number: int, title: str, *authors: str) -> Paper:
    return replace(paper(number, title=title), authors=authors or ("Ada Example",))


def test_the_same_title_is_one_story() -> None:
    one, other = numbered(1, "Counting Sheep at Night"), numbered(2, "Counting sheep at night")
    third = numbered(3, "Shearing Sheep by Day")
    assert fields.folded([one, third, other]) == [(one, other), (third,)]


def test_parts_of_one_work_by_the_same_authors_are_one_story() -> None:
    one = numbered(1, "The Topology of Sheep, Part I: Flocks", "Ada Example")
    two = numbered(2, "The Topology of Sheep, Part II: Flocks", "Ada Example", "Bo Sample")
    stranger = numbered(3, "The Topology of Sheep, Part III: Flocks", "Cy Other")
    assert fields.folded([one, two, stranger]) == [(one, two), (stranger,)]


def test_titles_that_differ_in_a_word_are_two_stories() -> None:
    one = numbered(1, "A Survey of Sheep in the Northern Alps and Their Shepherds")
    other = numbered(2, "A Survey of Goats in the Northern Alps and Their Shepherds")
    assert len(fields.folded([one, other])) == 2
    assert fields.folded([]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sheep in Alpine Flocks I", "Sheep in Alpine Flocks II: Winter"),
        ("Sheep in Alpine Flocks. I. Summer", "Sheep in Alpine Flocks. II. Winter"),
        ("Sheep in Alpine Flocks (Part 1)", "Sheep in Alpine Flocks (Part 2)"),
        ("Sheep in Alpine Flocks", "Sheep in Alpine Flocks – Paper II"),
        ("Pre-Trained Sheep", "Pretrained sheep"),
        ("Modelling Sheep", "Modeling Sheep"),
    ],
)
def test_companions_by_a_common_author_are_found(one: str, other: str) -> None:
    assert len(fields.folded([numbered(1, one), numbered(2, other)])) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Learning with Sheep Labels", "Learning without Sheep Labels"),
        ("Supervised Counting of Sheep", "Unsupervised Counting of Sheep"),
        ("SheepNet-3: Counting", "SheepNet-4: Counting"),
        ("What I Count at Night", "What V Counts at Night"),
        ("A Planner that Reads 1 Recipe", "A Planner that Reads 2 Recipes"),
        ("", ""),
        ("$", "?"),
    ],
)
def test_what_only_looks_alike_is_told_apart(one: str, other: str) -> None:
    assert len(fields.folded([numbered(1, one), numbered(2, other)])) == 2


def test_a_long_title_of_blanks_is_read_in_no_time() -> None:
    noise = numbered(1, "Sheep" + " " * 100_000 + "I" * 100_000)
    assert fields.folded([noise]) == [(noise,)]

"""Which papers belong to a field: invented ones, as clear as a reader would want them."""

from __future__ import annotations

import tomllib
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest import fields
from digest.fields import features, model, placing
from digest.fields.words import read, stems
from tests.fakes.papers import paper

if TYPE_CHECKING:
    from digest.models import Paper

INVENTED = tomllib.loads((Path(__file__).parent / "fakes/field_papers.toml").read_text("utf-8"))


def told(invented: dict[str, str], number: int = 1) -> Paper:
    return paper(
        number,
        title=invented["title"],
        abstract=invented["abstract"],
        categories=(invented["category"],),
    )


CLEAR = {each["field"]: told(each, number) for number, each in enumerate(INVENTED["clear"])}
OFF = [(each["field"], told(each, number)) for number, each in enumerate(INVENTED["off"])]


@pytest.mark.parametrize("key", CLEAR)
def test_a_clear_paper_is_a_member_of_its_field(key: str) -> None:
    assert fields.member(CLEAR[key], fields.by_key(key))


def test_there_is_a_clear_paper_for_every_field() -> None:
    assert set(CLEAR) == {field.key for field in fields.named()}


@pytest.mark.parametrize(("key", "stranger"), OFF, ids=[each.title for _, each in OFF])
def test_a_paper_that_only_shares_a_word_is_not(key: str, stranger: Paper) -> None:
    assert not fields.member(stranger, fields.by_key(key))


def test_a_day_without_a_paper_of_the_field_brings_nothing() -> None:
    quiet = [fields.by_key(key) for key in ("cl", "st", "rec", "bio")]
    assert fields.place([each for _, each in OFF], quiet) == {}


def test_place_and_score_agree_and_place_names_members_only() -> None:
    follows = [*fields.named(), fields.by_key("cs.LG"), fields.by_key('"sheep"')]
    placed = fields.place(CLEAR.values(), follows)
    for each in CLEAR.values():
        for field in follows:
            score = fields.score(each, field)
            assert 0 <= score <= 1
            if score >= fields.THRESHOLD:
                assert placed[each.id][field.key] == score
            else:
                assert field.key not in placed.get(each.id, {})


def test_a_paper_says_what_it_is_about_more_by_its_title_and_category() -> None:
    databases, whole = fields.by_key("db"), CLEAR["db"]
    untitled = replace(whole, title="Sheep")
    elsewhere = replace(whole, categories=("math.CO",))
    assert fields.score(whole, databases) > fields.score(untitled, databases)
    assert fields.score(whole, databases) > fields.score(elsewhere, databases)


@pytest.mark.parametrize(
    ("key", "category", "abstract", "belongs"),
    [
        ("db", "cs.DB", "Our index answers SQL queries over a relational database.", True),
        ("cl", "cs.DC", "Our service runs in the cloud on virtual machines.", True),
        ("cv", "cs.CV", "We count sheep in images of a drone and train a detector.", True),
        ("ai", "stat.AP", "Deep learning is popular. We count sheep by hand.", False),
        (
            "llm",
            "cs.CY",
            "Large language models are popular. We count by hand. It rains. It takes days.",
            False,
        ),
    ],
)
def test_a_plain_paper_belongs_and_a_passing_word_is_not_enough(
    key: str, category: str, abstract: str, *, belongs: bool
) -> None:
    plain = paper(title="A Note on Sheep", abstract=abstract, categories=(category,))
    assert fields.member(plain, fields.by_key(key)) is belongs


def test_a_category_brings_its_own_papers_before_cross_lists_and_both_codes() -> None:
    own = paper(categories=("math.NA", "cs.NA"))
    crossed = paper(categories=("cs.LG", "cs.NA"))
    analysis = fields.by_key("cs.NA")
    assert fields.score(own, analysis) > fields.score(crossed, analysis) >= fields.THRESHOLD
    assert fields.score(paper(categories=("cs.LG",)), analysis) == 0


def test_a_paper_without_words_or_categories_is_nobodys() -> None:
    empty = paper(title="", abstract="", categories=())
    assert fields.place([empty], [*fields.named(), fields.by_key("cs.AI")]) == {}


def test_a_phrase_takes_its_words_with_it_for_its_field_only() -> None:
    found = features.phrases().find(stems("point clouds"))
    assert ("cl", "not", ("point", "cloud")) in found
    assert ("cv", "strong", ("point", "cloud")) in found
    assert not any(each.owner == "cl" and each.group != "not" for each in found)


def test_stems_forget_plurals_spelling_and_tex() -> None:
    assert stems("Virtualised GPU clusters") == ("virtualized", "gpu", "cluster")
    assert stems(r"\textbf{Bodies} and $k$-centre modelling") == (
        ("body", "and", "k", "center", "modeling")
    )
    assert stems("colours of glasses, analyses, virus") == (
        ("color", "of", "glass", "analyse", "virus")
    )
    assert stems("ﬁles https://example.org/x") == ("file",)


def test_a_field_without_weights_of_its_own_uses_the_shared_ones() -> None:
    assert model.weights("bees") == model.weights(model.SHARED)
    assert model.weights("ai") != model.weights(model.SHARED)


def test_the_numbers_of_a_paper_have_names() -> None:
    numbers = features.by_name(features.features(read(CLEAR["cl"]))["cl"])
    assert numbers["primary_first"] == 1
    assert numbers["strong_title"] >= 1
    assert set(numbers) == set(features.NAMES[:-2])


def test_the_weights_are_small_and_light() -> None:
    tracemalloc.start()
    model.words.cache_clear()
    model.words()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 50e6


def test_a_text_is_read_once_however_many_rounds_it_is_placed_in() -> None:
    follows, papers = [fields.by_key("db"), fields.by_key("ai")], list(CLEAR.values())
    first = fields.place(papers, follows)
    read_so_far = placing.learnt.cache_info().misses
    assert fields.place([replace(each) for each in papers], follows[:1] + follows[1:]) == first
    assert placing.learnt.cache_info().misses == read_so_far


def test_a_new_version_is_placed_by_its_own_words() -> None:
    databases, before = fields.by_key("db"), CLEAR["db"]
    assert fields.place([before], [databases])
    after = replace(
        before, version=2, title="Sheep", abstract="They sleep.", categories=("math.CO",)
    )
    assert fields.place([after], [databases]) == {}

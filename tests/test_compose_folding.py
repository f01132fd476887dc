"""One story told twice stands once in a digest, and nothing of it is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose import compose
from digest.models import Announcement, Digest, Edition, Kind, Paper, Subscriber
from digest.render import data, markdown, plain
from digest.render.digest import blocks
from digest.render.entities import Limits, pages
from tests.fakes.papers import DAY, cross, new, paper, replaced

MONDAY = date(2026, 2, 2)
THEORY = paper(1, title="Flocks of Sheep, Part I: Theory", authors=("Ada Example",))
HILLS = paper(2, title="Flocks of Sheep, Part II: Hills", authors=("Bo Sample", "Ada Example"))
OTHER = paper(3, title="Goats and How They Differ")


def digest_of(
    scores: dict[Paper, dict[str, float]], *fields: str, language: str = "en", size: int = 10
) -> Digest:
    reader = Subscriber("console", "here", language, fields=fields, size=size)
    announced = [new(each) for each in scores]
    return compose(Edition(DAY), reader, announced, {p.id: s for p, s in scores.items()})


def test_companions_stand_in_one_entry_and_both_count() -> None:
    digest = digest_of({THEORY: {"ai": 0.7}, OTHER: {"ai": 0.8}, HILLS: {"ai": 0.9}}, "ai")
    lead, other = digest.entries
    assert (lead.paper, [each.paper for each in lead.companions]) == (HILLS, [THEORY])
    assert other.companions == ()
    assert (digest.receipt.matched, digest.receipt.shown) == (3, 3)
    assert digest.sections[0].matched == digest.sections[0].shown == 3


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "with its companion 9913.00001"), ("zh", "另有姊妹篇 9913.00001")],
)
def test_the_entry_names_its_companion_wherever_it_is_shown(language: str, words: str) -> None:
    told = {THEORY: {"ai": 0.7}, HILLS: {"ai": 0.9}}
    page = blocks(digest_of(told, "ai", language=language))
    assert words in plain.text(page)
    assert words in markdown.text(page).replace("*", "")
    assert words in pages(page, Limits(4096, 100))[0].text


def test_a_real_companion_is_a_link_and_a_late_one_says_so() -> None:
    real = replace(THEORY, id="2602.00001")
    reader = Subscriber("console", "here", fields=("ai",))
    placed = {real.id: {"ai": 0.7}, HILLS.id: {"ai": 0.9}}
    digest = compose(Edition(DAY), reader, [new(HILLS)], placed, late=[(MONDAY, new(real))])
    page = blocks(digest)
    assert "(late, announced Monday 2 February)" in plain.text(page)
    assert "[2602.00001](https://arxiv.org/abs/2602.00001)" in markdown.text(page)
    assert (digest.receipt.matched, digest.receipt.shown, digest.receipt.late) == (1, 1, 1)


def test_several_companions_are_all_named() -> None:
    third = paper(4, title="Flocks of Sheep III. Valleys", authors=("Ada Example",))
    told = {THEORY: {"ai": 0.7}, HILLS: {"ai": 0.9}, third: {"ai": 0.8}}
    shown = plain.text(blocks(digest_of(told, "ai")))
    assert "with its companions 9913.00004, 9913.00001" in shown
    assert shown.count("Flocks") == 1


def test_a_story_in_two_fields_stands_in_the_rarer_one_with_all_tags() -> None:
    told = {THEORY: {"ai": 0.9}, HILLS: {"st": 0.6}, OTHER: {"ai": 0.8}}
    digest = digest_of(told, "ai", "st")
    assert [(s.field, [e.paper for e in s.entries]) for s in digest.sections] == [
        ("ai", [OTHER]),
        ("st", [HILLS]),
    ]
    assert digest.entries[1].fields == ("st", "ai"), "the companion's tag is not lost"
    assert digest.receipt.empty == ()


def test_a_replacement_is_no_companion() -> None:
    reader = Subscriber("console", "here", fields=("ai",))
    placed = {THEORY.id: {"ai": 0.7}, HILLS.id: {"ai": 0.9}}
    digest = compose(Edition(DAY), reader, [new(HILLS), replaced(THEORY)], placed)
    assert digest.entries[0].companions == ()
    assert digest.receipt.matched == 1


def test_programs_get_the_companions_whole() -> None:
    shown = data.of_digest(digest_of({THEORY: {"ai": 0.7}, HILLS: {"ai": 0.9}}, "ai"))
    [entry] = shown["sections"][0]["papers"]
    assert [each["title"] for each in entry["companions"]] == [THEORY.title]
    assert json.dumps(shown)


def test_a_key_that_means_nothing_costs_one_line() -> None:
    digest = digest_of({OTHER: {"ai": 0.8}}, "-", "ai")
    assert [section.field for section in digest.sections] == ["ai"]
    assert digest.receipt.unreadable == ("-",)
    assert "I no longer understand your field “-”: /unfield ? removes it." in plain.text(
        blocks(digest)
    )


def test_a_field_whose_archives_are_on_their_way_is_not_called_empty() -> None:
    reader = Subscriber("console", "here", fields=("hep-th", "cs.DB"))
    receipt = compose(Edition(DAY), reader, [], {}, pending=["hep-th"]).receipt
    assert (receipt.empty, receipt.open) == (("cs.DB",), ("hep-th",))
    absent = compose(replace(Edition(DAY), missing=("hep-th",)), reader, [], {}).receipt
    assert (absent.empty, absent.open) == (("cs.DB",), ("hep-th",))
    waiting = compose(Edition(DAY), replace(reader, fields=("hep-th",)), [], {}, pending=["hep-th"])
    assert "follow no field" not in plain.text(blocks(waiting))


TITLES = (THEORY.title, HILLS.title, OTHER.title, "goats and how they differ", "Sheep", "")
announcements = st.lists(
    st.tuples(st.sampled_from(TITLES), st.sampled_from((Kind.NEW, Kind.CROSS, Kind.REPLACE))),
    max_size=12,
)


@settings(max_examples=40)
@given(announcements, st.integers(0, 5))
def test_every_paper_is_brought_once_whatever_is_folded(
    told: list[tuple[str, Kind]], size: int
) -> None:
    day = [Announcement(paper(n, title=title), kind) for n, (title, kind) in enumerate(told)]
    placed = {each.paper.id: {"ai": 0.6 + 0.01 * (n % 5)} for n, each in enumerate(day)}
    reader = Subscriber("console", "here", fields=("ai",), size=size)
    digest = compose(Edition(DAY), reader, day, placed)
    brought = [one.paper.id for entry in (*digest.entries, *digest.rest) for one in entry.all]
    assert sorted(brought) == sorted(a.paper.id for a in day if a.kind.is_fresh)
    assert digest.receipt.matched == len(brought) == sum(s.matched for s in digest.sections)
    assert digest.receipt.shown == sum(len(entry.all) for entry in digest.entries)
    backwards = compose(Edition(DAY), reader, reversed(day), placed)
    assert backwards == digest


def test_new_and_cross_of_one_story_are_one_entry() -> None:
    reader = Subscriber("console", "here", fields=("ai",))
    placed = {THEORY.id: {"ai": 0.9}, HILLS.id: {"ai": 0.9}}
    digest = compose(Edition(DAY), reader, [cross(THEORY), new(HILLS)], placed)
    assert [entry.paper for entry in digest.entries] == [HILLS], "new goes before cross"

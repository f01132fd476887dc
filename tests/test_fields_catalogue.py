"""What there is to follow, and what it is called."""

from __future__ import annotations

import subprocess
import sys

import pytest

from digest import fields
from digest.fields import catalogue

CODES = ["ai", "llm", "nlp", "cv", "rob", "rl", "rec", "cl"]
CODES += ["st", "db", "sec", "qc", "se", "bio", "ag"]
ALIASES = {
    "cs.NA": "math.NA",
    "cs.SY": "eess.SY",
    "math.IT": "cs.IT",
    "math.MP": "math-ph",
    "q-fin.EC": "econ.GN",
    "stat.TH": "math.ST",
}


def test_the_fifteen_named_fields_come_in_the_order_of_menus() -> None:
    assert [field.key for field in fields.named()] == CODES


def test_arxiv_has_155_codes_of_which_six_are_second_names() -> None:
    known = catalogue.codes_known()
    assert len(known) == 155
    assert {code: each.same_as for code, each in known.items() if each.same_as} == ALIASES
    assert len(fields.categories()) == 149


def test_there_are_twenty_archives_and_each_has_its_codes() -> None:
    assert len(set(fields.ARCHIVES)) == 20
    assert all(fields.codes(archive) for archive in fields.ARCHIVES)
    assert sum(len(fields.codes(archive)) for archive in fields.ARCHIVES) == 155
    assert len(fields.PHYSICS) == 13
    assert set(fields.ARCHIVES) > fields.PHYSICS


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_field_has_a_name_and_a_sentence_in_the_readers_language(language: str) -> None:
    for field in fields.named():
        assert fields.name(field, language)
        assert fields.describe(field, language).endswith("." if language == "en" else "。")
    for field in fields.categories():
        assert fields.category_name(field.key, language) in fields.describe(field, language)


def test_chinese_names_are_chinese() -> None:
    for code in catalogue.codes_known():
        assert any("一" <= letter <= "鿿" for letter in fields.category_name(code, "zh"))


def test_a_language_without_names_gets_the_english_ones() -> None:
    cloud = fields.by_key("cl")
    assert fields.name(cloud, "xx") == "Cloud computing"
    assert fields.describe(cloud, "xx") == fields.describe(cloud, "en")
    assert fields.category_name("cs.AI", "xx") == "Artificial Intelligence"


def test_a_code_that_nobody_knows_is_shown_as_it_is() -> None:
    assert fields.category_name("cs.XX", "zh") == "cs.XX"
    assert fields.category_name("quant-ph", "zh") == "量子物理"
    assert fields.category_name("math", "en") == "Mathematics"


@pytest.mark.parametrize(("second", "first"), ALIASES.items())
def test_a_second_name_is_the_same_field_and_holds_the_papers_of_both(
    second: str, first: str
) -> None:
    field = fields.by_key(second)
    assert field == fields.by_key(first)
    assert field.key == first
    assert set(field.categories) == {first, second}


def test_a_whole_archive_can_be_followed() -> None:
    field = fields.by_key("hep-ex")
    assert (field.kind, field.categories) == ("category", ("hep-ex",))
    mathematics = fields.by_key("math")
    assert mathematics.categories == fields.codes("math")
    assert fields.describe(mathematics, "en") == "All of arXiv's math: Mathematics."


def test_the_archives_of_a_field_are_the_most_important_first() -> None:
    assert fields.archives(fields.by_key("ai"))[0] == "cs"
    assert fields.archives(fields.by_key("qc"))[0] == "quant-ph"
    assert fields.archives(fields.by_key("cs.NA")) == ("math",)
    assert set(fields.archives(fields.by_key('"cold start"'))) == set(fields.ARCHIVES)
    for field in fields.named():
        assert set(fields.archives(field)) <= set(fields.ARCHIVES)


def test_neighbours_are_fields_of_the_catalogue() -> None:
    for field in fields.named():
        for side in fields.neighbours(field):
            assert all(near.kind != "phrase" and near != field for near in side)
    broader, narrower = fields.neighbours(fields.by_key("llm"))
    assert [near.key for near in broader] == ["ai"]
    assert "ag" in [near.key for near in narrower]
    assert "rob" in [near.key for near in fields.neighbours(fields.by_key("cs.RO"))[0]]
    assert fields.neighbours(fields.by_key('"cold start"')) == ((), ())


def test_a_phrase_is_stored_the_same_however_its_quotes_were_typed() -> None:
    keys = {fields.by_key(text).key for text in ('"cold start"', "“cold  start”", "cold start")}
    assert keys == {'"cold start"'}


def test_a_phrase_keeps_what_it_leaves_out() -> None:
    field = fields.by_key('diffusion policy -survey -"vision language"')
    assert field.wanted == ("diffusion policy",)
    assert field.unwanted == ("survey", "vision language")
    assert fields.by_key(field.key) == field
    assert "survey" in fields.describe(field, "en")
    assert fields.describe(fields.by_key('"x y"'), "zh") != fields.describe(field, "zh")


def test_a_phrase_without_a_word_is_refused() -> None:
    for text in ("", '""', "- -", "-survey", "😀"):
        with pytest.raises(ValueError, match=r"^"):
            fields.by_key(text)


def test_each_file_of_a_named_field_is_complete_and_sound() -> None:
    for entry in catalogue.entries().values():
        assert set(entry.name) == set(entry.about) == {"en", "zh"}
        assert set(entry.categories) <= set(catalogue.codes_known())
        assert entry.strong
        groups = [set(entry.strong), set(entry.likely), set(entry.weak), set(entry.masked)]
        assert len(set.union(*groups)) == sum(map(len, groups)), entry.key
        for near in (*entry.broader, *entry.narrower):
            assert near in catalogue.entries() or catalogue.code_meant(near)


def test_a_new_named_field_is_one_file() -> None:
    told = """
order = 16
name = { en = "Bee keeping", zh = "养蜂" }
aliases = ["bees"]
about = { en = "Bees and their keepers.", zh = "蜜蜂与养蜂人。" }
broader = []
narrower = []
archives = ["q-bio"]
categories = ["q-bio.PE"]
[phrases]
strong = ["beehive"]
likely = ["bee"]
weak = ["honey"]
not = ["spelling bee"]
"""
    entry = catalogue.entry("bees", told)
    assert (entry.key, entry.strong, entry.masked) == ("bees", ("beehive",), ("spelling bee",))


def test_importing_the_fields_reads_nothing() -> None:
    program = (
        "import builtins, io, sys, digest.fields as f;"
        "from digest.fields import catalogue, model, own;"
        "caches = [catalogue.entries, catalogue.codes_known, model.words, own.associations];"
        "sys.exit(any(each.cache_info().currsize for each in caches))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert done.returncode == 0

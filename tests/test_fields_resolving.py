"""What people type, and the field they mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import fields
from digest.fields import catalogue


def meant(text: str) -> str | None:
    found = fields.resolve(text).field
    return found.key if found else None


def offered(text: str) -> list[str]:
    found = fields.resolve(text)
    assert found.field is None
    return [choice.key for choice in found.choices]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("AI", "ai"),
        ("人工智慧", "ai"),
        ("云计算", "cl"),
        ("雲計算", "cl"),
        ("雲端運算", "cl"),
        ("Cloud-Computing", "cl"),
        ("大模型", "llm"),
        ("LLMs", "llm"),
        ("vision", "cv"),
        ("CV", "cv"),
        ("機器人", "rob"),
        ("強化學習", "rl"),
        ("推薦系統", "rec"),
        ("存储", "st"),
        ("資料庫", "db"),
        ("网络安全", "sec"),
        ("quantum computing", "qc"),
        ("軟體工程", "se"),
        ("生物信息学", "bio"),
        ("智能体", "ag"),
        ("NLP", "nlp"),
        ("  ＡＩ ", "ai"),
        ("CS.ai", "cs.AI"),
        ("cs.na", "math.NA"),
        ("stat.TH", "math.ST"),
        ("hep-th", "hep-th"),
        ("MATH", "math"),
        ("機器學習", "cs.LG"),
        ("Information Theory", "cs.IT"),
        ("光学", "physics.optics"),
        ("統計理論", "math.ST"),
        ("圖形學", "cs.GR"),
        ("LG", "cs.LG"),
        ("robo", "rob"),
    ],
)
def test_names_in_any_spelling_mean_their_field(typed: str, key: str) -> None:
    assert meant(typed) == key


def test_every_name_and_alias_means_something() -> None:
    for entry in catalogue.entries().values():
        for called in (entry.key, *entry.name.values(), *entry.aliases):
            found = fields.resolve(called)
            assert found.field or len(found.choices) > 1, called
    for code, category in catalogue.codes_known().items():
        assert meant(code) == (category.same_as or code)


def test_the_name_of_a_named_field_is_never_ambiguous() -> None:
    for entry in catalogue.entries().values():
        for called in (entry.key, *entry.name.values()):
            assert meant(called) == entry.key


@pytest.mark.parametrize(
    ("typed", "key"), [("云计祘", "cl"), ("databse", "db"), ("robtics", "rob"), ("securty", "sec")]
)
def test_a_slip_is_answered_with_what_was_probably_meant(typed: str, key: str) -> None:
    assert offered(typed)[0] == key


def test_what_may_mean_several_fields_is_answered_with_choices() -> None:
    assert offered("CO") == ["astro-ph.CO", "math.CO", "stat.CO"]
    assert len(offered("comp")) > 1
    assert len(offered("comp")) <= 6


def test_a_word_of_several_names_is_answered_with_those_fields() -> None:
    assert offered("learning")[:3] == ["rl", "rob", "cs.LG"]
    assert "cs.IR" in offered("retrieval")
    assert offered("of") == []


def test_the_names_that_readers_see_come_before_the_others() -> None:
    assert {"cl", "qc", "cv"} == set(offered("计算")[:3])


def test_what_is_copied_from_a_message_is_understood() -> None:
    assert meant("cs.\u2060NI") == "cs.NI"
    assert meant("\u200bAI") == "ai"
    assert meant('"vector\u2060 database"') == '"vector database"'


def test_free_text_is_no_field_and_is_offered_what_it_speaks_of() -> None:
    assert "cl" in offered("papers on making serverless functions start faster")
    assert offered("zzzzzz qqqqqq") == []


def test_a_sentence_is_a_phrase_and_a_name_with_a_slip_is_not() -> None:
    asked = fields.sentence("papers on making serverless functions start faster")
    assert asked is not None
    assert asked.wanted == ("papers on making serverless functions start faster",)
    assert fields.sentence("spot instance bidding") is None
    assert fields.sentence("distributd parallel and cluster computing") is None
    assert fields.sentence("研究 如何 让 无服务器 函数 更快 启动") is None


def test_quotes_and_minus_make_a_phrase() -> None:
    assert meant('"vector database"') == '"vector database"'
    assert meant("diffusion policy -survey") == '"diffusion policy" -survey'
    assert meant("「冷启动」") == '"冷启动"'


def test_a_hyphen_makes_no_phrase() -> None:
    assert meant("cloud-native") == "cl"
    assert meant("multi-agent") == "ag"


@pytest.mark.parametrize(
    "typed", ["", "  ", '"', '""', "- -", "😀" * 50, "x" * 10_000, "\x00", "学"]
)
def test_nonsense_is_answered_and_never_hurts(typed: str) -> None:
    assert meant(typed) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    found = fields.resolve(text)
    if found.field:
        assert fields.by_key(found.field.key) == found.field
        assert fields.name(found.field, "zh")
        assert fields.describe(found.field, "en")
    assert len(found.choices) <= 6

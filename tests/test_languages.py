"""Nine languages of summaries with a model; the interface speaks the nearest that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import app as building
from bot.commands.book import answer
from digest import fields, locale
from digest.locale import say
from digest.render import plain
from digest.sample import load
from digest.summarize.called import NAMES, called, understand
from digest.summarize.languages import LANGUAGES
from tests.conftest import NOON
from tests.fakes.model import FakeModel
from tests.fakes.papers import DAY, paper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv


@pytest.fixture
def endpoint() -> Iterator[FakeModel]:
    with FakeModel() as running:
        yield running


async def said(opened: Opened, *lines: str, **settings: object) -> list[str]:
    """What a reader at the terminal is answered, line by line, with the choices."""
    told = []
    async with opened(**settings) as app:
        reader = await building.local_reader(app)
        for line in lines:
            reader, reply = await answer(app.desk, reader, line)
            labels = " ".join(choice.label for choice in reply.choices)
            told.append(f"{plain.text(reply.blocks)}\n{labels}".strip())
    return told


def test_each_language_that_a_model_writes_has_a_name() -> None:
    assert NAMES.keys() == LANGUAGES.keys()
    for code, names in NAMES.items():
        assert understand(code) == understand(names.own) == code
        assert {understand(name) for name in names.others} == {code}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("日本語", "ja"),
        ("Deutsch", "de"),
        (" DEUTSCH. ", "de"),
        ("繁體", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh_Hant_HK", "zh-Hant"),
        ("zh-Hans-CN", "zh"),
        ("中文", "zh"),
        ("Traditional Chinese", "zh-Hant"),
        ("한국어", "ko"),
        ("Français", "fr"),
        ("Español", "es"),
        ("pусский", None),  # its first letter is Latin
        ("Русский", "ru"),
        ("de_AT.UTF-8", "de"),
        ("de-AT", "de"),
        ("Klingon", None),
        ("", None),
    ],
)
def test_a_language_is_known_by_its_own_name_and_by_others(text: str, code: str | None) -> None:
    assert understand(text) == code


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_language_or_none(text: str) -> None:
    assert understand(text) in {*LANGUAGES, None}


def test_a_code_without_a_name_is_shown_as_it_is() -> None:
    assert called("tlh") == "tlh"


def test_the_interface_is_chinese_for_both_scripts_and_english_elsewhere() -> None:
    assert say("paper.background", "zh-Hant") == say("paper.background", "zh")
    for code in ("ja", "ko", "de", "fr", "es", "ru"):
        assert say("paper.background", code) == "Background"
        assert say("digest.announced", code, announced=1062) == "arXiv announced 1,062"
        assert locale.long_date(DAY, code) == "Tuesday 3 February"
        assert locale.number(1062, code) == "1,062"
        assert locale.moment(NOON, code) == "Tuesday 17:00 (UTC)"
    assert locale.long_date(DAY, "zh-Hant") == locale.long_date(DAY, "zh")
    assert fields.category_name("cs.AI", "zh-Hant") == fields.category_name("cs.AI", "zh")
    assert fields.category_name("cs.AI", "de") == fields.category_name("cs.AI", "en")


def test_the_sample_is_told_in_the_nearest_language_and_says_which() -> None:
    assert {each.language for each in load().told("zh-Hant").values()} == {"zh"}
    assert {each.language for each in load().told("ja").values()} == {"en"}


async def test_with_a_model_all_are_offered_and_what_stays_english_is_said_once(
    opened: Opened, endpoint: FakeModel
) -> None:
    which, chosen, settings, back = await said(
        opened, "/language", "/language Deutsch", "/settings", "/language English",
        openai_base_url=endpoint.url,
    )  # fmt: skip
    assert all(names.own in which for names in NAMES.values())
    assert chosen == (
        "Summaries come in Deutsch from now on; everything else I say stays in English."
    )
    assert "Language: Deutsch" in settings
    assert back == "I speak English now."


async def test_traditional_chinese_is_answered_in_chinese(
    opened: Opened, endpoint: FakeModel
) -> None:
    (chosen,) = await said(opened, "/language 繁體", openai_base_url=endpoint.url)
    assert chosen == "好，从现在起摘要用繁體中文，其余文字仍用简体中文。"


async def test_without_a_model_only_the_interfaces_languages_are_offered(opened: Opened) -> None:
    which, refused, settings = await said(opened, "/language", "/language 日本語", "/settings")
    assert which.endswith("简体中文 English")
    assert "Summaries in 日本語 need a model, and none is set up here" in refused
    assert refused.endswith("简体中文 English")
    assert "Language: English" in settings


async def test_a_reader_is_told_in_the_language_they_chose(
    opened: Opened, arxiv: FakeArxiv, endpoint: FakeModel
) -> None:
    arxiv.announce(DAY, paper(1))
    german = (
        "Die Autoren stellen ein Verfahren vor und zeigen, dass der Start mit der neuen Methode "
        "nicht mehr lange dauert."
    )
    endpoint.write(lambda _asked: dict.fromkeys(PARTS, german))
    lines = ("/language de", "/field cs.AI", "/today")
    *_, digest = await said(opened, *lines, openai_base_url=endpoint.url, archives=("cs",))
    assert "German" in endpoint.requests[0].system
    assert german in digest
    assert "arXiv announced 1" in digest


PARTS = ("title", "gist", "summary", "background", "innovation", "conclusion")

"""Every text in every language, and numbers, dates and lists as each of them writes them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from babel.core import Locale

from digest import errors, locale
from digest.locale import MissingText, say

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ENGLISH = locale.catalogue("en").texts
TREES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
    for top in ("bot", "digest")
    for path in sorted((ROOT / top).rglob("*.py"))
}
TABLES = {key.partition(".")[0] for key in ENGLISH}
KEY = re.compile(rf"(?:{'|'.join(sorted(TABLES))})(?:\.[a-z0-9_-]+)+")
OTHERS = [code for code in locale.languages() if code != "en"]


def calls_of_say(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name == "say" and node.args:
                yield node


def names_an_event(node: ast.AST) -> bool:
    """The name of a log event may look like a key."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id == "Quiet"
    logs = {"debug", "info", "warning", "error", "exception"}
    return isinstance(node.func, ast.Attribute) and node.func.attr in logs


def names_a_file(text: str) -> bool:
    """A module of ours, or a file's own name."""
    path = ROOT / text.replace(".", "/")
    return path.exists() or path.with_suffix(".py").exists() or text.endswith((".json", ".toml"))


def literal_keys(node: ast.AST) -> Iterator[str]:
    """Every string that looks like a key, wherever it stands: in say(), an error, a note."""
    if isinstance(node, ast.JoinedStr) or names_an_event(node):
        return
    text = node.value if isinstance(node, ast.Constant) else None
    if isinstance(text, str) and KEY.fullmatch(text) and not names_a_file(text):
        yield text
    for child in ast.iter_child_nodes(node):
        yield from literal_keys(child)


def composed_keys(tree: ast.AST) -> Iterator[str]:
    """Patterns of keys that are put together: say(f"fields.{kind}", …)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pattern = "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w.-]+"
                for part in node.values
            )
            if re.match(rf"(?:{'|'.join(TABLES)})\\\.", pattern):
                yield pattern


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_every_text(code: str) -> None:
    texts = locale.catalogue(code).texts
    assert sorted(ENGLISH.keys() - texts.keys()) == []
    assert sorted(texts.keys() - ENGLISH.keys()) == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_needs_the_same_values_in_every_language(code: str) -> None:
    texts = locale.catalogue(code).texts
    # A language may have no plural, and then no need to repeat the count in words.
    wrong = {
        key: (sorted(locale.places(ENGLISH[key])), sorted(locale.places(text)))
        for key, text in texts.items()
        if key in ENGLISH and locale.places(text) != locale.places(ENGLISH[key])
    }
    assert wrong == {}


@pytest.mark.parametrize("code", locale.languages())
def test_plural_forms_are_those_of_the_language(code: str) -> None:
    known = locale.catalogue(code)
    forms = set(Locale.parse(known.babel).plural_form.tags) | {"other"}
    plurals = {key: text for key, text in known.texts.items() if not isinstance(text, str)}
    assert {key: set(text) for key, text in plurals.items() if set(text) != forms} == {}


@pytest.mark.parametrize("code", locale.languages())
def test_no_text_has_a_stray_brace_or_space(code: str) -> None:
    for key, text in locale.catalogue(code).texts.items():
        for form in (text,) if isinstance(text, str) else text.values():
            bare = re.sub(r"\{\w+\}", "", form)
            assert "{" not in bare, key
            assert "}" not in bare, key
            assert form == form.strip() != "", key


def test_every_key_that_the_code_names_exists() -> None:
    named = {(path, key) for path, tree in TREES.items() for key in literal_keys(tree)}
    called = {
        (path, str(call.args[0].value))
        for path, tree in TREES.items()
        for call in calls_of_say(tree)
        if isinstance(call.args[0], ast.Constant)
    }
    unknown = [f"{path}: {key}" for path, key in named | called if key not in ENGLISH]
    assert sorted(unknown) == []


def test_every_key_that_the_code_puts_together_can_exist() -> None:
    patterns = {(path, each) for path, tree in TREES.items() for each in composed_keys(tree)}
    unknown = [
        f"{path}: {pattern}"
        for path, pattern in patterns
        if not any(re.fullmatch(pattern, key) for key in ENGLISH)
    ]
    assert sorted(unknown) == []


def test_no_text_is_left_over() -> None:
    named = {
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
    }
    patterns = {each for tree in TREES.values() for each in composed_keys(tree)}
    left = [key for key in ENGLISH if key not in named]
    assert [key for key in left if not any(re.fullmatch(each, key) for each in patterns)] == []


def test_every_call_gives_the_values_that_its_text_needs() -> None:
    wrong = []
    for path, tree in TREES.items():
        for call in calls_of_say(tree):
            first, names = call.args[0], {keyword.arg for keyword in call.keywords}
            text = ENGLISH.get(str(first.value)) if isinstance(first, ast.Constant) else None
            if text is None or None in names:
                continue
            needed = locale.places(text) | (set() if isinstance(text, str) else {"count"})
            wrong += [f"{path}:{call.lineno} lacks {name}" for name in needed - names]
    assert sorted(wrong) == []


def all_errors(root: type[errors.PaperboyError]) -> Iterator[type[errors.PaperboyError]]:
    yield root
    for kind in root.__subclasses__():
        yield from all_errors(kind)


def test_every_error_has_a_sentence() -> None:
    keys = {kind.key for kind in all_errors(errors.PaperboyError)}
    assert sorted(keys - ENGLISH.keys()) == []


def test_a_number_is_written_as_the_language_writes_it() -> None:
    assert locale.number(1062, "en") == locale.number(1062, "zh") == "1,062"
    assert locale.number(-5, "en") == "-5"
    assert say("digest.announced", "en", announced=1062) == "arXiv announced 1,062"
    assert say("errors.paper_not_found", "en", id="2602").startswith("2602 ")


def test_one_paper_is_singular_in_english() -> None:
    assert say("digest.late_papers", "en", count=1) == "1 more came late and is marked."
    assert say("digest.late_papers", "en", count=2) == "2 more came late and are marked."
    assert say("digest.late_papers", "zh", count=1) == "另有 1 篇迟到，已标明。"


def test_a_date_carries_its_weekday_and_the_year_only_when_it_is_another() -> None:
    day = date(2026, 2, 3)
    assert locale.long_date(day, "en") == "Tuesday 3 February"
    assert locale.long_date(day, "zh") == "2月3日 星期二"
    assert locale.long_date(day, "en", date(2027, 1, 1)) == "Tuesday 3 February 2026"
    assert locale.long_date(day, "zh", date(2027, 1, 1)) == "2026年2月3日 星期二"
    assert say("digest.late", "en", day=day) == "late, announced Tuesday 3 February"


def test_a_time_to_come_names_its_day_and_zone() -> None:
    due = datetime(2026, 2, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert locale.moment(due, "zh") == "星期一 09:00（北京时间）"
    assert locale.moment(due.astimezone(ZoneInfo("Europe/Berlin")), "en") == (
        "Monday 02:00 (Central European Standard Time)"
    )
    assert locale.moment(due.astimezone(UTC), "en") == "Monday 01:00 (UTC)"
    assert "09:00" in say("digest.not_out_yet", "en", day=due.date(), due=due)
    for language in ("en", "zh"):  # the zone stands in brackets already
        said = say("digest.not_out_yet", language, day=due.date(), due=due)
        assert said.count("(") + said.count("（") == 1


def test_lists_are_joined_as_in_a_sentence() -> None:
    assert locale.listed(["cs", "stat", "math"], "en") == "cs, stat and math"
    assert locale.listed(["cs", "stat"], "zh") == "cs、stat"
    assert locale.listed(["cs"], "en") == "cs"
    assert locale.listed([], "en") == ""
    assert locale.separated(["cs", "stat"], "en") == "cs, stat"
    assert locale.together(["One.", "", "Two."], "en") == "One. Two."
    assert locale.together(["一。", "二。"], "zh") == "一。二。"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("en", "en"),
        ("English", "en"),
        (" ENGLISH. ", "en"),
        ("en_US", "en"),
        ("英文", "en"),
        ("ｚｈ", "zh"),
        ("中文", "zh"),
        ("zh-Hans-CN", "zh"),
        ("Chinese", "zh"),
        ("简体中文", "zh"),
        ("klingon", None),
        ("", None),
    ],
)
def test_a_language_is_understood_however_it_is_called(text: str, code: str | None) -> None:
    assert locale.understand_language(text) == code


def test_each_language_is_called_as_its_speakers_call_it() -> None:
    assert [locale.language_name(code) for code in locale.languages()] == ["English", "中文"]


def test_a_language_that_nobody_wrote_is_answered_in_english() -> None:
    assert say("paper.background", "tlh") == "Background"
    assert locale.long_date(date(2026, 2, 3), "tlh") == "Tuesday 3 February"


def test_a_missing_text_fails_a_test_and_never_shows_its_key() -> None:
    with pytest.warns(MissingText, match=r"no text 'digest\.nonsense'"):
        shown = say("digest.nonsense", "zh")
    assert shown == say("errors.internal", "zh")


def test_a_missing_value_fails_a_test_and_leaves_the_sentence_readable() -> None:
    with pytest.warns(MissingText, match="needs a value 'announced'"):
        shown = say("digest.announced", "en")
    assert shown == "arXiv announced …"


def test_an_untranslated_text_is_said_in_english() -> None:
    raw = (ROOT / "digest" / "locale" / "en.toml").read_text(encoding="utf-8")
    unfinished = locale.read("tok", raw.partition("[errors]")[0])
    with pytest.warns(MissingText, match="'paper.background' in 'tok'"):
        assert locale.said("paper.background", unfinished) == "Background"


def test_a_value_that_looks_like_a_place_stays_as_it_is() -> None:
    assert say("errors.paper_not_found", "en", id="{id}").startswith("{id} is not")


def test_a_new_language_is_one_file() -> None:
    raw = (ROOT / "digest" / "locale" / "en.toml").read_text(encoding="utf-8")
    toki = locale.read("tok", raw.replace('name = "English"', 'name = "toki pona"'))
    assert (toki.code, toki.name, toki.babel) == ("tok", "toki pona", "en_GB")
    assert toki.texts == ENGLISH


def test_texts_are_at_hand_without_importing_babel() -> None:
    code = (
        "import sys; from digest.locale import say; say('paper.background', 'zh');"
        " sys.exit('babel' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0

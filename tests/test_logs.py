"""What an operator's logs hold: lines that a person or a machine reads, and nobody's secrets."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import logs
from bot.cli import perform
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.arxiv import FakeArxiv

TOKEN = "123456789:AAH-made_up-made_up-made_up-made_up"
KEY = "key-that-nobody-guesses"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    last = logging.lastResort
    yield
    logging.lastResort = last


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_is_one_object_for_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", level="info")
    structlog.get_logger().info("looked", shows="2026-02-03", late=3, words="云计算")
    structlog.get_logger().error("again")
    first, second = logged(capsys)
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "looked",
        "level": "info",
        "shows": "2026-02-03",
        "late": 3,
        "words": "云计算",
    }
    assert second["event"] == "again"


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text", level="info")
    structlog.get_logger().info("looked", shows="2026-02-03")
    [line] = capsys.readouterr().err.splitlines()
    assert "looked" in line
    assert "shows=2026-02-03" in line


@pytest.mark.parametrize("kind", ["text", "json"])
def test_only_errors_are_told_unless_somebody_asks_for_more(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(kind, level="error")
    structlog.get_logger().info("looked")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("kind", ["text", "json"])
def test_no_secret_of_the_settings_is_in_any_line(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = Settings(
        telegram_token=TOKEN,
        openai_api_key=KEY,
        webhook_secret="a-long-word-that-nobody-guesses",
        proxy="socks5://me:pass-of-the-proxy@127.0.0.1:1080",
        openai_base_url="https://me:pass-of-the-model@example.org/v1",
    )
    logs.configure(kind, level="info", secrets=chosen.secrets)
    for hidden in (TOKEN, KEY, "a-long-word-that-nobody-guesses", "pass-of-the-proxy"):
        structlog.get_logger().info(f"at {hidden}", url=f"https://x/bot{hidden}/getMe")
        structlog.get_logger().info("deep", told={"a": [f"<{hidden}>", (hidden, 1)]})
    structlog.get_logger().info("settings", all=repr(chosen), url=chosen.openai_base_url)
    told = capsys.readouterr().err
    assert told.count(logs.VEILED) >= 8
    for hidden in (TOKEN, KEY, "nobody-guesses", "pass-of-the-proxy", "pass-of-the-model"):
        assert hidden not in told


def test_what_looks_like_a_token_is_veiled_whoever_knows_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("json", level="info")
    structlog.get_logger().info(
        "x", a=f"bot{TOKEN}/getMe", b="sk-0123456789", day="2026-02-03T08:30"
    )
    [line] = logged(capsys)
    assert (line["a"], line["b"]) == ("bot***/getMe", "***")
    assert line["day"] == "2026-02-03T08:30"


@pytest.mark.parametrize("kind", ["text", "json"])
def test_of_an_exception_its_kind_and_place_are_told_and_not_its_words(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(kind, level="error")
    try:
        int("what a reader wrote")
    except ValueError:
        structlog.get_logger().exception("command_failed", reader=7)
    told = capsys.readouterr().err
    assert "ValueError" in told
    assert "test_logs.py:" in told
    assert "reader wrote" not in told


def test_what_libraries_warn_of_is_told_without_what_they_quote(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("json", level="error")
    heard = logging.lastResort
    assert heard is not None
    record = logging.LogRecord(
        "aiohttp.server", logging.ERROR, "", 0, "Error from %s\nof %s", ("4711", TOKEN), None
    )
    heard.handle(record)
    [line] = logged(capsys)
    assert (line["of"], line["says"], line["level"]) == (
        "aiohttp.server",
        "Error from %s",
        "error",
    )


def test_a_crash_is_a_sentence_and_a_line_without_anybodys_words(
    arxiv: FakeArxiv, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_settings: Settings) -> int:
        raise RuntimeError(f"what a reader wrote, at {arxiv.url}/bot{TOKEN}")

    monkeypatch.setenv("PAPERBOY_LOG", "json")
    with pytest.raises(typer.Exit) as caught:
        perform(broken)
    assert caught.value.exit_code == 1
    first, second = capsys.readouterr().err.splitlines()
    line = json.loads(first)
    assert (line["event"], line["error"]) == ("crashed", "RuntimeError")
    assert "test_logs.py:" in line["where"]
    assert "Paperboy stopped" in second
    assert "a reader wrote" not in first + second


@settings(max_examples=50)
@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_secret_stands_nowhere_whatever_surrounds_it(before: str, after: str) -> None:
    veil = logs.Veil(["a secret.of(theirs", "short"])
    assert "secret.of" not in veil.over(f"{before}a secret.of(theirs{after}")
    assert "secret" not in repr(veil)


def test_a_short_word_is_no_secret() -> None:
    assert logs.Veil(["abc", ""]).over("an abc of it") == "an abc of it"

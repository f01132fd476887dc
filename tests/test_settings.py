"""What an operator writes into the environment and `.env`, and what they are told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot import settings
from digest import fields
from digest.errors import SettingsError
from digest.locale import say

EXAMPLE = Path(__file__).parent.parent / ".env.example"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings.variables():
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def refused(env_file: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.read(env_file)
    return say(caught.value.key, "en", **caught.value.params)


def test_everything_has_a_default(env_file: Path) -> None:
    chosen = settings.read(env_file)
    assert chosen.database_url.startswith("sqlite+aiosqlite:///")
    assert chosen.database_url.endswith("paperboy.db")
    assert chosen.arxiv_feed_url == "https://rss.arxiv.org"
    assert chosen.archives == fields.ARCHIVES
    assert chosen.digest_size == 10
    assert not chosen.has_model


def test_the_environment_goes_before_the_file(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text("PAPERBOY_DIGEST_SIZE=5\nPAPERBOY_LANGUAGE=中文\n")
    monkeypatch.setenv("PAPERBOY_DIGEST_SIZE", "7")
    chosen = settings.read(env_file)
    assert (chosen.digest_size, chosen.language) == (7, "zh")


def test_a_file_that_begins_with_a_byte_order_mark_is_read(env_file: Path) -> None:
    env_file.write_text("PAPERBOY_DIGEST_SIZE=5\n", encoding="utf-8-sig")
    assert settings.read(env_file).digest_size == 5


def test_an_empty_value_is_the_default(env_file: Path) -> None:
    env_file.write_text("PAPERBOY_TIMEZONE=\nOPENAI_API_KEY=\nPAPERBOY_DIGEST_SIZE=\n")
    chosen = settings.read(env_file)
    assert (chosen.timezone, chosen.digest_size, chosen.has_model) == ("", 10, False)


@pytest.mark.parametrize("line", ["OPENAI_API_KEY=sk-1", "OPENAI_BASE_URL=http://localhost:1/v1"])
def test_a_key_or_an_address_turns_the_model_on(env_file: Path, line: str) -> None:
    env_file.write_text(line)
    chosen = settings.read(env_file)
    assert chosen.has_model
    assert chosen.model


def test_archives_may_be_some_of_them(env_file: Path) -> None:
    env_file.write_text("PAPERBOY_ARCHIVES=cs, hep-th")
    assert settings.read(env_file).archives == ("cs", "hep-th")


def test_names_that_are_not_ours_are_ignored(env_file: Path) -> None:
    env_file.write_text("HTTPS_PROXY=http://proxy:1\nSOMETHING=else\n")
    assert settings.read(env_file).proxy == ""


def test_a_misspelt_name_in_the_file_is_refused_with_the_right_one(env_file: Path) -> None:
    env_file.write_text("PAPERBOY_DIGEST_SISE=5")
    assert "Did you mean PAPERBOY_DIGEST_SIZE?" in refused(env_file)


def test_an_unknown_name_in_the_environment_is_refused(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERBOY_COLOUR_OF_MY_BICYCLE", "red")
    assert "PAPERBOY_COLOUR_OF_MY_BICYCLE is not a setting" in refused(env_file)


@pytest.mark.parametrize(
    "line",
    [
        "PAPERBOY_DATABASE_URL=mysql://somewhere/db",
        "PAPERBOY_ARXIV_FEED_URL=rss.arxiv.org",
        "PAPERBOY_ARXIV_API_URL=ftp://export.arxiv.org",
        "PAPERBOY_ARXIV_SITE_URL=arxiv",
        "PAPERBOY_ARCHIVES=cs,astrology",
        "PAPERBOY_LANGUAGE=Klingon",
        "PAPERBOY_TIMEZONE=Moon/Tranquility",
        "PAPERBOY_TIMEZONE=../../etc/passwd",
        "PAPERBOY_DIGEST_SIZE=ten",
        "PAPERBOY_DIGEST_SIZE=0",
        "PAPERBOY_DIGEST_SIZE=51",
        "PAPERBOY_KEEP_DAYS=-1",
        "PAPERBOY_KEEP_DAYS=30",
        "PAPERBOY_KEEP_DAYS=a year",
        "PAPERBOY_PROXY=localhost:1080",
        "OPENAI_BASE_URL=localhost:11434",
        "PAPERBOY_TELEGRAM_TOKEN=not a token",
        "PAPERBOY_TELEGRAM_API_URL=api.telegram.org",
        "PAPERBOY_WEBHOOK_URL=http://insecure.example.org",
        "PAPERBOY_WEBHOOK_SECRET=short",
        "PAPERBOY_WEBHOOK_PORT=99999",
        "PAPERBOY_HTTP_PORT=99999",
        "PAPERBOY_HTTP_HOST=not an address",
        "PAPERBOY_LOG=xml",
        "PAPERBOY_RATE=0",
        "PAPERBOY_RATE=fast",
        "PAPERBOY_RATE=31",
        "PAPERBOY_RATE=1000",
        "PAPERBOY_RATE=1001",
        "PAPERBOY_PAID_BROADCAST=perhaps",
        "PAPERBOY_ACCESS=closed",
        "PAPERBOY_ADMINS=@somebody",
    ],
)
def test_a_malformed_value_is_refused_by_name_with_an_example(env_file: Path, line: str) -> None:
    env_file.write_text(line)
    name, _, _ = line.partition("=")
    words = refused(env_file)
    assert words.startswith(name)
    assert f"Example: {name}=" in words


def test_a_refusal_repeats_no_value(env_file: Path) -> None:
    env_file.write_text("PAPERBOY_PROXY=user:secret@proxy")
    with pytest.raises(SettingsError) as caught:
        settings.read(env_file)
    assert "secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_key_is_not_in_the_settings_own_words(env_file: Path) -> None:
    env_file.write_text("OPENAI_API_KEY=sk-secret")
    assert "sk-secret" not in repr(settings.read(env_file))


def test_a_webhook_without_its_secret_is_refused(env_file: Path) -> None:
    env_file.write_text("PAPERBOY_WEBHOOK_URL=https://paperboy.example.org")
    assert refused(env_file).startswith("PAPERBOY_WEBHOOK_SECRET has to be set")


@pytest.mark.parametrize(
    ("lines", "rate"),
    [
        ("", 30),
        ("PAPERBOY_RATE=1", 1),
        ("PAPERBOY_RATE=30", 30),
        ("PAPERBOY_PAID_BROADCAST=true", 1000),
        ("PAPERBOY_PAID_BROADCAST=true\nPAPERBOY_RATE=200", 200),
        ("PAPERBOY_PAID_BROADCAST=true\nPAPERBOY_RATE=30", 30),
        ("PAPERBOY_PAID_BROADCAST=false", 30),
    ],
)
def test_more_than_thirty_a_second_is_for_those_who_pay(
    env_file: Path, lines: str, rate: int
) -> None:
    env_file.write_text(lines)
    assert settings.read(env_file).messages_a_second == rate


def test_who_wants_more_than_telegram_gives_is_told_what_it_costs(env_file: Path) -> None:
    env_file.write_text("PAPERBOY_RATE=31")
    assert "up to 1000 where PAPERBOY_PAID_BROADCAST=true" in refused(env_file)


def test_admins_are_numbers(env_file: Path) -> None:
    env_file.write_text("PAPERBOY_ADMINS=1, 2")
    assert settings.read(env_file).admins == (1, 2)


def test_a_token_is_in_no_message_of_ours(env_file: Path) -> None:
    env_file.write_text("PAPERBOY_TELEGRAM_TOKEN=123456:secret-secret\nPAPERBOY_ACCESS=x")
    assert "secret-secret" not in refused(env_file)
    env_file.write_text("PAPERBOY_TELEGRAM_TOKEN=123456:secret-secret")
    assert "secret-secret" not in repr(settings.read(env_file))


def test_a_file_that_is_no_text_is_refused(env_file: Path) -> None:
    env_file.write_bytes("PAPERBOY_LANGUAGE=中文".encode("utf-16"))
    assert "UTF-8" in refused(env_file)


def test_the_example_file_explains_every_setting() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for name in settings.variables():
        assert f"#{name}=" in text, name


def test_the_example_file_is_accepted_with_every_line_turned_on(env_file: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    turned_on = [line.lstrip("#") for line in lines if line.startswith(("#PAPERBOY_", "#OPENAI_"))]
    turned_on.append("PAPERBOY_WEBHOOK_SECRET=a-long-word-that-nobody-guesses")
    env_file.write_text("\n".join(turned_on), encoding="utf-8")
    assert settings.read(env_file).digest_size == 10


def test_every_setting_has_its_sentence_in_both_languages() -> None:
    for field in settings.Settings.model_fields:
        for language in ("en", "zh"):
            say(f"settings.needs.{field}", language, name="N", example="E", languages="L")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("PAPERBOY_MODEL_CONCURRENCY=0", "from 1 to 64"),
        ("PAPERBOY_MODEL_TIMEOUT=soon", "seconds from 1 to 600"),
        ("PAPERBOY_MODEL_PRICE=cheap", "0.40/0.10/1.60 USD"),
        ("PAPERBOY_MODEL_DAILY_MONEY=-1", "amount of money"),
        ("PAPERBOY_MODEL_DAILY_CALLS=1.5", "or none for no limit"),
        ("PAPERBOY_READER_DAILY_SUMMARIES=many", "or none for no limit"),
    ],
)
def test_what_the_model_may_cost_is_checked(env_file: Path, line: str, words: str) -> None:
    env_file.write_text(line)
    assert words in refused(env_file)


def test_what_the_model_may_cost_has_defaults_and_may_be_without_limit(env_file: Path) -> None:
    chosen = settings.read(env_file)
    caps = (chosen.model_daily_money, chosen.model_daily_calls, chosen.reader_daily_summaries)
    assert caps == (Decimal(2), 3000, 50)
    env_file.write_text(
        "PAPERBOY_MODEL_DAILY_MONEY=none\nPAPERBOY_MODEL_DAILY_CALLS=不限\n"
        "PAPERBOY_READER_DAILY_SUMMARIES=0\nPAPERBOY_MODEL_PRICE=0.4/0.1/1.6 usd\n"
    )
    chosen = settings.read(env_file)
    caps = (chosen.model_daily_money, chosen.model_daily_calls, chosen.reader_daily_summaries)
    assert caps == (None, None, 0)

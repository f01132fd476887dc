"""`paperboy cost`: a table that can be read, at any width, and what is left of today."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from bot.cli import app as command_line
from bot.costs import table
from digest.store import Store
from digest.store.ledger import Paid, Spent
from digest.summarize.prices import NANOS, money
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-02-03T12:00"
TODAY = date(2026, 2, 3)
DOLLARS = Spent(
    TODAY, "gpt-4.1-mini", "zh", "USD", 312, 300, 118_200, 96_000, 61_000, NANOS // 7, 0
)
YUAN = Spent(TODAY, "qwen-plus", "en", "CNY", 10, 10, 4_000, 0, 2_000, 2 * NANOS, 0)
UNKNOWN = Spent(TODAY, "some-model", "de", "", 2, 1, 900, 0, 400, 0, 2)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAPERBOY_DATABASE_URL", fresh(tmp_path))
    monkeypatch.setenv("PAPERBOY_LANGUAGE", "en")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody")


@pytest.fixture
def spend() -> None:
    """One answer of yesterday and one of today, a dollar each."""

    async def write() -> None:
        async with Store.open(os.environ["PAPERBOY_DATABASE_URL"]) as store:
            for ago in (0, 1):
                at = datetime(2026, 2, 3, 9, tzinfo=UTC) - timedelta(days=ago)
                paid = Paid(
                    at, at.date(), "9913.00001", 1, "zh", "gpt-4.1-mini", 1, 1000, 400, 300,
                    NANOS, "USD", "edition", None, "", "stop",
                )  # fmt: skip
                await store.ledger.add(paid)

    asyncio.run(write())


def cost(*options: str) -> Result:
    return CliRunner().invoke(command_line, ["cost", "--now", NOW, *options])


@pytest.mark.usefixtures("spend")
def test_days_are_told_with_their_total_and_what_is_left() -> None:
    told = cost()
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[0].split("  ")[0] == "Day"
    today = "2026-02-03 gpt-4.1-mini 简体中文 1 1 1,000 400 300 1.00 USD 1.00 USD"
    assert " ".join(lines[1].split()) == today
    assert lines[2].startswith("2026-02-02")
    assert " ".join(lines[3].split()) == "Total 2 2 2,000 800 600 2.00 USD 1.00 USD"
    assert "1.00 USD of 2.00 USD are left today. 2,999 of 3,000 calls are left today." in lines[-1]
    assert "0.40/0.10/1.60 USD for a million tokens" in lines[-1]


@pytest.mark.usefixtures("spend")
def test_one_day_is_today() -> None:
    assert "2026-02-02" not in cost("--days", "1").stdout


@pytest.mark.usefixtures("spend")
def test_it_is_told_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_LANGUAGE", "zh")
    told = cost().stdout
    assert told.startswith("日期")
    assert "今天的 2.00 USD 还剩 1.00 USD。" in told


@pytest.mark.usefixtures("spend")
def test_a_day_begins_where_the_operator_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_TIMEZONE", "Pacific/Auckland")
    told = CliRunner().invoke(
        command_line, ["cost", "--days", "1", "--now", "2026-02-03T12:00+00:00"]
    )
    assert "No model was asked today." in told.stdout


def test_a_phrase_that_the_model_was_asked_about_is_no_paper() -> None:
    asked = replace(DOLLARS, language="", calls=2, papers=2, nanos=NANOS)
    told = [" ".join(line.split()) for line in table([DOLLARS, asked], "en", None)]
    assert "gpt-4.1-mini (phrases) 2 0 " in told[2]
    assert told[2].endswith("1.00 USD")
    assert told[3].startswith("Total 314 300 ")
    assert told[3].endswith("1.15 USD 0.0005 USD")
    assert "（短语）" in list(table([asked], "zh", None))[1]


def test_an_empty_ledger_says_so() -> None:
    told = cost("--days", "30")
    assert told.exit_code == 0
    assert "No model was asked in the last 30 days." in told.stdout
    assert "2.00 USD of 2.00 USD are left today." in told.stdout


@pytest.mark.parametrize("days", ["0", "-3", "many", "99999"])
def test_days_that_are_no_number_of_days_are_refused(days: str) -> None:
    assert cost("--days", days).exit_code == 2


@pytest.mark.usefixtures("spend")
def test_at_the_cap_it_says_until_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_MODEL_DAILY_MONEY", "1.00")
    assert "Today's cap is reached: extracts take over until Wednesday 00:00 (UTC)." in (
        cost().stdout
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PAPERBOY_MODEL", "gpt-99", "No price of gpt-99 is known"),
        ("OPENAI_BASE_URL", "http://localhost:1/v1", "counted as free"),
        ("PAPERBOY_MODEL_PRICE", "1/1/2 EUR", "1/1/2 EUR for a million tokens (in/cached/out), as"),
    ],
)
def test_the_price_that_is_counted_with_is_told(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert words in cost().stdout


def test_without_a_model_nothing_is_said_of_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    assert cost().stdout == "No model was asked in the last 7 days.\n"


def test_currencies_are_added_up_each_for_itself() -> None:
    *_, total = table([DOLLARS, YUAN], "en", None)
    assert "2.00 CNY + 0.1429 USD" in total
    assert "0.2000 CNY / 0.0005 USD" in total


def test_what_has_no_price_is_no_zero() -> None:
    _, row, total, note = table([UNKNOWN], "en", None)
    assert row.split()[-2:] == ["?", "?"]
    assert total.split()[-2:] == ["?", "?"]
    assert note == "?: 2 calls have no known price."


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [24, 40, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(language: str, width: int) -> None:
    lines = list(table([DOLLARS, YUAN], language, width))
    assert max(map(cell_len, lines)) <= max(width, 40), "a name may be longer, nothing else is"
    assert any("gpt-4.1-mini" in line and "简体中文" in line for line in lines)


def test_columns_stand_below_each_other() -> None:
    lines = list(table([DOLLARS, YUAN], "zh", None))
    assert len({cell_len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("nanos", "shown"),
    [(0, "0.0000 USD"), (1, "0.0001 USD"), (NANOS, "1.00 USD"), (1234 * NANOS, "1234.00 USD")],
)
def test_an_amount_is_never_shown_as_less_than_it_is(nanos: int, shown: str) -> None:
    assert money(nanos, "USD") == shown

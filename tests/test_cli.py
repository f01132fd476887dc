"""The command line: what it prints, what it refuses, and with which exit code."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app as command_line
from digest.models import Subscriber
from digest.store import Store
from digest.store.outbox import Outcome, PageState, Written
from tests.fakes.papers import DAY, paper
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.arxiv import FakeArxiv

NOON = "2026-02-03T12:00-05:00"


@pytest.fixture(autouse=True)
def environment(arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAPERBOY_ARXIV_FEED_URL", arxiv.feed_url)
    monkeypatch.setenv("PAPERBOY_ARXIV_API_URL", arxiv.api_url)
    monkeypatch.setenv("PAPERBOY_ARXIV_SITE_URL", arxiv.site_url)
    monkeypatch.setenv("PAPERBOY_DATABASE_URL", fresh(tmp_path))
    monkeypatch.setenv("PAPERBOY_ARCHIVES", "cs")
    monkeypatch.setenv("PAPERBOY_LANGUAGE", "en")


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(command_line, arguments, input=typed)


def test_the_version_and_the_help() -> None:
    assert run("--version").stdout.startswith("paperboy 0.")
    assert "morning" in run("--help").stdout


def test_a_day_is_shown_as_text(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1))
    shown = run("show", "--date", "2026-02-03", "--field", "cs.AI", "--now", NOON)
    assert shown.exit_code == 0, shown.output
    assert paper(1).title in shown.stdout
    assert "arXiv announced 1 in cs; 1 is in your fields." in shown.stdout


def test_a_day_is_shown_as_json_and_markdown_in_another_language(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1))
    options = ("show", "--field", "cs.AI", "--language", "中文", "--now", NOON, "--format")
    shown = json.loads(run(*options, "json").stdout)
    assert shown["edition"]["day"] == "2026-02-03"
    assert shown["language"] == "zh"
    assert "# 论文早报" in run(*options, "markdown").stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--format", "papyrus"), "There is no format “papyrus”"),
        (("--format", "markdown", "--style", "novel"), "report, field, table, analysis"),
        (("--style", "report"), "add --format markdown"),
        (("--style", "table", "--format", "json"), "add --format markdown"),
        (
            ("--format", "markdown", "--style", "field", "--field", "AI", "--field", "cs.DB"),
            "Name it: --field 'AI'",
        ),
        (("--language", "Klingon"), "does not speak"),
        (("--field", "云计祘"), "Near it: Cloud computing"),
        (("--field", "zzzzqqqq"), "There is no field"),
        (("--date", "someday"), "not a date. Examples: --date 2026-02-03"),
        (("--date", "2026-02-30"), "no such day"),
        (("--now", "noonish"), "is no time"),
    ],
)
def test_a_wrong_option_is_refused_with_code_2(options: tuple[str, ...], words: str) -> None:
    refused = run("show", *options)
    assert refused.exit_code == 2
    assert words in " ".join(refused.output.split())


def test_a_misspelt_setting_is_refused_with_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_LANGUGE", "en")
    refused = run("doctor")
    assert refused.exit_code == 2
    assert "Did you mean PAPERBOY_LANGUAGE?" in refused.stderr


def test_a_weekend_is_told_with_code_1() -> None:
    told = run("show", "--date", "2026-01-31", "--now", NOON)
    assert told.exit_code == 1
    assert "arXiv announced nothing on Saturday 31 January" in told.stderr


def test_a_silent_arxiv_is_told_beside_the_sample(arxiv: FakeArxiv) -> None:
    arxiv.answer("<html>Back soon</html>", path="/rss/")
    told = run("show", "--field", "cloud computing", "--now", NOON)
    assert told.exit_code == 0
    assert "bundled sample" in told.stderr
    assert "Sample" in told.stdout


@pytest.mark.parametrize("style", ["report", "field", "table", "analysis"])
def test_a_style_is_a_file_with_all_papers_of_the_field(arxiv: FakeArxiv, style: str) -> None:
    arxiv.announce(DAY, *(paper(number) for number in range(1, 15)))
    options = ("--field", "cs.AI", "--now", NOON, "--format", "markdown", "--style", style)
    shown = run("show", *options)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith("# Paper ")
    assert "14 are in cs.AI (Artificial Intelligence), all of them told below." in shown.stdout
    assert all(paper(number).id in shown.stdout for number in range(1, 15))
    assert "Extracts from the abstracts (no model configured)." in shown.stdout
    assert run("show", *options).stdout == shown.stdout


def test_companions_are_papers_of_their_own_in_a_file(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1, title="On Sheep, Part I"), paper(2, title="On Sheep, Part II"))
    options = ("--field", "cs.AI", "--now", NOON, "--format", "markdown")
    assert "with its companion" in run("show", *options).stdout
    shown = run("show", *options, "--style", "report").stdout
    assert "companion" not in shown
    assert "## 1. On Sheep, Part I\n" in shown
    assert "## 2. On Sheep, Part II\n" in shown
    assert "Backups copy what they have." in shown


def test_a_style_takes_the_followed_fields_and_works_without_arxiv(arxiv: FakeArxiv) -> None:
    arxiv.answer("<html>Back soon</html>", path="/rss/")
    options = ("--language", "zh", "--format", "markdown", "--style", "field", "--now", NOON)
    shown = run("show", *options)
    assert shown.exit_code == 0
    assert shown.stdout.startswith("# 论文日报 · 人工智能 · 2026年2月3日 星期二 · 示例\n")


def test_a_style_without_any_field_is_refused(arxiv: FakeArxiv) -> None:
    arxiv.answer("<html>Back soon</html>", path="/rss/")
    assert run("chat", typed="/unfield AI\n").exit_code == 0
    refused = run("show", "--now", NOON, "--format", "markdown", "--style", "table")
    assert refused.exit_code == 2
    assert "You follow no field yet" in refused.stderr


def test_a_weekend_is_a_file_that_says_so_with_code_1() -> None:
    options = ("--date", "2026-01-31", "--now", NOON, "--format", "markdown", "--style", "table")
    told = run("show", *options)
    assert told.exit_code == 1
    assert told.stdout.startswith("# Paper table · Saturday 31 January 2026\n")
    assert "arXiv announced nothing on Saturday 31 January" in told.stderr


def test_one_paper_is_printed(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1, submitted=date(2026, 2, 2)))
    assert "no arXiv id" in run("paper", "hello").output
    assert run("paper", "hello").exit_code == 1
    assert "9913.00412" in run("paper", "9913.00412", "--language", "zh").stdout
    assert run("paper", "9913.00412", "--language", "xx").exit_code == 2


def test_a_morning_is_made_and_may_be_repeated(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1))
    for _ in range(2):
        made = run("morning", "--now", NOON)
        assert made.exit_code == 0, made.output
        assert "Published: Tuesday 3 February, 1 new or cross-listed paper." in made.stdout


def test_a_morning_says_that_it_asks_arxiv_again(
    arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.arxiv.manners._FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("digest.arxiv.manners.PAUSE_S", 0)
    monkeypatch.setattr("digest.arxiv.manners.SITE_PAUSE_S", 0)
    arxiv.announce(DAY, paper(1))
    arxiv.fail(503, path="/rss", times=1)
    arxiv.cut(honest=False, path="/rss", times=1)
    made = run("morning", "--now", NOON)
    assert made.exit_code == 0, made.output
    assert "arXiv gave no answer (HTTP 503); asking again in 1 s." in made.stderr
    assert "arXiv gave no answer (ClientPayloadError); asking again" in made.stderr


def test_a_morning_that_lacks_parts_says_so_with_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_ARCHIVES", "econ")
    made = run("morning", "--date", "2026-02-03", "--now", "2026-02-03T00:30-04:00")
    assert made.exit_code == 1
    assert "Not published yet" in made.stdout
    assert "econ: arXiv did not accept" in made.stdout


def test_a_conversation_over_a_pipe(arxiv: FakeArxiv) -> None:
    arxiv.stop()
    said = run("chat", typed="/field 存储\n/settings\n")
    assert said.exit_code == 0, said.output
    assert said.stdout.index("sample") < said.stdout.index("You follow Storage now")


def test_what_is_stored_is_shown_before_what_is_fetched(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1))
    run("show", "--field", "cs.AI", "--now", NOON)
    arxiv.stop()  # the page that is asked for now is not waited for
    said = run("chat", typed="1\n").stdout
    assert "Stored: Tuesday 3 February" in said
    assert "cannot be reached" in said
    assert said.count("none is in your fields") == 1
    assert said.count("  1 Fields") == 1
    assert "› /fields" in said, "its number is in force all the same"


def test_the_doctor_finds_all_well(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1))
    arxiv.known |= {"econ"}
    found = run("doctor")
    assert found.exit_code == 0, found.output
    assert [line[0] for line in found.stdout.splitlines()] == ["✓"] * 5


def test_the_doctor_counts_the_pages_that_were_given_up(arxiv: FakeArxiv) -> None:
    async def give_up() -> None:
        now = datetime.now(UTC)
        async with Store.open(os.environ["PAPERBOY_DATABASE_URL"]) as store:
            reader = await store.subscribers.save(Subscriber("telegram", "7", hour="09:30"))
            assert await store.outbox.freeze(
                reader, DAY, [Written("one"), Written("two")], now, now
            )
            first, _ = await store.outbox.waiting("telegram", now)
            why = "Message is too long\x1b[2J"
            await store.outbox.settle([Outcome(first.id, PageState.DEAD, now, reason=why)])

    asyncio.run(give_up())
    arxiv.announce(DAY, paper(1))
    arxiv.known |= {"econ"}
    found = run("doctor")
    assert found.exit_code == 1
    assert "✗ Delivery: pages waiting: 1; given up in the last 7 days: 1," in found.stdout
    assert "Message is too long[2J." in found.stdout


def test_the_doctor_says_that_the_days_cap_is_reached_and_asks_nothing(
    arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    arxiv.announce(DAY, paper(1))
    arxiv.known |= {"econ"}
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody")
    monkeypatch.setenv("PAPERBOY_MODEL_DAILY_CALLS", "0")
    found = run("doctor")
    assert found.exit_code == 1
    assert found.stdout.splitlines()[-1].startswith("✗ gpt-4.1-mini is counted at")
    assert "Today's cap is reached: extracts take over until" in found.stdout


def test_the_doctor_names_what_is_wrong(arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch) -> None:
    arxiv.answer("<html>Back soon</html>", path="/rss/")
    monkeypatch.setenv("OPENAI_BASE_URL", arxiv.url)  # no model lives there
    found = run("doctor")
    assert found.exit_code == 1
    assert "✗ arXiv answered with something unreadable" in found.stdout
    assert "✗ The model gpt-4.1-mini does not answer as it should: " in found.stdout
    assert "errors.writer" not in found.stdout


def test_the_doctor_names_a_database_that_cannot_be_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PAPERBOY_DATABASE_URL", f"sqlite:///{tmp_path / 'file' / 'p.db'}")
    found = run("doctor")
    assert found.exit_code == 1
    assert found.stdout.splitlines()[-1].startswith("✗")


def test_a_database_that_is_none_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "p.db").write_text("This is not a database, it is a text of some length." * 50)
    monkeypatch.setenv("PAPERBOY_DATABASE_URL", f"sqlite:///{tmp_path / 'p.db'}")
    told = run("show")
    assert told.exit_code == 1
    assert "Traceback" not in told.output
    assert told.stderr.strip()


def test_delivering_without_a_token_names_the_setting() -> None:
    refused = run("deliver")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("PAPERBOY_TELEGRAM_TOKEN")


def test_refusals_are_in_the_operators_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_LANGUAGE", "zh")
    monkeypatch.setenv("PAPERBOY_ARXIV_FEED_URL", "ftp://arxiv")
    assert "必须是 http" in run("doctor").stderr


def test_codes_are_printed_a_line_each() -> None:
    assert len(set(run("invite", "3").stdout.split())) == 3

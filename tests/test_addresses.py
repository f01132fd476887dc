"""What is told of a database's address that cannot be right, and what nobody is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from typer.testing import CliRunner

from bot.cli import app as command_line
from bot.settings import Settings
from digest.errors import SettingsError, StoreError
from digest.locale import languages, say
from digest.store import address
from digest.store.refusals import told

if TYPE_CHECKING:
    from pathlib import Path

WRONG = [
    "postgresql://paperboy:half@other-half@db.internal/paperboy",
    "postgresql://paperboy:half@other/half@db.internal/paperboy",
    "postgresql://paperboy:half@other?half@db.internal/paperboy",
    "postgresql://paperboy:other-half@db.internal:port/paperboy",
]


@pytest.mark.parametrize("url", WRONG)
@pytest.mark.parametrize("command", ["run", "worker", "morning"])
def test_a_wrong_address_is_a_wrong_setting_and_no_part_of_its_password_is_shown(
    command: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPERBOY_DATABASE_URL", url)
    monkeypatch.setenv("PAPERBOY_TELEGRAM_TOKEN", "123456:the-token-that-BotFather-gave-you")
    done = CliRunner().invoke(command_line, [command])
    assert done.exit_code == 2
    assert "PAPERBOY_DATABASE_URL" in done.output
    assert "%40" in done.output
    assert "half" not in done.output


@pytest.mark.parametrize("url", WRONG)
def test_the_sentence_is_there_in_each_language(url: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        address.understand(url)
    in_all = {say(wrong.value.key, language, **wrong.value.params) for language in languages()}
    assert len(in_all) == len(languages())


def test_an_option_that_cannot_be_set_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match="server_option"):
        address.understand("postgresql://paperboy@localhost/paperboy?application_name=x")


def test_what_is_shown_of_an_address_has_the_words_that_were_written_and_no_password() -> None:
    url = address.understand("postgresql://paperboy:p%40ss@db.internal/paperboy?sslmode=require")
    shown = address.shown(url)
    assert shown == "postgresql://paperboy@db.internal/paperboy?sslmode=require"


@pytest.mark.parametrize(
    ("url", "hidden"),
    [
        ("postgresql://paperboy:a[b@localhost/paperboy", "a[b"),
        ("postgresql://paperboy:a/b@localhost/paperboy", "a/b"),
        ("postgresql://paperboy:a%40b@localhost/paperboy", "a@b"),
        ("postgresql://paperboy:a%40b@localhost/paperboy", "a%40b"),
    ],
)
def test_logs_hide_a_password_as_it_is_written_and_as_it_is_meant(url: str, hidden: str) -> None:
    assert hidden in Settings(database_url=url).secrets


def test_an_address_without_a_password_has_nothing_to_hide() -> None:
    assert Settings(database_url="postgresql://paperboy@localhost/paperboy").secrets == ()


class Refusing(Exception):
    """What the driver raises where nothing else has a name for it."""

    sqlstate: ClassVar[str] = "0A000"


def test_what_a_server_refuses_for_a_reason_of_its_own_is_not_told_as_a_files_trouble() -> None:
    with pytest.raises(StoreError) as refused, told("postgresql://paperboy@db.internal/paperboy"):
        raise Refusing("this is not supported")
    words = say(refused.value.key, "en", **refused.value.params)
    assert "this is not supported" in words
    assert "backup" not in words

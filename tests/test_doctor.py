"""What `paperboy doctor` finds, and what it says is to be done."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from bot import doctor, heartbeat
from digest import calendar
from digest.models import Count, Part, Source
from digest.store import Store
from tests.conftest import NOON
from tests.fakes.papers import DAY, batch, new, paper
from tests.fakes.telegram import TOKEN, FakeTelegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.fakes.arxiv import FakeArxiv


@pytest.fixture(autouse=True)
def day(arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, paper(1))
    arxiv.known |= {"econ"}


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
def serving(settings: Settings, telegram: FakeTelegram) -> Settings:
    changed = {"telegram_token": SecretStr(TOKEN), "telegram_api_url": telegram.url, "admins": (1,)}
    return settings.model_copy(update=changed)


def hook(telegram: FakeTelegram, **told: Any) -> None:
    """What Telegram says of the webhook."""
    telegram.webhook |= told


async def lines(
    settings: Settings, capsys: pytest.CaptureFixture[str], now: datetime = NOON
) -> list[str]:
    code = await doctor.examine(settings, lambda: now)
    found = capsys.readouterr().out.splitlines()
    assert code == (1 if any(line.startswith("✗") for line in found) else 0)
    return found


def wrong(found: list[str]) -> list[str]:
    return [line.removeprefix("✗ ") for line in found if line.startswith("✗")]


async def make_edition(
    settings: Settings, *, missing: tuple[str, ...] = (), short: int = 0
) -> None:
    """As a morning leaves it; fetched, it would wait for arXiv's pauses."""
    part = Part(DAY, "cs", Source.FEED, Count(1, 0), Count(1 + short, 0))
    async with Store.open(settings.database_url) as store:
        await store.editions.store(batch(new(paper(1)), day=DAY), [part], NOON)
        await store.editions.publish(DAY, NOON, missing=missing)


async def test_a_bot_that_runs_is_well(
    serving: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    heartbeat.beat(heartbeat.place())
    await make_edition(serving)
    found = await lines(serving, capsys)
    assert wrong(found) == []
    assert "✓ Telegram answers: the bot is @paperboy_bot." in found
    assert "✓ Paperboy is running on this machine." in found
    assert any("The newest edition, of Tuesday 3 February, is out and complete" in x for x in found)
    assert TOKEN not in "".join(found)


async def test_a_bot_that_does_not_run_is_to_be_started(
    serving: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    [stopped] = wrong(await lines(serving, capsys))
    assert "nothing is sent. Start it (`make run`" in stopped


async def test_a_refused_token_is_to_be_checked(
    serving: Settings, telegram: FakeTelegram, capsys: pytest.CaptureFixture[str]
) -> None:
    heartbeat.beat(heartbeat.place())
    telegram.refuse(401, "Unauthorized", method="getMe")
    [refused] = wrong(await lines(serving, capsys))
    assert "Check PAPERBOY_TELEGRAM_TOKEN" in refused


URL = "https://paperboy.example.org/telegram"


@pytest.mark.parametrize(
    ("url", "minutes_ago", "words"),
    [
        ("https://example.org/other", 600, "another process uses this token"),
        (URL, 5, "@paperboy_bot: Connection refused[2J. See that PAPERBOY_WEBHOOK_URL"),
        (URL, 180, None),
    ],
)
async def test_a_webhook_that_is_elsewhere_or_fails(
    serving: Settings,
    telegram: FakeTelegram,
    capsys: pytest.CaptureFixture[str],
    url: str,
    minutes_ago: int,
    words: str | None,
) -> None:
    heartbeat.beat(heartbeat.place())
    failed_at = int((NOON - timedelta(minutes=minutes_ago)).timestamp())
    hook(
        telegram, url=url, last_error_date=failed_at, last_error_message="Connection refused\x1b[2J"
    )
    found = wrong(await lines(serving.model_copy(update={"webhook_url": URL}), capsys))
    assert [words in line for line in found if words] == [True] * bool(words)
    assert bool(found) == bool(words)


async def test_without_admins_it_says_how_to_be_told(
    serving: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = serving.model_copy(update={"admins": ()})
    found = await lines(alone, capsys)
    assert any(line.startswith("✓ Nobody is told when something goes wrong") for line in found)


@pytest.mark.parametrize(("minutes", "is_late"), [(90, False), (150, True)])
async def test_an_edition_that_is_late(
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    minutes: int,
    is_late: bool,  # noqa: FBT001 # of a table
) -> None:
    await make_edition(settings)
    due = calendar.out_at(date(2026, 2, 4))
    found = wrong(await lines(settings, capsys, due + timedelta(minutes=minutes)))
    assert len(found) == is_late
    for late in found:
        assert "that of Wednesday 4 February was due" in late
        assert "`paperboy morning` makes it now" in late


async def test_an_edition_that_is_incomplete(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await make_edition(settings, missing=("math", "econ"), short=12)
    [incomplete] = wrong(await lines(settings, capsys))
    assert "missing: math, econ; papers that arXiv counts and are not here: 12." in incomplete
    assert "`paperboy morning --date 2026-02-03`" in incomplete


async def test_an_arxiv_that_fails_is_told_to_an_operator_and_no_reader(
    settings: Settings, arxiv: FakeArxiv, capsys: pytest.CaptureFixture[str]
) -> None:
    arxiv.answer("<html>Back soon</html>", path="/rss/")
    [failed] = wrong(await lines(settings, capsys))
    assert failed.startswith("arXiv answered with something unreadable.")
    assert "PAPERBOY_PROXY" in failed


@pytest.mark.parametrize(("mode", "is_well"), [(0o600, True), (0o640, False), (0o602, False)])
def test_settings_that_others_can_read_or_change(mode: int, is_well: bool) -> None:  # noqa: FBT001 # of a table
    file = Path(".env")
    file.touch()
    file.chmod(mode)
    good, words = doctor._settings("en")  # noqa: SLF001 # one line of doctor's
    assert good == is_well
    assert is_well or words.endswith(f"chmod 600 {file.resolve()}")


@pytest.mark.sqlite("the disk of its file")
async def test_a_disk_that_is_nearly_full(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(".").free // 1_000_000
    monkeypatch.setattr(doctor, "ROOM_MB", free + 10_000)
    [room] = wrong(await lines(settings, capsys))
    assert "Free some space before it is full" in room


async def test_a_database_that_fails_is_not_sent_back_to_the_doctor(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = settings.model_copy(
        update={"database_url": "postgresql://nobody:word@127.0.0.1:1/x"}
    )
    [failed] = wrong(await lines(elsewhere, capsys))
    assert "word" not in failed.replace("password", "")
    assert "`paperboy doctor`" not in failed

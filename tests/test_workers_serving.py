"""Workers, and those who only answer, as their operator starts them."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from bot import app as building
from bot import heartbeat
from bot.cli import app as command_line
from bot.serving import serve_telegram, work
from bot.ticking import Ticking, guarded
from bot.vitals import Pulse
from bot.worker import shards_at_once
from digest.errors import StoreError
from digest.locale import languages, say
from digest.models import Subscriber
from digest.store.jobs import Job
from digest.store.shards import READERS
from tests.conftest import NOON
from tests.fakes import postgres
from tests.fakes.papers import DAY
from tests.fakes.telegram import TOKEN, FakeTelegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.conftest import Opened

READER = Subscriber("telegram", "7", fields=("cs.AI",), hour="08:30")


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
def serving(settings: Settings, telegram: FakeTelegram) -> Settings:
    return settings.model_copy(
        update={
            "telegram_token": SecretStr(TOKEN),
            "telegram_api_url": telegram.url,
            "archives": ("cs",),
        }
    )


@pytest.mark.sqlite("a worker needs a server")
@pytest.mark.parametrize("language", languages())
def test_on_sqlite_a_worker_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object, language: str
) -> None:
    monkeypatch.setenv("PAPERBOY_LANGUAGE", language)
    monkeypatch.setenv("PAPERBOY_DATABASE_URL", f"sqlite:///{tmp_path}/paperboy.db")
    result = CliRunner().invoke(command_line, ["worker"])
    assert result.exit_code == 2
    assert result.stderr.strip() == say("errors.worker_needs_server", language)


@pytest.mark.sqlite("a queue needs a server")
async def test_there_is_no_queue_on_sqlite(opened: Opened) -> None:
    async with opened() as app:
        with pytest.raises(StoreError) as refused:
            async with app.store.jobs.opened():
                pass
    assert refused.value.key == "errors.worker_needs_server"


async def test_who_only_answers_sends_nobody_their_digest(
    serving: Settings, telegram: FakeTelegram, opened: Opened
) -> None:
    async with opened(lambda: NOON, archives=("cs",)) as app:
        await app.store.subscribers.save(READER)
        await app.morning.run(DAY)
    task = asyncio.create_task(
        serve_telegram(serving, lambda: NOON + timedelta(days=1), delivers=False)
    )
    telegram.write(8, "/help")
    await telegram.until(lambda: telegram.texts(8))
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    assert not telegram.texts(7)
    assert heartbeat.place().is_file()


@pytest.mark.postgres
async def test_what_is_written_while_the_server_is_away_is_answered_when_it_is_back(
    serving: Settings, telegram: FakeTelegram
) -> None:
    name = make_url(serving.database_url).database
    away = f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    task = asyncio.create_task(serve_telegram(serving, lambda: NOON, delivers=False))
    telegram.write(7, "/help")
    await telegram.until(lambda: telegram.texts(7))
    postgres.run(away, cut)
    asked = len(telegram.called("getUpdates"))
    number = telegram.write(8, "/help")
    await telegram.until(lambda: len(telegram.called("getUpdates")) > asked)
    assert telegram.confirmed < number
    postgres.run(away.replace("false", "true"))
    await telegram.until(lambda: telegram.texts(8))
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    assert len(telegram.texts(8)) == 1


@pytest.mark.postgres
async def test_a_worker_sends_what_is_due_and_sigterm_ends_it(
    serving: Settings, telegram: FakeTelegram, opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(lambda: NOON, archives=("cs",)) as app:
        await app.morning.run(DAY)
    later = NOON + timedelta(days=1)
    async with building.opened(serving, lambda: NOON) as app:
        reader = await app.store.subscribers.save(replace(READER, hour="18:00"))
    task = asyncio.create_task(work(serving, lambda: later))
    await telegram.until(lambda: telegram.texts(7))
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    async with building.opened(serving, lambda: later) as app:
        standing = await app.store.subscribers.standing(reader.id or 0)
    assert standing
    assert standing.had == DAY
    assert len(telegram.texts(7)) == 1
    said = capsys.readouterr().err
    assert say("console.working", "en") in said
    assert TOKEN not in said


class TestTicking:
    async def test_it_ticks_each_minute_and_shows_that_it_lives(self) -> None:
        beats: list[float] = []
        slept: list[float] = []
        now = 1000.0

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == 3:
                await asyncio.Event().wait()

        ticking = Ticking(lambda: beats.append(now), stopwatch=lambda: now, sleep=sleep)
        assert [each.what for each in ticking.vitals.troubles(now)] == ["starting"]
        async with ticking:
            while len(slept) < 3:  # noqa: ASYNC110 - it is the loop itself that is tested
                await asyncio.sleep(0)
        assert (len(beats), set(slept)) == (3, {60.0})
        assert ticking.vitals.troubles(now) == ()
        assert [each.what for each in ticking.vitals.troubles(now + 600)] == ["silent"]

    async def test_what_goes_wrong_is_noted_without_its_words(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        async def fails(error: Exception) -> None:
            raise error

        pulse = Pulse("watch")
        await guarded(pulse, fails(ValueError("what a reader wrote")))
        await guarded(pulse, fails(StoreError(path="a server")))
        assert (pulse.failures, pulse.error, pulse.begun) == (2, "StoreError", None)
        assert "what a reader wrote" not in capsys.readouterr().out

        async def works() -> None:
            pass

        await guarded(pulse, works())
        assert pulse.failures == 0


def test_so_many_shards_have_as_many_lines_as_the_pace_needs() -> None:
    assert shards_at_once(64) == 2
    assert shards_at_once(2200) == 12
    assert (shards_at_once(READERS), shards_at_once(READERS + 1)) == (2, 3)


def test_a_job_is_known_by_what_it_is_about() -> None:
    assert Job("deliver", "7").name == "deliver 7"

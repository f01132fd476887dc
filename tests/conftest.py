"""What every test may use: a clean environment, arXiv on loopback, and a whole Paperboy on it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import settings as hypothesis_settings

from bot import app as building
from bot.app import App
from bot.settings import Settings
from digest.store import Store
from tests.fakes import postgres
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.stores import fresh
from tests.fakes.telegram import FakeTelegram

if TYPE_CHECKING:
    from pathlib import Path

# Shared machines are slow at times: a slow example is no failure, and no test is timed.
hypothesis_settings.register_profile("paperboy", deadline=None)
hypothesis_settings.load_profile("paperboy")

NOON = datetime(2026, 2, 3, 17, tzinfo=UTC)
"""Tuesday 3 February 2026, noon in New York: the feed of that day is out."""

Opened = Callable[..., AbstractAsyncContextManager[App]]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """The same tests on SQLite and on PostgreSQL, but for what one of the two alone has."""
    about_sqlite = item.get_closest_marker("sqlite")
    if about_sqlite and postgres.is_used():
        pytest.skip(f"SQLite's own: {about_sqlite.args[0]}")
    if item.get_closest_marker("postgres") and not postgres.is_used():
        pytest.skip("PostgreSQL's own: make test-postgres")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the machine's own settings, language, zone, proxies or data folder."""
    for name in os.environ:
        if name.upper().startswith(("PAPERBOY_", "OPENAI_", "LC_", "LANG")) or (
            name.upper().endswith("_PROXY")
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def all_the_time_in_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on how much is counted while a reader waits; those about it say so."""
    monkeypatch.setattr("digest.lately.PATIENCE_S", 60.0)


@pytest.fixture(autouse=True)
def logs_as_they_come() -> Iterator[None]:
    """The command line configures logging for its whole process; the next test starts anew."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def nothing_left_on_the_server() -> Iterator[None]:
    """Where the tests run on PostgreSQL, each leaves it as it was."""
    yield
    postgres.tidy()


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    with FakeArxiv() as running:
        yield running


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(fresh(tmp_path)) as opened:
        yield opened


@pytest.fixture
def settings(arxiv: FakeArxiv, tmp_path: Path) -> Settings:
    return Settings(
        database_url=fresh(tmp_path),
        arxiv_feed_url=arxiv.feed_url,
        arxiv_api_url=arxiv.api_url,
        arxiv_site_url=arxiv.site_url,
        archives=("cs", "stat", "hep-th"),
        language="en",
        timezone="UTC",
    )


@pytest.fixture
def opened(settings: Settings) -> Opened:
    """Opens a Paperboy that does not wait out arXiv's pauses; `clock` tells what time it is."""

    @asynccontextmanager
    async def opening(
        clock: Callable[[], datetime] = lambda: NOON, *, background: bool = False, **changed: Any
    ) -> AsyncIterator[App]:
        chosen = settings.model_copy(update=changed)
        async with building.opened(chosen, clock, background=background, sleep=_not_at_all) as app:
            yield app

    return opening


async def _not_at_all(_seconds: float) -> None:
    """Manners are tested where they live; nobody waits for them here."""

"""Copies of a database in use: whole, of one moment, for the owner only, and good to start from."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app as command_line
from bot.copies import backup
from bot.deliver import Delivery, deliver_once
from bot.pace import Pace
from bot.sending import Sending
from digest.errors import StoreError
from digest.locale import say
from digest.models import Subscriber
from digest.store import Store
from digest.store.backup import STEP, back_up
from tests.conftest import NOON
from tests.fakes.channel import FakeChannel
from tests.fakes.papers import DAY, paper, papers
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from pathlib import Path

    from bot.app import App
    from bot.settings import Settings
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

pytestmark = pytest.mark.sqlite("its backup")

READER = Subscriber("telegram", "12345", "zh", "Asia/Shanghai", 7, fields=("cs.AI",), hour="asap")


class Free(NamedTuple):
    """What `shutil.disk_usage` says."""

    total: int
    used: int
    free: int


def names(folder: Path) -> list[str]:
    return sorted(
        file.name for file in folder.iterdir() if not file.name.endswith((".db-wal", "-shm"))
    )


def ask(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(statement).fetchall()


def spoil(file: Path) -> None:
    whole = file.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    file.write_bytes(whole[:middle] + b"\x5a" * 8192 + whole[middle + 8192 :])


def refused(source: Path, target: Path, *, overwrite: bool = False) -> str:
    with pytest.raises(StoreError) as raised:
        back_up(source, target, overwrite=overwrite)
    return say(raised.value.key, "en", **raised.value.params)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    fresh(tmp_path)
    return tmp_path / "paperboy.db"


class TestCopying:
    async def test_a_copy_is_of_one_moment_while_others_write(self, database: Path) -> None:
        copy = database.with_name("copy.db")
        loop, steps = asyncio.get_running_loop(), list[int]()
        async with Store.open(f"sqlite:///{database}") as store:
            await store.papers.save(papers(3000))

            def watch(left: int, _of: int) -> None:
                assert not steps or left < steps[-1], "it began anew"
                steps.append(left)
                saving = store.papers.save([paper(5000 + len(steps))])
                asyncio.run_coroutine_threadsafe(saving, loop).result()

            await asyncio.to_thread(back_up, database, copy, watch=watch)
            assert len(steps) > 1
            assert await store.papers.get(paper(5001).id)
        assert ask(copy, "SELECT count(*) FROM papers") == [(3000,)]
        assert ask(copy, "PRAGMA integrity_check") == [("ok",)]
        assert names(database.parent) == ["copy.db", "paperboy.db"]

    def test_a_copy_is_its_owners_alone_and_one_file(self, database: Path) -> None:
        copy = database.with_name("copy.db")
        assert back_up(database, copy) == copy.stat().st_size
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        assert ask(copy, "PRAGMA journal_mode") == [("delete",)]

    def test_nothing_is_replaced_unless_asked(self, database: Path) -> None:
        copy = database.with_name("copy.db")
        copy.write_text("dear")
        assert "is there already" in refused(database, copy)
        assert copy.read_text() == "dear"
        back_up(database, copy, overwrite=True)
        assert ask(copy, "SELECT count(*) FROM papers") == [(0,)]

    def test_the_database_is_never_its_own_copy(self, database: Path) -> None:
        assert "the database itself" in refused(database, database, overwrite=True)

    def test_where_there_is_nothing_to_copy(self, tmp_path: Path) -> None:
        assert "no database to copy" in refused(tmp_path / "none.db", tmp_path / "copy.db")
        assert names(tmp_path) == []

    @pytest.mark.parametrize("place", ["nowhere/copy.db", "letter.txt/copy.db"])
    def test_a_place_that_cannot_be_written(self, database: Path, place: str) -> None:
        database.with_name("letter.txt").write_text("dear")
        assert "cannot be written" in refused(database, database.parent / place)

    @pytest.mark.parametrize("command", ["backup", "export"])
    def test_a_place_that_the_system_does_not_even_look_at(
        self, command: str, settings: Settings, database: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As another user's closed folder is; a name too long is refused to root as well."""
        monkeypatch.chdir(database.parent)
        monkeypatch.setenv("PAPERBOY_DATABASE_URL", settings.database_url)
        unseen = str(database.with_name("x" * 300))
        done = CliRunner().invoke(command_line, [command, unseen])
        assert (done.exit_code, "cannot be written" in done.output) == (1, True)
        monkeypatch.setenv("PAPERBOY_DATABASE_URL", f"sqlite:///{unseen}")
        done = CliRunner().invoke(command_line, [command, str(database.with_name("copy"))])
        assert (done.exit_code, "could not be used" in done.output) == (1, True)

    def test_folders_pipes_and_devices_are_never_replaced(self, database: Path) -> None:
        folder, pipe = database.with_name("copies"), database.with_name("pipe")
        folder.mkdir()
        os.mkfifo(pipe)
        for special in (folder, pipe):
            assert "is no ordinary file" in refused(database, special, overwrite=True)
        assert pipe.is_fifo()
        assert names(database.parent) == ["copies", "paperboy.db", "pipe"]

    def test_a_disk_without_room_is_left_alone(
        self, database: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _place: Free(10**9, 10**9, 1000))
        said = refused(database, database.with_name("copy.db"))
        assert "needs 1 MB, and 0 MB are free" in said
        assert names(database.parent) == ["paperboy.db"]

    async def test_a_disk_that_fills_up_on_the_way(self, tmp_path: Path) -> None:
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = sqlite3.SQLITE_FULL

        def fill(_left: int, _of: int) -> None:
            raise full

        fresh(tmp_path)
        with pytest.raises(StoreError) as raised:
            back_up(tmp_path / "paperboy.db", tmp_path / "copy.db", watch=fill)
        assert raised.value.key == "errors.file_unwritable"
        assert names(tmp_path) == ["paperboy.db"]

    async def test_a_damaged_database_is_not_taken_for_a_copy(self, database: Path) -> None:
        async with Store.open(f"sqlite:///{database}") as store:
            await store.papers.save(papers(300))
        spoil(database)
        assert "is damaged" in refused(database, database.with_name("copy.db"))
        assert names(database.parent) == ["paperboy.db"]

    async def test_ctrl_c_leaves_nothing_behind(self, database: Path, settings: Settings) -> None:
        async with Store.open(settings.database_url) as store:
            await store.papers.save(papers(STEP * 40))
        task = asyncio.create_task(backup(settings, database.with_name("copy.db"), overwrite=False))
        while not list(database.parent.glob(".copy.db.*")):  # noqa: ASYNC110 # a file tells nobody
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while list(database.parent.glob(".copy.db.*")):  # noqa: ASYNC110 # nor when it is gone
            await asyncio.sleep(0)
        assert names(database.parent) == ["paperboy.db"]


class TestRestoring:
    async def test_a_copy_in_a_fresh_place_goes_on_and_sends_nothing_twice(
        self, arxiv: FakeArxiv, opened: Opened, tmp_path: Path
    ) -> None:
        arxiv.announce(DAY, paper(1), paper(2))
        away = tmp_path / "away"
        away.mkdir()
        async with opened(an_hour_on) as app:
            await app.store.subscribers.save(READER)
            await app.morning.run(DAY)
            await app.store.subscribers.wake(DAY, an_hour_on())
            assert await delivered(app) == 1
            copied = await asyncio.to_thread(back_up, tmp_path / "paperboy.db", away / "p.db")
        assert copied
        async with opened(an_hour_on, database_url=f"sqlite:///{away}/p.db") as app:
            reader = await app.store.subscribers.find("telegram", "12345")
            assert reader
            assert replace(reader, id=None) == READER
            assert await delivered(app) == 0
            found = await app.reading.on(DAY, reader)
            assert {entry.paper.id for entry in found.digest.entries} == {
                paper(1).id,
                paper(2).id,
            }


def an_hour_on() -> datetime:
    return NOON + timedelta(hours=1)


async def delivered(app: App) -> int:
    channel = FakeChannel()
    sending = Sending(app.store, channel, Pace(1000), clock=an_hour_on, at_once=1)
    await deliver_once(Delivery(app.reading, [sending]), an_hour_on())
    return len(channel.messages)


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def environment(self, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PAPERBOY_DATABASE_URL", f"sqlite:///{database}")

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(command_line, ["backup", *arguments])

    def test_it_says_what_it_did_and_whose_data_that_is(self, database: Path) -> None:
        done = self.run("copy.db")
        assert done.exit_code == 0
        assert done.stdout.startswith("Copied to copy.db (1 MB). It holds your readers'")
        assert self.run("copy.db").exit_code == 1
        assert self.run("copy.db", "--force").exit_code == 0
        assert names(database.parent) == ["copy.db", "paperboy.db"]

    def test_it_does_not_migrate(self, database: Path) -> None:
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '0001'")
        assert self.run("copy.db").exit_code == 0
        for file in (database, database.with_name("copy.db")):
            assert ask(file, "SELECT version_num FROM alembic_version") == [("0001",)]

    def test_a_database_in_memory_is_no_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PAPERBOY_DATABASE_URL", "sqlite://")
        done = self.run("copy.db")
        assert done.exit_code == 1
        assert "not a file" in done.stderr

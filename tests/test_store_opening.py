"""Opening and migrating a database, by one process or several."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from asyncio.subprocess import PIPE
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from digest.errors import PaperboyError, SettingsError, StoreError, StoreFromFuture
from digest.locale import say
from digest.store import Store, address, migration, tables
from digest.store.database import Database, insert
from tests.fakes.papers import paper, papers
from tests.fakes.stores import fresh, stored

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

pytestmark = pytest.mark.sqlite("a file that is made and migrated")

ROOT = Path(__file__).parent.parent


def ask(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement).fetchall()


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def threads() -> set[threading.Thread]:
    """Those of connections."""
    every = threading.enumerate()
    return {thread for thread in every if "_connection_worker_thread" in thread.name}


def assert_ended(those: set[threading.Thread]) -> None:
    for thread in those:
        thread.join(timeout=5)
        assert not thread.is_alive()


async def refused(url: str, error: type[PaperboyError] = StoreError) -> str:
    """Open a database that cannot be opened; return the sentence that the operator reads."""
    with pytest.raises(error) as raised:
        await Store.open(url, busy_s=0.05)
    return say(raised.value.key, "en", **raised.value.params)


class TestOpening:
    async def test_a_new_file_is_made_with_its_folders_and_remembers(self, tmp_path: Path) -> None:
        file = tmp_path / "deep" / "folder" / "论文.db"
        async with Store.open(f"sqlite+aiosqlite:///{file}") as store:
            await store.papers.save([paper(1)])
            assert store.shown == str(file)
        async with Store.open(f"sqlite:///{file}") as store:
            assert await store.papers.get("9913.00001") == paper(1)

    async def test_in_memory_many_may_use_it_at_once(self) -> None:
        async with Store.open("sqlite:///:memory:") as store:
            await asyncio.gather(*(store.papers.save([p]) for p in papers(20)))
            found = await asyncio.gather(*(store.papers.get(p.id) for p in papers(20)))
        assert tuple(found) == papers(20)

    async def test_closed_it_leaves_one_file_and_no_thread(self, tmp_path: Path) -> None:
        url = fresh(tmp_path)
        before = threads()
        store = await Store.open(url)
        await asyncio.gather(*(store.papers.save([p]) for p in papers(5)))
        await store.close()
        assert names(tmp_path) == ["paperboy.db"]
        assert_ended(threads() - before)

    async def test_an_address_without_a_driver_that_we_have_is_refused(self) -> None:
        assert "not the address" in await refused("mysql://host/papers", SettingsError)
        assert "not the address" in await refused("papers.db", SettingsError)

    async def test_a_server_that_does_not_answer_is_told_without_its_password(self) -> None:
        said = await refused("postgresql://me:secret@127.0.0.1:1/papers")
        assert said.startswith("The PostgreSQL server of postgresql://me@127.0.0.1:1/papers")
        assert "does not answer" in said
        assert "secret" not in said

    async def test_a_file_that_is_no_database_is_left_alone(self, tmp_path: Path) -> None:
        letter = tmp_path / "letter.txt"
        letter.write_text("Dear reader, this is no database. " * 40)
        assert "not a database of Paperboy" in await refused(f"sqlite:///{letter}")
        assert letter.read_text().startswith("Dear reader")

    async def test_somebody_elses_database_is_left_alone(self, tmp_path: Path) -> None:
        music = tmp_path / "music.db"
        ask(music, "CREATE TABLE songs (name)")
        assert "not a database of Paperboy" in await refused(f"sqlite:///{music}")
        assert ask(music, "SELECT name FROM sqlite_master") == [("songs",)]

    async def test_a_damaged_database_says_so(self, tmp_path: Path) -> None:
        url = fresh(tmp_path)
        async with Store.open(url) as store:
            await store.papers.save(papers(200))
        file = tmp_path / "paperboy.db"
        whole = file.read_bytes()
        file.write_bytes(whole[:4096] + b"\x5a" * (len(whole) - 4096))
        assert "is damaged" in await refused(url)

    async def test_a_file_that_goes_bad_while_it_is_open_says_so(self, tmp_path: Path) -> None:
        before = threads()
        store = await Store.open(fresh(tmp_path))
        await store.close()
        (tmp_path / "paperboy.db").write_text("Dear reader, this is no database. " * 40)
        with pytest.raises(StoreError) as raised:
            await store.papers.get("1")
        assert raised.value.key == "errors.store_not_a_database"
        assert_ended(threads() - before)

    async def test_a_connection_in_use_is_closed_when_its_reader_is_done(
        self, tmp_path: Path
    ) -> None:
        database = Database(address.understand(f"sqlite:///{tmp_path}/a.db"), busy_s=1)
        async with database.read() as connection:
            used = (await connection.get_raw_connection()).driver_connection
            assert used is not None
            await database.close()
            assert (await connection.scalar(text("SELECT 7"))) == 7
        with pytest.raises(ValueError, match="no active connection"):
            await used.execute("SELECT 7")


class TestMigrating:
    def test_the_newest_revision_is_the_one_we_look_for(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(migration.FOLDER))
        config.set_main_option("path_separator", "os")
        assert ScriptDirectory.from_config(config).get_current_head() == migration.HEAD

    async def test_the_migrated_tables_are_those_that_the_statements_use(
        self, tmp_path: Path
    ) -> None:
        database = Database(address.understand(fresh(tmp_path)), busy_s=1)
        async with database.read() as connection:
            differences = await connection.run_sync(
                lambda sync: compare_metadata(
                    MigrationContext.configure(sync, opts={"compare_type": True}), tables.metadata
                )
            )
        await database.close()
        assert differences == []

    async def test_a_database_from_the_future_is_refused_and_not_touched(
        self, tmp_path: Path
    ) -> None:
        url = fresh(tmp_path)
        ask(tmp_path / "paperboy.db", "UPDATE alembic_version SET version_num = '9999'")
        said = await refused(url, StoreFromFuture)
        assert "newer Paperboy" in said
        assert "9999" in said
        assert ask(tmp_path / "paperboy.db", "SELECT * FROM alembic_version") == [("9999",)]

    async def test_before_a_migration_the_file_is_copied(self, tmp_path: Path) -> None:
        url = fresh(tmp_path)
        file, copy = tmp_path / "paperboy.db", tmp_path / f"paperboy.db.before-{migration.HEAD}"
        # A database of before the first revision: Alembic's own table, and nothing in it.
        for table in tables.metadata.tables:
            ask(file, f"DROP TABLE {table}")
        ask(file, "DELETE FROM alembic_version")
        ask(file, "CREATE TABLE keepsake AS SELECT 'dear' AS word")
        async with Store.open(url) as store:
            await store.papers.save([paper(1)])
        assert ask(copy, "SELECT word FROM keepsake") == [("dear",)]
        assert ask(copy, "SELECT count(*) FROM sqlite_master WHERE name = 'papers'") == [(0,)]
        assert names(tmp_path) == ["paperboy.db", copy.name]

    async def test_the_newest_two_copies_are_kept(self, tmp_path: Path) -> None:
        url = stored(tmp_path, "0006", "paper[1].db")
        for revision in ("0001", "0002", "0003"):
            (tmp_path / f"paper[1].db.before-{revision}").write_text("old")
        (tmp_path / "paper1.db.before-0001").write_text("somebody else's")
        async with Store.open(url):
            pass
        copies = [name for name in names(tmp_path) if name.startswith("paper[1].db.before-")]
        assert copies == ["paper[1].db.before-0003", f"paper[1].db.before-{migration.HEAD}"]
        assert (tmp_path / "paper1.db.before-0001").exists()

    async def test_without_room_for_a_copy_nothing_is_migrated(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        url = stored(tmp_path, "0006")
        full = SimpleNamespace(free=1000)
        monkeypatch.setattr("shutil.disk_usage", lambda _place: full)
        assert f"not enough room for {tmp_path}/paperboy.db.before" in await refused(url)
        assert ask(tmp_path / "paperboy.db", "SELECT * FROM alembic_version") == [("0006",)]
        assert names(tmp_path) == ["paperboy.db"]

    async def test_two_that_start_at_once_on_nothing_both_succeed(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/paperboy.db"
        stores = await asyncio.gather(*(Store.open(url) for _ in range(4)))
        await asyncio.gather(*(s.papers.save([paper(n)]) for n, s in enumerate(stores)))
        assert len(await stores[0].papers.many(paper(n).id for n in range(4))) == 4
        for store in stores:
            await store.close()
        assert names(tmp_path) == ["paperboy.db"]

    async def test_one_that_starts_while_another_sets_the_file_up_waits_for_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with closing(sqlite3.connect(tmp_path / "paperboy.db", check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            monkeypatch.setattr("digest.store.database.time.sleep", lambda _s: other.commit())
            async with Store.open(f"sqlite:///{tmp_path}/paperboy.db") as store:
                await store.papers.save([paper(1)])
            assert not other.in_transaction


OTHER_PROCESS = """
import asyncio, sys
from digest.store import Store
from tests.fakes.papers import papers

async def main():
    async with Store.open(sys.argv[1]) as store:
        print("ready", "alembic" in sys.modules, flush=True)
        sys.stdin.readline()
        for each in papers(15, start=1001):
            await store.papers.save([each])

asyncio.run(main())
"""


async def test_another_process_writes_at_the_same_time_and_starts_without_alembic(
    tmp_path: Path,
) -> None:
    url = fresh(tmp_path)
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER_PROCESS, url, cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    assert other.stdout
    assert await other.stdout.readline() == b"ready False\n"
    async with Store.open(url) as store:
        finished = asyncio.create_task(other.communicate(b"go\n"))
        for each in papers(15):
            await store.papers.save([each])
            assert await store.papers.get(each.id) == each
        await finished
        assert other.returncode == 0
        ids = [p.id for p in (*papers(15), *papers(15, start=1001))]
        assert len(await store.papers.many(ids)) == 30


def test_the_statements_are_written_for_postgresql_too() -> None:
    server: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy 2.1
    connection: Any = SimpleNamespace(dialect=server)
    statement = insert(connection, tables.papers).on_conflict_do_nothing()
    assert "ON CONFLICT DO NOTHING" in str(statement.compile(dialect=server))
    for table in tables.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=server))

"""Every way in which a disk says no: a clear sentence, and what is stored stays."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from digest.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly
from digest.locale import languages, say
from digest.store import Store, address
from digest.store.database import Database
from digest.store.failures import wrapped
from digest.store.manners import StoredManners
from digest.store.papers import Papers
from tests.fakes.papers import paper, papers
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sqlite("what its file and its disk refuse")

NOBODY = 65534
ALL = nullcontext()


def said(error: StoreError) -> str:
    """What the operator reads; other languages have a text, too."""
    in_all = [say(error.key, language, **error.params) for language in languages()]
    assert len(set(in_all)) == len(in_all)
    return in_all[0]


async def refused(
    url: str, error: type[StoreError] = StoreError, rights: AbstractContextManager[None] = ALL
) -> str:
    with pytest.raises(error) as raised, rights:
        await Store.open(url, busy_s=0.05)
    return said(raised.value)


def allow(path: Path, mode: int) -> None:
    path.chmod(mode)


@contextmanager
def as_its_owner(folder: Path) -> Iterator[None]:
    """Give up the rights of root, who may write everything, for those of the folder's owner."""
    user = os.geteuid()
    if user == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder outside those that pytest keeps for its own user."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
        allow(Path(name), 0o755)


async def test_a_full_disk_keeps_what_is_stored_and_goes_on_with_room(tmp_path: Path) -> None:
    database = Database(address.understand(fresh(tmp_path)), busy_s=1)
    stored = Papers(database)
    await stored.save(papers(10))
    async with database.read() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreFull) as full:
        await stored.save(papers(500, start=11))
    assert "disk is full" in said(full.value)
    assert len(await stored.many(p.id for p in papers(500))) == 10
    async with database.read() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    await stored.save(papers(500, start=11))
    assert await stored.get("9913.00510") is not None
    await database.close()


async def test_while_another_writes_readers_read_and_writers_say_so_in_time(tmp_path: Path) -> None:
    async with Store.open(fresh(tmp_path), busy_s=0.05) as store:
        await store.papers.save([paper(1)])
        other = sqlite3.connect(tmp_path / "paperboy.db", isolation_level=None)
        with closing(other):
            other.execute("BEGIN IMMEDIATE")
            assert await store.papers.get("9913.00001") == paper(1)
            with pytest.raises(StoreBusy) as busy:
                await store.papers.save([paper(2)])
            other.execute("ROLLBACK")
        assert "Another process" in said(busy.value)
        await store.papers.save([paper(2)])


async def test_a_long_reader_keeps_nobody_from_writing(tmp_path: Path) -> None:
    async with Store.open(fresh(tmp_path), busy_s=0.05) as store:
        await store.papers.save([paper(1)])
        other = sqlite3.connect(tmp_path / "paperboy.db", isolation_level=None)
        with closing(other):
            other.execute("BEGIN")
            count = "SELECT count(*) FROM papers"
            assert other.execute(count).fetchone() == (1,)
            await store.papers.save([paper(2)])
            assert other.execute(count).fetchone() == (1,)


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
async def test_a_new_file_that_another_holds_is_busy(tmp_path: Path, lock: str) -> None:
    file = tmp_path / "paperboy.db"
    other = sqlite3.connect(file, isolation_level=None)
    with closing(other):
        other.execute(f"BEGIN {lock}")
        assert "Another process" in await refused(f"sqlite:///{file}", StoreBusy)


async def test_a_folder_that_may_not_be_written(public_folder: Path) -> None:
    allow(public_folder, 0o555)
    for name in ("paperboy.db", "deeper/paperboy.db"):
        url = f"sqlite:///{public_folder}/{name}"
        told = await refused(url, StoreReadOnly, as_its_owner(public_folder))
        assert f"{name} cannot be written" in told


async def test_a_file_that_may_not_be_written_is_still_read(public_folder: Path) -> None:
    url = fresh(public_folder)
    async with Store.open(url) as store:
        await store.papers.save([paper(1)])
    allow(public_folder / "paperboy.db", 0o444)
    with as_its_owner(public_folder):
        async with Store.open(url) as store:
            assert await store.papers.get("9913.00001") == paper(1)
            with pytest.raises(StoreReadOnly) as read_only:
                await store.papers.save([paper(2)])
    assert "cannot be written" in said(read_only.value)


async def test_a_database_opened_for_reading_only(tmp_path: Path) -> None:
    fresh(tmp_path)
    file = tmp_path / "paperboy.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    async with Store.open(f"sqlite:///file:{file}?mode=ro&uri=true") as store:
        assert store.shown == str(file)
        assert await store.papers.get("9913.00001") is None


async def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear reader")
    assert "could not be used" in await refused(f"sqlite:///{tmp_path}/letter/paperboy.db")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a disk without room")
def test_a_failed_write_is_a_full_disk_where_there_is_no_room(tmp_path: Path) -> None:
    failed = sqlite3.OperationalError("disk I/O error")
    failed.sqlite_errorcode = sqlite3.SQLITE_IOERR
    with pytest.raises(StoreFull), wrapped("papers.db", Path("/proc/papers.db")):
        raise failed
    for path in (tmp_path / "papers.db", tmp_path / "gone" / "papers.db", None):
        with pytest.raises(StoreError) as broken, wrapped("papers.db", path):
            raise failed
        assert "disk I/O error" in said(broken.value)


async def test_a_writer_who_waits_too_long_for_a_connection_is_told() -> None:
    with pytest.raises(StoreBusy), wrapped("papers.db"):
        raise PoolTimeout


async def test_a_time_without_zone_is_a_mistake_of_ours(tmp_path: Path) -> None:
    async with Store.open(fresh(tmp_path)) as store:
        with pytest.raises(StatementError, match="without zone"):
            await store.editions.publish(date(2026, 2, 3), datetime(2026, 2, 3, 1))  # noqa: DTZ001 # the point


SLOW = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
    "SELECT reached(), (SELECT count(*) FROM n)"
)


async def test_a_write_interrupted_in_the_middle_of_a_statement_holds_no_lock(
    tmp_path: Path,
) -> None:
    database = Database(address.understand(fresh(tmp_path)), busy_s=5)
    reached, loop = asyncio.Event(), asyncio.get_running_loop()

    def reach() -> None:
        loop.call_soon_threadsafe(reached.set)

    async def write() -> None:
        async with database.write() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.create_function("reached", 0, reach)
            await connection.exec_driver_sql("INSERT INTO manners VALUES ('lane', 1, 1)")
            await connection.exec_driver_sql(SLOW)

    writing = asyncio.create_task(write())
    await reached.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError) as kept:
        await writing
    await StoredManners(database, lambda: 0).reserve("other", 3)
    assert kept.tb, "even while somebody keeps the traceback"
    async with database.read() as connection:
        lanes = await connection.exec_driver_sql("SELECT lane FROM manners")
        assert lanes.scalars().all() == ["other"]
    await database.close()

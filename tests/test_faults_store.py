"""A disk that is full, a file that may not be written, a database that another holds.

A clear sentence, nothing lost, nobody twice, and it goes on when the cause is gone.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections import deque
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from digest.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly
from digest.store import Store
from digest.store.outbox import PageState
from tests.fakes.stores import fresh
from tests.test_deliver_sending import A_MINUTE, Room, opened, room
from tests.test_store_failures import allow, as_its_owner, public_folder, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.sqlite("what its file and its disk refuse")

__all__ = ["public_folder", "room"]

READERS = 40
EACH_ONCE = sorted(f"{n}/{page}" for n in range(READERS) for page in (1, 2))


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 4 MB: the log of what is written takes most of it."""
    disk = folder / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if (
        not hasattr(os, "geteuid")
        or os.geteuid()
        or subprocess.run(command, check=False).returncode
    ):
        pytest.skip("nobody may mount a disk here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path) -> None:
    """Leaves no room at all."""
    with (disk / "filler").open("wb", buffering=0) as file:
        more = iter(lambda: file.write(b"0" * 4096), 0)
        with pytest.raises(OSError, match="No space left"):
            deque(more, maxlen=0)


async def refused(room: Room, error: type[StoreError]) -> str:
    """What the operator reads when a minute's round of sending ends."""
    with pytest.raises(error) as raised:
        await room.send(after=A_MINUTE)
    return said(raised.value)


async def stocked(room: Room) -> None:
    for n in range(READERS):
        await room.reader(str(n), pages=2)


async def test_a_disk_without_room_sends_nothing_twice_and_goes_on(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        async with opened(fresh(disk)) as room:
            await stocked(room)
            at_work = asyncio.Event()

            async def fill_up(_address: str) -> None:
                if not at_work.is_set() and len(room.texts) > 10:
                    at_work.set()
                    fill(disk)

            room.channel.before = fill_up
            told = await refused(room, StoreFull)
            assert "disk is full" in told
            before = len(room.texts)
            for _ in range(3):
                await refused(room, StoreFull)
            assert len(room.texts) == before, "what cannot be settled is not sent again each minute"

            (disk / "filler").unlink()
            await room.send_until_done()
            assert sorted(room.texts) == EACH_ONCE
        with closing(sqlite3.connect(disk / "paperboy.db")) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_a_process_does_not_start_on_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        url = fresh(disk)
        async with opened(url) as room:
            await stocked(room)
        fill(disk)
        with pytest.raises(StoreFull) as full:
            await Store.open(url)
        assert "disk is full" in said(full.value)
        (disk / "filler").unlink()
        async with opened(url) as room:
            await room.send_until_done()
            assert sorted(room.texts) == EACH_ONCE


async def test_a_file_that_has_no_room_to_grow_is_a_full_disk(room: Room) -> None:
    """The same where nobody may mount: SQLite's own limit is met as a full disk is."""
    await stocked(room)
    async with room.store._database.read() as connection:  # noqa: SLF001 # there is one disk only
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    async def grow() -> None:
        for n in range(READERS, 400):
            await room.reader(str(n), pages=2)

    with pytest.raises(StoreFull) as full:
        await grow()
    assert "disk is full" in said(full.value)
    assert await room.count(PageState.WAITING) >= len(EACH_ONCE), "what was frozen stays"
    await room.send_until_done()
    assert set(EACH_ONCE) <= set(room.texts)


async def test_while_another_process_holds_the_database_nothing_leaves(
    room: Room, tmp_path: Path
) -> None:
    await stocked(room)
    with closing(sqlite3.connect(tmp_path / "paperboy.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            assert "Another process" in await refused(room, StoreBusy)
        assert room.texts == []
        other.execute("ROLLBACK")
    await room.send_until_done()
    assert sorted(room.texts) == EACH_ONCE


async def test_from_a_file_that_may_not_be_written_nothing_is_sent(public_folder: Path) -> None:
    url = fresh(public_folder)
    async with opened(url) as room:
        await stocked(room)
    file = public_folder / "paperboy.db"
    allow(file, 0o444)
    with as_its_owner(public_folder):
        async with opened(url) as room:
            with pytest.raises(StoreReadOnly) as raised:
                await room.send()
            assert room.texts == []
    assert "cannot be written" in said(raised.value)
    allow(file, 0o644)
    async with opened(url) as room:
        await room.send_until_done()
        assert sorted(room.texts) == EACH_ONCE

"""A copy of a SQLite database that is in use: whole, and as it was at one moment.

SQLite's own backup, in steps, inside of one read transaction: without it SQLite begins anew
whenever another process writes (https://www.sqlite.org/backup.html). Writers do not wait for it.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from digest.errors import StoreError
from digest.store.failures import wrapped
from digest.store.newfile import appearing, writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STEP = 256  # pages of mostly 4 KiB: a millisecond or two
PAUSE_S = 0.002  # between two steps, in seconds: the disk is the bot's, too
MB = 1_000_000


def back_up(
    source: Path,
    target: Path,
    *,
    overwrite: bool = False,
    pause_s: float = PAUSE_S,
    watch: Callable[[int, int], None] = lambda _left, _of: None,
) -> int:
    """Copy a database file into one file of its own, for the owner's eyes only; return its bytes.

    It appears under its name when it is whole and was checked. Meant for a thread.

    Args:
        source: an existing database; may be in use by any process.
        target: the copy.
        overwrite: whether a file of that name may be replaced.
        pause_s: between two steps, in seconds.
        watch: told (pages left, of so many) after each step; what it raises ends the copying.

    Raises:
        StoreError: `errors.backup_nothing`, `backup_itself`, `backup_no_room`, `file_exists`,
            `file_unwritable`; or what the database itself says.
    """
    with wrapped(str(source), source):  # a folder of somebody else's, which nobody may look into
        _refuse(source, target)
    with wrapped(str(source), source), closing(sqlite3.connect(source)) as original:
        original.execute("BEGIN")  # from here on it stands still for us
        pages = original.execute("PRAGMA page_count").fetchone()[0]
        _need_room(pages * original.execute("PRAGMA page_size").fetchone()[0], target)

        def step(_status: int, left: int, of: int) -> None:
            watch(left, of)
            time.sleep(pause_s)

        with appearing(target, overwrite=overwrite) as part, closing(sqlite3.connect(part)) as copy:
            original.backup(copy, pages=STEP, progress=step)
            _check(copy, target)
    return target.stat().st_size


def _refuse(source: Path, target: Path) -> None:
    if not source.is_file():
        raise StoreError("errors.backup_nothing", path=str(source))
    with writing(target):
        if target.exists() and target.samefile(source):
            raise StoreError("errors.backup_itself", path=str(target))


def _need_room(size: int, target: Path) -> None:
    """Say in advance what would fail in the middle; sizes in megabytes."""
    with writing(target):
        free = shutil.disk_usage(target.parent).free
    if size > free:
        sizes = {"needs": -(-size // MB), "free": free // MB}
        raise StoreError("errors.backup_no_room", path=str(target), **sizes)


def _check(copy: sqlite3.Connection, target: Path) -> None:
    """Make it one file without companions, and look whether it can be read."""
    copy.execute("PRAGMA journal_mode = DELETE")
    said = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise StoreError("errors.store_damaged", path=str(target))

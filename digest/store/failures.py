"""Driver errors, wrapped once: what leaves this package is an error of our own tree."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from digest.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# https://www.sqlite.org/rescode.html; extended codes carry the primary one in their low byte.
PRIMARY = 0xFF
BY_CODE: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_READONLY: StoreReadOnly,
    sqlite3.SQLITE_PERM: StoreReadOnly,
    sqlite3.SQLITE_CANTOPEN: StoreReadOnly,
    sqlite3.SQLITE_BUSY: StoreBusy,
    sqlite3.SQLITE_LOCKED: StoreBusy,
}
KEY_BY_CODE = {
    sqlite3.SQLITE_NOTADB: "errors.store_not_a_database",
    sqlite3.SQLITE_CORRUPT: "errors.store_damaged",
}
BY_ERRNO: dict[int, type[StoreError]] = {
    errno.ENOSPC: StoreFull,
    errno.EDQUOT: StoreFull,
    errno.EACCES: StoreReadOnly,
    errno.EPERM: StoreReadOnly,
    errno.EROFS: StoreReadOnly,
}
# SQLite reports some full disks as a failed write; below this there was no room for one.
ROOM_FOR_A_WRITE = 64 * 1024  # bytes


@contextmanager
def wrapped(shown: str, path: Path | None = None) -> Iterator[None]:
    """Turn what a driver or the file system raises inside into a `StoreError`.

    Args:
        shown: the database's name in the message.
        path: its file, to tell a full disk from a broken one.
    """
    try:
        yield
    except DBAPIError as error:
        raise _from_driver(error.orig, shown, path) from error
    except PoolTimeout as error:
        raise StoreBusy(path=shown) from error
    except sqlite3.Error as error:
        raise _from_driver(error, shown, path) from error
    except OSError as error:
        kind = BY_ERRNO.get(error.errno or 0, StoreError)
        raise kind(path=shown, reason=error.strerror or str(error)) from error


def _from_driver(error: BaseException | None, shown: str, path: Path | None) -> StoreError:
    """Name what the driver says."""
    code = getattr(error, "sqlite_errorcode", 0) & PRIMARY
    reason = str(error)
    if code in KEY_BY_CODE:
        return StoreError(KEY_BY_CODE[code], path=shown, reason=reason)
    if code == sqlite3.SQLITE_IOERR and _is_full(path):
        return StoreFull(path=shown, reason=reason)
    return BY_CODE.get(code, StoreError)(path=shown, reason=reason)


def _is_full(path: Path | None) -> bool:
    if path is None or not path.parent.exists():
        return False
    return shutil.disk_usage(path.parent).free < ROOM_FOR_A_WRITE

"""Files that appear under their name when they are whole, for their owner's eyes only."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import StoreError
from digest.store.failures import PRIMARY

if TYPE_CHECKING:
    from collections.abc import Iterator

# SQLite's complaints about writing, for a file that SQLite writes.
ABOUT_WRITING = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}


@contextmanager
def appearing(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A file beside `target` to be written; it takes the target's name at the end, or is gone.

    Raises:
        StoreError: `errors.file_exists`; `errors.file_special` where that is no ordinary file,
            even to be overwritten; `errors.file_unwritable`, which a full disk is, too.
    """
    with writing(target):  # which may not even be looked for
        _refuse(target, overwrite=overwrite)
        handle, name = tempfile.mkstemp(".part", f".{target.name}.", target.parent)
        os.close(handle)  # made with rights for nobody else
    part = Path(name)
    try:
        with writing(target):
            yield part
            _refuse(target, overwrite=overwrite)
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
        part.with_name(f"{part.name}-journal").unlink(missing_ok=True)


def _refuse(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not target.is_file():  # a folder, a pipe, a device: never replaced
        raise StoreError("errors.file_special", path=str(target))
    if target.exists() and not overwrite:
        raise StoreError("errors.file_exists", path=str(target))


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Say of which file it is that the system refuses something."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreError("errors.file_unwritable", path=str(target), reason=why) from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & PRIMARY not in ABOUT_WRITING:
            raise
        raise StoreError("errors.file_unwritable", path=str(target), reason=str(error)) from error

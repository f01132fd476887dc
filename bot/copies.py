"""`paperboy backup`, `export` and `import`: the database, kept for a bad day or moved elsewhere."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING

from bot import app as building
from digest.errors import StoreError
from digest.locale import number, say
from digest.store import address
from digest.store.backup import MB, back_up
from digest.store.failures import wrapped
from digest.store.newfile import appearing, writing

if TYPE_CHECKING:
    from pathlib import Path

    from bot.app import App
    from bot.settings import Settings


class _Stopped(Exception):
    """Ends the thread that copies: somebody pressed Ctrl-C."""


async def backup(settings: Settings, target: Path, *, overwrite: bool) -> int:
    """Copies the database while it is in use; the database itself is not touched, nor migrated."""
    language = settings.language or building.machine_language()
    url = address.understand(settings.database_url)
    source = address.file(url)
    if source is None:
        raise StoreError("errors.backup_no_file", path=address.shown(url))
    stop = threading.Event()

    def watch(_left: int, _of: int) -> None:
        if stop.is_set():
            raise _Stopped

    try:
        size = await asyncio.to_thread(back_up, source, target, overwrite=overwrite, watch=watch)
    finally:
        stop.set()
    words = say("copies.backed_up", language, path=str(target), size=-(-size // MB))
    sys.stdout.write(words + "\n")
    return 0


async def export(settings: Settings, target: Path, *, overwrite: bool) -> int:
    """Writes everything as lines of JSON; the file is its owner's alone."""
    language = settings.language or building.machine_language()
    file = address.file(address.understand(settings.database_url))
    if file is not None:
        with wrapped(str(file), file):
            is_there = file.is_file()
        if not is_there:
            raise StoreError("errors.backup_nothing", path=str(file))
    async with building.opened(settings) as app:
        with appearing(target, overwrite=overwrite) as part:
            counts = await _written(app, part, target)
            size = -(-part.stat().st_size // MB)
    rows = number(sum(counts.values()), language)
    words = say("copies.exported", language, path=str(target), size=size, rows=rows)
    sys.stdout.write(words + "\n")
    return 0


async def _written(app: App, part: Path, target: Path) -> dict[str, int]:
    with part.open("w", encoding="utf-8", newline="\n") as lines:

        def write(text: str) -> None:
            with writing(target):  # a full disk is this file's, not the database's
                lines.write(text)

        return await app.store.moving.export(write, building.now())


async def take(settings: Settings, source: Path) -> int:
    """Stores an export in an empty database: all of it, or nothing."""
    language = settings.language or building.machine_language()
    try:
        lines = source.open("rb")
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreError("errors.import_unreadable", path=str(source), reason=why) from error
    with lines:
        async with building.opened(settings) as app:
            counts = await app.store.moving.take(iter(lines), str(source))
            shown = app.store.shown
    rows = number(sum(counts.values()), language)
    sys.stdout.write(say("copies.imported", language, path=shown, rows=rows) + "\n")
    for name, count in counts.items():
        sys.stdout.write(f"  {name} {number(count, language)}\n")
    return 0

"""`paperboy backup`: what an operator keeps of the database, for a bad day."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING

from bot import app as building
from digest.errors import StoreError
from digest.locale import say
from digest.store import address
from digest.store.backup import MB, back_up

if TYPE_CHECKING:
    from pathlib import Path

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

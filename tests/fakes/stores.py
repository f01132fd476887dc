"""Real databases for tests: a new one costs Alembic's import, a copy of an empty one nothing.

store = await Store.open(fresh(tmp_path))
"""

from __future__ import annotations

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from digest.store import Store


def fresh(folder: Path, name: str = "paperboy.db") -> str:
    """The address of an empty, migrated database in `folder`."""
    file = folder / name
    file.write_bytes(_empty())
    return f"sqlite:///{file}"


@cache
def _empty() -> bytes:
    async def make(file: Path) -> None:
        async with Store.open(f"sqlite:///{file}"):
            pass

    # In a thread of its own, because the test that asks first has a running event loop.
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        file = Path(folder) / "empty.db"
        thread.submit(asyncio.run, make(file)).result()
        return file.read_bytes()

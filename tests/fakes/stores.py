"""Real databases for tests: a new one costs Alembic's import, a copy of an empty one nothing.

store = await Store.open(fresh(tmp_path))
store = await Store.open(stored(tmp_path, "0003"))    as an earlier Paperboy left it

Where scripts/postgres.sh runs the tests, `fresh` is a database of its server.
"""

from __future__ import annotations

import asyncio
import gzip
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text

from digest.store import Store
from tests.fakes import postgres


def fresh(folder: Path, name: str = "paperboy.db") -> str:
    """The address of an empty, migrated database, in `folder` where it is a file."""
    if postgres.is_used():
        return postgres.fresh()
    file = folder / name
    file.write_bytes(_opened(""))
    return f"sqlite:///{file}"


def url_of(store: Store) -> str:
    """The address of an open store's database, for another process or connection."""
    return store._database.url.render_as_string(hide_password=False)  # noqa: SLF001 # as above


async def rows(store: Store, query: str) -> list[Any]:
    """What a database answers, whatever our nouns say."""
    async with store._database.read() as connection:  # noqa: SLF001 # that is the point
        return [tuple(row) for row in await connection.execute(text(query))]


async def change(store: Store, *statements: str) -> None:
    """Do to a database what no noun of ours does."""
    async with store._database.write() as connection:  # noqa: SLF001 # that is the point
        for statement in statements:
            await connection.execute(text(statement))


def upgraded(folder: Path, revision: str) -> str:
    """The address of a database that an earlier Paperboy left and today's has opened once."""
    file = folder / "paperboy.db"
    file.write_bytes(_opened(revision))
    return f"sqlite:///{file}"


@cache
def _opened(revision: str) -> bytes:
    """A database after the migrations: from a stored one, or from nothing."""

    async def open_once(url: str) -> None:
        async with Store.open(url):
            pass

    # In a thread of its own, because the test that asks first has a running event loop.
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        url = stored(Path(folder), revision) if revision else f"sqlite:///{folder}/paperboy.db"
        thread.submit(asyncio.run, open_once(url)).result()
        return (Path(folder) / "paperboy.db").read_bytes()


SCHEMAS = Path(__file__).parent.parent / "data" / "schemas"
"""A small database of each revision; `scripts/make_schemas.py` says what is in them."""


def stored(folder: Path, revision: str, name: str = "paperboy.db") -> str:
    """The address of a database as an earlier Paperboy left it, in `folder`."""
    file = folder / name
    file.write_bytes(gzip.decompress((SCHEMAS / f"{revision}.db.gz").read_bytes()))
    return f"sqlite:///{file}"

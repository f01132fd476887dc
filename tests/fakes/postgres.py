"""Databases on the server that scripts/postgres.sh runs beside the tests.

Each test has its own, copied from an empty one; they are gone when the test is over.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.engine import make_url

from digest.store import Store

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Iterator

Result = TypeVar("Result")

SERVER = os.environ.get("TEST_POSTGRES", "")
"""The address of its database for administrators; empty where the tests run on SQLite."""


def is_used() -> bool:
    """Whether the tests run on PostgreSQL."""
    return bool(SERVER)


def fresh() -> str:
    """The address of an empty, migrated database."""
    return _made(template=_template())


def empty() -> str:
    """The address of a database without any table."""
    return _made(template="template0")


def address(name: str) -> str:
    """The address of a database of that name on the server."""
    url = make_url(SERVER).set(database=name)
    return url.render_as_string(hide_password=False)


def run(*statements: str, database: str = "") -> list[list[object]]:
    """Run statements one by one, each in its own transaction; return what the last one brought."""
    return _in_a_thread(_run(statements, database))


def drop() -> None:
    """Remove what was made since the last time, whoever still uses it."""
    if names := list(_new()):
        _new().clear()
        run(*(f'DROP DATABASE "{name}" WITH (FORCE)' for name in names))


async def _run(statements: Iterable[str], database: str) -> list[list[object]]:
    import asyncpg

    query = make_url(SERVER).query
    user, where = make_url(SERVER).username, make_url(SERVER).database
    server = await asyncpg.connect(host=query["host"], user=user, database=database or where)
    try:
        rows = []
        for statement in statements:
            rows = [list(row) for row in await server.fetch(statement)]
        return rows
    finally:
        await server.close()


def _made(*, template: str) -> str:
    name = f"test_{os.getpid()}_{next(_numbers())}"
    run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    _new().append(name)
    return address(name)


@cache
def _template() -> str:
    """An empty, migrated database of this process, which nobody uses."""
    name = f"template_{os.getpid()}"
    run(f'CREATE DATABASE "{name}"')

    async def open_once() -> None:
        async with Store.open(address(name)):
            pass

    _in_a_thread(open_once())
    return name


@cache
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@cache
def _new() -> list[str]:
    return []


def _in_a_thread(work: Coroutine[object, object, Result]) -> Result:
    """Wait for it: the test that asks may have a running event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()

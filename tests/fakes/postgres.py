"""Databases on the server that scripts/postgres.sh runs beside the tests.

Each test has its own, empty and migrated. Making one takes longer than emptying one, so those that
were left with the tables that they came with are emptied and used again; the others are dropped.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.engine import make_url

from digest.store import Store

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable

Result = TypeVar("Result")

SERVER = os.environ.get("TEST_POSTGRES", "")
"""The address of its database for administrators; empty where the tests run on SQLite."""

# Nothing may be asked of a database whose connections belong to somebody who was killed.
ALONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
EMPTY = """
DO $$ DECLARE name text; BEGIN
SET LOCAL session_replication_role = replica;
FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    AND tablename <> 'alembic_version' LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'
    LOOP EXECUTE format('ALTER SEQUENCE %I RESTART', name); END LOOP;
END $$
"""
LOOKS_LIKE = """
SELECT string_agg(t.relname || t.relkind::text || t.relnatts, ' ' ORDER BY t.relname),
    (SELECT string_agg(version_num, ' ') FROM alembic_version),
    (SELECT count(*) FROM pg_db_role_setting)
FROM pg_class t WHERE t.relnamespace = 'public'::regnamespace
"""


@dataclass
class House:
    """The databases of this process."""

    template: str = ""
    looks: list[object] = field(default_factory=list)
    made: int = 0
    used: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)


@cache
def house() -> House:
    """The one of this process."""
    return House()


def is_used() -> bool:
    """Whether the tests run on PostgreSQL."""
    return bool(SERVER)


def fresh() -> str:
    """The address of an empty, migrated database."""
    spare = house().spare
    name = spare.pop() if spare else _made(_template())
    house().used.append(name)
    return address(name)


def empty() -> str:
    """The address of a database without any table."""
    name = _made("template0")
    house().strange.append(name)
    return address(name)


def address(name: str) -> str:
    """The address of a database of that name on the server."""
    url = make_url(SERVER).set(database=name)
    return url.render_as_string(hide_password=False)


def run(*statements: str, database: str = "") -> list[list[object]]:
    """Run statements one by one, each in its own transaction; return what the last one brought."""
    return _in_a_thread(_run(statements, database))


def tidy() -> None:
    """Take back what the test used, whoever still uses it."""
    used, strange = house().used, house().strange
    house().used, house().strange = [], []
    house().spare += [name for name in used if _is_as_it_was(name)]
    for name in {*used, *strange} - {*house().spare}:
        run(f'DROP DATABASE "{name}" WITH (FORCE)')


def _is_as_it_was(name: str) -> bool:
    import asyncpg

    try:
        [looks] = run(ALONE, EMPTY, LOOKS_LIKE, database=name)
    except asyncpg.PostgresError:  # it has no such tables any more, or may not be written
        return False
    return looks == house().looks


async def _run(statements: Iterable[str], database: str) -> list[list[object]]:
    import asyncpg

    where = make_url(address(database) if database else SERVER).set(drivername="postgresql")
    server = await asyncpg.connect(where.render_as_string(hide_password=False))
    try:
        rows = []
        for statement in statements:
            rows = [list(row) for row in await server.fetch(statement)]
        return rows
    finally:
        await server.close()


def _made(template: str) -> str:
    house().made += 1
    name = f"test_{os.getpid()}_{house().made}"
    run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _template() -> str:
    """An empty, migrated database, which nobody uses."""
    if not house().template:
        house().template = _made("template0")
        _in_a_thread(_open_once(address(house().template)))
        [house().looks] = run(LOOKS_LIKE, database=house().template)
    return house().template


async def _open_once(url: str) -> None:
    async with Store.open(url):
        pass


def _in_a_thread(work: Coroutine[object, object, Result]) -> Result:
    """Wait for it: the test that asks may have a running event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()

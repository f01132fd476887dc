"""PgQueuer's own tables: made and brought up to its release where ours are, and noted there.

Its installation is its own, so no revision of ours can hold it: a newer PgQueuer may want more of
its tables on a day on which nothing of ours changes. What the tables are of is written on one of
them, as a comment, which a dump carries along.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from digest.store.database import Database

NOTED = text("SELECT obj_description(to_regclass('pgqueuer'), 'pg_class')")


def wanted() -> str | None:
    """What is to be noted; None where PgQueuer is not installed, and nobody works here."""
    try:
        return f"pgqueuer {version('pgqueuer')}"
    except PackageNotFoundError:
        return None


async def prepare(database: Database) -> None:
    """Make PgQueuer's tables or bring them up to date; of two processes at once one does it.

    Raises:
        StoreError: the server refuses.
    """
    release = wanted()
    if release is None or not database.is_server:
        return
    async with database.read() as connection:
        if (await connection.execute(NOTED)).scalar() == release:
            return
    with database.wrapped():
        await _install(database, release)


async def _install(database: Database, release: str) -> None:
    import asyncpg  # noqa: PLC0415 # only where there is a server
    from pgqueuer.queries import Queries  # noqa: PLC0415 # same

    from digest.store.jobs import connection_of  # noqa: PLC0415 # same

    connection = await asyncpg.connect(**connection_of(database))
    try:
        queries = Queries.from_asyncpg_connection(connection)
        async with queries.schema_lock():
            if await queries.schema_is_installed():
                await queries.apply_upgrade()
            else:
                await queries.install()
            await connection.execute(f"COMMENT ON TABLE pgqueuer IS '{release}'")
    finally:
        await connection.close()

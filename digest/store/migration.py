"""Migrations, run at start: a database of today is recognised without importing Alembic."""

from __future__ import annotations

import asyncio
import glob
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from digest.errors import StoreError, StoreFromFuture
from digest.store import queue
from digest.store.backup import back_up
from digest.store.failures import wrapped

if TYPE_CHECKING:
    from alembic.config import Config

    from digest.store.database import Database

HEAD = "0014"  # the newest revision; a test compares it with Alembic's
ALEMBICS = "alembic_version"  # the table where Alembic keeps the revision
COPIES = 2
"""So many copies of before a migration are kept, the newest ones."""

FOLDER = Path(__file__).parent / "migrations"


async def migrate(database: Database) -> None:
    """Bring the database and PgQueuer's tables up to date; two processes at once both succeed.

    Raises:
        StoreFromFuture: it was made by a newer Paperboy.
        StoreError: it is somebody else's database, or cannot be written.
    """
    await _migrate(database)
    await queue.prepare(database)


async def _migrate(database: Database) -> None:
    """Bring the database to `HEAD`, in one transaction.

    An existing SQLite file is copied first, to `<file>.before-<revision>` beside it; afterwards
    the newest `COPIES` of these are kept.
    """
    async with database.read() as connection:
        if await connection.run_sync(_revision) == HEAD:
            return
    async with database.write("migration") as connection:
        # Read again, now that nobody else can write: another process may have been faster.
        revision = await connection.run_sync(_revision)
        if revision == HEAD:
            return
        config = _config()
        _refuse_future(config, revision, database.shown)
        is_used = await connection.run_sync(_has_tables, database.shown)
        if is_used and database.path:
            await asyncio.to_thread(_copy, database.path)
        await connection.run_sync(_upgrade, config)
    if database.path:
        with wrapped(database.shown, database.path):
            await asyncio.to_thread(_forget_old_copies, database.path)


def _revision(connection: Connection) -> str | None:
    """Return the revision that is written in the database, None where none is."""
    if not inspect(connection).has_table(ALEMBICS):
        return None
    return connection.execute(text(f"SELECT version_num FROM {ALEMBICS}")).scalar()  # noqa: S608 # a constant


def _has_tables(connection: Connection, shown: str) -> bool:
    """Whether there is something to copy; whose tables lack Alembic's is not our database."""
    tables = inspect(connection).get_table_names()
    if tables and ALEMBICS not in tables:
        is_file = connection.dialect.name == "sqlite"
        key = "errors.store_not_a_database" if is_file else "errors.server_not_ours"
        raise StoreError(key, path=shown)
    return bool(tables)


def _copy(path: Path) -> None:
    """Copy the file as it is now, whoever is reading it; whole or not at all."""
    back_up(path, path.with_name(f"{path.name}.before-{HEAD}"), overwrite=True, pause_s=0)


def _forget_old_copies(path: Path) -> None:
    """Keep the newest few: by revision, for somebody may have gone back and come again."""
    copies = sorted(path.parent.glob(f"{glob.escape(path.name)}.before-*"))
    for copy in copies[:-COPIES]:
        copy.unlink(missing_ok=True)


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 # 0.2 s that only a migration pays

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _refuse_future(config: Config, revision: str | None, shown: str) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 # see _config

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision and revision not in known:
        raise StoreFromFuture(revision=revision, path=shown)


def _upgrade(connection: Connection, config: Config) -> None:
    from alembic import command  # noqa: PLC0415 # see _config

    config.attributes["connection"] = connection
    command.upgrade(config, "head")

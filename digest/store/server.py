"""PostgreSQL: how its connections are set up, and what only one of many processes may do at once.

On SQLite there is one writer at a time, and these locks are not needed: there they do nothing.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Table
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

NAME = "postgresql"
POOL = 10  # connections that are kept; as many again where they are wanted at once
CONNECT_S = 10.0

# What each connection asks of the server: https://www.postgresql.org/docs/15/runtime-config.html
SESSION: Mapping[str, str] = {
    "application_name": "paperboy",
    "jit": "off",  # our statements are short; compiling one takes longer than running it
    # A machine that is gone, with its locks, is noticed after half a minute, not two hours.
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


def engine(url: URL, busy_s: float, options: Mapping[str, Any]) -> AsyncEngine:
    """Connections that are tried before they are used, for the server may have been restarted."""
    session = {**SESSION, "lock_timeout": f"{busy_s * 1000:.0f}"}
    return create_async_engine(
        url,
        connect_args={"server_settings": session, "timeout": CONNECT_S},
        pool_pre_ping=True,
        pool_size=POOL,
        max_overflow=POOL,
        pool_timeout=busy_s,
        **options,
    )


def is_one(connection: AsyncConnection) -> bool:
    """Whether this connection goes to a server."""
    return connection.dialect.name == NAME


async def hold(connection: AsyncConnection, what: str) -> None:
    """Be the only one who writes of something until the transaction ends; the others wait."""
    if is_one(connection):
        await connection.execute(select(func.pg_advisory_xact_lock(number_of(what))))


async def numbers(connection: AsyncConnection, tables: Iterable[Table]) -> dict[str, int]:
    """The highest number that was ever given in each table; those that gave none are left out."""
    given = {}
    for table in tables:
        last = func.pg_sequence_last_value(_sequence(table))
        given[table.name] = (await connection.execute(select(last))).scalar()
    return {name: int(last) for name, last in given.items() if last is not None}


async def number(
    connection: AsyncConnection, tables: Iterable[Table], given: Mapping[str, int]
) -> None:
    """Go on counting behind what was given, here or where the rows come from."""
    for table in tables:
        if table.autoincrement_column is None:
            continue
        highest = select(func.max(table.autoincrement_column))
        stored = (await connection.execute(highest)).scalar() or 0
        if last := max(stored, given.get(table.name, 0)):
            await connection.execute(select(func.setval(_sequence(table), last)))


def _sequence(table: Table) -> Any:
    """The sequence that numbers a table's rows."""
    from sqlalchemy.dialects.postgresql import REGCLASS  # noqa: PLC0415 # see database.insert

    column = table.autoincrement_column
    name = func.pg_get_serial_sequence(table.name, column.name if column is not None else "id")
    return name.cast(REGCLASS)


def number_of(what: str) -> Any:
    """What a lock is called by: 64 bits, the same in every process and on every machine."""
    digest = hashlib.sha256(f"paperboy {what}".encode()).digest()
    return bindparam(None, int.from_bytes(digest[:8], signed=True), BigInteger)

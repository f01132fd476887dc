"""Everything that is stored, as lines of JSON; and back, into an empty database, on any engine.

    {"paperboy":"export","format":1,"revision":"0014","made_at":"2026-02-03T01:30:00+00:00"}
    {"papers":{"id":"9913.00412","version":1,…}}
    …
    {"end":{"papers":812,…},"numbers":{"subscribers":17}}

Tables come in an order in which nothing lacks what it belongs to. The last line counts, so that a
file that was cut is noticed, and has the highest numbers ever given, so that none is given again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, String, column, delete, func, insert, select, table
from sqlalchemy.exc import DataError, IntegrityError

from digest.errors import StoreError
from digest.store import server
from digest.store.exported import FORMAT, Exported
from digest.store.migration import HEAD
from digest.store.portable import encode, line
from digest.store.search_tables import DERIVED
from digest.store.tables import metadata
from digest.store.waiting import wait_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.store.database import Database
from digest.store.exported import Slice

MANY = 400  # rows at once
# What can be made again is made again.
TABLES: Mapping[str, Table] = {
    each.name: each for each in metadata.sorted_tables if each.name not in DERIVED
}
# Where SQLite remembers numbers: https://www.sqlite.org/autoinc.html
sequence = table("sqlite_sequence", column("name", String), column("seq", Integer))


class Moving:
    """Out of a database, and into one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, write: Callable[[str], object], at: datetime) -> dict[str, int]:
        """Write everything, line by line, as it is at one moment; return the rows of each table.

        It takes the memory of a few hundred rows, and nobody waits for it.
        """
        head = {"paperboy": "export", "format": FORMAT, "revision": HEAD, "made_at": at.isoformat()}
        counts = dict.fromkeys(TABLES, 0)
        async with self._database.snapshot() as connection:
            write(line(head) + "\n")
            for name, each in TABLES.items():
                query = select(each).order_by(*each.primary_key)
                rows = (await connection.stream(query)).mappings()
                async for some in rows.partitions(MANY):
                    write("".join(line({name: encode(row)}) + "\n" for row in some))
                    counts[name] += len(some)
            write(line({"end": counts, "numbers": await _numbers(connection)}) + "\n")
        return counts

    async def take(self, lines: Iterable[bytes], name: str) -> dict[str, int]:
        """Store an export in this database, which has to be empty: all of it, or nothing.

        Args:
            lines: the file's, one after the other.
            name: the file's, for messages.

        Returns:
            The rows of each table, counted in the database.

        Raises:
            StoreError: `errors.import_…`: the database is not empty, the file is of another
                revision, cut, or a line of it is broken.
        """
        export = Exported(lines, name, TABLES, HEAD)
        async with self._database.write("everything") as connection:
            if any((await _counts(connection)).values()):
                raise StoreError("errors.import_not_empty", path=self._database.shown)
            export.head()
            for some in export.slices(MANY):
                await _put(connection, some, export)
            stored = await _counts(connection)
            if stored != export.counts:
                raise export.broken("errors.import_counts")
            await wait_all(connection)
            await _number(connection, export.numbers)
        return stored


async def _put(connection: AsyncConnection, some: Slice, export: Exported) -> None:
    """Store some rows; where one is refused, say which line that was."""
    try:
        async with connection.begin_nested():
            await connection.execute(insert(some.table), list(some.rows))
    except (IntegrityError, DataError):
        for number, row in zip(some.lines, some.rows, strict=True):
            try:
                await connection.execute(insert(some.table), row)
            except (IntegrityError, DataError) as error:
                raise export.broken("errors.import_row", some.table.name, number) from error


async def _counts(connection: AsyncConnection) -> dict[str, int]:
    queries = {name: select(func.count()).select_from(each) for name, each in TABLES.items()}
    return {name: (await connection.execute(query)).scalar_one() for name, query in queries.items()}


async def _numbers(connection: AsyncConnection) -> dict[str, int]:
    """The highest number that was ever given in the tables where none is given twice."""
    if server.is_one(connection):
        return await server.numbers(connection, filter(_gives_none_twice, TABLES.values()))
    query = select(sequence.c.name, sequence.c.seq).where(sequence.c.name.in_(TABLES))
    rows = (await connection.execute(query)).all()
    return {row.name: row.seq for row in rows}


def _gives_none_twice(each: Table) -> bool:
    return bool(each.dialect_options["sqlite"]["autoincrement"])


async def _number(connection: AsyncConnection, numbers: Mapping[str, int]) -> None:
    if server.is_one(connection):
        await server.number(connection, TABLES.values(), numbers)
        return
    for name, number in numbers.items():
        await connection.execute(delete(sequence).where(sequence.c.name == name))
        await connection.execute(insert(sequence).values(name=name, seq=number))

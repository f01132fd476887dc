"""The engine: how connections are set up, who reads and who writes."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from contextlib import asynccontextmanager, closing
from functools import cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from digest.store import address, server
from digest.store.failures import PRIMARY, wrapped
from digest.store.refusals import is_worth_another_try, told

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import ColumnElement, Connection, Engine, Table
    from sqlalchemy.engine import URL

Item = TypeVar("Item")

# Rows for each statement: SQLite takes only 999 parameters where it is old, and the event loop
# is free between two statements (100 papers hold it for 3 to 6 ms).
SLICE = 100
BUSY_S = 0.02  # between two tries to change the journal of a new file that others open too
REACH_S = 5.0  # a server that says nothing for longer is away
TRIES = 3  # of a transaction that the server broke off to let another pass
BEGIN = "paperboy_begin"  # the execution option that says how a transaction begins, if at all


class Database:
    """One database; any number of readers; in SQLite one writer at a time, on a server many.

    Attributes:
        shown: its name in messages, without a password.
        path: its file, None in memory or on a server.
        is_server: whether other machines may be using it, too.
    """

    def __init__(self, url: URL, *, busy_s: float) -> None:
        self.url = url
        self.shown = address.shown(url)
        self.path = address.file(url)
        self.is_server = url.get_backend_name() == server.NAME
        with self.wrapped():  # a driver may not be installed
            self.engine = _engine(url, busy_s)
        self._busy_s = busy_s
        self._writing = asyncio.Lock()
        self._durable: Engine | None = None
        self._closed = False
        event.listen(self.engine.sync_engine, "checkin", self._give_back)

    def wrapped(self) -> AbstractContextManager[None]:
        """Turn what is raised inside into a `StoreError`."""
        return told(self.shown) if self.is_server else wrapped(self.shown, self.path)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Connect for reading; waits for no writer, and each statement sees the newest state."""
        with self.wrapped():
            async with self.engine.connect() as connection:
                if self.is_server:  # a single SELECT needs no transaction, nor two ways more
                    await connection.execution_options(isolation_level="AUTOCOMMIT")
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Connect for several statements that have to see one and the same state."""
        still: dict[str, Any] = {BEGIN: "BEGIN"}
        if self.is_server:
            still = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.wrapped():
            async with self.engine.connect() as connection:
                yield await connection.execution_options(**still)

    @asynccontextmanager
    async def write(self, of: str = "") -> AsyncIterator[AsyncConnection]:
        """Open a writing transaction: all of it is stored, or nothing.

        In SQLite it is the one writing transaction: writers of this process queue here in order
        of arrival, those of other processes in SQLite's busy handler, which would let the
        luckiest go first. On a server many write at once, each statement on the newest rows.

        Args:
            of: what is read here and then decided on. No two writers of it are let in at once,
                on a server either.
        """
        with self.wrapped():
            if self.is_server:
                async with self.engine.begin() as connection:
                    if of:
                        await server.hold(connection, of)
                    yield connection
                return
            async with self._writing, self.engine.connect() as connection:
                await connection.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
                async with connection.begin():
                    yield connection

    async def look(self, work: Callable[[Connection], Item]) -> Item:
        """Do some reading, all of it from one and the same state.

        On a file it is done on a thread, with a connection of its own, as `write_durably` does.
        """
        if self.is_server or self.path is None:
            async with self.snapshot() as connection:
                return await connection.run_sync(work)
        with self.wrapped():
            return await asyncio.to_thread(_work, self._aside(), work, "BEGIN")

    async def write_durably(self, work: Callable[[Connection], object]) -> None:
        """Do some writing in one transaction that a power cut does not undo.

        On a file it is done on a thread, with a connection of its own: a transaction of two
        statements through `write` changes threads eight times, which costs more than itself.
        """
        if self.is_server:
            await self._insist(work)
        elif self.path is None:
            async with self.write() as connection:
                await connection.run_sync(work)
        else:
            await self._on_a_thread(work)

    async def _on_a_thread(self, work: Callable[[Connection], object]) -> None:
        with self.wrapped():
            async with self._writing:
                await asyncio.to_thread(_work, self._aside(), work, "BEGIN IMMEDIATE")

    def _aside(self) -> Engine:
        self._durable = self._durable or _durable_engine(self.url, self._busy_s)
        return self._durable

    async def _insist(self, work: Callable[[Connection], object]) -> None:
        """Begin anew where two transactions have held each other up; a commit is durable here."""
        with self.wrapped():
            for left in reversed(range(TRIES)):
                try:
                    async with self.engine.begin() as connection:
                        await connection.run_sync(work)
                except DBAPIError as error:
                    if not left or not is_worth_another_try(error):
                        raise
                else:
                    return

    async def prepare(self) -> None:
        """Make the folder and the file where they are not there, and see that it is a database.

        Done over a plain connection, because aiosqlite's thread complains on standard error if
        a program ends right after a connection that failed.
        """
        if self.path is None:
            return
        (name,), options = self.engine.dialect.create_connect_args(self.url)
        with wrapped(self.shown, self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connect = partial(sqlite3.connect, name, **{**options, "timeout": self._busy_s})
            await asyncio.to_thread(_use_wal, connect, self._busy_s)

    async def reach(self) -> None:
        """Have a server's connection, which is tried before it is given; see `Store.reach`."""
        if self.is_server:
            with self.wrapped():
                async with asyncio.timeout(REACH_S), self.engine.connect():
                    pass

    async def close(self) -> None:
        """Close every connection; its threads end. One in use is closed when it comes back."""
        self._closed = True
        await self.engine.dispose()
        if self._durable is not None:
            await asyncio.to_thread(self._durable.dispose)

    def _give_back(self, connection: object, record: ConnectionPoolEntry) -> None:
        # Of a task that was cancelled just before, or is: nobody would ever take it again.
        del connection
        if self._closed:
            record.close()


def _engine(url: URL, busy_s: float) -> AsyncEngine:
    texts = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    # Values stay out of errors and logs: they may be somebody's address.
    options: dict[str, Any] = {"json_serializer": texts, "hide_parameters": True}
    if url.get_backend_name() == server.NAME:
        return server.engine(url, busy_s, options)
    if address.is_in_memory(url):
        # One connection is the database; the pool makes its users wait for each other.
        options |= {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
    # No isolation level: the driver begins nothing by itself, `_begin` does.
    quiet = {"isolation_level": None, "timeout": busy_s}
    engine = create_async_engine(url, connect_args=quiet, **options)
    event.listen(engine.sync_engine, "connect", _set_up)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "invalidate", _roll_back)
    return engine


def _durable_engine(url: URL, busy_s: float) -> Engine:
    """The same file without asyncio; synchronous=FULL, because what is sent cannot be unsent."""
    quiet = {"isolation_level": None, "timeout": busy_s}
    engine = create_engine(
        url.set(drivername="sqlite"), connect_args=quiet, hide_parameters=True, pool_size=4
    )
    event.listen(engine, "connect", partial(_set_up, synchronous="FULL"))
    event.listen(engine, "begin", _begin)
    return engine


def _work(engine: Engine, work: Callable[[Connection], Item], begin: str) -> Item:
    options = {BEGIN: begin}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        return work(connection)


def _use_wal(connect: Callable[[], sqlite3.Connection], busy_s: float) -> None:
    """Let readers read while somebody writes; the file remembers it."""
    until = time.monotonic() + busy_s
    with closing(connect()) as connection:
        connection.execute("PRAGMA schema_version")  # reads the file's head: is it a database?
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                kind = error.sqlite_errorcode & PRIMARY
                # Who may only read, reads; the first write says that the file is read-only.
                if kind == sqlite3.SQLITE_READONLY:
                    return
                # For this one statement SQLite waits for nobody, whatever its timeout.
                if kind != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(BUSY_S)
            else:
                return


def _set_up(connection: Any, record: object, *, synchronous: str = "NORMAL") -> None:
    """Set what SQLite forgets with each connection."""
    del record
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # NORMAL: a crash of Paperboy loses nothing; a power cut may lose the last seconds, never
    # the file. What is stored can be fetched or told again, and FULL costs 3.5 times; so only
    # what was sent is written so.
    cursor.execute(f"PRAGMA synchronous = {synchronous}")
    cursor.close()


def _roll_back(connection: Any, record: object, error: BaseException | None) -> None:
    """Give up the lock of a write that is interrupted (Ctrl-C), before its connection is closed.

    Closing alone keeps the transaction open for as long as some traceback holds a cursor:
    https://www.sqlite.org/c3ref/close.html, "zombie".
    """
    del record, error
    connection.rollback()


def _begin(connection: Connection) -> None:
    """Begin as the connection's user asked.

    Writers lock at once: a reader who becomes a writer halfway is refused by SQLite. A single
    SELECT needs no transaction, and four hops to the connection's thread less without.
    """
    begin = connection.get_execution_options().get(BEGIN)
    if begin:
        connection.exec_driver_sql(begin)


def slices(items: Sequence[Item], size: int = SLICE) -> Iterator[Sequence[Item]]:
    """Cut into pieces of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


def insert(connection: AsyncConnection, table: Table) -> sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT in the connection's own dialect."""
    return insert_into(table, is_server=server.is_one(connection))


def insert_into(table: Table, *, is_server: bool) -> sqlite.Insert:
    """Return the same without a connection.

    The two dialects' classes differ in name only, as far as we use them.
    """
    if is_server:
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 # a tenth of the start, unused

        return postgresql.insert(table)  # type: ignore[return-value] # see the docstring
    return sqlite.insert(table)


def in_order(table: Table, these: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same rows, which a server locks by number: two who want many do not wait in a ring."""
    return table.c.id.in_(select(table.c.id).where(these).order_by(table.c.id).with_for_update())


async def upsert(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    *,
    keep: frozenset[str] = frozenset(),
) -> None:
    """Insert the rows; where a primary key is there already, set all but the `keep` columns."""
    if not rows:
        return
    keys = tuple(column.name for column in table.primary_key)
    changed = tuple(name for name in rows[0] if name not in keys and name not in keep)
    statement = _upserting(table, keys, changed, is_server=server.is_one(connection))
    # In one order everywhere: of two writers the second waits, and neither for the other.
    await connection.execute(statement, sorted(rows, key=itemgetter(*keys)))


@cache
def _upserting(
    table: Table, keys: tuple[str, ...], changed: tuple[str, ...], *, is_server: bool
) -> sqlite.Insert:
    """The statement: putting it together takes longer than running it."""
    statement = insert_into(table, is_server=is_server)
    changes = {name: statement.excluded[name] for name in changed}
    return statement.on_conflict_do_update(index_elements=keys, set_=changes)

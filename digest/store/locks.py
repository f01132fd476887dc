"""Locks: what only one process may do at a time; each ends with the process that holds it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, case, false, func, select, true

from digest.errors import StoreError
from digest.store import server
from digest.store.failures import PRIMARY, wrapped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import ColumnElement

    from digest.store.database import Database
    from digest.store.tether import Tether


class Held:
    """True while it is held, which may end at any time."""

    def __init__(self, is_held: Callable[[], bool]) -> None:
        self._is_held = is_held

    def __bool__(self) -> bool:
        return self._is_held()


class Locks:
    """Named locks: a file's on SQLite, the server's own on PostgreSQL.

    Attributes:
        are_shared: whether processes on other machines see them.
    """

    def __init__(self, database: Database, tether: Tether) -> None:
        self.are_shared = database.is_server
        self._database = database
        self._tether = tether
        self._held: set[str] = set()

    @asynccontextmanager
    async def hold(self, name: str, *, beneath: str = "") -> AsyncIterator[Held]:
        """Be the only one who holds `name`, in any process; false where another does.

        Args:
            name: short, of letters, digits and blanks.
            beneath: a wider name that any number may hold in part, and one as a whole: who holds
                it as a whole keeps all of these out, and the other way round. On a server only.
        """
        if self._database.is_server:
            async with self._on_the_server(name, beneath) as held:
                yield held
        elif self._database.path is None:  # in memory there is no other process
            yield Held(lambda: True)
        else:
            async with self._on_a_file(name) as held:
                yield held

    @asynccontextmanager
    async def hold_among_machines(self, name: str) -> AsyncIterator[Held]:
        """As `hold`, for what is no harm but a waste to do twice: true where there is one machine.

        There `name` is held by nobody, and no file is made for it.
        """
        if not self.are_shared:
            yield Held(lambda: True)
            return
        async with self.hold(name) as held:
            yield held

    @asynccontextmanager
    async def _on_a_file(self, name: str) -> AsyncIterator[Held]:
        """SQLite's own lock, on a file beside the database."""
        assert self._database.path is not None
        file = self._database.path.with_name(f"{self._database.path.name}.{name}")
        with wrapped(str(file), file):
            lock = await asyncio.to_thread(_locked, str(file))
        try:
            yield Held(lambda: lock is not None)
        finally:
            if lock is not None:
                await asyncio.to_thread(lock.close)

    @asynccontextmanager
    async def _on_the_server(self, name: str, beneath: str) -> AsyncIterator[Held]:
        if name in self._held:  # the server would let the same connection in again
            yield Held(lambda: False)
            return
        self._held.add(name)
        try:
            number = await self._take(name, beneath)
            try:
                yield Held(lambda: number == self._tether.number)
            finally:
                if number == self._tether.number:
                    with suppress(StoreError):  # the connection is lost, and the lock with it
                        await self._give_back(name, beneath)
        finally:
            self._held.discard(name)

    async def _take(self, name: str, beneath: str) -> int:
        """Returns the number of the connection that holds it; -1 where another does."""
        row, number = await self._tether.ask_by(select(_taking(name, beneath)))
        return number if row[0] else -1

    async def _give_back(self, name: str, beneath: str) -> None:
        back = [func.pg_advisory_unlock(server.number_of(name))]
        if beneath:
            back.append(func.pg_advisory_unlock_shared(server.number_of(beneath)))
        await self._tether.ask(select(*back))


def _taking(name: str, beneath: str) -> ColumnElement[bool]:
    """Whether it is held now: both names or none, for the server is asked once."""
    taken = func.pg_try_advisory_lock(server.number_of(name), type_=Boolean)
    if not beneath:
        return taken
    wider = server.number_of(beneath)
    in_part = func.pg_try_advisory_lock_shared(wider, type_=Boolean)
    given_back = func.pg_advisory_unlock_shared(wider, type_=Boolean)
    return case((~in_part, false()), (taken, true()), else_=~given_back)


def _locked(file: str) -> sqlite3.Connection | None:
    """A connection that holds the lock; None where somebody else does."""
    connection = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & PRIMARY != sqlite3.SQLITE_BUSY:
            raise
        return None
    return connection

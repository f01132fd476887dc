"""The tether: one connection of a process to a server, apart from those that others borrow.

What a process holds alone (`locks`) is held through it, and lost with it, however it ends: that is
how others may go on within seconds. Slots for messages (`paces`) are leased through it, too, so who
has lost what it held can lease nothing more without noticing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from digest.store import server

if TYPE_CHECKING:
    from sqlalchemy import Executable, Row
    from sqlalchemy.ext.asyncio import AsyncEngine

    from digest.store.database import Database

ANSWER_WITHIN_S = 5.0
"""A server that says nothing for longer is gone, and what was held with it."""

SESSION = {
    **server.SESSION,
    "application_name": "paperboy-tether",
    "synchronous_commit": "off",  # a lease that a crash of the server undoes is over anyway
    "tcp_keepalives_idle": "5",  # a machine that lost its power lets go after 15 s
}


class Tether:
    """Asks one question at a time; begins anew after an error.

    Attributes:
        number: rises with each connection: what was held through an earlier one is lost.
    """

    def __init__(self, database: Database) -> None:
        """Connects when it is first asked."""
        self.number = 0
        self._database = database
        self._engine: AsyncEngine | None = None
        self._connection: AsyncConnection | None = None
        self._turn = asyncio.Lock()
        self._closed = False

    async def ask(self, question: Executable) -> Row[Any]:
        """Returns the one row of the answer; whoever stops waiting breaks nothing off.

        Raises:
            StoreError: the server does not answer; what was held is lost.
        """
        return (await self.ask_by(question))[0]

    async def ask_by(self, question: Executable) -> tuple[Row[Any], int]:
        """As `ask`; and the number of the connection that said so, which may be lost since."""
        return await asyncio.shield(asyncio.ensure_future(self._ask(question)))

    async def close(self) -> None:
        """Lets go of everything; who still asks gets their answer, and holds nothing by it."""
        self._closed = True
        async with self._turn:
            await self._cut()

    async def _ask(self, question: Executable) -> tuple[Row[Any], int]:
        with self._database.wrapped():
            async with self._turn:
                connection = self._connection or await self._tie()
                try:
                    return (await connection.execute(question)).one(), self.number
                except BaseException:
                    await self._cut()
                    raise
                finally:
                    if self._closed:  # who was cancelled may still be giving something back
                        await self._cut()

    async def _tie(self) -> AsyncConnection:
        limits = {"timeout": server.CONNECT_S, "command_timeout": ANSWER_WITHIN_S}
        self._engine = self._engine or create_async_engine(
            self._database.url,
            connect_args={"server_settings": SESSION, **limits},
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
        )
        self._connection = await self._engine.connect()
        self.number += 1
        return self._connection

    async def _cut(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self.number += 1
            await connection.invalidate()
            await connection.close()

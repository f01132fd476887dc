"""The only memory, and the only SQL: one file for each noun.

Open it with `async with Store.open("sqlite:///papers.db") as store`, then ask a noun:
`await store.papers.get("2602.02489")`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from digest.store import address
from digest.store.acquaintances import Acquaintances
from digest.store.bulletins import Bulletins
from digest.store.buttons import StoredButtons
from digest.store.daily import Daily
from digest.store.database import Database
from digest.store.editions import Editions
from digest.store.figures import Figures
from digest.store.indexing import Indexing
from digest.store.invitations import Invitations
from digest.store.jobs import Jobs
from digest.store.labels import Labels
from digest.store.ledger import Ledger
from digest.store.locks import Locks
from digest.store.looks import Looks
from digest.store.manners import StoredManners
from digest.store.migration import migrate
from digest.store.mistakes import Mistakes
from digest.store.moving import Moving
from digest.store.opened import Opened
from digest.store.outbox import Outbox
from digest.store.owned import Owned
from digest.store.paces import Paces
from digest.store.papers import Papers
from digest.store.placings import Placings
from digest.store.profiles import Profiles
from digest.store.pruning import Pruning
from digest.store.revisions import Revisions
from digest.store.saved import SavedPapers
from digest.store.search import Search
from digest.store.shards import Shards
from digest.store.subscribers import Subscribers, utc_now
from digest.store.summaries import Summaries
from digest.store.tastes import Tastes
from digest.store.tether import Tether

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime

__all__ = ["Store"]

# How long we wait for another process that writes: a whole day takes one or two seconds, and
# a stop must not take ten.
BUSY_S = 8.0


class Store:
    """An open database, migrated.

    Every method of its nouns raises a `digest.errors.StoreError` where the database refuses:
    `StoreFull`, `StoreReadOnly`, `StoreBusy`, `StoreFromFuture`, or the root itself.
    """

    def __init__(
        self, database: Database, clock: Callable[[], float], now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self.papers = Papers(database)
        self.editions = Editions(database)
        self.summaries = Summaries(database)
        self.invitations = Invitations(database)
        self.ledger = Ledger(database)
        self.subscribers = Subscribers(database, now)
        self.saved = SavedPapers(database)
        self.revisions = Revisions(database)
        self.opened = Opened(database)
        self.acquaintances = Acquaintances(database)
        self.daily = Daily(database)
        self.bulletins = Bulletins(database)
        self.owned = Owned(database)
        self.buttons = StoredButtons(database, now)
        self._tether = Tether(database)
        self.locks = Locks(database, self._tether)
        self.paces = Paces(database, self._tether, clock)
        self.shards = Shards(database)
        self.jobs = Jobs(database)
        self.outbox = Outbox(database, self.locks)
        self.looks = Looks(database)
        self.mistakes = Mistakes(database)
        self.figures = Figures(database)
        self.labels = Labels(database)
        self.tastes = Tastes(database)
        self.placings = Placings(database)
        self.profiles = Profiles(database)
        self.pruning = Pruning(database)
        self.moving = Moving(database)
        self.search = Search(database)
        self.indexing = Indexing(database)
        self.manners = StoredManners(database, clock)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], float] = time.time,
        busy_s: float = BUSY_S,
        now: Callable[[], datetime] = utc_now,
    ) -> Opening:
        """Open, make or migrate a database; the folder of a SQLite file is made, too.

        Either `async with Store.open(url) as store`, or `store = await Store.open(url)` and
        `await store.close()`.

        Args:
            url: `sqlite:///relative.db`, `sqlite:////absolute.db`, `sqlite:///:memory:`,
                `postgresql://…`.
            clock: seconds of the Unix clock, for manners.
            busy_s: how long to wait for another process that writes, in seconds.
            now: what time it is where readers live, for when they are due next.
        """
        return Opening(url, clock, busy_s, now)

    @property
    def shown(self) -> str:
        """The database's name in messages, without a password."""
        return self._database.shown

    async def reach(self) -> None:
        """See that the database is there; a file always is, and says itself what is wrong with it.

        Raises:
            StoreError: the server does not answer.
        """
        await self._database.reach()

    async def close(self) -> None:
        """Write what waits, and close every connection: one left open can hang the exit."""
        await self.ledger.settled()
        await self.summaries.settled()
        await self._tether.close()
        await self._database.close()


class Opening:
    """A store that is opened when it is awaited or entered."""

    def __init__(
        self, url: str, clock: Callable[[], float], busy_s: float, now: Callable[[], datetime]
    ) -> None:
        self._url = url
        self._clock = clock
        self._busy_s = busy_s
        self._now = now
        self._store: Store

    def __await__(self) -> Generator[Any, None, Store]:
        return self._open().__await__()

    async def __aenter__(self) -> Store:
        self._store = await self._open()
        return self._store

    async def __aexit__(self, *error: object) -> None:
        await self._store.close()

    async def _open(self) -> Store:
        url = address.understand(self._url)
        database = Database(url, busy_s=self._busy_s)
        try:
            await database.prepare()
            await migrate(database)
        except BaseException:
            await database.close()
            raise
        return Store(database, self._clock, self._now)

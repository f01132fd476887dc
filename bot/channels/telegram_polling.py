"""Fetching updates: one request after another that Telegram answers when there is something.

An update is confirmed by asking for the next one, so what was fetched last is fetched again after
a crash. At a regular stop all that was fetched is handled first, and confirmed then. What comes
while the store is away is not taken, and fetched again: nobody could be answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import structlog
from telegram import Update

from bot.channels.telegram_errors import asked
from digest.errors import (
    Ambiguous,
    AnotherPoller,
    PageRefused,
    PaperboyError,
    StoreError,
    TryLater,
)

if TYPE_CHECKING:
    from typing import NoReturn

    from telegram import Bot

log = structlog.get_logger()

WANTED = (
    Update.MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
    Update.INLINE_QUERY,
)
"""Not what is posted in channels: they are set up from a private chat."""

LONG_POLL_S = 30
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0

NEW_FOR_S = 60.0
PATIENCE_NEW = 3
PATIENCE = 40
"""Two pollers refuse each other: the one that came last gives up first, so that a second start by
mistake does not end the first. Tries in a row, one every two seconds."""

RIVAL_PAUSE_S = 2.0


Reach = Callable[[], Awaitable[object]]
"""Raises StoreError while the store is away; see `digest.store.Store.reach`."""


async def at_hand() -> None:
    """Nothing can be away."""


class Polling:
    """The loop, and how far it came.

    Attributes:
        offset: the number of the first update that was not fetched yet; 0 for Telegram's choice.
    """

    def __init__(
        self,
        bot: Bot,
        queue: asyncio.Queue[object],
        *,
        reach: Reach = at_hand,
        long_poll_s: int = LONG_POLL_S,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Starts nothing yet.

        Args:
            bot: python-telegram-bot's.
            queue: where updates go.
            reach: whether what they are answered from is there.
            long_poll_s: how long Telegram may wait for something to happen.
            sleep: for the pauses between failures.
            clock: seconds that never go back; the event loop's.
        """
        self.offset = 0
        self._bot = bot
        self._queue = queue
        self._reach = reach
        self._long_poll_s = long_poll_s
        self._sleep = sleep
        self._clock = clock or asyncio.get_running_loop().time
        self._began = self._clock()
        self._failures = 0
        self._rivals = 0

    async def run(self) -> NoReturn:
        """Fetches until it is cancelled.

        Raises:
            AnotherPoller: somebody else fetches this bot's updates, and goes on.
            TokenRefused: Telegram does not know this bot any more.
        """
        while True:
            try:
                updates = await self._fetch()
            except AnotherPoller:
                await self._yield_or_insist()
            except (TryLater, Ambiguous, PageRefused, StoreError) as error:
                await self._pause(error)
            else:
                self._recovered()
                for update in updates:
                    self.offset = update.update_id + 1
                    self._queue.put_nowait(update)

    async def confirm(self) -> None:
        """Tells Telegram that what was fetched last is done with."""
        if self.offset:
            await asked(self._bot.get_updates(self.offset, 1, timeout=0, allowed_updates=WANTED))

    async def _fetch(self) -> tuple[Update, ...]:
        updates = await asked(
            self._bot.get_updates(
                self.offset or None, timeout=self._long_poll_s, allowed_updates=WANTED
            )
        )
        if updates:
            await self._reach()
        return updates

    async def _yield_or_insist(self) -> None:
        self._rivals += 1
        is_new = self._clock() - self._began < NEW_FOR_S
        if self._rivals >= (PATIENCE_NEW if is_new else PATIENCE):
            raise AnotherPoller
        log.warning("telegram.rival", times=self._rivals)
        await self._sleep(RIVAL_PAUSE_S)

    async def _pause(self, error: PaperboyError) -> None:
        if not self._failures and isinstance(error, StoreError):
            log.warning("telegram.put_off", error=str(error))
        elif not self._failures:
            log.warning("telegram.unreachable", error=str(error))
        growing = min(FIRST_PAUSE_S * 2**self._failures, LONGEST_PAUSE_S)
        self._failures = min(self._failures + 1, 10)
        await self._sleep(max(growing, error.params.get("retry_after", 0.0)))

    def _recovered(self) -> None:
        if self._failures:
            log.info("telegram.reachable")
        self._failures = self._rivals = 0

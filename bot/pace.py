"""The pace: when the next message may leave.

One slot after another, next = max(now, last) + 1/rate: 30 a second stay 30 in any second, where a
bucket would let twice as many into one (FACTS, measured). Telegram also wants 1 a second for one
chat and 20 a minute for one group (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits).
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

RATE = 30
"""Messages a second that Telegram takes for nothing, all chats together."""

PAID_RATE = 1000
"""The same with `allow_paid_broadcast` (https://core.telegram.org/bots/api#sendmessage)."""

CHAT_S = 1.0
"""Seconds between two messages to one chat."""

GROUP_S = 3.0
"""The same in a group: 20 a minute."""

CATCH_UP_S = 0.01
"""So much of a late awakening is made up for by the slots after it, in seconds."""

LOOK_UP_S = 1.0
"""Whoever sleeps looks up this often: by then they may have to wait much longer, in seconds."""

CHATS = 10_000
"""Chats whose last message is remembered before the long silent are forgotten."""


@dataclass(slots=True)
class _Chat:
    """One chat: who is next in it, and when."""

    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_s: float = 0.0


class Pace:
    """Hands out slots; whoever is told to wait waits here."""

    def __init__(
        self,
        rate: float = RATE,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """Starts nothing.

        Args:
            rate: messages a second.
            clock: seconds that never go back.
            sleep: waits, in seconds.
        """
        self._gap_s = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._next_s = clock()
        self._held_until_s = clock()
        self._chats: dict[str, _Chat] = {}
        self._lines = {urgent: asyncio.Lock() for urgent in (False, True)}
        self._urgent = 0

    async def slot(self, chat: str, *, urgent: bool = False, patience_s: float = math.inf) -> bool:
        """Returns when a message to `chat` may leave; urgent ones overtake all others.

        False at once, and nothing may leave, where that is held for longer than `patience_s`.
        """
        self._forget()
        known = self._chats.setdefault(chat, _Chat())
        async with known.line:
            while (wait_s := known.next_s - self._clock()) > 0:
                await self._sleep(wait_s)
            if not await self._any_slot(urgent=urgent, patience_s=patience_s):
                return False
            known.next_s = self._clock() + _gap_s(chat)
            return True

    def arrived(self, chat: str) -> None:
        """Counts the chat's pause from now on: a message that was held up on its way arrived."""
        if known := self._chats.get(chat):
            known.next_s = max(known.next_s, self._clock() + _gap_s(chat))

    def hold(self, seconds: float) -> None:
        """Lets nothing leave for so long: a flood wait."""
        self._held_until_s = max(self._held_until_s, self._clock() + seconds)

    @property
    def held_s(self) -> float:
        """For how many seconds more nothing may leave."""
        return max(0.0, self._held_until_s - self._clock())

    async def _any_slot(self, *, urgent: bool, patience_s: float) -> bool:
        """Waits for a slot of all chats'; each kind in its own line, whose head alone sleeps."""
        self._urgent += urgent
        try:
            async with self._lines[urgent]:
                while (wait_s := self._wait_s(urgent=urgent)) > 0:
                    if self.held_s > patience_s:
                        return False
                    await self._sleep(min(wait_s, LOOK_UP_S))
                now = self._clock()
                self._next_s = max(self._next_s, now - CATCH_UP_S) + self._gap_s
                return True
        finally:
            self._urgent -= urgent

    def _wait_s(self, *, urgent: bool) -> float:
        wait_s = max(self._next_s, self._held_until_s) - self._clock()
        if self._urgent and not urgent:
            return max(wait_s, self._gap_s)
        return wait_s

    def _forget(self) -> None:
        """Forgets the chats that may be written to at once."""
        if len(self._chats) < CHATS:
            return
        now = self._clock()
        self._chats = {
            name: chat
            for name, chat in self._chats.items()
            if chat.line.locked() or chat.next_s > now
        }


def _gap_s(chat: str) -> float:
    """Seconds between two messages to a chat; the ids of groups are negative."""
    return GROUP_S if chat.startswith("-") else CHAT_S

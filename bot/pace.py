"""The pace: when the next message may leave.

One slot after another, next = max(now, last) + 1/rate: 30 a second stay 30 in any second, where a
bucket would let twice as many into one (FACTS, measured). Telegram also asks for no more than one
message a second in one chat, and takes no more than 20 a minute in one group; bursts within these
are fine (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
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

A_MINUTE = 20
MINUTE_S = 60.0
"""So many messages to one group in any so many seconds."""

PATIENCE_S = 60.0
"""A longer flood wait than this is waited out in the store, so that a restart remembers it."""

CATCH_UP_S = 0.015
"""So much of a late awakening is made up for by the slots after it, in seconds: 1.5 % of one."""

NAP_S = 0.005
"""Nobody sleeps for less where slots are closer: five leave together, for one timer."""

LOOK_UP_S = 1.0
"""Whoever sleeps looks up this often: by then they may have to wait much longer, in seconds."""

CHATS = 10_000
"""So many chats more than may still have to wait are remembered at most."""


@dataclass(slots=True)
class _Chat:
    """One chat: who is next in it, and when.

    Attributes:
        last: when the last messages left, of a group; up to a minute's worth.
    """

    is_group: bool
    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_s: float = -math.inf
    last: tuple[float, ...] = ()

    def leave(self, now: float) -> None:
        """A message leaves."""
        self.next_s = now + CHAT_S
        if self.is_group:
            self.last = (*self.last[1 - A_MINUTE :], now)
            if len(self.last) == A_MINUTE:
                self.next_s = max(self.next_s, self.last[0] + MINUTE_S)

    def arrive(self, now: float) -> None:
        """The last one arrived: only now, as far as we know."""
        self.next_s = max(self.next_s, now + CHAT_S)
        if self.last:
            self.last = (*self.last[:-1], now)

    def come_back(self) -> None:
        """The last one did not leave."""
        self.next_s, self.last = -math.inf, self.last[:-1]

    def is_forgettable(self, now: float) -> bool:
        """Whether it makes no difference any more."""
        is_silent = not self.last or self.last[-1] + MINUTE_S <= now
        return is_silent and self.next_s <= now and not self.line.locked()


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
        self._nap_s = NAP_S if self._gap_s < NAP_S else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next_s = clock()
        self._held_until_s = clock()
        self._chats: dict[str, _Chat] = {}
        self._most_chats = CHATS
        self._lines = {urgent: asyncio.Lock() for urgent in (False, True)}
        self._urgent = 0

    async def slot(self, chat: str, *, urgent: bool = False, patience_s: float = math.inf) -> bool:
        """Returns when a message to `chat` may leave; urgent ones overtake all others.

        False at once, and nothing may leave, where that is held for longer than `patience_s`.
        """
        known = self._known(chat)
        async with known.line:
            while (wait_s := known.next_s - self._clock()) > 0:
                await self._sleep(wait_s)
            if not await self._any_slot(urgent=urgent, patience_s=patience_s):
                return False
            known.leave(self._clock())
            return True

    def arrived(self, chat: str) -> None:
        """Counts the chat's pause from now on: a message that was held up on its way arrived."""
        if known := self._chats.get(chat.partition("/")[0]):
            known.arrive(self._clock())

    def spare(self, chat: str) -> None:
        """Gives the chat's pause back: the message never left this machine."""
        if known := self._chats.get(chat.partition("/")[0]):
            known.come_back()

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
        """A reply takes its slot in advance: somebody waits for it, and the broadcast gives way."""
        now = self._clock()
        if urgent:
            return max(self._next_s - self._gap_s, self._held_until_s) - now
        wait_s = max(self._next_s, self._held_until_s) - now
        if self._urgent:
            return max(wait_s, self._gap_s)
        return max(wait_s, self._nap_s) if wait_s > 0 else wait_s

    def _known(self, chat: str) -> _Chat:
        """The chat; makes room for it among those who are remembered."""
        chat = chat.partition("/")[0]  # a topic shares its group's pace
        known = self._chats.get(chat)
        if known is None:
            if len(self._chats) >= self._most_chats:
                self._forget()
            known = self._chats[chat] = _Chat(is_group=chat.startswith("-"))
        return known

    def _forget(self) -> None:
        """Forgets the chats that may be written to at once.

        The others are a second's messages, and a minute's of groups; looking at all of them is
        worth it only after many more have come.
        """
        now = self._clock()
        self._chats = {
            name: chat for name, chat in self._chats.items() if not chat.is_forgettable(now)
        }
        self._most_chats = len(self._chats) + CHATS

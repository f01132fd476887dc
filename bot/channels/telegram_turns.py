"""Whose turn it is: a chat's updates in their order, different chats at the same time.

And who has had enough: so many commands a minute for each chat.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from digest.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

LOOK_S = 0.05
"""How often a chat that another process is answering is looked at again, in seconds."""

Alone = Callable[[str], AbstractAsyncContextManager[object]]
"""Holds a name that only one process may hold; gives what is true while that is so."""

A_MINUTE = 30
A_MINUTE_EACH = 12
"""So many commands a minute from one person in a group."""

MINUTE_S = 60.0
CHATS = 10_000
"""Chats whose last minute is remembered; the longest silent are forgotten first."""


@dataclass(slots=True)
class _Line:
    """Those who wait in one chat, and the one who is served."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[str] = field(default_factory=list)


class Turns:
    """A line for each chat that has something in flight.

    asyncio wakes those who wait for a lock in the order in which they came. Where several processes
    answer, one of them has the chat's turn; whoever waits for it looks again soon.
    """

    def __init__(
        self,
        alone: Alone | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Nobody waits yet.

        Args:
            alone: what keeps other processes out; there are none without.
            sleep: waits so many seconds.
        """
        self._alone = alone
        self._sleep = sleep
        self._lines: dict[str, _Line] = {}
        self._tasks: set[asyncio.Task[object]] = set()

    def is_repeated(self, chat: str, text: str) -> bool:
        """Whether the last thing that this chat waits for is the same: a double tap."""
        line = self._lines.get(chat)
        return line is not None and line.waiting[-1] == text

    @asynccontextmanager
    async def turn(self, chat: str, text: str = "") -> AsyncIterator[bool]:
        """Waits until it is this text's turn; it is in flight from the first moment on.

        False where another process is answering the same: a double tap that came by two ways.
        """
        line = self._lines.setdefault(chat, _Line())
        line.waiting.append(text)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async with line.lock, self._among_processes(chat, text) as is_first:
                yield is_first
        finally:
            self._tasks.discard(task)
            line.waiting.remove(text)
            if not line.waiting:
                del self._lines[chat]

    @asynccontextmanager
    async def _among_processes(self, chat: str, text: str) -> AsyncIterator[bool]:
        async with AsyncExitStack() as stack:
            is_first = not text or await self._has(stack, f"tap {chat} {text}")
            while is_first and not await self._has(stack, f"chat {chat}"):
                await self._sleep(LOOK_S)
            yield is_first

    async def _has(self, stack: AsyncExitStack, name: str) -> bool:
        """Whether we hold a name now; where nobody can say, answering says so itself."""
        if self._alone is None:
            return True
        try:
            return bool(await stack.enter_async_context(self._alone(name)))
        except StoreError:
            return True

    def abandon(self) -> int:
        """Gives up on all that is in flight; returns how many that were."""
        for task in self._tasks:
            task.cancel()
        return len(self._tasks)


class Verdict(Enum):
    """Whether a command is answered."""

    FINE = auto()
    WARN = auto()
    SILENCE = auto()


class Allowance:
    """So many commands in any minute; the first beyond is warned, the others meet silence."""

    def __init__(self, a_minute: int = A_MINUTE, chats: int = CHATS) -> None:
        self._a_minute = a_minute
        self._most_chats = chats
        self._chats: OrderedDict[str, deque[float]] = OrderedDict()
        self._warned: set[str] = set()

    def ask(self, chat: str, now: float) -> Verdict:
        """Whether this chat may go on.

        Args:
            chat: whoever asks.
            now: of a clock that never goes back, in seconds.
        """
        times = self._chats.setdefault(chat, deque())
        self._chats.move_to_end(chat)
        self._forget()
        while times and now - times[0] >= MINUTE_S:
            times.popleft()
        if len(times) < self._a_minute:
            times.append(now)
            self._warned.discard(chat)
            return Verdict.FINE
        if chat in self._warned:
            return Verdict.SILENCE
        self._warned.add(chat)
        return Verdict.WARN

    def _forget(self) -> None:
        while len(self._chats) > self._most_chats:
            chat, _ = self._chats.popitem(last=False)
            self._warned.discard(chat)

"""A channel that behaves as a platform does: chats that block, flood, time out, move.

channel = FakeChannel()
channel.block("7")                           this chat is not there for us, until unblock("7")
channel.move("7", "-100")                    the group has a new address
channel.flood(35, times=2)                   the next sends are told to wait
channel.lose(3, address="7", arrives=True)   no answer: delivered, or not
channel.refuse("7", plain=False)             takes text without entities only; plain=True: nothing
channel.fail(RuntimeError("…"), address="7") whatever else
assert channel.texts("7") == ["page 1", "page 2"]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.errors import Ambiguous, PageRefused, ReaderGone, TryLater
from digest.render.entities import TELEGRAM, Limits, Page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.channels import Attachment, Choice


@dataclass(frozen=True)
class Message:
    """What a reader received."""

    address: str
    page: Page
    silent: bool
    choices: tuple[tuple[str, str], ...]


@dataclass
class Fault:
    """What happens instead."""

    error: Exception
    address: str
    times: int
    arrives: bool = False


@dataclass
class FakeChannel:
    """See the module."""

    name: str = "telegram"
    limits: Limits = TELEGRAM
    messages: list[Message] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    before: Callable[[str], Awaitable[None]] | None = None
    _faults: list[Fault] = field(default_factory=list)
    _blocked: set[str] = field(default_factory=set)
    _moved: dict[str, str] = field(default_factory=dict)
    _picky: dict[str, bool] = field(default_factory=dict)

    def block(self, address: str) -> None:
        self._blocked.add(address)

    def unblock(self, address: str) -> None:
        self._blocked.discard(address)

    def move(self, address: str, to: str) -> None:
        self._moved[address] = to

    def refuse(self, address: str, *, plain: bool) -> None:
        self._picky[address] = plain

    def flood(self, seconds: float, *, times: int = 1, address: str = "") -> None:
        self.fail(TryLater(retry_after=seconds), times=times, address=address)

    def lose(self, times: int = 1, *, address: str = "", arrives: bool = False) -> None:
        self.fail(Ambiguous(reason="timed out"), times=times, address=address, arrives=arrives)

    def fail(
        self, error: Exception, *, times: int = 1, address: str = "", arrives: bool = False
    ) -> None:
        self._faults.append(Fault(error, address, times, arrives))

    def texts(self, address: str) -> list[str]:
        return [message.page.text for message in self.messages if message.address == address]

    async def send(
        self,
        address: str,
        page: Page,
        *,
        silent: bool = False,
        choices: Sequence[Choice] = (),
        rows: Sequence[Sequence[Choice]] = (),
    ) -> str | None:
        self.tried.append(address)
        if self.before:
            await self.before(address)
        self._refuse(address, page)
        fault = next((f for f in self._faults if f.times and f.address in {"", address}), None)
        if fault is None or fault.arrives:
            offered = (*(each for row in rows for each in row), *choices)
            below = tuple((each.label, each.command) for each in offered)
            self.messages.append(Message(address, page, silent, below))
        if fault:
            fault.times -= 1
            raise fault.error
        return str(len(self.messages))

    async def edit(
        self,
        address: str,
        message_id: str,
        page: Page | None,
        *,
        choices: Sequence[Choice] = (),
        rows: Sequence[Sequence[Choice]] = (),
    ) -> bool:
        if page is not None:
            await self.send(address, page, choices=choices, rows=rows)
            self.messages[int(message_id) - 1] = self.messages.pop()
        return True

    async def hand(
        self,
        address: str,
        file: Attachment,
        caption: Page | None = None,
        *,
        silent: bool = False,
        choices: Sequence[Choice] = (),
        rows: Sequence[Sequence[Choice]] = (),
    ) -> str | None:
        shown = caption or Page(file.name)
        return await self.send(address, shown, silent=silent, choices=choices, rows=rows)

    def _refuse(self, address: str, page: Page) -> None:
        if address in self._moved:
            raise ReaderGone(reason="migrated", migrate_to=self._moved[address])
        if address in self._blocked:
            raise ReaderGone(reason="blocked")
        if address in self._picky and (self._picky[address] or page.entities):
            raise PageRefused(reason="can't parse entities")

"""Replies keep the pace of the broadcast, and go ahead of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from bot.pace import PATIENCE_S
from digest.errors import TryLater

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.channels import Attachment, Choice, Talking
    from bot.pace import Pace
    from digest.render.entities import Limits, Page

Answer = TypeVar("Answer")


class Paced:
    """A channel whose messages keep the pace, ahead of the broadcast: for replies."""

    def __init__(self, channel: Talking, pace: Pace, *, patience_s: float = PATIENCE_S) -> None:
        """Sends through `channel`; a wait beyond `patience_s` is an error instead."""
        self._channel = channel
        self._pace = pace
        self._patience_s = patience_s

    @property
    def name(self) -> str:
        """The channel's own."""
        return self._channel.name

    @property
    def limits(self) -> Limits:
        """The channel's own."""
        return self._channel.limits

    async def send(
        self,
        address: str,
        page: Page,
        *,
        silent: bool = False,
        choices: Sequence[Choice] = (),
        rows: Sequence[Sequence[Choice]] = (),
    ) -> str | None:
        """Sends one page when it may leave; see `bot.channels.Channel`.

        Raises:
            TryLater: also where nothing may leave for longer than a reader waits.
        """
        sent = partial(self._channel.send, silent=silent, choices=choices, rows=rows)
        return await self._when_free(address, partial(sent, address, page))

    async def edit(
        self,
        address: str,
        message_id: str,
        page: Page | None,
        *,
        choices: Sequence[Choice] = (),
        rows: Sequence[Sequence[Choice]] = (),
    ) -> bool:
        """Changes a message when that may be; as `send`."""
        edited = partial(self._channel.edit, choices=choices, rows=rows)
        return await self._when_free(address, partial(edited, address, message_id, page))

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
        """Hands over a file when that may be; as `send`."""
        handed = partial(self._channel.hand, silent=silent, choices=choices, rows=rows)
        return await self._when_free(address, partial(handed, address, file, caption))

    async def _when_free(self, address: str, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        if not await self._pace.slot(address, urgent=True, patience_s=self._patience_s):
            raise TryLater(retry_after=self._pace.held_s)
        try:
            answer = await ask()
        except TryLater as later:
            if not (wait_s := float(later.params.get("retry_after", 1.0))):
                self._pace.spare(address)
            self._pace.hold(wait_s)
            raise
        self._pace.arrived(address)
        return answer

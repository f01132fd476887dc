"""Replies keep the pace of the broadcast, and go ahead of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.pace import PATIENCE_S
from digest.errors import TryLater

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.channels import Channel, Choice
    from bot.pace import Pace
    from digest.render.entities import Limits, Page


class Paced:
    """A channel whose messages keep the pace, ahead of the broadcast: for replies."""

    def __init__(self, channel: Channel, pace: Pace, *, patience_s: float = PATIENCE_S) -> None:
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
    ) -> str | None:
        """Sends one page when it may leave; see `bot.channels.Channel`.

        Raises:
            TryLater: also where nothing may leave for longer than a reader waits.
        """
        if not await self._pace.slot(address, urgent=True, patience_s=self._patience_s):
            raise TryLater(retry_after=self._pace.held_s)
        try:
            message_id = await self._channel.send(address, page, silent=silent, choices=choices)
        except TryLater as later:
            if not (wait_s := float(later.params.get("retry_after", 1.0))):
                self._pace.spare(address)
            self._pace.hold(wait_s)
            raise
        self._pace.arrived(address)
        return message_id

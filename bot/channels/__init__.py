"""Ways to reach people. A channel has a name, limits, and sends pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.render.entities import Limits, Page


class Choice(Protocol):
    """Something to tap, or to type the number of; `bot.commands.Choice` is one."""

    @property
    def label(self) -> str:
        """What the reader sees."""
        ...

    @property
    def command(self) -> str:
        """What it stands for, as somebody would have typed it."""
        ...


class Channel(Protocol):
    """One way to reach people.

    `limits` say how much one message carries.
    """

    @property
    def name(self) -> str:
        """What a subscriber's `channel` is: `telegram`, `console`."""
        ...

    @property
    def limits(self) -> Limits:
        """Units of text and entities of one message."""
        ...

    async def send(
        self, address: str, page: Page, *, silent: bool = False, choices: Sequence[Choice] = ()
    ) -> str | None:
        """Sends one page.

        Args:
            address: the subscriber's address on this channel.
            page: within `limits`.
            silent: whether the reader's device stays quiet.
            choices: what to tap below the page.

        Returns:
            The channel's own name for the message, where it gives one.

        Raises:
            ReaderGone: blocked, deleted, not found, or moved (`params["migrate_to"]`).
            TryLater: not sent; after `params["retry_after"]` seconds it may be.
            Ambiguous: perhaps sent: no answer in time, a lost connection, an error of the server.
            PageRefused: this page is not taken, however often it is tried.
            TokenRefused: the platform does not know us any more.
        """
        ...

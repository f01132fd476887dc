"""What goes back into a chat: pages, a file, a sentence, "typing…", or a message changed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from telegram.constants import ChatAction

from bot.channels.telegram import place_of
from bot.channels.telegram_errors import asked
from bot.channels.telegram_quiet import Quiet
from bot.channels.telegram_taps import SETTLED_WITHIN_S
from digest.errors import Ambiguous, ChannelError, PageRefused, TryLater
from digest.locale import say
from digest.render.entities import Limits, Page, pages
from digest.render.notices import notice
from digest.render.rows import unlinked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from typing import TypeVar

    from telegram import Bot

    from bot.channels import Talking
    from bot.channels.telegram_taps import Tap
    from bot.commands import Reply
    from digest.render.blocks import Block

    Answer = TypeVar("Answer")

TYPING_AFTER_S = 1.0
TYPING_AGAIN_S = 4.0
"""Telegram shows it for 5 seconds at most."""

TRIES = 3
LONGEST_WAIT_S = 30.0
"""A flood wait beyond this is longer than a reader waits for an answer, in seconds."""

CAPTION_UNITS = 1024
"""Of the text below a file (https://core.telegram.org/bots/api#senddocument)."""


@dataclass(frozen=True, slots=True)
class Replies:
    """Sends what answers somebody who is waiting.

    Attributes:
        bot: python-telegram-bot's, for what is no page.
        channel: what pages go through.
        typing_after_s: how long an answer may take before "typing…" is shown.
        sleep: for the waits that Telegram asks for.
        settled_within_s: how long a tap may wait for its answer.
    """

    bot: Bot
    channel: Talking
    typing_after_s: float = TYPING_AFTER_S
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    settled_within_s: float = SETTLED_WITHIN_S

    async def show(self, address: str, reply: Reply, tap: Tap | None = None) -> None:
        """Shows what a command answered: a toast, the message changed, or one more.

        A toast that comes too late for its tap, or was typed for, stands before the blocks; where
        the message that was tapped is changed, that says enough.

        Raises:
            ChannelError: after the last try.
        """
        is_told = not reply.toast or (tap is not None and tap.settle(reply.toast))
        if tap is not None:
            tap.settle()
            if reply.in_place and tap.message_id and await self._changed(address, reply, tap):
                return
        blocks = reply.blocks if is_told else (*notice(reply.toast), *reply.blocks)
        if reply.file is not None:
            await self._hand(address, replace(reply, blocks=blocks))
        elif blocks:
            await self._send(address, replace(reply, blocks=blocks))

    async def send(self, address: str, blocks: Sequence[Block]) -> None:
        """Sends blocks as pages: one notification.

        Raises:
            ChannelError: after the last try.
        """
        await self._send_pages(address, pages(blocks, self.channel.limits))

    async def say(self, address: str, key: str, language: str, **values: Any) -> None:
        """Sends a sentence, if that can be."""
        with Quiet("telegram.unanswered"):
            await self.send(address, notice(say(key, language, **values)))

    @asynccontextmanager
    async def typing(self, address: str) -> AsyncIterator[None]:
        """Shows "typing…" where it takes long."""
        task = asyncio.create_task(self._type(address))
        try:
            yield
        finally:
            task.cancel()

    async def _type(self, address: str) -> None:
        await asyncio.sleep(self.typing_after_s)
        with Quiet("telegram.typing"):
            while True:
                await asked(
                    self.bot.send_chat_action(action=ChatAction.TYPING, **place_of(address))
                )
                await asyncio.sleep(TYPING_AGAIN_S)

    async def _changed(self, address: str, reply: Reply, tap: Tap) -> bool:
        """Whether the message that was tapped could be made to say this: it takes one page."""
        parts = pages(reply.blocks, self.channel.limits) if reply.blocks else ()
        if len(parts) > 1 or reply.file is not None:
            return False
        edit = partial(self.channel.edit, choices=reply.choices, rows=reply.rows)
        if not parts:
            return await self._insist(lambda _: edit(address, tap.message_id, None), None)
        return await self._insist(partial(edit, address, tap.message_id), parts[0])

    async def _hand(self, address: str, reply: Reply) -> None:
        """A file with its words below it; words that are too long for that come before it."""
        file = reply.file
        assert file is not None
        limits = Limits(CAPTION_UNITS, self.channel.limits.entities)
        captions = pages(reply.blocks, limits) if reply.blocks else ()
        if len(captions) > 1:
            await self.send(address, reply.blocks)
            captions = ()
        await self._insist(
            partial(
                self.channel.hand,
                address,
                file,
                silent=not captions and bool(reply.blocks),
                choices=reply.choices,
                rows=reply.rows,
            ),
            captions[0] if captions else None,
        )

    async def _send(self, address: str, reply: Reply) -> None:
        parts = pages(reply.blocks, self.channel.limits)
        await self._send_pages(address, parts, choices=reply.choices, rows=reply.rows)

    async def _send_pages(self, address: str, parts: Sequence[Page], **below: Any) -> None:
        """Sends pages: one notification, the keyboard below the last."""
        for number, page in enumerate(parts, 1):
            under = below if number == len(parts) else {}
            sent = partial(self.channel.send, address, silent=number > 1, **under)
            await self._insist(sent, page)

    async def _insist(self, ask: Callable[[Any], Awaitable[Answer]], page: Page | None) -> Answer:
        """Tries again: what may have arrived is sent twice, for somebody waits for it."""
        for left in reversed(range(TRIES)):
            try:
                return await ask(page)
            except (TryLater, Ambiguous, PageRefused) as error:
                if not left or is_hopeless(error, page):
                    raise
                if page is not None and isinstance(error, PageRefused):
                    page = unlinked(replace(page, entities=()))
                if wait := error.params.get("retry_after"):
                    await self.sleep(wait)
        raise AssertionError  # the last try returned or raised


def is_hopeless(error: ChannelError, page: Page | None) -> bool:
    """Whether trying again is of no use to somebody who waits."""
    if isinstance(error, PageRefused):
        return page is None or not page.entities  # as plain text it is refused, too
    return bool(error.params.get("retry_after", 0.0) > LONGEST_WAIT_S)

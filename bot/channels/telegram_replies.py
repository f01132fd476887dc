"""What goes back into a chat: pages, a sentence, "typing…", and the end of a tap."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import structlog
from telegram.constants import ChatAction

from bot.channels.telegram_errors import asked
from bot.logs import place
from digest.errors import Ambiguous, ChannelError, PageRefused, TryLater
from digest.locale import say
from digest.render.entities import Page, pages
from digest.render.notices import notice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from telegram import Bot

    from bot.channels import Channel, Choice
    from digest.render.blocks import Block

log = structlog.get_logger()

TYPING_AFTER_S = 1.0
TYPING_AGAIN_S = 4.0
"""Telegram shows it for 5 seconds at most."""

TRIES = 3
LONGEST_WAIT_S = 30.0
"""A flood wait beyond this is longer than a reader waits for an answer, in seconds."""


@dataclass(frozen=True, slots=True)
class Replies:
    """Sends what answers somebody who is waiting.

    Attributes:
        bot: python-telegram-bot's, for what is no page.
        channel: what pages go through.
        typing_after_s: how long an answer may take before "typing…" is shown.
        sleep: for the waits that Telegram asks for.
    """

    bot: Bot
    channel: Channel
    typing_after_s: float = TYPING_AFTER_S
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep

    async def send(
        self, chat: int, blocks: Sequence[Block], choices: Sequence[Choice] = ()
    ) -> None:
        """Sends blocks as pages: one notification, the keyboard below the last.

        Raises:
            ChannelError: after the last try.
        """
        parts = pages(blocks, self.channel.limits)
        for number, page in enumerate(parts, 1):
            below = choices if number == len(parts) else ()
            await self._send(str(chat), page, silent=number > 1, choices=below)

    async def say(self, chat: int, key: str, language: str, **values: Any) -> None:
        """Sends a sentence, if that can be."""
        with Quiet("telegram.unanswered"):
            await self.send(chat, notice(say(key, language, **values)))

    async def settle(self, tap: str, words: str = "") -> None:
        """Answers a tap: until then the button shows that something is going on."""
        with Quiet("telegram.tap"):
            await asked(self.bot.answer_callback_query(tap, words or None))

    @asynccontextmanager
    async def typing(self, chat: int) -> AsyncIterator[None]:
        """Shows "typing…" where it takes long."""
        task = asyncio.create_task(self._type(chat))
        try:
            yield
        finally:
            task.cancel()

    async def _type(self, chat: int) -> None:
        await asyncio.sleep(self.typing_after_s)
        with Quiet("telegram.typing"):
            while True:
                await asked(self.bot.send_chat_action(chat, ChatAction.TYPING))
                await asyncio.sleep(TYPING_AGAIN_S)

    async def _send(
        self, address: str, page: Page, *, silent: bool, choices: Sequence[Choice]
    ) -> None:
        """Sends a page; what may have arrived is sent again, for somebody waits for it."""
        for left in reversed(range(TRIES)):
            try:
                await self.channel.send(address, page, silent=silent, choices=choices)
            except (TryLater, Ambiguous, PageRefused) as error:
                if not left or is_hopeless(error, page):
                    raise
                page = replace(page, entities=()) if isinstance(error, PageRefused) else page
                if wait := error.params.get("retry_after"):
                    await self.sleep(wait)
            else:
                return


def is_hopeless(error: ChannelError, page: Page) -> bool:
    """Whether trying again is of no use to somebody who waits."""
    if isinstance(error, PageRefused):
        return not page.entities  # as plain text it is refused, too
    return bool(error.params.get("retry_after", 0.0) > LONGEST_WAIT_S)


class Quiet:
    """Logs what goes wrong beside the point, and lets the rest go on."""

    def __init__(self, event: str) -> None:
        self._event = event

    def __enter__(self) -> None:
        """Begins."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Ends; only what is no Exception (being cancelled) goes on."""
        if isinstance(error, ChannelError):
            log.info(self._event, error=str(error))
        elif isinstance(error, Exception):
            log.error(self._event, **place(error))
        return isinstance(error, Exception)

"""A tap: the button shows that something is going on until it is answered, so that is soon."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from telegram import Message

from bot.channels.telegram_errors import asked
from bot.channels.telegram_quiet import Quiet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from telegram import Bot, CallbackQuery

SETTLED_WITHIN_S = 0.7
"""A toast that is not there by then comes as a line, or not at all."""

LONGEST_TOAST = 200
"""In characters (https://core.telegram.org/bots/api#answercallbackquery)."""


class Tap:
    """One tap, which is answered once.

    Attributes:
        message_id: of the message whose button was tapped; "" where Telegram does not say.
        keyboard: that stood there, as Telegram tells it.
    """

    def __init__(
        self,
        bot: Bot,
        query: CallbackQuery,
        within_s: float = SETTLED_WITHIN_S,
    ) -> None:
        """Answers nothing yet.

        Args:
            bot: python-telegram-bot's.
            query: the tap.
            within_s: it is answered without words after so long.
        """
        below = query.message if query.message and query.message.is_accessible else None
        self.message_id = str(below.message_id) if below else ""
        markup = below.reply_markup if isinstance(below, Message) else None
        self.keyboard = markup.to_dict()["inline_keyboard"] if markup else []
        self._bot = bot
        self._number = query.id
        self._within_s = within_s
        self._answering: asyncio.Task[None] | None = None

    def settle(self, words: str = "", *, url: str = "") -> bool:
        """Begins to answer, if nobody has; whether the words are shown.

        Args:
            words: a toast over the chat.
            url: what is opened instead: a page of our own bot's.
        """
        if self._answering is not None:
            return False
        self._answering = asyncio.create_task(self._answer(words, url))
        return True

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Sees to it that it is answered before long, and at the end in any case."""
        timer = asyncio.get_running_loop().call_later(self._within_s, self.settle)
        try:
            yield
        finally:
            timer.cancel()
            self.settle()
            if self._answering is not None:
                await self._answering

    async def _answer(self, words: str, url: str) -> None:
        with Quiet("telegram.tap"):
            await asked(
                self._bot.answer_callback_query(
                    self._number, words[:LONGEST_TOAST] or None, url=url or None
                )
            )

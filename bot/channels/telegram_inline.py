"""Inline mode: `@bot 2602.02489` in any chat offers papers as cards to share there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from telegram import (
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.ext import InlineQueryHandler

from bot.channels.telegram import entities_of, payload
from bot.channels.telegram_buttons import CHANNEL, keyboard
from bot.channels.telegram_errors import asked
from bot.channels.telegram_quiet import Quiet
from bot.channels.telegram_readers import Newcomers
from bot.channels.telegram_turns import Allowance, Verdict
from bot.commands.inline import Cards, hint
from digest.models import Subscriber
from digest.render.entities import pages

if TYPE_CHECKING:
    from telegram import InlineQuery, Update
    from telegram.ext import BaseHandler

    from bot.channels.telegram import Telegram
    from bot.channels.telegram_readers import Readers
    from bot.commands.inline import Card

A_MINUTE = 90
"""Questions of one person: somebody types."""

FOUND_FOR_S = 300
NOTHING_FOR_S = 5
"""How long Telegram answers the same question of the same person by itself, in seconds."""

Offer = Callable[[Subscriber, str], Awaitable[Cards]]
"""`bot.access.Door.cards`."""


class Inline:
    """All questions from within other chats."""

    def __init__(
        self,
        telegram: Telegram,
        readers: Readers,
        cards: Offer,
        clock: Callable[[], float],
        newcomers: Newcomers | None = None,
    ) -> None:
        """Answers nothing until its handler is called."""
        self._telegram = telegram
        self._readers = readers
        self._cards = cards
        self._clock = clock
        self._newcomers = newcomers or Newcomers()
        self._allowance = Allowance(A_MINUTE)
        self._newest: dict[int, str] = {}

    def handler(self) -> BaseHandler[Any, Any, Any]:
        """What python-telegram-bot's Application calls."""
        return InlineQueryHandler(self._on_query)

    async def _on_query(self, update: Update, _context: object) -> None:
        query = update.inline_query
        assert query is not None
        who = query.from_user.id
        if self._allowance.ask(str(who), self._clock()) is not Verdict.FINE:
            return
        self._newest[who] = query.id
        try:
            with Quiet("telegram.inline"):
                await self._answer(query)
        finally:
            if self._newest.get(who) == query.id:
                del self._newest[who]

    async def _answer(self, query: InlineQuery) -> None:
        reader = await self._reader(query)
        found = await self._cards(reader, query.query)
        if self._newest.get(query.from_user.id) != query.id:
            return  # they typed on
        button = None
        if found.missing or not found.cards:
            words = hint(reader.language, found.missing)
            button = InlineQueryResultsButton(words, start_parameter=payload(found.missing))
        await asked(
            self._telegram.bot.answer_inline_query(
                query.id,
                [article(each, self._telegram.buttons.own) for each in found.cards],
                cache_time=FOUND_FOR_S if found.cards else NOTHING_FOR_S,
                is_personal=True,  # another asker may read another language
                button=button,
            )
        )

    async def _reader(self, query: InlineQuery) -> Subscriber:
        """Who asks, in the language that they chose; strangers are not stored for it."""
        address = str(query.from_user.id)
        known = await self._readers.find(CHANNEL, address)
        return known or self._newcomers.subscriber(address, query.from_user.language_code)


def article(card: Card, own: str) -> InlineQueryResultArticle:
    """A card as Telegram offers it."""
    page = pages(card.blocks)[0]
    below = keyboard(card.choices, own=own)
    return InlineQueryResultArticle(
        card.id,
        card.title,
        InputTextMessageContent(
            page.text,
            entities=entities_of(page),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        ),
        reply_markup=InlineKeyboardMarkup.de_json({"inline_keyboard": below}) if below else None,
        description=card.about,
    )

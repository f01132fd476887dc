"""Telegram: pages as text and entities, never markup, so nothing in a title can break a message."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Self

from telegram.error import TelegramError
from telegram.ext import Application

from bot.channels.telegram_buttons import Buttons
from bot.channels.telegram_errors import asked, told
from bot.channels.telegram_http import (
    PLACEHOLDER,
    AiohttpRequest,
    Timeouts,
    UpdatesRequest,
    proxy_for,
)
from digest.errors import Ambiguous, ChannelError, ChannelUnreachable, TokenRefused
from digest.render.entities import TELEGRAM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from telegram import Bot

    from bot.channels import Choice
    from digest.render.entities import Entity, Page

CHANNEL = "telegram"
API_URL = "https://api.telegram.org"

TOKEN_FORM = re.compile(r"[A-Za-z0-9_:-]+")
"""Anything else would change the URL that the token stands in."""

AT_ONCE = 1024
"""Updates that are handled at the same time, each chat's one after another."""

NO_PREVIEW = {"is_disabled": True}


class Telegram:
    """The channel; `async with` opens its connections and makes sure that the token is good.

    Attributes:
        application: python-telegram-bot's, without updater and job queue.
        buttons: what the buttons sent so far stand for.
    """

    name = CHANNEL
    limits = TELEGRAM

    def __init__(
        self,
        token: str,
        *,
        api_url: str = API_URL,
        proxy: str | None = None,
        timeouts: Timeouts | None = None,
        paid: bool = False,
    ) -> None:
        """Opens nothing yet.

        Args:
            token: the bot's, from @BotFather.
            api_url: of the Bot API, without `/bot`.
            proxy: `http://…` or `socks5://…`; None for what the environment says.
            timeouts: of one call; `Timeouts()` unless given.
            paid: whether Telegram may take Stars for more messages than it takes for nothing.

        Raises:
            TokenRefused: the token is none.
        """
        token = token.strip()
        if not TOKEN_FORM.fullmatch(token):
            raise TokenRefused
        timeouts = timeouts or Timeouts()
        proxy = proxy or proxy_for(api_url)
        api_url = api_url.rstrip("/")
        self.buttons = Buttons()
        self._request = AiohttpRequest(token, proxy=proxy, timeouts=timeouts)
        self._send_url = f"{api_url}/bot{PLACEHOLDER}/sendMessage"
        self._paid = paid
        self.application = (
            Application.builder()
            .token(PLACEHOLDER)
            .base_url(f"{api_url}/bot")
            .base_file_url(f"{api_url}/file/bot")
            .request(self._request)
            .get_updates_request(UpdatesRequest(token, proxy=proxy, timeouts=timeouts))
            .updater(None)
            .job_queue(None)
            .concurrent_updates(AT_ONCE)
            .build()
        )

    @property
    def bot(self) -> Bot:
        """python-telegram-bot's own, for what is no page."""
        return self.application.bot

    async def __aenter__(self) -> Self:
        """Opens.

        Raises:
            TokenRefused: Telegram does not know this bot.
            ChannelUnreachable: nobody answers there, or nobody who speaks like Telegram.
        """
        try:
            trouble = await self._trouble()
        except BaseException:
            await self.bot.shutdown()
            raise
        if trouble is None:
            return self
        await self.bot.shutdown()
        raise trouble

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.application.shutdown()

    async def _trouble(self) -> ChannelError | None:
        """Opens; what is wrong is returned, for raised here it would keep the foreign error."""
        try:
            await self.application.initialize()
        except TelegramError as error:
            meant = told(error)
            known = isinstance(meant, TokenRefused)
            return meant if known else ChannelUnreachable(reason=str(meant))
        except Exception as foreign:  # noqa: BLE001 - whatever an answer that is not Telegram's causes
            return ChannelUnreachable(reason=type(foreign).__name__)
        return None

    async def send(
        self, address: str, page: Page, *, silent: bool = False, choices: Sequence[Choice] = ()
    ) -> str | None:
        """Sends one page; see `bot.channels.Channel`."""
        message: dict[str, Any] = {
            "chat_id": _chat(address),
            "text": page.text,
            "link_preview_options": NO_PREVIEW,
        }
        if silent:
            message["disable_notification"] = True
        if self._paid:
            message["allow_paid_broadcast"] = True
        if keyboard := self.buttons.keyboard(address, choices):
            message["reply_markup"] = keyboard
        answer = await asked(self._request.send(self._send_url, _document(message, page.entities)))
        if not isinstance(answer, dict):
            raise Ambiguous(reason="an answer without a message")
        return str(answer.get("message_id", "")) or None


def _chat(address: str) -> int | str:
    """The number, or `@name` of a public channel."""
    return int(address) if address.lstrip("-").isdecimal() else address


def _document(message: dict[str, Any], entities: Sequence[Entity]) -> bytes:
    """The message as JSON; dictionaries for a page's entities would cost as much as the rest."""
    written = json.dumps(message)
    if entities:
        written = f'{written[:-1]}, "entities": [{",".join(map(_entity, entities))}]}}'
    return written.encode()


def _entity(entity: Entity) -> str:
    kind, offset, length, url = entity  # kinds are ours, addresses may be anybody's
    link = f',"url":{json.dumps(url)}' if url else ""
    return f'{{"type":"{kind}","offset":{offset},"length":{length}{link}}}'

"""Telegram: pages as text and entities, never markup, so nothing in a title can break a message."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from telegram import InlineKeyboardMarkup, MessageEntity
from telegram.error import TelegramError
from telegram.ext import Application

from bot import deeplinks
from bot.channels import file_name
from bot.channels.telegram_buttons import CHANNEL, Buttons
from bot.channels.telegram_errors import asked, told
from bot.channels.telegram_http import (
    PLACEHOLDER,
    AiohttpRequest,
    Timeouts,
    UpdatesRequest,
    proxy_for,
)
from digest import ids
from digest.errors import Ambiguous, ChannelError, ChannelUnreachable, PageRefused, TokenRefused
from digest.render.entities import TELEGRAM

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from types import TracebackType

    from telegram import Bot, Message

    from bot.channels import Attachment, Choice
    from bot.channels.telegram_buttons import Names
    from digest.render.entities import Entity, Page

API_URL = "https://api.telegram.org"

TOKEN_FORM = re.compile(r"[A-Za-z0-9_:-]+")
"""Anything else would change the URL that the token stands in."""

AT_ONCE = 1024
"""Updates that are handled at the same time, each chat's one after another."""

HELLO = "hello"
"""A link has to carry something; this says no more than /start."""

NO_PREVIEW = {"is_disabled": True}

NOT_TO_BE_CHANGED = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "no text in the message",
)
"""What Telegram says of a message that is gone, too old, or a file."""


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
        names: Names | None = None,
    ) -> None:
        """Opens nothing yet.

        Args:
            token: the bot's, from @BotFather.
            api_url: of the Bot API, without `/bot`.
            proxy: `http://…` or `socks5://…`; None for what the environment says.
            timeouts: of one call; `Timeouts()` unless given.
            paid: whether Telegram may take Stars for more messages than it takes for nothing.
            names: who remembers what long buttons say; without, this process alone does.

        Raises:
            TokenRefused: the token is none.
        """
        token = token.strip()
        if not TOKEN_FORM.fullmatch(token):
            raise TokenRefused
        timeouts = timeouts or Timeouts()
        proxy = proxy or proxy_for(api_url)
        api_url = api_url.rstrip("/")
        self.buttons = Buttons(names)
        self._request = AiohttpRequest(token, proxy=proxy, timeouts=timeouts)
        self._base_url = f"{api_url}/bot{PLACEHOLDER}"
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

    def start_url(self, about: str = "") -> str:
        """What opens a private chat with us, with a paper if the text names one.

        https://core.telegram.org/bots/features#deep-linking
        """
        return self.buttons.own + payload(about)

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
            self.buttons.own = f"https://t.me/{self.bot.username}?start="
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
        self,
        address: str,
        page: Page,
        *,
        silent: bool = False,
        choices: Sequence[Choice] = (),
        rows: Sequence[Sequence[Choice]] = (),
    ) -> str | None:
        """Sends one page; see `bot.channels.Channel`."""
        message: dict[str, Any] = {
            **place_of(address),
            "text": page.text,
            "link_preview_options": NO_PREVIEW,
        }
        if silent:
            message["disable_notification"] = True
        if self._paid:
            message["allow_paid_broadcast"] = True
        if keyboard := await self.buttons.keyboard(address, choices, rows):
            message["reply_markup"] = keyboard
        answer = await self._post("sendMessage", _document(message, page.entities))
        if not isinstance(answer, dict):
            raise Ambiguous(reason="an answer without a message")
        return str(answer.get("message_id", "")) or None

    async def edit(
        self,
        address: str,
        message_id: str,
        page: Page | None,
        *,
        choices: Sequence[Choice] = (),
        rows: Sequence[Sequence[Choice]] = (),
    ) -> bool:
        """Puts a page in the place of a message; see `bot.channels.Talking`."""
        changed: dict[str, Any] = {
            "chat_id": place_of(address)["chat_id"],
            "message_id": int(message_id),
        }
        if keyboard := await self.buttons.keyboard(address, choices, rows):
            changed["reply_markup"] = keyboard
        if page is not None:
            changed |= {"text": page.text, "link_preview_options": NO_PREVIEW}
        method = "editMessageReplyMarkup" if page is None else "editMessageText"
        try:
            await self._post(method, _document(changed, page.entities if page else ()))
        except PageRefused as refused:
            said = str(refused.params.get("reason", "")).casefold()
            if "not modified" in said:
                return True
            if any(words in said for words in NOT_TO_BE_CHANGED):
                return False
            raise
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
        """Hands over a file; see `bot.channels.Talking`."""
        keyboard = await self.buttons.keyboard(address, choices, rows)
        sent = await asked(
            self._handing(file)(
                **place_of(address),
                filename=file_name(file.name),
                caption=caption.text if caption else None,
                caption_entities=entities_of(caption) if caption else None,
                disable_notification=silent or None,
                reply_markup=InlineKeyboardMarkup.de_json(keyboard) if keyboard else None,
            )
        )
        return str(sent.message_id)

    def _handing(self, file: Attachment) -> Callable[..., Awaitable[Message]]:
        """How it is handed over: a picture to be looked at, anything else to be stored."""
        if file.media_type == "image/png":
            return partial(self.bot.send_photo, photo=file.content)
        return partial(
            self.bot.send_document, document=file.content, disable_content_type_detection=True
        )

    async def _post(self, method: str, document: bytes) -> Any:
        return await asked(self._request.send(f"{self._base_url}/{method}", document))


def payload(about: str) -> str:
    """What a link to us carries: the paper that a text names, or a greeting."""
    wanted = ids.find(about)
    return deeplinks.of_paper(wanted[0]) if wanted else HELLO


def address_of(chat: int, topic: int | None = None) -> str:
    """A chat's address, or that of a topic in it: `-1001234/45`."""
    return f"{chat}/{topic}" if topic else str(chat)


def place_of(address: str) -> dict[str, Any]:
    """Where an address is, in Telegram's parameters; also `@name` of a public channel."""
    chat, _, topic = address.partition("/")
    place: dict[str, Any] = {"chat_id": int(chat) if chat.lstrip("-").isdecimal() else chat}
    if topic.isdecimal():
        place["message_thread_id"] = int(topic)
    return place


def entities_of(page: Page) -> list[MessageEntity]:
    """A page's entities as python-telegram-bot's."""
    return [
        MessageEntity(kind, offset, length, url=url or None)
        for kind, offset, length, url in page.entities
    ]


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

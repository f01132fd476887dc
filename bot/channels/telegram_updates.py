"""Updates to commands, each chat's in their order.

Nothing that a reader sends can raise, and no log line holds what they wrote: readers are named by
their internal number, an unexpected error by its type and place.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from telegram.constants import ChatMemberStatus, ChatType
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, MessageHandler, filters

from bot.channels.telegram import CHANNEL
from bot.channels.telegram_replies import Quiet, Replies
from bot.channels.telegram_turns import Allowance, Turns, Verdict
from bot.logs import place
from digest.errors import ChannelError, PaperboyError, ReaderGone
from digest.locale import DEFAULT, say, understand_language
from digest.models import Subscriber

if TYPE_CHECKING:
    from telegram import ChatMember, Message, Update
    from telegram.ext import BaseHandler

    from bot.channels.telegram import Telegram
    from bot.commands import Reply

log = structlog.get_logger()

TIMEZONES = {
    "zh": "Asia/Shanghai",
    "zh-Hant": "Asia/Taipei",
    "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul",
    "de": "Europe/Berlin",
    "ru": "Europe/Moscow",
}
"""Where most speakers of a language live; UTC where nobody can tell."""

PRESENT = frozenset(
    {ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER}
)

Answer = Callable[[Subscriber, str], Awaitable[tuple[Subscriber, "Reply"]]]
"""`bot.commands.book.answer` with its desk."""


class Readers(Protocol):
    """What is needed of the store."""

    async def find(self, channel: str, address: str) -> Subscriber | None:
        """Who reads at this address."""
        ...

    async def save(self, subscriber: Subscriber) -> Subscriber:
        """Stores them; returns them with their number."""
        ...

    async def set_active(self, subscriber_id: int, active: bool, /) -> None:  # noqa: FBT001 - the store's
        """Pauses somebody who blocked us, or takes them back."""
        ...


def _no_hour(_timezone: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What a reader has before they chose anything.

    Attributes:
        language: where the client names none that we speak.
        timezone: where the operator chose one; else it follows from the language.
        size: papers in a digest.
        hour: when their digest is sent, by their timezone.
        understand: the language that a client's tag names, of those that there are.
    """

    language: str = DEFAULT
    timezone: str = ""
    size: int = 10
    hour: Callable[[str], str] = _no_hour
    understand: Callable[[str], str | None] = understand_language

    def subscriber(self, chat: int, client_language: str | None) -> Subscriber:
        """Somebody new."""
        spoken = self.spoken(client_language)
        zone = self.timezone or TIMEZONES.get(spoken, "UTC")
        return Subscriber(
            CHANNEL,
            str(chat),
            language=spoken,
            timezone=zone,
            size=self.size,
            hour=self.hour(zone),
        )

    def spoken(self, client_language: str | None) -> str:
        """The language for a client's IETF tag (`zh-hans`)."""
        return self.understand(client_language or "") or self.language


class Conversations:
    """All chats with all readers."""

    def __init__(
        self,
        telegram: Telegram,
        readers: Readers,
        answer: Answer,
        *,
        newcomers: Newcomers = Newcomers(),
        replies: Replies | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes part in nothing until `serve` feeds it.

        Args:
            telegram: for its buttons and its name.
            readers: the store's subscribers.
            answer: what answers a line of text.
            newcomers: what somebody new starts with.
            replies: how answers go back; directly through `telegram` unless something paces them.
            clock: seconds that never go back.
        """
        self._telegram = telegram
        self._readers = readers
        self._answer = answer
        self._newcomers = newcomers
        self._replies = replies or Replies(telegram.bot, telegram)
        self._clock = clock
        self._allowance = Allowance()
        self.turns = Turns()

    def handlers(self) -> tuple[BaseHandler[Any, Any, Any], ...]:
        """What python-telegram-bot's Application calls."""
        return (
            MessageHandler(filters.UpdateType.MESSAGE, self._on_message),
            CallbackQueryHandler(self._on_tap),
            ChatMemberHandler(self._on_membership, ChatMemberHandler.MY_CHAT_MEMBER),
        )

    # What comes. Nothing is waited for before a turn is taken: that keeps a chat's order.

    async def _on_message(self, update: Update, _context: object) -> None:
        message = update.message
        assert message is not None
        spoken = message.from_user.language_code if message.from_user else None
        text = addressed(message, self._telegram.bot.username)
        if text:
            await self._hear(message.chat.id, spoken, text)
        elif message.chat.type == ChatType.PRIVATE and message.effective_attachment:
            await self._hear(message.chat.id, spoken, "")

    async def _on_tap(self, update: Update, _context: object) -> None:
        tap = update.callback_query
        assert tap is not None
        chat = tap.message.chat.id if tap.message else None
        command = self._telegram.buttons.command(str(chat), tap.data or "")
        spoken = tap.from_user.language_code
        known = chat is not None and command is not None
        async with asyncio.TaskGroup() as both:
            both.create_task(self._replies.settle(tap.id, "" if known else self._stale(spoken)))
            if chat is not None and command is not None:
                await self._hear(chat, spoken, command)

    async def _on_membership(self, update: Update, _context: object) -> None:
        changed = update.my_chat_member
        assert changed is not None
        async with self.turns.turn(changed.chat.id):
            with Quiet("telegram.membership"):
                await self._set_active(changed.chat.id, active=is_present(changed.new_chat_member))

    def _stale(self, spoken: str | None) -> str:
        return say("telegram.stale_button", self._newcomers.spoken(spoken))

    # What is done with it

    async def _hear(self, chat: int, spoken: str | None, text: str) -> None:
        if self.turns.is_repeated(chat, text):
            return
        verdict = self._allowance.ask(chat, self._clock())
        if verdict is Verdict.FINE:
            async with self.turns.turn(chat, text):
                await self._converse(chat, spoken, text)
        elif verdict is Verdict.WARN:
            await self._replies.say(chat, "telegram.slow_down", self._newcomers.spoken(spoken))

    async def _converse(self, chat: int, spoken: str | None, text: str) -> None:
        reader = self._newcomers.subscriber(chat, spoken)
        try:
            reader = await self._reader(reader)
            if not text:
                await self._replies.say(chat, "telegram.text_only", reader.language)
                return
            async with self._replies.typing(chat):
                reader, reply = await self._answer(reader, text)
            await self._replies.send(chat, reply.blocks, reply.choices)
        except ReaderGone as gone:
            log.info("telegram.gone", reader=reader.id, reason=gone.params.get("reason"))
            with Quiet("telegram.gone"):
                await self._set_active(chat, active=False)
        except ChannelError as error:
            log.warning("telegram.unanswered", reader=reader.id, error=str(error))
        except PaperboyError as error:
            await self._replies.say(chat, error.key, reader.language, **error.params)
        except Exception as error:  # noqa: BLE001 - nothing that a reader sends may stop the others
            log.error("telegram.failed", reader=reader.id, **place(error))  # noqa: TRY400 - quotes readers
            await self._replies.say(chat, PaperboyError.key, reader.language)

    async def _reader(self, newcomer: Subscriber) -> Subscriber:
        known = await self._readers.find(newcomer.channel, newcomer.address)
        return known or await self._readers.save(newcomer)

    async def _set_active(self, chat: int, *, active: bool) -> None:
        reader = await self._readers.find(CHANNEL, str(chat))
        if reader is not None and reader.id is not None:
            await self._readers.set_active(reader.id, active)


def addressed(message: Message, username: str) -> str:
    """What is said to us: in a group only commands and mentions; "" for the rest."""
    text = (message.text or message.caption or "").strip()
    if message.from_user and message.from_user.is_bot:
        return ""
    if message.chat.type == ChatType.PRIVATE or not text:
        return text
    mention = f"@{username}".casefold()
    words = text.split(None, 1)
    if words[0].startswith(("/", "／")):
        _, at, whom = words[0].casefold().partition("@")
        return text if not at or f"@{whom}" == mention else ""
    spoken = [word for word in text.split() if word.casefold().rstrip(",:，：") != mention]
    return " ".join(spoken) if len(spoken) < len(text.split()) else ""


def is_present(member: ChatMember) -> bool:
    """Whether we may write where our own membership is now this."""
    is_restricted = member.status == ChatMemberStatus.RESTRICTED
    return member.status in PRESENT or (is_restricted and bool(getattr(member, "is_member", False)))

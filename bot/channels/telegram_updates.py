"""Updates to commands, each chat's in their order.

Nothing that a reader sends can raise, and no log line holds what they wrote: readers are named by
their internal number, an unexpected error by its type and place.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from telegram import Message
from telegram.constants import ChatMemberStatus, ChatType
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, MessageHandler, filters

from bot.channels.telegram import address_of
from bot.channels.telegram_buttons import CHANNEL
from bot.channels.telegram_quiet import Quiet
from bot.channels.telegram_replies import Replies
from bot.channels.telegram_taps import Tap
from bot.channels.telegram_turns import Allowance, Turns, Verdict
from bot.logs import place
from digest.errors import ChannelError, PaperboyError, ReaderGone
from digest.locale import DEFAULT, say, understand_language
from digest.models import Subscriber

if TYPE_CHECKING:
    from telegram import ChatMember, MaybeInaccessibleMessage, Update
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

    def subscriber(self, address: str, client_language: str | None) -> Subscriber:
        """Somebody new."""
        spoken = self.spoken(client_language)
        zone = self.timezone or TIMEZONES.get(spoken, "UTC")
        return Subscriber(
            CHANNEL,
            address,
            language=spoken,
            timezone=zone,
            size=self.size,
            hour=self.hour(zone),
        )

    def spoken(self, client_language: str | None) -> str:
        """The language for a client's IETF tag (`zh-hans`)."""
        return self.understand(client_language or "") or self.language


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody said to us.

    Attributes:
        address: the chat, or a topic of it.
        text: what was typed, or what the button carries.
        spoken: the IETF tag of whoever said it.
        tap: where it was a button.
    """

    address: str
    text: str
    spoken: str | None = None
    tap: Tap | None = None


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
        is_private = message.chat.type == ChatType.PRIVATE
        if text or (is_private and message.effective_attachment):
            await self._hear(Heard(where(message), text, spoken))

    async def _on_tap(self, update: Update, _context: object) -> None:
        query = update.callback_query
        assert query is not None
        asked_in = query.message
        number = str(asked_in.message_id) if asked_in and asked_in.is_accessible else ""
        tap = Tap(self._telegram.bot, query.id, number, self._replies.settled_within_s)
        spoken = query.from_user.language_code
        async with tap.in_time():
            if asked_in is None:
                tap.settle(self._stale(spoken))
            else:
                await self._hear(Heard(where(asked_in), query.data or "", spoken, tap))

    async def _on_membership(self, update: Update, _context: object) -> None:
        changed = update.my_chat_member
        assert changed is not None
        address = str(changed.chat.id)
        async with self.turns.turn(address):
            with Quiet("telegram.membership"):
                await self._set_active(address, active=is_present(changed.new_chat_member))

    def _stale(self, spoken: str | None) -> str:
        return say("telegram.stale_button", self._newcomers.spoken(spoken))

    # What is done with it

    async def _hear(self, heard: Heard) -> None:
        if self.turns.is_repeated(heard.address, heard.text):
            return
        verdict = self._allowance.ask(heard.address, self._clock())
        if verdict is Verdict.FINE:
            async with self.turns.turn(heard.address, heard.text):
                await self._converse(heard)
        elif verdict is Verdict.WARN:
            spoken = self._newcomers.spoken(heard.spoken)
            if heard.tap is None or not heard.tap.settle(say("telegram.slow_down", spoken)):
                await self._replies.say(heard.address, "telegram.slow_down", spoken)

    async def _converse(self, heard: Heard) -> None:
        address = heard.address
        reader = self._newcomers.subscriber(address, heard.spoken)
        try:
            text = await self._asked(heard)
            if heard.tap and not text:
                return
            reader = await self._reader(reader)
            if not text:
                await self._replies.say(address, "telegram.text_only", reader.language)
                return
            async with self._replies.typing(address):
                reader, reply = await self._answer(reader, text)
            if reply.forgotten:
                self._telegram.buttons.forget(address)
            await self._replies.show(address, reply, heard.tap)
        except ReaderGone as gone:
            log.info("telegram.gone", reader=reader.id, reason=gone.params.get("reason"))
            with Quiet("telegram.gone"):
                await self._set_active(address, active=False)
        except ChannelError as error:
            log.warning("telegram.unanswered", reader=reader.id, error=str(error))
        except PaperboyError as error:
            await self._replies.say(address, error.key, reader.language, **error.params)
        except Exception as error:  # noqa: BLE001 - nothing that a reader sends may stop the others
            log.error("telegram.failed", reader=reader.id, **place(error))  # noqa: TRY400 - quotes readers
            await self._replies.say(address, PaperboyError.key, reader.language)

    async def _asked(self, heard: Heard) -> str:
        """What was typed, or what the button says; "" where that is nothing."""
        if heard.tap is None:
            return heard.text
        command = await self._telegram.buttons.command(heard.address, heard.text)
        if command is None:
            heard.tap.settle(self._stale(heard.spoken))
        return command or ""

    async def _reader(self, newcomer: Subscriber) -> Subscriber:
        known = await self._readers.find(newcomer.channel, newcomer.address)
        return known or await self._readers.save(newcomer)

    async def _set_active(self, address: str, *, active: bool) -> None:
        reader = await self._readers.find(CHANNEL, address)
        if reader is not None and reader.id is not None:
            await self._readers.set_active(reader.id, active)


def where(message: MaybeInaccessibleMessage) -> str:
    """The address of whoever reads there: the chat, or one topic of it."""
    topic = message.message_thread_id if isinstance(message, Message) else None
    is_topic = isinstance(message, Message) and message.is_topic_message
    return address_of(message.chat.id, topic if is_topic else None)


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

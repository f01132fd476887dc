"""Who said what, and where: updates of Telegram's as something that can be answered (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from telegram import Message
from telegram.constants import ChatMemberStatus, ChatType

from bot.channels.telegram import address_of

if TYPE_CHECKING:
    from telegram import ChatMember, MaybeInaccessibleMessage, User

    from bot.channels.telegram_taps import Tap

SLASHES = ("/", "／")

PRESENT = frozenset(
    {ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER}
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody said to us.

    Attributes:
        chat: Telegram's number of the chat.
        address: the chat's, or that of a topic in it.
        text: what was typed, or what the button carries.
        spoken: the IETF tag of whoever said it.
        who: their number, where it is told.
        is_chat: they speak as the chat itself, as only its admins can.
        kind: of the chat.
        tap: where it was a button.
        is_named: it names us: `/today@paperboy_bot`, a mention.
    """

    chat: int
    address: str
    text: str
    spoken: str | None = None
    who: int | None = None
    is_chat: bool = False
    kind: str = ChatType.PRIVATE
    tap: Tap | None = None
    is_named: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether others read there, too."""
        return self.kind != ChatType.PRIVATE

    @property
    def own(self) -> str:
        """The address of whoever said it, for what is theirs alone; "" where nobody can tell."""
        return str(self.who) if self.who is not None else ""


def heard(message: Message, username: str) -> Heard:
    """A message; its text is "" where it is not said to us."""
    speaks_as_chat = message.sender_chat is not None and message.sender_chat.id == message.chat.id
    sender = None if speaks_as_chat else message.from_user
    text = addressed(message, username)
    return Heard(
        message.chat.id,
        where(message),
        text,
        sender.language_code if sender else None,
        sender.id if sender else None,
        speaks_as_chat,
        message.chat.type,
        is_named=f"@{username}".casefold() in (message.text or message.caption or "").casefold(),
    )


def tapped(message: MaybeInaccessibleMessage, data: str, who: User, tap: Tap) -> Heard:
    """A tap on a button below a message."""
    chat = message.chat
    place = where(message)
    return Heard(chat.id, place, data, who.language_code, who.id, kind=chat.type, tap=tap)


def where(message: MaybeInaccessibleMessage) -> str:
    """The address of whoever reads there: the chat, or one topic of it."""
    topic = message.message_thread_id if isinstance(message, Message) else None
    is_topic = isinstance(message, Message) and message.is_topic_message
    return address_of(message.chat.id, topic if is_topic else None)


def addressed(message: Message, username: str) -> str:
    """What is said to us: in a group only commands and mentions; "" for the rest."""
    text = (message.text or message.caption or "").strip()
    if _is_nobody(message):
        return ""
    if message.chat.type == ChatType.PRIVATE or not text:
        return text
    mention = f"@{username}".casefold()
    words = text.split(None, 1)
    if words[0].startswith(SLASHES):
        _, at, whom = words[0].casefold().partition("@")
        return text if not at or f"@{whom}" == mention else ""
    spoken = [word for word in text.split() if word.casefold().rstrip(",:，：") != mention]
    return " ".join(spoken) if len(spoken) < len(text.split()) else ""


def _is_nobody(message: Message) -> bool:
    """Whether it is a bot's, or a channel's post that Telegram copied into its group.

    An anonymous admin is a bot of Telegram's by name, who speaks as the group itself.
    """
    if message.is_automatic_forward:
        return True
    if message.sender_chat is not None:
        return message.sender_chat.id != message.chat.id
    return bool(message.from_user and message.from_user.is_bot)


def is_present(member: ChatMember) -> bool:
    """Whether we may write where our own membership is now this."""
    is_restricted = member.status == ChatMemberStatus.RESTRICTED
    return member.status in PRESENT or (is_restricted and bool(getattr(member, "is_member", False)))

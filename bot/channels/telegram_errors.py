"""Every answer of Telegram's that is no success, as one of our errors.

Descriptions are Telegram's own words; they are no part of its promise, so what is not known here
is taken as the page's fault: it is not tried for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    TelegramError,
)

from bot.channels.telegram_http import FloodWait, NotSent
from digest.errors import (
    Ambiguous,
    AnotherPoller,
    ChannelError,
    PageRefused,
    ReaderGone,
    TokenRefused,
    TryLater,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping
    from typing import TypeVar

    T = TypeVar("T")

AT_ONCE_S = 0.0
"""How long to wait after a connection that did not come about, in seconds."""

_LONGEST_REASON = 200

_FORBIDDEN: Mapping[str, str] = {
    "blocked": "blocked",
    "deactivated": "deactivated",
    "kicked": "kicked",
    "not a member": "kicked",
}
_NOBODY_THERE: Mapping[str, str] = {
    "chat not found": "not_found",
    "user not found": "not_found",
    "peer_id_invalid": "not_found",
    "chat_id is empty": "not_found",
    "group chat was deactivated": "deactivated",
    "user is deactivated": "deactivated",
    "rights": "no_rights",
    "chat_write_forbidden": "no_rights",
    "topic_closed": "topic_closed",
    "topic_deleted": "topic_gone",
    "thread not found": "topic_gone",
}


async def asked(answer: Awaitable[T]) -> T:
    """Waits for an answer of Telegram's.

    Raises:
        ChannelError: the one that fits; without cause or context, for those may hold the token.
    """
    try:
        return await answer
    except TelegramError as error:
        trouble = told(error)
    raise trouble


def told(error: TelegramError) -> ChannelError:
    """What an error of python-telegram-bot's means to us."""
    meant: ChannelError
    match error:  # BadRequest and TimedOut are NetworkErrors: the order matters
        case FloodWait():
            meant = TryLater(retry_after=error.seconds)
        case NotSent():
            meant = TryLater(retry_after=AT_ONCE_S, reason=error.message)
        case ChatMigrated():
            meant = ReaderGone(reason="migrated", migrate_to=str(error.new_chat_id))
        case Forbidden():
            meant = ReaderGone(reason=_known(error.message, _FORBIDDEN) or "forbidden")
        case BadRequest():
            meant = _refused(error.message)
        case Conflict():
            meant = AnotherPoller()
        case InvalidToken() | EndPointNotFound():
            meant = TokenRefused()
        case _:
            meant = Ambiguous(reason=error.message[:_LONGEST_REASON])
    return meant


def _refused(description: str) -> ChannelError:
    if reason := _known(description, _NOBODY_THERE):
        return ReaderGone(reason=reason)
    return PageRefused(reason=description[:_LONGEST_REASON])


def _known(description: str, table: Mapping[str, str]) -> str | None:
    words = description.casefold()
    return next((reason for part, reason in table.items() if part in words), None)

"""Who may change what a group or a channel gets: its admins, asked for at each change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.constants import ChatMemberStatus

from bot.channels.telegram_errors import asked
from digest.errors import PageRefused, ReaderGone

if TYPE_CHECKING:
    from telegram import Bot

    from bot.channels.telegram_heard import Heard

ADMINS = frozenset({ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR})


async def refusal(bot: Bot, heard: Heard) -> str:
    """Why somebody may not configure where they said so, as a text's key; "" where they may.

    Raises:
        ChannelError: Telegram does not answer.
    """
    if not heard.is_shared or heard.is_chat:
        return ""
    if heard.who is None:
        return "telegram.admins_only"
    return await not_admin(bot, heard.chat, heard.who)


async def not_admin(bot: Bot, chat: int | str, who: int) -> str:
    """Why somebody is no admin of a chat, as a text's key; "" where they are one.

    Raises:
        ChannelError: Telegram does not answer.
    """
    try:
        member = await asked(bot.get_chat_member(chat, who))
    except ReaderGone:
        return "telegram.admins_only"
    except PageRefused:  # who hides its members shows them to its admins alone
        return "telegram.admins_unseen"
    return "" if member.status in ADMINS else "telegram.admins_only"

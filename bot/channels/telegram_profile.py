"""What Telegram shows of the bot before anybody writes to it, in every language.

Only what differs is set, for Telegram refuses these calls for hours when they come too often.
Nothing here stops the bot.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from telegram import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeDefault,
    BotDescription,
    BotName,
    BotShortDescription,
)

from bot.channels.telegram_errors import asked
from digest.locale import DEFAULT, languages, say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from telegram import Bot, BotCommandScope

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Menus:
    """Names of the commands that are offered, in their order; `commands.about.NAME` tells of each.

    Attributes:
        private: to a reader.
        groups: to everybody in a group.
        admins: to a group's admins.
    """

    private: Sequence[str]
    groups: Sequence[str] = ()
    admins: Sequence[str] = ()

    def scopes(self) -> tuple[tuple[BotCommandScope, Sequence[str]], ...]:
        """Each of them for Telegram's name of the place."""
        return (
            (BotCommandScopeDefault(), self.private),
            (BotCommandScopeAllGroupChats(), self.groups),
            (BotCommandScopeAllChatAdministrators(), self.admins),
        )


async def introduce(bot: Bot, menus: Menus) -> None:
    """Registers commands and descriptions in every language, English for all others.

    A bot that its operator called Paperboy is called what Paperboy is called in each language; any
    other name stays as it is.

    Args:
        bot: python-telegram-bot's.
        menus: which commands are offered where.
    """
    ours = say("telegram.name", DEFAULT).casefold() in bot.first_name.casefold()
    for language in languages():
        code = None if language == DEFAULT else language
        await _describe(bot, menus, language, code)
        if ours and code:
            name = say("telegram.name", language)
            await _keep(
                partial(bot.get_my_name, code),
                BotName(name),
                partial(bot.set_my_name, name, code),
            )


async def _describe(bot: Bot, menus: Menus, language: str, code: str | None) -> None:
    for scope, names in menus.scopes():
        menu = tuple(BotCommand(name, say(f"commands.about.{name}", language)) for name in names)
        await _keep(
            partial(bot.get_my_commands, scope, code),
            menu,
            partial(bot.set_my_commands, menu, scope, code),
        )
    about = say("telegram.description", language)
    await _keep(
        partial(bot.get_my_description, code),
        BotDescription(about),
        partial(bot.set_my_description, about, code),
    )
    short = say("telegram.short_description", language)
    await _keep(
        partial(bot.get_my_short_description, code),
        BotShortDescription(short),
        partial(bot.set_my_short_description, short, code),
    )


async def _keep(
    read: Callable[[], Awaitable[Any]], wanted: object, write: Callable[[], Awaitable[Any]]
) -> None:
    """Sets something unless it is so already."""
    if await _tried(read) != wanted:
        await _tried(write)


async def _tried(call: Callable[[], Awaitable[Any]]) -> object:
    try:
        return await asked(call())
    except Exception as error:  # noqa: BLE001 - decoration: whatever goes wrong with it, the bot goes on
        log.info("telegram.profile", error=type(error).__name__)
        return None

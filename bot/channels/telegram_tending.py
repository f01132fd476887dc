"""Channels are set up from a private chat: `/channel @name /field storage`, by their admins.

Nothing of it shows in the channel. What may be said there is settings alone: a preview of the
digest would count as read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from telegram.constants import ChatType

from bot.channels.telegram_errors import asked
from bot.channels.telegram_rights import not_admin
from bot.commands import Choice, Reply
from digest.errors import PageRefused, ReaderGone
from digest.locale import say
from digest.render.entities import JOINER
from digest.render.notices import heading, notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from telegram import Bot

    from bot.commands import Command

_ORDER = re.compile(
    r"\s*[/／]?(?:channel|频道|頻道)(?:\s+(@[A-Za-z]\w{3,31}|-\d{5,16})(?:\s+(.*))?)?\s*",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
_PREFIX = re.compile(r"\s*(?:[/／]channel|[/／]?(?:频道|頻道))(?:\s|$)", re.IGNORECASE)
SHOWN = frozenset({"fields", "settings"})
"""Commands that change nothing, and are about the channel all the same."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a private chat says for a channel.

    Attributes:
        channel: `@name` or number; "" where none is named.
        text: the command; "" for an overview.
    """

    channel: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel that may be set up; `refusal` is a text's key where it may not."""

    address: str = ""
    title: str = ""
    refusal: str = ""


def order(text: str) -> Order | None:
    """What is said for a channel; None where it is about something else."""
    text = text.replace(JOINER, "")  # stands in our own examples, which people copy
    if not _PREFIX.match(text):
        return None
    found = _ORDER.fullmatch(text)
    return Order(found[1] or "", (found[2] or "").strip()) if found else Order()


def is_setting(command: Command | None) -> bool:
    """Whether it may be said for a channel."""
    return command is not None and (command.configures or command.name in SHOWN)


async def place_for(bot: Bot, channel: str, who: int) -> Place:
    """The channel that somebody means, if they are its admin.

    Raises:
        ChannelError: Telegram does not answer.
    """
    try:
        chat = await asked(bot.get_chat(channel if channel.startswith("@") else int(channel)))
    except (ReaderGone, PageRefused):
        return Place(refusal="telegram.channel_unseen")
    if chat.type != ChatType.CHANNEL:
        return Place(refusal="telegram.no_channel")
    title = chat.title or channel
    key = await not_admin(bot, chat.id, who)
    unseen = key == "telegram.admins_unseen"
    return Place(str(chat.id), title, "telegram.channel_unseen" if unseen else key)


def tended(reply: Reply, place: Place, meant: Callable[[str], Command | None]) -> Reply:
    """The reply as it is shown in private: it names the channel, and so do its buttons."""

    def named(choices: Iterable[Choice]) -> tuple[Choice, ...]:
        return tuple(
            replace(each, command=f"/channel {place.address} {each.command}".strip())
            if each.command
            else each
            for each in choices
            if not each.command or is_setting(meant(each.command))
        )

    blocks = (*heading(place.title), *reply.blocks) if reply.blocks else ()
    rows = tuple(row for each in reply.rows if (row := named(each)))
    return replace(reply, blocks=blocks, choices=named(reply.choices), rows=rows)


def invitation(address: str, title: str, language: str) -> Reply:
    """What somebody reads who made us an admin of their channel."""
    label = say("telegram.channel_begin", language)
    words = say("telegram.channel_added", language, title=title)
    return Reply(notice(words), (Choice(label, f"/channel {address}"),))

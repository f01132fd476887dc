"""Commands: a request in, a reply out, on any platform.

A command takes the subscriber and the argument, and gives back the subscriber as they are now and
what to say. It saves and sends nothing itself: `answer` saves what changed, the channel sends.
A choice is a command that the reader need not type; a platform without buttons numbers them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date

    from digest.budget import Budget
    from digest.models import Subscriber
    from digest.reading import Reading
    from digest.render.blocks import Block
    from digest.store import Store


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tap or to type the number of: `command` is what it stands for.

    Where it does something else than a command does, `command` is what a place types that cannot
    do that, or "" where it leaves the choice out.

    Attributes:
        label: what the reader sees.
        command: as somebody would have typed it.
        link: a page that is opened; only of the sites that `bot.channels` lets through.
        copies: what goes to the clipboard, at most 256 characters.
        shares: what the bot is asked, inline, in the chat that the reader picks.
    """

    label: str
    command: str = ""
    link: str = ""
    copies: str = ""
    shares: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a reply: `name` as the reader stores it."""

    name: str
    content: bytes
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers.

    Attributes:
        blocks: what is shown.
        choices: what may come next.
        forgotten: the reader was erased, and is not to be saved again.
        rows: choices that stand in rows of their own (a calendar), above the others.
        in_place: it replaces the message whose button asked for it; typed, it is a new message.
            Without blocks only the choices below that message are replaced.
        toast: a few words over the chat for whoever tapped; typed, they stand before the blocks.
        becomes: what the tapped button is from then on, where it stands, if there are no blocks.
        file: sent with it.
    """

    blocks: tuple[Block, ...]
    choices: tuple[Choice, ...] = ()
    forgotten: bool = False
    rows: tuple[tuple[Choice, ...], ...] = ()
    in_place: bool = False
    toast: str = ""
    becomes: Choice | None = None
    file: Attachment | None = None


Answer = tuple["Subscriber", Reply]


def _utc() -> datetime:
    return datetime.now(UTC)


async def _tell_nobody(_key: str, **_params: object) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Desk:
    """What commands may ask for.

    Attributes:
        bot_name: what the bot is called on its platform, without the @; "" where it has no name.
        tell_admins: sends the admins a text of the catalogues; False where none could be told.
    """

    store: Store
    reading: Reading
    clock: Callable[[], datetime] = field(default=_utc)
    most_shown: int = 50
    tell_admins: Callable[..., Awaitable[bool]] = field(default=_tell_nobody)
    bot_name: str = ""
    budget: Budget | None = None
    admins: frozenset[str] = frozenset()

    def is_admin(self, reader: Subscriber) -> bool:
        """Whether it is somebody whom PAPERBOY_ADMINS names, in a chat of their own."""
        return reader.address in self.admins and reader.channel != "console"

    def today(self, reader: Subscriber) -> date:
        """The date where the reader is."""
        return self.clock().astimezone(ZoneInfo(reader.timezone)).date()


Handler = Callable[[Desk, "Subscriber", str], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: as it is typed, without the slash.
        handler: what answers it.
        argument: the key of what stands behind the name in /help (`commands.argument.field`),
            or "" where nothing does.
        words: what else it is called, in any language.
        hidden: not in /help.
        configures: it changes what a chat gets; in a group its admins alone may.
        for_admins: whoever is none is answered as if it were not there.
        personal: it is about whoever asks, not about the chat (what they like, what they saved): in
            a group or channel it is theirs, and answered in private.
    """

    name: str
    handler: Handler
    argument: str = ""
    words: tuple[str, ...] = ()
    hidden: bool = False
    configures: bool = False
    for_admins: bool = False
    personal: bool = False

"""Ways to reach people. A channel has a name, limits, and sends pages.

What a reply may open or be called is decided here, once for all of them: no text of a stranger's
links anywhere, and no file is named by one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.render.entities import Limits, Page

SITES = frozenset(
    {
        "arxiv.org",
        "alphaxiv.org",
        "www.alphaxiv.org",
        "doi.org",
        "github.com",
        "gitlab.com",
        "huggingface.co",
    }
)
"""Where a choice may lead; anything else but `_PROJECT` is refused."""

_PROJECT = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\.github\.io")
"""Authors' project pages, as `digest.text.links` finds them; the page of a paper shows the host."""

LONGEST_LINK = 500
LONGEST_COPY = 256
"""Of what a button puts on the clipboard (https://core.telegram.org/bots/api#copytextbutton)."""

LONGEST_NAME = 64


class Choice(Protocol):
    """Something to tap, or to type the number of; `bot.commands.Choice` is one and says more."""

    @property
    def label(self) -> str:
        """What the reader sees."""
        ...

    @property
    def command(self) -> str:
        """What it stands for, as somebody would have typed it."""
        ...

    @property
    def link(self) -> str:
        """A page that is opened; only where `opens` lets it through."""
        ...

    @property
    def copies(self) -> str:
        """What goes to the clipboard."""
        ...

    @property
    def shares(self) -> str:
        """What the bot is asked, inline, in the chat that the reader picks."""
        ...


class Attachment(Protocol):
    """A file; `bot.commands.Attachment` is one."""

    @property
    def name(self) -> str:
        """As the reader stores it, once it went through `file_name`."""
        ...

    @property
    def content(self) -> bytes:
        """All of it."""
        ...

    @property
    def media_type(self) -> str:
        """What it is; a picture is shown."""
        ...


class Channel(Protocol):
    """One way to reach people.

    `limits` say how much one message carries.
    """

    @property
    def name(self) -> str:
        """What a subscriber's `channel` is: `telegram`, `console`."""
        ...

    @property
    def limits(self) -> Limits:
        """Units of text and entities of one message."""
        ...

    async def send(
        self,
        address: str,
        page: Page,
        *,
        silent: bool = False,
        choices: Sequence[Choice] = (),
        rows: Sequence[Sequence[Choice]] = (),
    ) -> str | None:
        """Sends one page.

        Args:
            address: the subscriber's address on this channel.
            page: within `limits`.
            silent: whether the reader's device stays quiet.
            choices: what to tap below the page.
            rows: the same in rows of their own, above the others.

        Returns:
            The channel's own name for the message, where it gives one.

        Raises:
            ReaderGone: blocked, deleted, not found, or moved (`params["migrate_to"]`).
            TryLater: not sent; after `params["retry_after"]` seconds it may be.
            Ambiguous: perhaps sent: no answer in time, a lost connection, an error of the server.
            PageRefused: this page is not taken, however often it is tried.
            TokenRefused: the platform does not know us any more.
        """
        ...


class Talking(Channel, Protocol):
    """A channel on which what was said can be changed, and files be handed over."""

    async def edit(
        self,
        address: str,
        message_id: str,
        page: Page | None,
        *,
        choices: Sequence[Choice] = (),
        rows: Sequence[Sequence[Choice]] = (),
    ) -> bool:
        """Puts a page in the place of a message; None leaves its text and changes what to tap.

        Returns:
            Whether the message is like that now; False where it cannot be changed any more.

        Raises:
            ChannelError: as `Channel.send`; to do it twice does no harm.
        """
        ...

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
        """Hands over a file; as `Channel.send`. The caption is within `limits` of its own."""
        ...


def opens(link: str) -> bool:
    """Whether a choice may open this page: https, on a site we know, and nothing misleading."""
    if not link or len(link) > LONGEST_LINK or not link.isascii() or not link.isprintable():
        return False
    if " " in link or "\\" in link:  # browsers take a backslash for a slash
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    is_known = parts.netloc in SITES or _PROJECT.fullmatch(parts.netloc) is not None
    return parts.scheme == "https" and is_known


def file_name(name: str) -> str:
    """A name that is harmless in any folder and any header: `a-z A-Z 0-9 . _ -`, no path."""
    plain = unicodedata.normalize("NFKD", name.replace("\\", "/").rpartition("/")[2])
    stem, dot, ending = plain.encode("ascii", "ignore").decode().rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip(".-")[: LONGEST_NAME - 10]
    ending = re.sub(r"[^A-Za-z0-9]+", "", ending)[:8] or "txt"
    return f"{stem or 'paperboy'}.{ending}"

"""Choices as an inline keyboard. A button is a command that somebody else typed for you.

It carries the command's own text where that fits (64 bytes), else a name for it, which the store
knows: after a restart and in every process, yet only in the chat that it was offered to.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.channels import LONGEST_COPY, opens
from digest.errors import StoreError
from digest.store.buttons import name_of
from digest.text.width import cut, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.channels import Choice

log = structlog.get_logger()

CHANNEL = "telegram"

LONGEST_DATA = 64
"""Of `callback_data`, in bytes of UTF-8 (https://core.telegram.org/bots/api)."""

LONGEST_QUERY = 256
"""Of what is asked inline, in characters."""

MOST_BUTTONS = 100
"""What Telegram takes on one keyboard."""

ROW_COLUMNS = 36
LABEL_COLUMNS = 33  # of one label alone
"""What is readable side by side on a narrow phone, in columns of a terminal."""

A_ROW = 3
NARROW = 3
NARROW_A_ROW = 5
"""Numbers (up to 3 columns wide) stand five in a row."""

WIDEST_ROW = 8
"""What Telegram takes in one row."""

REMEMBERED = 10_000
"""Long commands kept in memory, of all chats; the oldest are looked up again."""

_OPAQUE = "~"
INERT = _OPAQUE
"""What a cell carries that does nothing: a day's name above a calendar."""

Button = dict[str, Any]
"""As Telegram takes it."""


class Names(Protocol):
    """Who remembers long commands; the store's `buttons`."""

    async def keep(self, channel: str, address: str, commands: Iterable[str]) -> None:
        """Remembers commands that are offered at an address."""
        ...

    async def find(self, channel: str, address: str, name: str) -> str | None:
        """The command of that name that was offered at this address."""
        ...


class Buttons:
    """What the buttons of all chats stand for.

    Attributes:
        own: how links to our own bot begin; they may be opened, too.
    """

    def __init__(self, names: Names | None = None, remembered: int = REMEMBERED) -> None:
        """Remembers in memory alone where there are no `names`."""
        self.own = ""
        self._names = names
        self._remembered = remembered
        self._commands: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def keyboard(
        self, address: str, choices: Sequence[Choice], rows: Sequence[Sequence[Choice]] = ()
    ) -> dict[str, Any] | None:
        """A `reply_markup` of Telegram's; None where there is nothing to choose."""
        laid = keyboard(choices, rows, self.own)
        if not laid:
            return None
        await self._remember(
            address, [b["callback_data"] for row in laid for b in row if is_long(b)]
        )
        for button in (b for row in laid for b in row if is_long(b)):
            button["callback_data"] = _OPAQUE + name_of(button["callback_data"])
        return {"inline_keyboard": laid}

    async def command(self, address: str, data: str) -> str | None:
        """What the tapped button says; "" for a cell, None where it is forged or foreign."""
        if data == INERT:
            return ""
        if not data.startswith(_OPAQUE):
            return data or None
        name = data.removeprefix(_OPAQUE)
        known = self._commands.get((address, name))
        if known is None and self._names:
            known = await self._names.find(CHANNEL, address, name)
        return known

    def forget(self, address: str) -> None:
        """Keeps nothing in memory of a chat that was erased."""
        for key in [key for key in self._commands if key[0] == address]:
            del self._commands[key]

    async def _remember(self, address: str, commands: Sequence[str]) -> None:
        new = {name_of(each): each for each in commands}
        new = {name: each for name, each in new.items() if (address, name) not in self._commands}
        if not new:
            return
        for name, command in new.items():
            self._commands[address, name] = command
        while len(self._commands) > self._remembered:
            self._commands.popitem(last=False)
        if self._names:
            try:
                await self._names.keep(CHANNEL, address, new.values())
            except StoreError as error:  # until the next start the memory alone knows them
                log.warning("telegram.buttons", error=str(error))


def is_long(button: Button) -> bool:
    """Whether what it says has to be remembered for it; no command can pass for a name."""
    data = button.get("callback_data", INERT)
    return data != INERT and (len(data.encode()) > LONGEST_DATA or data.startswith(_OPAQUE))


def keyboard(
    choices: Sequence[Choice], rows: Sequence[Sequence[Choice]] = (), own: str = ""
) -> list[list[Button]]:
    """The rows of a keyboard, what is said in full; at most as much as Telegram takes."""
    cells = ([_cell(each, own) for each in row] for row in rows)
    above = [row[at : at + WIDEST_ROW] for row in cells for at in range(0, len(row), WIDEST_ROW)]
    above = [row for row in above if any(_says_something(button) for button in row)]
    free = _rows(found for each in choices if (found := _button(each, own)))
    kept: list[list[Button]] = []
    for row in (*above, *free):
        room = MOST_BUTTONS - sum(map(len, kept))
        if row[:room]:
            kept.append(row[:room])
    return kept


def _says_something(button: Button) -> bool:
    return button.get("callback_data") != INERT or bool(button["text"].strip())


def _cell(choice: Choice, own: str) -> Button:
    """A button of a row; where there is nothing to do, its label stands there all the same."""
    return _button(choice, own) or {
        "text": cut(choice.label, LABEL_COLUMNS).strip() or " ",
        "callback_data": INERT,
    }


def _button(choice: Choice, own: str) -> Button | None:
    """The button; None for one without a label, or with nothing that it may do."""
    label = cut(choice.label, LABEL_COLUMNS)
    does = _does(choice, own)
    return {"text": label, **does} if label.strip() and does else None


def _does(choice: Choice, own: str) -> Button:
    """What a tap does: what it opens, copies or shares if that may be, else its command."""
    is_own = bool(own) and choice.link.startswith(own) and choice.link.isascii()
    if opens(choice.link) or is_own:
        return {"url": choice.link}
    if 0 < len(choice.copies) <= LONGEST_COPY:
        return {"copy_text": {"text": choice.copies}}
    if 0 < len(choice.shares) <= LONGEST_QUERY:
        return {"switch_inline_query": choice.shares}
    return {"callback_data": choice.command} if choice.command else {}


def _rows(buttons: Iterable[Button]) -> list[list[Button]]:
    """As many side by side as are readable; all of a row are as wide as its widest."""
    rows: list[list[Button]] = []
    for button in buttons:
        if rows and _fits([*rows[-1], button]):
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


def _fits(row: Sequence[Button]) -> bool:
    widest = max(width(button["text"]) for button in row)
    most = NARROW_A_ROW if widest <= NARROW else A_ROW
    return len(row) <= most and widest * len(row) <= ROW_COLUMNS

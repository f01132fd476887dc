"""Choices as an inline keyboard. A button is a command that somebody else typed for you.

It carries the command's own text where that fits (64 bytes), else a random name for it, which is
known to this process only, and only in the chat that it was made for.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from digest.text.width import cut, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.channels import Choice

LONGEST_DATA = 64
"""Of `callback_data`, in bytes of UTF-8 (https://core.telegram.org/bots/api)."""

MOST_BUTTONS = 100
"""What Telegram takes on one keyboard."""

ROW_COLUMNS = 33
"""What is readable side by side on a narrow phone, in columns of a terminal."""

A_ROW = 3
NARROW = 3
NARROW_A_ROW = 5
"""Numbers (up to 3 columns wide) stand five in a row."""

REMEMBERED = 10_000
"""Long commands kept, of all chats; the oldest are forgotten."""

_OPAQUE = "~"


class Buttons:
    """What the buttons of all chats stand for."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._commands: OrderedDict[tuple[str, str], str] = OrderedDict()

    def keyboard(self, address: str, choices: Sequence[Choice]) -> dict[str, Any] | None:
        """A `reply_markup` of Telegram's; None where there is nothing to choose."""
        offered = [each for each in choices if each.label.strip()][:MOST_BUTTONS]
        if not offered:
            return None
        return {
            "inline_keyboard": [
                [
                    {"text": label, "callback_data": self._data(address, command)}
                    for label, command in row
                ]
                for row in _rows((cut(each.label, ROW_COLUMNS), each.command) for each in offered)
            ]
        }

    def command(self, address: str, data: str) -> str | None:
        """What the button says that was tapped; None where it is forged or forgotten."""
        if not data.startswith(_OPAQUE):
            return data or None
        return self._commands.get((address, data))

    def _data(self, address: str, command: str) -> str:
        if len(command.encode()) <= LONGEST_DATA and not command.startswith(_OPAQUE):
            return command
        data = _OPAQUE + secrets.token_urlsafe(18)
        self._commands[address, data] = command
        while len(self._commands) > self._remembered:
            self._commands.popitem(last=False)
        return data


def _rows(buttons: Iterable[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """As many side by side as are readable; all of a row are as wide as its widest."""
    rows: list[list[tuple[str, str]]] = []
    for button in buttons:
        if rows and _fits([*rows[-1], button]):
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


def _fits(row: Sequence[tuple[str, str]]) -> bool:
    widest = max(width(label) for label, _ in row)
    most = NARROW_A_ROW if widest <= NARROW else A_ROW
    return len(row) <= most and widest * len(row) <= ROW_COLUMNS

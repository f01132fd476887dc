"""The tapped button becomes another, where it stands: what was "Save" is "Saved"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands import Choice

if TYPE_CHECKING:
    from bot.channels.telegram_buttons import Button, Buttons
    from bot.channels.telegram_heard import Heard
    from bot.commands import Reply


async def exchanged(buttons: Buttons, said: Heard, reply: Reply) -> Reply:
    """The reply, with the keyboard in which the tapped button is what the reply says it becomes."""
    if said.tap is None or not said.tap.keyboard or reply.becomes is None or reply.blocks:
        return reply
    rows = [
        [
            reply.becomes
            if each.get("callback_data") == said.text
            else await _choice(buttons, said.address, each)
            for each in row
        ]
        for row in said.tap.keyboard
    ]
    return replace(reply, choices=(), rows=tuple(map(tuple, rows)), in_place=True)


async def _choice(buttons: Buttons, address: str, button: Button) -> Choice:
    """What a button was made of."""
    return Choice(
        button["text"],
        await buttons.command(address, button.get("callback_data", "")) or "",
        link=button.get("url", ""),
        copies=button.get("copy_text", {}).get("text", ""),
        shares=button.get("switch_inline_query", ""),
    )

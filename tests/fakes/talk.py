"""One reader who types and taps, and what they are answered.

talk = Talk(app, READER)
said = await talk.say("/paper 2602.02489")      the toast and the reply as plain text
talk.commands, talk.labels, talk.links          what can be tapped
talk.choices, talk.rows                         what of it stands in no row, and in rows
await talk.tap("Back to the paper")             taps the button of that label
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Reply
from bot.commands.book import answer
from digest.render import plain

if TYPE_CHECKING:
    from bot.app import App
    from bot.commands import Choice, Desk
    from digest.models import Subscriber


class Talk:
    """See the module."""

    def __init__(self, app: App, reader: Subscriber, desk: Desk | None = None) -> None:
        self.app = app
        self.reader = reader
        self.desk = desk or app.desk
        self.reply = Reply(())

    async def say(self, text: str) -> str:
        self.reader, self.reply = await answer(self.desk, self.reader, text)
        return f"{self.reply.toast}\n{plain.text(self.reply.blocks)}".strip()

    async def tap(self, label: str) -> str:
        [tapped] = [each for each in self.buttons if each.label == label]
        return await self.say(tapped.command)

    @property
    def buttons(self) -> list[Choice]:
        return [*(each for row in self.reply.rows for each in row), *self.reply.choices]

    @property
    def choices(self) -> dict[str, str]:
        return {each.label: each.command for each in self.reply.choices}

    @property
    def rows(self) -> list[dict[str, str]]:
        return [{each.label: each.command for each in row} for row in self.reply.rows]

    @property
    def labels(self) -> list[str]:
        return [each.label for each in self.buttons]

    @property
    def commands(self) -> list[str]:
        return [each.command for each in self.buttons if each.command]

    @property
    def links(self) -> dict[str, str]:
        return {each.label: each.link for each in self.buttons if each.link}

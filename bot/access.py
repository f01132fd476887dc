"""Who may read: everybody, or only whom a code let in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot import deeplinks
from bot.commands import Reply
from bot.commands.book import answer
from bot.commands.inline import Cards, cards
from digest.locale import say
from digest.models import State
from digest.render.notices import notice

if TYPE_CHECKING:
    from bot.commands import Answer, Desk
    from digest.models import Subscriber


@dataclass(frozen=True, slots=True)
class Door:
    """Stands before the commands.

    Attributes:
        desk: what commands may ask for.
        is_open: everybody may read.
        admins: addresses that need no code.
    """

    desk: Desk
    is_open: bool = True
    admins: frozenset[str] = frozenset()

    async def answer(self, reader: Subscriber, text: str) -> Answer:
        """Answers whoever may read, and stores them; asks others for their code, and does not.

        So whom nobody let in is no reader: not counted, not written to, nothing kept of them.
        """
        if reader.state is State.GONE and reader.id is not None:
            # They are back, and Telegram's word of it never came.
            await self.desk.store.subscribers.set_active(reader.id, True)  # noqa: FBT003 - its value
            reader = replace(reader, state=State.ACTIVE)
        if await self._may(reader):
            return await answer(self.desk, await self._stored(reader), text)
        code = text.strip().removeprefix("/start").strip()
        if code and (let_in := await self._let_in(code, reader)):
            return await answer(self.desk, let_in, "/start")
        is_code = bool(code) and not deeplinks.is_link(code)
        key = "commands.wrong_code" if is_code else "commands.code_needed"
        return reader, Reply(notice(say(key, reader.language)))

    async def cards(self, reader: Subscriber, text: str) -> Cards:
        """Papers to share, for whoever may read."""
        return await cards(self.desk, reader.language, text) if await self._may(reader) else Cards()

    async def _may(self, reader: Subscriber) -> bool:
        """Who followed fields before the door was closed stays inside."""
        if self.is_open or reader.address in self.admins or reader.fields:
            return True
        return reader.id is not None and await self.desk.store.invitations.admitted(reader.id)

    async def _let_in(self, code: str, reader: Subscriber) -> Subscriber | None:
        """The reader as they are stored, where a code lets them in."""
        invitations = self.desk.store.invitations
        if not await invitations.is_free(code):
            return None
        reader = await self._stored(reader)
        assert reader.id is not None
        is_in = await invitations.redeem(code, reader.id, self.desk.clock())
        return reader if is_in else None

    async def _stored(self, reader: Subscriber) -> Subscriber:
        return reader if reader.id is not None else await self.desk.store.subscribers.save(reader)

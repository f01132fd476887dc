"""The whole bot in a chat on loopback: real commands, a real store, a real Telegram transport.

    async with opened() as app, FakeTelegram() as telegram, chatting(app, telegram):
        telegram.write(5, "/start", language="zh-hans")
        await telegram.until(lambda: telegram.screen(5))
        telegram.press(5, "人工智能")

Nothing sleeps: the pace has a clock of its own. A tap is answered when its command is.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from bot.access import Door
from bot.channels.telegram import Telegram
from bot.channels.telegram_replies import Replies
from bot.channels.telegram_serve import serve
from bot.channels.telegram_updates import Conversations
from bot.commands.book import meant
from bot.pace import Pace
from bot.paced import Paced
from tests.fakes.telegram import TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from tests.fakes.telegram import FakeTelegram

NEVER_S = 60.0


@asynccontextmanager
async def chatting(app: App, fake: FakeTelegram, **options: Any) -> AsyncIterator[Telegram]:
    """Serves the chats of `fake`; `options`: Conversations' own, `answer`, `door`, `patience`."""
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    async with Telegram(TOKEN, api_url=fake.url, names=app.store.buttons) as telegram:
        paced = Paced(telegram, Pace(30, clock=lambda: now[0], sleep=sleep))
        patience = {"typing_after_s": NEVER_S, "settled_within_s": NEVER_S}
        patience |= options.pop("patience", {})
        replies = Replies(telegram.bot, paced, sleep=sleep, **patience)
        door = options.pop("door", Door(app.desk))
        known: dict[str, Any] = {"replies": replies, "meant": meant, "clock": lambda: now[0]}
        known["cards"] = door.cards
        answer = options.pop("answer", door.answer)
        talks = Conversations(telegram, app.store.subscribers, answer, **known | options)
        serving = asyncio.create_task(serve(telegram, talks))
        try:
            yield telegram
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving

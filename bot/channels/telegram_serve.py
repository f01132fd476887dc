"""Serving Telegram until it is cancelled: what was fetched is answered before it stops."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from bot.channels.telegram_errors import asked
from bot.channels.telegram_polling import Polling, Reach, at_hand
from bot.channels.telegram_profile import introduce
from bot.channels.telegram_webhook import Webhook, listening
from digest.errors import ChannelError, ChannelUnreachable, TokenRefused

if TYPE_CHECKING:
    from telegram import Bot

    from bot.channels.telegram import Telegram
    from bot.channels.telegram_profile import Menus
    from bot.channels.telegram_updates import Conversations

log = structlog.get_logger()

FINISH_WITHIN_S = 6.0
CONFIRM_WITHIN_S = 2.0
"""Together with closing connections: below the 10 seconds that a stop may take."""

GIVE_UP_ROUNDS = 5
"""What waited behind something given up begins, and is given up, too."""


async def serve(
    telegram: Telegram,
    conversations: Conversations,
    *,
    menus: Menus | None = None,
    webhook: Webhook | None = None,
    reach: Reach = at_hand,
    finish_within_s: float = FINISH_WITHIN_S,
) -> None:
    """Answers readers until it is cancelled; once for each `telegram`.

    Cancelled, it takes nothing new, answers what it has and confirms it; cancelled again, it ends.

    Args:
        telegram: open.
        conversations: what answers.
        menus: commands to register; without, nothing is registered.
        webhook: where Telegram brings updates; fetched by polling without.
        reach: raises StoreError while nothing can be answered: what comes then stays Telegram's.
        finish_within_s: then what is not answered is given up, and logged.

    Raises:
        TokenRefused, AnotherPoller, ChannelUnreachable: nothing that waiting would mend.
        ChannelError: the webhook cannot be set up; says why.
    """
    application = telegram.application
    application.add_handlers(conversations.handlers())
    await application.start()
    polling = Polling(application.bot, application.update_queue, reach=reach)
    introducing = asyncio.create_task(_introduce(application.bot, menus))
    try:
        if webhook is None:
            await _fetch_only(application.bot)
            await polling.run()
        else:
            async with listening(webhook, application.bot, application.update_queue, reach):
                await asyncio.Event().wait()
    finally:
        introducing.cancel()
        is_done = await _finish(telegram, conversations, finish_within_s)
        if is_done and webhook is None:
            await _confirm(polling)


async def _introduce(bot: Bot, menus: Menus | None) -> None:
    if menus is not None:
        await introduce(bot, menus)


async def _fetch_only(bot: Bot) -> None:
    """Telegram refuses to be asked while a webhook is set."""
    try:
        await asked(bot.delete_webhook())
    except TokenRefused:
        raise
    except ChannelError as error:
        raise ChannelUnreachable(reason=str(error)) from None


async def _finish(telegram: Telegram, conversations: Conversations, within_s: float) -> bool:
    """Waits until everything is answered; False if some of it was given up."""
    stopping = asyncio.create_task(telegram.application.stop())
    await asyncio.wait({stopping}, timeout=within_s)
    if stopping.done():
        await stopping
        return True
    for _ in range(GIVE_UP_ROUNDS):
        log.warning("telegram.given_up", updates=conversations.turns.abandon())
        if (await asyncio.wait({stopping}, timeout=0.1))[0]:
            break
    return False


async def _confirm(polling: Polling) -> None:
    try:
        async with asyncio.timeout(CONFIRM_WITHIN_S):
            await polling.confirm()
    except (ChannelError, TimeoutError) as error:
        log.warning("telegram.unconfirmed", error=type(error).__name__)

"""Updates that Telegram brings: an endpoint of our own, behind whatever ends TLS.

Its path is no secret; the header X-Telegram-Bot-Api-Secret-Token is, compared in constant time. An
answer of 200 means that the update is in the queue; Telegram brings again what was not taken, as
nothing is while the store is away: nobody could be answered.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from telegram import Update

from bot.channels.telegram_errors import asked
from bot.channels.telegram_http import is_readable
from bot.channels.telegram_polling import WANTED, Reach, at_hand
from digest.errors import (
    ChannelError,
    ChannelUnreachable,
    PageRefused,
    StoreError,
    TokenRefused,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from telegram import Bot

log = structlog.get_logger()

HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 1024 * 1024
"""Of one update, in bytes."""

CONNECTIONS = 40
STOP_WITHIN_S = 1.0


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram brings updates.

    Attributes:
        url: public, https; its path is the one that is served.
        port: of this machine, where whatever ends TLS hands them on.
        secret: 1 to 256 of A-Za-z0-9_-; a fresh one for each start unless chosen.
        host: the address to listen on.
    """

    url: str
    port: int
    secret: str = field(default_factory=_secret, repr=False)
    host: str = "0.0.0.0"  # noqa: S104 - in a container, the proxy is another host

    @property
    def path(self) -> str:
        """What of the URL is served."""
        return urlsplit(self.url).path or "/"


class Endpoint:
    """Takes one update for each request; anything else is refused without a word."""

    def __init__(
        self, secret: str, bot: Bot, queue: asyncio.Queue[object], reach: Reach = at_hand
    ) -> None:
        self._secret = secret.encode()
        self._bot = bot
        self._queue = queue
        self._reach = reach
        self._looking: asyncio.Future[bool] | None = None

    async def take(self, request: web.Request) -> web.Response:
        """Puts an update into the queue."""
        shown = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, self._secret):
            return web.Response(status=403)
        update = _object(await request.read())
        if update is None:
            return web.Response(status=400)
        if not await self._is_reached():
            return web.Response(status=503)
        if is_readable(update):
            self._queue.put_nowait(Update.de_json(update, self._bot))
        else:  # taken all the same: brought again it would be no better
            log.warning("telegram.unreadable_update")
        return web.Response()

    async def _is_reached(self) -> bool:
        """One look for all that is brought meanwhile: it stays in its order."""
        self._looking = self._looking or asyncio.ensure_future(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> bool:
        try:
            await self._reach()
        except StoreError as error:
            log.warning("telegram.put_off", error=str(error))
            return False
        finally:
            self._looking = None
        return True


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    is_update = isinstance(told, dict) and isinstance(told.get("update_id"), int)
    return told if is_update else None


@asynccontextmanager
async def listening(
    webhook: Webhook, bot: Bot, queue: asyncio.Queue[object], reach: Reach = at_hand
) -> AsyncIterator[None]:
    """Serves the endpoint, and tells Telegram of it.

    Raises:
        ChannelError: the port is taken, or Telegram does not want this URL; says so.
        ChannelUnreachable, TokenRefused: as at any start.
    """
    app = web.Application(client_max_size=LARGEST)
    app.router.add_post(webhook.path, Endpoint(webhook.secret, bot, queue, reach).take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN_S)
    await runner.setup()
    try:
        await _listen(runner, webhook)
        await _register(webhook, bot)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, webhook: Webhook) -> None:
    try:
        await web.TCPSite(runner, webhook.host, webhook.port).start()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ChannelError("errors.webhook_port", port=str(webhook.port), reason=reason) from error


async def _register(webhook: Webhook, bot: Bot) -> None:
    try:
        await asked(
            bot.set_webhook(
                webhook.url,
                secret_token=webhook.secret,
                allowed_updates=WANTED,
                max_connections=CONNECTIONS,
            )
        )
    except PageRefused as refused:
        raise ChannelError("errors.webhook_refused", **refused.params) from None
    except TokenRefused:
        raise
    except ChannelError as error:
        raise ChannelUnreachable(reason=str(error)) from None

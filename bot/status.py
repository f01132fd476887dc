"""What a watching machine asks over HTTP: `/healthz`, and `/metrics` for Prometheus.

On loopback unless somebody chooses otherwise; no answer holds anybody's name, address or words.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from bot import __version__
from digest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from bot.vitals import Trouble

STOP_WITHIN_S = 1.0
PROMETHEUS = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Status:
    """The two pages.

    Attributes:
        troubles: what does not live now; answers at once, and asks no store.
        metrics: Prometheus' page.
    """

    troubles: Callable[[], Sequence[Trouble]]
    metrics: Callable[[], Awaitable[bytes]]

    async def healthz(self, _request: web.Request) -> web.Response:
        """200 while all is alive, else 503 and what is not."""
        found = self.troubles()
        told = {"status": "failing" if found else "ok", "version": __version__}
        reasons = [_shown(each) for each in found]
        return web.json_response(told | {"reasons": reasons}, status=503 if found else 200)

    async def show_metrics(self, _request: web.Request) -> web.Response:
        """Prometheus' text format."""
        return web.Response(body=await self.metrics(), headers=PROMETHEUS)


def _shown(trouble: Trouble) -> dict[str, object]:
    since = None if trouble.seconds is None else round(trouble.seconds)
    told = {"part": trouble.part, "what": trouble.what, "seconds": since, "error": trouble.error}
    return {name: value for name, value in told.items() if value not in {None, ""}}


@asynccontextmanager
async def listening(status: Status, host: str, port: int) -> AsyncIterator[int]:
    """Serves both pages; gives the port that it listens on, where 0 was asked for.

    Raises:
        SettingsError: the address or the port cannot be had.
    """
    app = web.Application()
    app.router.add_get("/healthz", status.healthz)
    app.router.add_get("/metrics", status.show_metrics)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            place = {"host": host, "port": str(port), "reason": reason}
            raise SettingsError("errors.http_port", **place) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()

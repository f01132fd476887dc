"""What goes wrong beside the point is logged, and the rest goes on."""

from __future__ import annotations

import structlog

from bot.logs import place
from digest.errors import ChannelError

log = structlog.get_logger()


class Quiet:
    """Logs what goes wrong beside the point, and lets the rest go on."""

    def __init__(self, event: str) -> None:
        self._event = event

    def __enter__(self) -> None:
        """Begins."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Ends; only what is no Exception (being cancelled) goes on."""
        if isinstance(error, ChannelError):
            log.info(self._event, error=str(error))
        elif isinstance(error, Exception):
            log.error(self._event, **place(error))
        return isinstance(error, Exception)

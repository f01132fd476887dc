"""The admins: who is told what goes wrong, each in their own language and time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from digest.errors import ChannelError
from digest.locale import say
from digest.render.entities import pages
from digest.render.notices import notice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bot.channels import Channel
    from digest.store import Store

log = structlog.get_logger()


class Admins:
    """Those whom PAPERBOY_ADMINS names; they hear of numbers and days, never of readers."""

    def __init__(
        self,
        store: Store,
        channel: Channel,
        addresses: Sequence[str],
        language: str,
        timezone: str = "",
    ) -> None:
        """Tells nobody yet.

        Args:
            store: knows those of them who are readers, too.
            channel: what they are written to through.
            addresses: theirs on that channel.
            language: of those who are no readers.
            timezone: the same, by IANA's name; UTC where empty.
        """
        self._store = store
        self._channel = channel
        self._addresses = tuple(addresses)
        self._language = language
        self._timezone = timezone or "UTC"

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self._addresses)

    async def tell(self, key: str, **params: Any) -> bool:
        """Sends each of them a text of the catalogues; False where none could be told.

        Args:
            key: of the text.
            params: its values; times are shown as the clock of each admin shows them.
        """
        return any([await self._tell(address, key, params) for address in self._addresses])

    async def _tell(self, address: str, key: str, params: dict[str, Any]) -> bool:
        reader = await self._store.subscribers.find(self._channel.name, address)
        language = reader.language if reader else self._language
        zone = ZoneInfo(reader.timezone if reader else self._timezone)
        words = say(key, language, **{name: _there(each, zone) for name, each in params.items()})
        try:
            for page in pages(notice(words), self._channel.limits):
                await self._channel.send(address, page)
        except ChannelError as error:
            log.warning("admin_not_told", error=type(error).__name__)
            return False
        return True


def _there(value: Any, zone: ZoneInfo) -> Any:
    """A time as it is in a zone; anything else as it is."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone)
    return value

"""Readers on Telegram: what is needed of the store, and what somebody new starts with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.channels.telegram_buttons import CHANNEL
from digest.locale import DEFAULT, understand_language
from digest.models import Subscriber

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TIMEZONES = {
    "zh": "Asia/Shanghai",
    "zh-Hant": "Asia/Taipei",
    "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul",
    "de": "Europe/Berlin",
    "ru": "Europe/Moscow",
}
"""Where most speakers of a language live; UTC where nobody can tell."""


class Readers(Protocol):
    """What is needed of the store."""

    async def find(self, channel: str, address: str) -> Subscriber | None:
        """Who reads at this address."""
        ...

    async def at(self, channel: str, chat: str) -> Sequence[Subscriber]:
        """Who reads in a chat, in any of its topics."""
        ...

    async def set_active(self, subscriber_id: int, active: bool, /) -> None:  # noqa: FBT001 - the store's
        """Pauses somebody who blocked us, or takes them back."""
        ...

    async def move(self, subscriber_id: int, address: str) -> None:
        """Gives a chat its new address."""
        ...


def _no_hour(_timezone: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What a reader has before they chose anything.

    Attributes:
        language: where the client names none that we speak.
        timezone: where the operator chose one; else it follows from the language.
        size: papers in a digest.
        hour: when their digest is sent, by their timezone.
        understand: the language that a client's tag names, of those that there are.
    """

    language: str = DEFAULT
    timezone: str = ""
    size: int = 10
    hour: Callable[[str], str] = _no_hour
    understand: Callable[[str], str | None] = understand_language

    def subscriber(self, address: str, client_language: str | None) -> Subscriber:
        """Somebody new."""
        spoken = self.spoken(client_language)
        zone = self.timezone or TIMEZONES.get(spoken, "UTC")
        return Subscriber(
            CHANNEL,
            address,
            language=spoken,
            timezone=zone,
            size=self.size,
            hour=self.hour(zone),
        )

    def spoken(self, client_language: str | None) -> str:
        """The language for a client's IETF tag (`zh-hans`)."""
        return self.understand(client_language or "") or self.language

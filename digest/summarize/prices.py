"""What a request costs: tokens times prices, which `prices.toml` has for well-known models.

Money is counted in whole billionths of a currency (nanos), so that nothing is lost by rounding: a
price of 0.006 for a million tokens is 6 nanos for each.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, Decimal
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

NANOS = 10**9
"""In one dollar, yuan, …."""

_MILLION = 10**6
_SATURDAY = 5
_DATED = re.compile(r"-(?:\d{4}-?\d{2}-?\d{2}|\d{4})$")  # gpt-4.1-mini-2025-04-14, …-0731
_STATED = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?) ?([A-Z]{3})")
_LOCAL_NAMES = (".local", ".lan", ".internal", ".localhost")


def money(nanos: int, currency: str) -> str:
    """An amount with its currency: to the cent from one on, with four decimals below."""
    amount = Decimal(nanos) / NANOS
    step = Decimal("0.01") if abs(amount) >= 1 else Decimal("0.0001")
    return f"{amount.quantize(step, ROUND_CEILING)} {currency}".strip()


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answered request used, also if the answer could not be used.

    Attributes:
        version: of the paper; None where it is not known.
        prompt: the version of the prompt.
        tokens_in: of the prompt, `tokens_cached` of them at the cached price.
        tokens_out: of the answer, with the thinking.
        answer: what came back, and `finish` why it ended, so that it need not be asked again.
    """

    paper_id: str
    language: str
    model: str
    prompt: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    version: int | None = None
    answer: str = ""
    finish: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost.

    Attributes:
        currency: as ISO 4217 calls it; empty where nothing is paid.
        fresh, cached: of the prompt.
        out: of the answer.
        of: the day of the fact; None where the operator stated it, or nothing is paid.
        off_peak: what it is multiplied by outside the peak hours.
        peak: (first hour, hour after the last) in UTC, Monday to Friday; empty: always.
    """

    currency: str
    fresh: Decimal
    cached: Decimal
    out: Decimal
    of: date | None = None
    off_peak: Decimal = Decimal(1)
    peak: tuple[tuple[int, int], ...] = ()

    def cost(self, tokens_in: int, tokens_cached: int, tokens_out: int, at: datetime) -> int:
        """What these tokens cost at that time, in nanos, rounded up."""
        cached = min(tokens_in, tokens_cached)
        whole = self.fresh * (tokens_in - cached) + self.cached * cached + self.out * tokens_out
        share = Decimal(1) if self._is_peak(at) else self.off_peak
        return int((whole * share * NANOS / _MILLION).to_integral_value(ROUND_CEILING))

    def _is_peak(self, at: datetime) -> bool:
        utc = at.astimezone(UTC)
        hours = any(first <= utc.hour < last for first, last in self.peak)
        return not self.peak or (hours and utc.weekday() < _SATURDAY)


FREE = Price("", Decimal(0), Decimal(0), Decimal(0))
"""A model on a machine of one's own."""


def price_of(model: str, base_url: str) -> Price | None:
    """The price of a model at an endpoint; `FREE` where that is this machine or its network.

    None where it is not known. A snapshot's date is overlooked: `gpt-4.1-mini-2025-04-14`.
    """
    host = (urlsplit(base_url).hostname or "").lower()
    if is_local(host):
        return FREE
    names = (model.lower(), _DATED.sub("", model.lower()))
    for group in _groups():
        if any(host == end or host.endswith(f".{end}") for end in group["hosts"]):
            found = next((group["models"][name] for name in names if name in group["models"]), None)
            return _price(group, found) if found else None
    return None


def stated(text: str) -> Price:
    """The price that somebody states: in, cached and out, like `0.40/0.10/1.60 USD`.

    Raises:
        ValueError: it is not of that form.
    """
    match = _STATED.fullmatch(text.strip().upper())
    if not match:
        raise ValueError(text)
    fresh, cached, out = (Decimal(number) for number in match.groups()[:3])
    return Price(match[4], fresh, cached, out)


def is_local(host: str) -> bool:
    """Whether a host is this machine or one of its own network."""
    if "." not in host and ":" not in host:  # a machine's or a container's bare name
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.endswith(_LOCAL_NAMES)
    return address.is_private or address.is_loopback


def _price(group: dict[str, Any], entry: dict[str, str]) -> Price:
    return Price(
        currency=group["currency"],
        fresh=Decimal(entry["in"]),
        cached=Decimal(entry.get("cached", entry["in"])),
        out=Decimal(entry["out"]),
        of=group["of"],
        off_peak=Decimal(group.get("off_peak", "1")),
        peak=tuple((first, last) for first, last in group.get("peak_utc", ())),
    )


@cache
def _groups() -> tuple[dict[str, Any], ...]:
    raw = resources.files(__package__).joinpath("prices.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(raw)["price"])

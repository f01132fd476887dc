"""How arXiv wants to be asked: when a request may start, and how long to wait after a refusal.

arXiv's terms of use (info.arxiv.org/help/api/tou.html): one request every three seconds, one
connection at a time, all of a site's machines together; its robots.txt asks for 15 s between pages.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE_S = 3.0  # between the starts of any two requests
SITE_PAUSE_S = 15.0  # between the starts of two requests for pages of arxiv.org
ANY = "arxiv"
SITE = "site"

LONGEST_WAIT_S = 600.0  # a server that asks for more is left alone
SHORT_WAIT_S = 5.0  # the most that somebody who waits for an answer is kept for a second try
TRIES = 5
URGENT_TRIES = 2

_FIRST_WAIT_S = 5.0
_URGENT_WAIT_S = 1.0
_WAIT_CAP_S = 60.0


class Manners(Protocol):
    """Hands out slots, so that whoever shares it keeps arXiv's pauses together."""

    async def reserve(self, lane: str, pause_s: float) -> float:
        """Takes the lane's next free slot; the one after it is `pause_s` later.

        Returns:
            How many seconds away the slot is.
        """
        ...


class ProcessManners:
    """Manners of one process, in memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: dict[str, float] = {}

    async def reserve(self, lane: str, pause_s: float) -> float:
        """See `Manners.reserve`."""
        now = self._clock()
        slot = max(now, self._next.get(lane, now))
        self._next[lane] = slot + pause_s
        return slot - now


def retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for: a number, or a date; None for neither."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header.strip())
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def wait_before(attempt: int, asked: float | None, chance: float, *, urgent: bool = False) -> float:
    """Seconds to wait after the failed try number `attempt` (1, 2, …).

    Args:
        attempt: which try has failed.
        asked: what the server's `Retry-After` says; it is kept to, and a little more.
        chance: 0 to 1, so that many clients do not come back together.
        urgent: somebody waits for the answer.
    """
    if asked is not None:
        return asked + chance
    first = _URGENT_WAIT_S if urgent else _FIRST_WAIT_S
    return min(_WAIT_CAP_S, first * 2.0 ** (attempt - 1)) * (0.5 + chance)

"""Vital signs: whether the scheduler ticks, and whether its strands end well, and end at all.

Decided without I/O from what the schedule notes of itself, so that asking costs nothing and works
where the store does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.heartbeat import FRESH_S

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEDULER = "scheduler"

FAILURES = 3
"""So often in a row something fails, once a minute, before it is called failing."""

NEWS_S = 60 * 60.0
"""So long failures say something, in seconds: a worker may be given no such job again, because
others do it."""

STUCK_S = 6 * 60 * 60.0
"""Longer than any strand works at once, in seconds: the longest is a broadcast to all readers."""


@dataclass(slots=True)
class Pulse:
    """What one strand did last; times are seconds of one clock that is never set back.

    Attributes:
        begun: since when it works; None while it does not.
        ended: when it last ended well.
        failures: how often in a row it did not.
        failed: when it last did not, since it ended well.
        error: the kind of the last failure.
    """

    name: str
    begun: float | None = None
    ended: float | None = None
    failures: int = 0
    error: str = ""
    failed: float | None = None

    def begin(self, now: float) -> None:
        """It works."""
        self.begun = now

    def end(self, now: float, error: BaseException | None = None) -> None:
        """It does not any more; `error` is why, where that was no end."""
        self.begun = None
        if error is None:
            self.ended, self.failures, self.error, self.failed = now, 0, "", None
        else:
            self.failures += 1
            self.failed = now
            self.error = type(error).__name__


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that does not live.

    Attributes:
        part: the strand, or the scheduler.
        what: `starting`, `silent`, `failing` or `stuck`.
        seconds: for how long, where that is known.
        error: the kind of error; its words may be anybody's.
    """

    part: str
    what: str
    seconds: float | None = None
    error: str = ""


@dataclass(slots=True)
class Vitals:
    """The scheduler's last tick, and its strands."""

    pulses: Sequence[Pulse] = ()
    ticked: float | None = field(default=None)

    def troubles(self, now: float) -> tuple[Trouble, ...]:
        """Whatever is wrong at `now`; nothing where all is alive."""
        if self.ticked is None:
            return (Trouble(SCHEDULER, "starting"),)
        quiet = now - self.ticked
        silent = (Trouble(SCHEDULER, "silent", quiet),) if quiet > FRESH_S else ()
        return silent + tuple(filter(None, (_trouble(each, now) for each in self.pulses)))


def _trouble(pulse: Pulse, now: float) -> Trouble | None:
    if pulse.begun is not None and now - pulse.begun > STUCK_S:
        return Trouble(pulse.name, "stuck", now - pulse.begun)
    if pulse.failures >= FAILURES and pulse.failed is not None and now - pulse.failed <= NEWS_S:
        since = None if pulse.ended is None else now - pulse.ended
        return Trouble(pulse.name, "failing", since, pulse.error)
    return None

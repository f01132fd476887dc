"""What Paperboy costs for so many readers, computed from what was measured: docs/scale.md's table.

    python benchmarks/scale.py [--readers 1000 100000] [--pages 1.2] [--fullest-hour 0.25] …

Each unit cost is an option, so that an operator puts in what their own machine and readers show.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

READERS = (1_000, 100_000, 1_000_000, 10_000_000)
HOUR_S = 3600
DAYS = 250  # with an edition, in a year


@dataclass(frozen=True, slots=True)
class Units:
    """What one of each costs; where it was measured stands in docs/scale.md.

    Attributes:
        pages: of a reader's digest.
        fullest_hour: the share of the readers who are due within the same hour.
        free: messages a second that Telegram takes for nothing.
        paid: the same that one process keeps of the 1,000 for Stars.
        star: Stars for a message above the free ones.
        compose_ms, freeze_ms: CPU of a reader's digest, and of putting it into the outbox.
        message_ms: CPU of sending a page and storing what became of it.
        settled_kb, waiting_kb: a page in the database after it was sent, and before.
        reader_kb: a subscriber with their fields.
        edition_mb: of a year of arXiv.
        keep_days: PAPERBOY_KEEP_DAYS.
    """

    pages: float = 1.2
    fullest_hour: float = 0.25
    free: float = 30.0
    paid: float = 910.0
    star: float = 0.1
    compose_ms: float = 0.21
    freeze_ms: float = 0.19
    message_ms: float = 0.82
    settled_kb: float = 0.2
    waiting_kb: float = 4.0
    reader_kb: float = 0.5
    edition_mb: float = 1100.0
    keep_days: float = 365.0


@dataclass(frozen=True, slots=True)
class Scale:
    """What so many readers cost."""

    readers: int
    units: Units

    @property
    def messages(self) -> float:
        """On a day with an edition."""
        return self.readers * self.units.pages

    @property
    def in_fullest_hour(self) -> float:
        """Messages that are due within one hour."""
        return self.messages * self.units.fullest_hour

    @property
    def free_s(self) -> float:
        """How long the fullest hour's messages take at Telegram's free rate."""
        return self.in_fullest_hour / self.units.free

    @property
    def paid_s(self) -> float:
        """The same for Stars, from one process."""
        return self.in_fullest_hour / self.units.paid

    @property
    def bots(self) -> int:
        """So many tokens would do it within the hour, at the free rate."""
        return math.ceil(self.free_s / HOUR_S)

    @property
    def stars(self) -> float:
        """A day, where the fullest hour's messages leave within the hour and the rest as well."""
        hours = 1 / self.units.fullest_hour
        free = self.units.free * HOUR_S * hours
        return max(0.0, self.messages - free) * self.units.star

    @property
    def core_hours(self) -> float:
        """CPU of a day."""
        u = self.units
        each_ms = u.compose_ms + u.freeze_ms + u.pages * u.message_ms
        return self.readers * each_ms / 1000 / HOUR_S

    @property
    def cores(self) -> float:
        """In the fullest hour."""
        return self.core_hours * self.units.fullest_hour

    @property
    def outbox_gb(self) -> float:
        """Pages that wait, where the fullest hour is composed before the first one leaves."""
        return self.in_fullest_hour * self.units.waiting_kb / 1e6

    @property
    def database_gb(self) -> float:
        """What is kept."""
        u = self.units
        kept = u.keep_days / 365
        pages = self.messages * DAYS * kept * u.settled_kb / 1e6
        return u.edition_mb / 1000 * kept + pages + self.readers * u.reader_kb / 1e6


def table(units: Units, readers: tuple[int, ...] = READERS) -> Iterator[str]:
    """The lines of the table, as Markdown."""
    scales = [Scale(each, units) for each in readers]
    yield "| readers | " + " | ".join(f"{each:,}" for each in readers) + " |"
    yield "| --- " * (len(readers) + 1) + "|"
    rows = {
        "messages a day": [f"{each.messages:,.0f}" for each in scales],
        "the fullest hour's, at 30 a second": [_time(each.free_s) for each in scales],
        "the same for Stars, one process": [_time(each.paid_s) for each in scales],
        "bots at 30 a second, to do it within the hour": [str(each.bots) for each in scales],
        "Stars a day instead": [f"{each.stars:,.0f}" for each in scales],
        "CPU a day": [_time(each.core_hours * HOUR_S) for each in scales],
        "cores in the fullest hour": [_cores(each.cores) for each in scales],
        "outbox at most": [_size(each.outbox_gb) for each in scales],
        "database, a year kept": [_size(each.database_gb) for each in scales],
    }
    for name, cells in rows.items():
        yield f"| {name} | " + " | ".join(cells) + " |"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / HOUR_S:.1f} h"


def _cores(number: float) -> str:
    return "0" if number < 0.001 else f"{number:.2g}"


def _size(gigabytes: float) -> str:
    return f"{gigabytes * 1000:,.0f} MB" if gigabytes < 1 else f"{gigabytes:,.1f} GB"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--readers", type=int, nargs="+", default=list(READERS))
    for each in fields(Units):
        option = f"--{each.name.replace('_', '-')}"
        parser.add_argument(option, type=float, default=each.default)
    asked = vars(parser.parse_args())
    readers = tuple(asked.pop("readers"))
    print("\n".join(table(Units(**asked), readers)))


if __name__ == "__main__":
    main()

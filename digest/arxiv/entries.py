"""What all of arXiv's documents share: versioned ids, and one kind for each paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.models import Announcement

_VERSION = re.compile(r"v(\d+)\Z")
_DIGITS = 9
"""Python refuses to read 5,000 of them, and no count and no version has more."""


def number(digits: str) -> int:
    """A count, perhaps with commas; 0 where there is no digit, and of a long one the beginning."""
    return int(digits.replace(",", "").lstrip("0")[:_DIGITS] or 0)


def split_version(versioned: str) -> tuple[str, int | None]:
    """`2602.02489v2` as (`2602.02489`, 2); no version is None."""
    found = _VERSION.search(versioned)
    return (versioned[: found.start()], number(found[1])) if found else (versioned, None)


def strongest(announcements: Iterable[Announcement]) -> tuple[Announcement, ...]:
    """Each paper once, where it first stands, with its strongest kind.

    A paper that is new in one category and cross in another is new for their archive.
    """
    found: dict[str, Announcement] = {}
    for one in announcements:
        known = found.get(one.paper.id)
        if known is None or one.kind.rank < known.kind.rank:
            found[one.paper.id] = one
    return tuple(found.values())

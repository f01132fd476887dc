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

LONGEST_ID = 64
"""Characters, as many as the store has room for; arXiv's longest have 16."""


def number(digits: str) -> int:
    """A count, perhaps with commas; 0 where there is no digit, and of a long one the beginning."""
    return int(digits.replace(",", "").lstrip("0")[:_DIGITS] or 0)


def split_version(versioned: str) -> tuple[str, int | None]:
    """`2602.02489v2` as (`2602.02489`, 2); no version is None, and what is no id is empty."""
    found = _VERSION.search(versioned)
    paper_id = versioned[: found.start()] if found else versioned
    return (paper_id if len(paper_id) <= LONGEST_ID else "", number(found[1]) if found else None)


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

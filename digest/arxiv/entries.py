"""What all of arXiv's documents share: versioned ids, and one kind for each paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.models import Announcement

_VERSION = re.compile(r"v(\d+)\Z")


def split_version(versioned: str) -> tuple[str, int | None]:
    """`2602.02489v2` as (`2602.02489`, 2); no version is None."""
    found = _VERSION.search(versioned)
    return (versioned[: found.start()], int(found[1])) if found else (versioned, None)


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

"""What all of arXiv's documents share: folded text, strings of authors, one kind for each paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.models import Announcement

_SUFFIX = re.compile(r"(?:[JS]r\.?|I{2,3}|IV|VI{0,3})", re.IGNORECASE)
_VERSION = re.compile(r"v(\d+)\Z")


def fold(text: str) -> str:
    """`text` with each run of white space as one space, and none at the ends."""
    return " ".join(text.split())


def split_version(versioned: str) -> tuple[str, int | None]:
    """`2602.02489v2` as (`2602.02489`, 2); no version is None."""
    found = _VERSION.search(versioned)
    return (versioned[: found.start()], int(found[1])) if found else (versioned, None)


def split_authors(creator: str) -> tuple[str, ...]:
    """The names in a feed's one `dc:creator`.

    arXiv joins names with ", " and puts affiliations, which have commas of their own, in
    parentheses behind a name (github.com/arXiv/arxiv-feed, feed/serializers/extensions.py).
    """
    names: list[str] = []
    for part in _outside_parentheses(fold(creator)):
        name = _without_affiliation(part.strip())
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f", {name}"
        elif name:
            names.append(name)
    return tuple(names)


def _outside_parentheses(text: str) -> list[str]:
    """`text` split at its commas, but for those in parentheses; unpaired ones are letters."""
    if not _balanced(text):
        return text.split(",")
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def _without_affiliation(name: str) -> str:
    """The name without the parentheses at its end; nicknames within a name stay."""
    if not name.endswith(")") or not _balanced(name):
        return name
    depth = 0
    for place in range(len(name) - 1, 0, -1):
        depth += (name[place] == ")") - (name[place] == "(")
        if depth == 0:
            return _without_affiliation(name[:place].rstrip())
    return name


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

"""What stands below a digest: its papers by number, the next page, the rest, fields and settings.

It is made for every digest of a broadcast, so it is pairs of texts and nothing else; `rows` makes
choices of them for a reply.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from digest.locale import say
from digest.render.digest import is_sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.offers import Kept
    from digest.models import Digest, Entry

A_ROW = 5
"""Numbers side by side; of many, as many as Telegram takes."""

A_LONG_ROW = 8
MANY = 25

A_PAGE = 8
"""Entries on a page of the rest: they fit one message, which can be changed in place."""

Pair = tuple[str, ...]
"""A label and its command; a label alone says where one is."""


def below(digest: Digest) -> Kept:
    """Below a digest, as the outbox keeps it."""
    return frozen(under_digest(digest))


def under_digest(digest: Digest) -> list[list[Pair]]:
    """Rows: the numbers of its entries, what was not shown, and where to change things."""
    rows = numbers(digest.entries)
    rest = sum([section.matched - section.shown for section in digest.sections])
    if rest > 0 and not is_sample(digest):
        day = digest.edition.day.isoformat()
        rows.append([("▶", f"/date {day} p2"), (_rest(rest, digest.language), f"/rest {day}")])
    rows.append(list(_places(digest.language)))
    return rows


def under_rest(digest: Digest, shown: Sequence[Entry], page: int, of: int) -> list[list[Pair]]:
    """Rows below a page of the rest; pages are counted from the digest itself, which is the first.

    Args:
        digest: with its rest.
        shown: what this page shows.
        page: from 2 on.
        of: how many pages there are.
    """
    day = digest.edition.day.isoformat()
    turn: list[Pair] = [("◀", f"/date {day} p{page - 1}"), (f"{page}/{of}", "")]
    if page < of:
        turn.append(("▶", f"/date {day} p{page + 1}"))
    first = len(digest.entries) + (page - 2) * A_PAGE + 1
    return [*numbers(shown, first), turn]


def numbers(shown: Iterable[Entry], first: int = 1) -> list[list[Pair]]:
    """A number for each entry that opens its paper."""
    cells: list[Pair] = [
        (str(number), f"/paper {entry.paper.id}") for number, entry in enumerate(shown, first)
    ]
    a_row = A_ROW if len(cells) <= MANY else A_LONG_ROW
    return [cells[start : start + a_row] for start in range(0, len(cells), a_row)]


def frozen(rows: Iterable[Iterable[Pair]]) -> Kept:
    """The rows as `bot.offers` keeps them: an empty pair ends each."""
    kept: list[Pair] = []
    for row in rows:
        kept += row
        kept.append(())
    return tuple(kept)


@lru_cache(maxsize=1000)
def _rest(count: int, language: str) -> str:
    return say("digest.choice_rest", language, count=count)


@lru_cache(maxsize=100)
def _places(language: str) -> tuple[Pair, ...]:
    fields, settings = (say(f"digest.choice_{name}", language) for name in ("fields", "settings"))
    return ((fields, "/fields"), (settings, "/settings"))

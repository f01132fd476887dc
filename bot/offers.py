"""Choices as a page in the outbox keeps them: tuples of texts, and read again.

    [["◀", "/page 1"], ["▶", "/page 3"], [], ["PDF", "", "https://arxiv.org/pdf/…"]]

Each is (label, command, link, copies, shares) without the empty ones at its end. What stands before
an empty one is a row of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.channels import Choice

Kept = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """Something to tap below a page, as `bot.channels.Choice` wants it."""

    label: str
    command: str = ""
    link: str = ""
    copies: str = ""
    shares: str = ""


def frozen(choices: Iterable[Choice], rows: Iterable[Iterable[Choice]] = ()) -> Kept:
    """What the outbox keeps."""
    above = tuple(kept for row in rows for kept in (*map(_kept, row), ()))
    return (*above, *map(_kept, choices))


def thawed(kept: Sequence[Sequence[str]]) -> tuple[list[Offered], list[list[Offered]]]:
    """The choices and the rows above them again."""
    rows: list[list[Offered]] = []
    open_row: list[Offered] = []
    for each in kept:
        if each:
            open_row.append(Offered(*each))
        else:
            rows.append(open_row)
            open_row = []
    return open_row, rows


def _kept(choice: Choice) -> tuple[str, ...]:
    values = [choice.label, choice.command, choice.link, choice.copies, choice.shares]
    while len(values) > 2 and not values[-1]:  # noqa: PLR2004 - label and command always stand
        values.pop()
    return tuple(values)

"""Choices in a terminal: what number picks each, and how they are printed (pure)."""

from __future__ import annotations

import re
from itertools import count, groupby
from typing import TYPE_CHECKING

from rich.text import Text

from bot.channels import opens
from digest.text.width import width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.commands import Choice

DIGITS = 3
"""A longer number is no choice: it may be a date."""

CELL = 4
"""Columns of what stands in a row without a number of its own: a day, a weekday, nothing."""

_NUMBER = re.compile(rf"(\d{{1,{DIGITS}}})(\D?)")
"""A label that is a number, and perhaps a mark: 3, 3•."""


def is_number(typed: str) -> bool:
    """Whether it may pick a choice."""
    return typed.isdecimal() and len(typed) <= DIGITS


def laid(rows: Sequence[Sequence[Choice]]) -> Iterator[Sequence[Choice]]:
    """The rows, but what shows an address or what it copies on lines of their own."""
    for row in rows:
        long = [each for each in row if not each.command and (each.link or each.copies)]
        yield from ([each] for each in long)
        yield [each for each in row if each not in long]


def numbered(choices: Sequence[Choice]) -> Iterator[int]:
    """What picks each choice: its label where that is a number; 0 where nothing does."""
    own = [int(found[1]) if (found := _NUMBER.fullmatch(each.label)) else 0 for each in choices]
    higher = count(max(own, default=0) + 1)
    taken = set()
    for choice, number in zip(choices, own, strict=True):
        if not choice.command:
            yield 0
        elif not number or number in taken:
            yield next(higher)
        else:
            taken.add(number)
            yield number


def cell(choice: Choice, number: int) -> Text | None:
    """A choice with its number, or with what it does; None where there is nothing to show."""
    label = choice.label.strip()
    own = _NUMBER.fullmatch(label)
    if own and number in {0, int(own[1])}:
        return Text(f"{own[1]:>3}{own[2] or ' '}", "cyan" if number else "dim")
    if number:
        return Text.assemble((f"{number:>3} ", "cyan"), label)
    if choice.shares:
        return None
    beyond = choice.link if opens(choice.link) else choice.copies
    if beyond or width(label) >= CELL:
        return Text.assemble(" " * CELL, label, *([": ", beyond] if beyond else []))
    return Text(f"{' ' * (CELL - 1 - width(label))}{label} ")


def is_said(choice: Choice, text: str) -> bool:
    """Whether all that it would copy stands in the text above it."""
    return bool(choice.copies) and not choice.command and choice.copies in text


def runs(numbers: Iterable[int]) -> list[str]:
    """Numbers in few words: 1–12, or 2–6, 9–13 and 31."""
    found = groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0])
    ends = [[number for _, number in run] for _, run in found]
    return [f"{run[0]}–{run[-1]}" if run[1:] else str(run[0]) for run in ends]

"""The extract's weights: a text file with a line for each mark, made by `scripts/train_extract.py`.

The first line is JSON: how a weight is scaled, and how roles follow each other. In each further
one, a mark, a tab and six signs: its weight for each role, and for being the gist. A sign is
`chr(ZERO + weight)`, so that a line can be read (`P` is nothing, later letters speak for it).

In memory a mark's weights are one number, 32 bits for each, so that one addition adds them all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROLES = ("background", "objective", "method", "result", "other")
ZERO = ord("P")
MOST = 46  # of a weight in either direction: 34 to 126 are printable
LANES = len(ROLES) + 1
_APART = Struct(f"<{LANES}I")  # 32 bits for each, which is what UTF-32 gives a sign
_MIDDLE = 1 << 24  # what a sum counts from, so that none is negative; none comes near it


def _in_each(value: int) -> int:
    return sum(value << 32 * lane for lane in range(LANES))


_ZEROES = _in_each(ZERO)


def packed(signs: str) -> int:
    """The six signs of a line side by side in one number, so that one addition adds them all."""
    return int.from_bytes(signs.encode("utf-32-le"), "little") - _ZEROES


_MIDDLES = _in_each(_MIDDLE)


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt.

    Attributes:
        marks: mark -> its packed weights.
        role_scale, gist_scale: what a weight of 1 is worth.
        starts, ends: of each role, in a first and in a last sentence (odds, not their logarithms).
        follows: of each role, how it goes with each next one (odds).
    """

    marks: dict[str, int]
    role_scale: float
    gist_scale: float
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    follows: tuple[tuple[float, ...], ...]

    def total(self, marks: Iterable[str]) -> tuple[list[int], int]:
        """The sums over the marks: for each role, and for the gist."""
        total = sum(filter(None, map(self.marks.get, marks)), _MIDDLES)
        lanes = _APART.unpack(total.to_bytes(_APART.size, "little"))
        *sums, gist = [lane - _MIDDLE for lane in lanes]
        return sums, gist


def parse(text: str) -> Weights:
    """The weights in the file's text."""
    head, *lines = text.splitlines()
    learnt = json.loads(head)
    return Weights(
        marks={mark: packed(signs) for mark, signs in (line.split("\t") for line in lines)},
        role_scale=learnt["role_scale"],
        gist_scale=learnt["gist_scale"],
        starts=tuple(learnt["starts"]),
        ends=tuple(learnt["ends"]),
        follows=tuple(map(tuple, learnt["follows"])),
    )


@cache
def weights() -> Weights:
    """The weights in this folder, read once."""
    file = resources.files(__package__).joinpath("weights.tsv")
    return parse(file.read_text(encoding="utf-8"))

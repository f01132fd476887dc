"""Which role each sentence of an abstract plays: a chain, as each likely follows another.

A linear-chain conditional random field, read by its marginals (forward-backward).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from digest.summarize.weights import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.summarize.weights import Weights


def chances(scores: list[list[int]], weights: Weights) -> list[list[float]]:
    """The chance of each of `ROLES` for each sentence, from the sums over their marks."""
    if not scores:
        return []
    own = [_odds(one, weights.role_scale) for one in scores]
    forward = _forward(own, weights)
    backward = _backward(own, weights)
    return [
        _shares([f * b for f, b in zip(*pair, strict=True)])
        for pair in zip(forward, backward, strict=True)
    ]


def likeliest(chance: list[float]) -> str:
    """The role with the greatest chance."""
    return ROLES[chance.index(max(chance))]


def _odds(scores: list[int], scale: float) -> list[float]:
    top = max(scores)
    return [math.exp((score - top) * scale) for score in scores]


def _shares(odds: list[float]) -> list[float]:
    """Adding up to one, so that long abstracts do not run out of numbers.

    They are never all zero: every role can follow every other, and the likeliest odds are 1.
    """
    total = sum(odds)
    return [one / total for one in odds]


def _forward(own: list[list[float]], weights: Weights) -> list[list[float]]:
    state = _shares([a * b for a, b in zip(weights.starts, own[0], strict=True)])
    states = [state]
    columns = list(zip(*weights.follows, strict=True))
    for odds in own[1:]:
        reached = _products(state, columns)
        state = _shares([one * odd for one, odd in zip(reached, odds, strict=True)])
        states.append(state)
    return states


def _backward(own: list[list[float]], weights: Weights) -> list[list[float]]:
    state = list(weights.ends)
    states = [state]
    for odds in reversed(own[1:]):
        ahead = [one * odd for one, odd in zip(state, odds, strict=True)]
        state = _shares(_products(ahead, weights.follows))
        states.append(state)
    return states[::-1]


def _products(state: list[float], rows: Iterable[tuple[float, ...]]) -> list[float]:
    """The state times each row; written out for five roles, which is three times as fast."""
    a, b, c, d, e = state
    return [a * v + b * w + c * x + d * y + e * z for v, w, x, y, z in rows]

"""The collector leaves what was built alone, and still finds what is garbage."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from bot import collector

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ring:
    """Holds itself, as what only the collector finds does."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_what_was_built_is_skipped_and_garbage_is_still_found() -> None:
    collector.spare()
    assert gc.get_freeze_count() > 0
    seen = weakref.ref(Ring())
    kept = [[n] for n in range(2 * collector.AFTER)]
    assert seen() is None
    assert len(kept) == 2 * collector.AFTER

"""Python's garbage collector, told what a long broadcast looks like."""

from __future__ import annotations

import gc

AFTER = 10_000
"""So many objects more than before are looked at together; Python's own 700 are four pages."""


def spare() -> None:
    """Lets the collector skip what was built, and look seldom at what comes and goes.

    Whoever serves keeps what was built until the end, and a page on its way is gone before it could
    be garbage: looking at them was a tenth of what a page costs.
    """
    gc.freeze()
    gc.set_threshold(AFTER, *gc.get_threshold()[1:])

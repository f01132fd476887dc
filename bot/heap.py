"""The memory of a process that runs for years: what is freed is used again, by any thread.

The GNU C library gives the threads heaps of their own, eight for each core, and what is free in one
is of no use to another: of 230 MB after a month 40 were free. Under Python's lock threads hardly
ever wait for each other's heap, so that one does for all.
"""

from __future__ import annotations

import ctypes
import os
import sys

_ARENA_MAX = -8
"""M_ARENA_MAX of <malloc.h> (mallopt(3))."""

CHOSEN_BY = ("MALLOC_ARENA_MAX", "GLIBC_TUNABLES")
"""Where one of them is set, the operator has chosen."""


def share() -> None:
    """Lets the threads that are begun from now on have one heap, where there is glibc."""
    if sys.platform != "linux" or any(name in os.environ for name in CHOSEN_BY):
        return
    choose = getattr(ctypes.CDLL(None), "mallopt", None)
    if choose is not None:
        choose(_ARENA_MAX, 1)

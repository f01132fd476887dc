"""The heaps of a process, as the C library counts them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bot.heap import CHOSEN_BY

COUNTED = """
import ctypes, threading
from bot import heap
heap.share()
libc = ctypes.CDLL(None)
here = threading.Barrier(4)
def take():
    here.wait()
    libc.malloc(100_000)
    here.wait()
threads = [threading.Thread(target=take) for _ in range(4)]
[each.start() for each in threads]
[each.join() for each in threads]
libc.malloc_stats()
"""


def heaps(**env: str) -> int:
    """How many a process with four busy threads has."""
    free = {name: value for name, value in os.environ.items() if name not in CHOSEN_BY}
    ran = subprocess.run(
        [sys.executable, "-c", COUNTED], capture_output=True, text=True, check=True, env=free | env
    )
    return ran.stderr.count("Arena ")


@pytest.mark.skipif(not os.confstr("CS_GNU_LIBC_VERSION"), reason="another C library")
def test_all_threads_have_one_heap_unless_the_operator_says_otherwise() -> None:
    assert heaps() == 1
    assert heaps(MALLOC_ARENA_MAX="8") > 1

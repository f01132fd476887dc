"""The heartbeat: a file that a serving Paperboy touches each minute, for whoever watches over it.

`python -m bot.heartbeat` exits with 0 while the last beat is fresh, else with 1. It asks nobody and
imports next to nothing, so that a container can look every half minute.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FRESH_S = 180.0
"""Older than this, something hangs, in seconds: three ticks."""


def place() -> Path:
    """The heartbeat's file, in the platform's data folder."""
    from platformdirs import user_data_path  # noqa: PLC0415 - `beat` is given its path

    return user_data_path("paperboy", appauthor=False) / "heartbeat"


def beat(file: Path) -> None:
    """Says that all is well now; the folder is made where it is not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def is_fresh(file: Path, now: float) -> bool:
    """Whether the last beat is at most `FRESH_S` old; `now` in seconds of the Unix clock."""
    return file.is_file() and now - file.stat().st_mtime <= FRESH_S


if __name__ == "__main__":
    sys.exit(0 if is_fresh(place(), time.time()) else 1)

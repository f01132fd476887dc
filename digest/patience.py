"""Patience: a model that gives no answer is left alone for a while, and the extract takes over.

Without it an endpoint that hangs would cost each paper a timeout, and readers their morning.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digest.errors import WriterBusy, WriterSilent

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

ENOUGH = 5
"""So many papers in a row without any answer, and the model is left alone."""

REST = timedelta(minutes=5)
LONGEST_REST = timedelta(hours=1)
"""What an endpoint that asks for more is given."""


class Patience:
    """Counts what goes wrong in a row."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.until: datetime | None = None
        self._silent = 0

    def check(self) -> None:
        """Raise `WriterSilent` while the model is left alone."""
        if self.until is not None and self.clock() < self.until:
            raise WriterSilent(reason="left alone for now")

    def answered(self) -> None:
        """It speaks: whatever it says."""
        self._silent, self.until = 0, None

    def silent(self, error: WriterSilent) -> None:
        """It gave no answer about a paper."""
        self._silent += 1
        if isinstance(error, WriterBusy) and (asked := error.params["retry_after"]):
            self.until = self.clock() + min(timedelta(seconds=asked), LONGEST_REST)
        elif self._silent >= ENOUGH:
            self.until = self.clock() + REST

"""A paper that a reader keeps, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from digest.models import Paper


@dataclass(frozen=True, slots=True)
class Saved:
    """A paper that a reader keeps.

    Attributes:
        paper: as it reads now.
        at: when they saved it (UTC).
        note: their own words on it; may be empty.
        version: the one that they saved; None where no document said which it was.
        told: what a summary in their language says: (title, gist); empty where there is none.
    """

    paper: Paper
    at: datetime
    note: str = ""
    version: int | None = None
    told: tuple[str, str] = ("", "")

    @property
    def is_revised(self) -> bool:
        """Whether the paper has a newer version than the one that they saved."""
        return None not in (self.version, self.paper.version) and self.version != self.paper.version

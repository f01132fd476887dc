"""What arXiv and its mirrors put around a paper's own words."""

from __future__ import annotations

import re

_ANNOUNCED = re.compile(
    r"^\s*arXiv:\S+\s+Announce Type:\s*[a-z-]+\s*(?:Abstract:\s*)?", re.IGNORECASE
)
_UPDATED = re.compile(r"\s*\(arXiv:\S+(?:\s+\[[\w.-]+\])?(?:\s+(?:UPDATED|CROSS LISTED))?\)\s*$")


def abstract(text: str) -> str:
    """An abstract without the feed's head, on one line."""
    return " ".join(_ANNOUNCED.sub("", text).split())


def title(text: str) -> str:
    """A title without the old feeds' "(arXiv:2401.00001v2 [cs.AI] UPDATED)", on one line."""
    return " ".join(_UPDATED.sub("", text).split())

"""How much room a text takes on a terminal."""

from __future__ import annotations

from rich.cells import cell_len, split_graphemes

ELLIPSIS = "…"


def width(text: str) -> int:
    """Terminal columns: 2 for CJK and most emoji, 0 for combining marks and control characters."""
    return cell_len(text)


def cut(text: str, columns: int) -> str:
    """The text if it fits, else as much of it as fits before an ellipsis.

    Characters are never split from their accents, nor joined emoji from each other.
    """
    if width(text) <= columns:
        return text
    if columns <= 0:
        return ""
    room = columns - width(ELLIPSIS)
    kept = used = 0
    for _start, end, cells in split_graphemes(text)[0]:
        used += cells
        if used > room:
            break
        kept = end
    return text[:kept].rstrip() + ELLIPSIS

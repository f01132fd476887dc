"""Pieces of GitHub's Markdown (https://github.github.com/gfm/) made of anybody's text.

`Markdown` is text that was escaped already; nothing becomes it but through this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NewType

from digest.render.markdown import escape
from digest.render.safe import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable

Markdown = NewType("Markdown", str)
"""Markdown of one line, or of whole paragraphs."""

DOT = " · "


def plain(text: str) -> Markdown:
    """Text that is shown as it is, anywhere but at the beginning of a line."""
    return Markdown(escape(_one_line(text)))


def opening(text: str) -> Markdown:
    """The same, at the beginning of a line."""
    return Markdown(escape(_one_line(text), before=""))


def _one_line(text: str) -> str:
    return harmless(text).strip()


def joined(pieces: Iterable[Markdown], between: str = DOT) -> Markdown:
    """The pieces that are not empty, in one."""
    return Markdown(between.join(piece for piece in pieces if piece))


def link(text: Markdown, address: str) -> Markdown:
    """A link; only the text where there is no address."""
    return Markdown(f"[{text}]({address})") if address else text


def bold(text: Markdown) -> Markdown:
    """Text that catches the eye; white space or a line's end must stand beside it."""
    return Markdown(f"**{text}**")


def small(text: Markdown) -> Markdown:
    """A paragraph beside the point."""
    return Markdown(f"*{text}*") if text else text


def labelled(label: str, colon: str, text: Markdown) -> Markdown:
    """A paragraph that begins with what it is about; `label` is ours."""
    return Markdown(f"**{label}**{colon}{text}")


def heading(level: int, text: Markdown, anchor: str = "") -> Markdown:
    """A heading, with a name that links find wherever the file is shown."""
    name = f'<a id="{anchor}"></a>' if anchor else ""
    return Markdown(f"{'#' * level} {name}{text}")


def document(paragraphs: Iterable[Markdown]) -> str:
    """One file; ends in a newline."""
    return "\n\n".join(filter(None, paragraphs)) + "\n"

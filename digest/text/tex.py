r"""TeX to Unicode, for reading in a chat.

The TeX of titles and abstracts was never compiled: `%` is a percent sign, macros are unknown,
braces do not match. So nothing is an error here: `dollars.mark` says where mathematics is,
the walker reads every token once, and `marks.resolve` settles what had to wait.
"""

from __future__ import annotations

import re

from digest.text import dollars
from digest.text.commands import COMMANDS
from digest.text.marks import one_line, resolve, shield, tidy
from digest.text.walker import TEXT, Walker

LONGEST_READ = 5_000  # characters; more than twice the longest that arXiv takes

_TEX = re.compile(r"[\\$^_~{}`]|--|''")
_SIGNS = str.maketrans(dict.fromkeys("${}\\", ""))


def readable(tex: str) -> str:
    r"""The text as one line of Unicode: `$\alpha^2$` is α², `Schr\"odinger` is Schrödinger.

    Never raises, and loses no letter or digit of what would be printed; an unknown macro keeps its
    name. Linear in time: of what is longer than `LONGEST_READ`, the end only loses TeX's own signs.
    """
    text = one_line(tex)
    if not _TEX.search(text):
        return tidy(text)
    head, tail = _halves(text)
    walker = Walker(dollars.mark(shield(head)), COMMANDS)
    read = resolve(walker.sequence(TEXT))
    return tidy(f"{read} {tail.translate(_SIGNS)}" if tail else read)


def _halves(text: str) -> tuple[str, str]:
    """What is read as TeX, and what is too long for it; between two words where there are any."""
    if len(text) <= LONGEST_READ:
        return text, ""
    blank = text.rfind(" ", 0, LONGEST_READ)
    cut = blank if blank > 0 else LONGEST_READ
    return text[:cut], text[cut:].lstrip(" ")

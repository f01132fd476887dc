r"""TeX to Unicode, for reading in a chat.

The TeX of titles and abstracts was never compiled: `%` is a percent sign, macros are unknown, braces
do not match. So nothing is an error here. `prepare` leaves one safe line, `dollars.mark` says where
mathematics is, the walker reads every token once, and `finish` resolves what had to wait.
"""

from __future__ import annotations

import re

from digest.text import dollars
from digest.text.commands import COMMANDS
from digest.text.marks import MATH_OFF, MATH_ON, finish, prepare
from digest.text.walker import TEXT, Walker

LONGEST_READ = 20_000  # characters, ten times the longest abstract

_TEX = re.compile(r"[\\$^_~{}`]|--|''")
_SIGNS = str.maketrans(dict.fromkeys("${}\\" + MATH_ON + MATH_OFF, ""))


def readable(tex: str) -> str:
    r"""The text as one line of Unicode: `$\alpha^2$` is α², `Schr\"odinger` is Schrödinger.

    Never raises, and loses no letter or digit of what would be printed; an unknown macro keeps its
    name. Linear in time: of what is longer than `LONGEST_READ`, the end only loses TeX's own signs.
    """
    text = prepare(tex)
    if not _TEX.search(text):
        return finish(text)
    head, tail = text[:LONGEST_READ], text[LONGEST_READ:]
    walker = Walker(dollars.mark(head), COMMANDS)
    return finish(walker.sequence(TEXT) + tail.translate(_SIGNS))

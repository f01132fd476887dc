"""TeX to Unicode, for reading in a chat."""

from __future__ import annotations

import re

_SYMBOLS = {"alpha": "α", "beta": "β", "times": "×", "sim": "∼", "leq": "≤", "geq": "≥", "pm": "±"}
_MACRO = re.compile(r"\\([A-Za-z]+) ?")


def readable(tex: str) -> str:
    """The text as Unicode; what is not understood stays, nothing is lost."""
    text = _MACRO.sub(lambda found: _SYMBOLS.get(found[1], found[1]), tex)
    return re.sub(r"(?<!\\)[${}]", "", text).replace("\\%", "%")

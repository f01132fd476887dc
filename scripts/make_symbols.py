"""Write digest/text/symbols.json: what TeX's symbol macros look like in Unicode.

The tables are pylatexenc's. Importing them costs 0.1 s at start-up, reading the file 1 ms, so
the file is made once, by hand, when pylatexenc is upgraded: `python scripts/make_symbols.py`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

from pylatexenc.latex2text import _defaultspecs
from pylatexenc.latexencode import _uni2latexmap

TARGET = Path(__file__).parent.parent / "digest" / "text" / "symbols.json"
_MACRO = re.compile(r"\\([A-Za-z]{2,})(?:\{\})?")
# Names of the encoder's own making, which authors use for words: \\id, \\image.
_WORDS = {"Ident", "id", "image", "original", "estimates", "between", "Equal", "Angle", "recorder"}
_ENSURED = re.compile(r"\\ensuremath\{(.*)\}")


def from_decoder() -> dict[str, str]:
    """Macros without arguments from the LaTeX-to-text table, which names each macro's best sign."""
    found: dict[str, str] = {}
    for _category, spec in _defaultspecs.specs:
        for macro in spec["macros"]:
            text = macro.simplify_repl
            if isinstance(text, str) and "%" not in text:
                found.setdefault(macro.macroname, text)
    return found


def from_encoder() -> dict[str, str]:
    """Macros from the text-to-LaTeX table, read backwards; the lowest code point wins."""
    found: dict[str, str] = {}
    for code, tex in sorted(_uni2latexmap.uni2latex.items()):
        inner = _ENSURED.fullmatch(tex)
        macro = _MACRO.fullmatch(inner[1] if inner else tex)
        if macro:
            found.setdefault(macro[1], chr(code))
    return found


def is_symbol(name: str, sign: str) -> bool:
    """Whether it is worth a line: a printable sign, named by letters."""
    if len(name) == 1 or name in _WORDS or name.startswith(("CYR", "cyr")):
        return False
    return len(sign) == 1 and not sign.isspace() and unicodedata.category(sign) not in {"Cf", "Zs"}


def main() -> None:
    """Merge both tables and write them, one macro a line, so that a change can be read."""
    symbols = {
        name: sign
        for name, sign in sorted((from_encoder() | from_decoder()).items())
        if is_symbol(name, sign)
    }
    TARGET.write_text(json.dumps(symbols, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"{len(symbols)} macros, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()

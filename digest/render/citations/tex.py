r"""A paper's title and names as TeX that prints, and does nothing else.

Titles are TeX that was never compiled, written by strangers: `\input{…}` in one would be run by
whoever cites it. So only mathematics made of known symbols stays as it was written; the rest is
read as Unicode, and escaped. Letters with accents become TeX's own, for programs that know no
Unicode.
"""

from __future__ import annotations

import re
import unicodedata

from digest.render.safe import harmless
from digest.text import macros
from digest.text.tex import readable

_MATH = re.compile(r"(?<!\\)\$([^$]+?)(?<!\\)\$")
_COMMAND = re.compile(r"\\([a-zA-Z]+|.)")
_SIGNS = "{},;:! |"
_PRINTED = (
    "frac sqrt mathcal mathbb mathrm mathbf mathsf mathfrak mathit left right hat bar tilde vec "
    "overline widehat widetilde log ln exp sin cos tan min max sup inf lim det dim deg gcd"
)
_UNSAFE = re.compile(r"(?<!\\)[%#&~]|[^\x20-\x7e]|\^\^")

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "\u00a0": "~",
    "ß": r"{\ss}",
    "æ": r"{\ae}",
    "Æ": r"{\AE}",
    "œ": r"{\oe}",
    "Œ": r"{\OE}",
    "ø": r"{\o}",
    "Ø": r"{\O}",
    "å": r"{\aa}",
    "Å": r"{\AA}",
    "ł": r"{\l}",
    "Ł": r"{\L}",
    "ı": r"{\i}",
}
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
    "\u0328": "k",
    "\u0331": "b",
}


def title(tex: str) -> str:
    """A title; braces balance, and what is left of its own TeX is mathematics."""
    text = " ".join(harmless(tex).split())
    pieces = _MATH.split(text)
    if "$" in "".join(pieces[::2]):  # a dollar without its like: nobody knows what is mathematics
        return plain(readable(text))
    return "".join(
        _math(piece) if number % 2 else _around(piece) for number, piece in enumerate(pieces)
    )


def plain(text: str) -> str:
    """Unicode as TeX that prints the same."""
    return "".join(map(_letter, unicodedata.normalize("NFC", harmless(text)).strip()))


def _around(piece: str) -> str:
    """What stands beside mathematics, with the space between the two."""
    core = piece.strip()
    if not core:
        return " " if piece else ""
    lead, tail = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
    return f"{lead and ' '}{plain(readable(core))}{tail and ' '}"


def _math(inner: str) -> str:
    """Mathematics as it was written, where it can do no harm; else as Unicode."""
    known = {*macros.symbols(), *_PRINTED.split(), *_SIGNS}
    is_known = known.issuperset(_COMMAND.findall(inner))
    if is_known and not _UNSAFE.search(inner) and _balances(inner):
        return f"${inner}$"
    return plain(readable(f"${inner}$"))


def _balances(text: str) -> bool:
    r"""Whether braces do, as BibTeX counts them: `\{` is one, too."""
    depth = 0
    for each in text:
        depth += (each == "{") - (each == "}")
        if depth < 0:
            return False
    return depth == 0 and not text.endswith("\\")


def _letter(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    if character.isascii():
        return character
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in _ACCENTS:  # noqa: PLR2004 # a letter and its accent
        mark, letter = _ACCENTS[parts[1]], parts[0]
        letter = rf"\{letter}" if letter in "ij" and mark not in "cdkb" else letter
        return f"{{\\{mark}{{{letter}}}}}" if mark.isalpha() else f"{{\\{mark}{letter}}}"
    return character

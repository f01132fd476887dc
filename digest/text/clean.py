"""What arXiv, its feeds and its pages put around a paper's own words.

How it looks where nobody took it away: "arXiv:2403.20233v1 Announce Type: cross  Abstract: In
this …", "A title (arXiv:2401.14295v1 [cs.CL] UPDATED)", "available atthis https URL.", and
affiliations between the authors' names.
"""

from __future__ import annotations

import html
import re

from digest.text.tex import readable

_HEAD = re.compile(
    r"^\s*(?:arXiv:\S+\s+)?(?:Announce Type:\s*[a-z-]+\s*)?(?:Abstract:\s*)?", re.IGNORECASE
)
_TAIL = re.compile(r"\s*\(arXiv:[^()\s]+(?:\s+\[[\w.-]+\])?(?:\s+(?:UPDATED|CROSS LISTED))?\)\s*$")
_URL = r"[({]?this (?:https?|ftp) (?:URL|URI)[)}]?"
_PLACED = re.compile(
    rf"\b(?:at|on|from|via|in|under|through|here)\s*:?\s*{_URL}"
    rf"(?:(?:,| and|, and)\s*(?:at )?{_URL})*"
)
_GLUED = re.compile(r"(this (?:https?|ftp) UR[LI])(?=[A-Za-z])")
_BARE = re.compile(rf"\s*{_URL}")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,6});")

_SEPARATOR = re.compile(r"[(){},;]|\s+(?:and|&)\s+")
_SUFFIX = re.compile(r"(?:Jr|Sr|I{2,3}|IV|M\.?D|Ph\.?D)\.?")
_DEEPEST = 4  # brackets inside each other


def abstract(text: str) -> str:
    """An abstract on one line, without a feed's head and without placeholders for links.

    "Code is at this https URL." says "Code is online.": the address itself is on the paper's page.
    """
    return _unlinked(_one_line(_HEAD.sub("", text, count=1)))


def title(text: str) -> str:
    """A title on one line, without the identifier that old feeds append."""
    return _one_line(_TAIL.sub("", text))


def _one_line(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return " ".join(text.split())


def _unlinked(text: str) -> str:
    if "this " not in text or " UR" not in text:
        return text
    text = _PLACED.sub("online", _GLUED.sub(r"\1 ", text))
    return " ".join(_BARE.sub(" (link on arXiv)", text).split()).replace(": (link", " (link")


def authors(text: str) -> tuple[str, ...]:
    """The names of a list like "A. Doe (Univ. X, Y), B. Roe and C. Poe", TeX and all.

    Affiliations, footnote numbers and "(for the Z Collaboration)" are left out.
    """
    names: list[str] = []
    for name in _split(_one_line(text)):
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f", {name}"
        elif name:
            names.append(name)
    return tuple(names)


def _split(text: str) -> list[str]:
    """The list cut at separators outside brackets; what is in round brackets is left out."""
    pieces, kept, round_, braces, done = [], "", 0, 0, 0
    for sign in _SEPARATOR.finditer(text):
        if not round_:
            kept += text[done : sign.start()]
        done = sign.end()
        mark = sign[0]
        if mark in "()":
            round_ = min(_DEEPEST, round_ + 1) if mark == "(" else max(0, round_ - 1)
        elif round_:
            continue
        elif mark in "{}" or braces:
            braces += {"{": 1, "}": -1}.get(mark, 0)
            kept += mark
        else:
            pieces.append(kept)
            kept = ""
    if not round_:
        kept += text[done:]
    return [" ".join(piece.split()) for piece in (*pieces, kept)]


def author(name: str) -> str:
    r"""One name as a reader sees it: `M\'endez (MIT)` is Méndez."""
    names = authors(name)
    return readable(names[0] if names else name)

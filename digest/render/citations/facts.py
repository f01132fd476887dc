"""What citations say of a paper, whatever their form."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from digest.render.safe import harmless
from digest.text.tex import readable

if TYPE_CHECKING:
    from digest.models import Paper

_NEW_STYLE = re.compile(r"(\d{2})(0[1-9]|1[0-2])\.\d{4,5}")
_OLD_STYLE = re.compile(r"[a-z-]+(?:\.[A-Z]{2})?/(\d{2})\d{5}")
_FIRST_YEAR = 91  # arXiv's, of the old century
_SUFFIX = re.compile(r"(?<=\w),?\s+((?:[JS]r|JR|SR)\.?|I{2,3}|IV)\Z")
_GROUP = re.compile(
    r"\b(?:collaborations?|consortium|team|group|project|survey|for the|and|others)\b|[,;()]",
    re.IGNORECASE,
)
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i"}
)


def title(paper: Paper) -> str:
    """On one line, as Unicode."""
    return harmless(readable(paper.title)).strip()


def authors(paper: Paper) -> list[str]:
    """As Unicode, in their order."""
    names = (harmless(readable(name)).strip() for name in paper.authors)
    return [name for name in names if name]


def parts(author: str) -> tuple[str, str, str]:
    """(first names, family name, "Jr."): "van" and "de" belong to the family's.

    A collaboration, and what nobody can take apart, is a family name alone.
    """
    name, suffix = author, ""
    if found := _SUFFIX.search(author):
        name, suffix = author[: found.start()], found[1]
    words = name.split()
    if len(words) < 2 or _GROUP.search(name):  # noqa: PLR2004 # a first and a last one
        return "", author, ""
    begins = len(words) - 1
    while begins > 1 and words[begins - 1].islower():
        begins -= 1
    return " ".join(words[:begins]), " ".join(words[begins:]), suffix


def year(paper: Paper) -> int | None:
    """When it was submitted, as far as its day or its id says; None for an invented id."""
    if paper.submitted:
        return paper.submitted.year
    if found := _NEW_STYLE.match(paper.id):
        return 2000 + int(found[1])
    if found := _OLD_STYLE.match(paper.id):
        short = int(found[1])
        return (1900 if short >= _FIRST_YEAR else 2000) + short
    return None


def doi(paper: Paper) -> str:
    """The DOI that arXiv registers for each paper."""
    return f"10.48550/arXiv.{paper.id}"


def ascii_of(text: str) -> str:
    """Letters and digits of ASCII, lower case, without their accents; others are left out."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).casefold()
    return "".join(each for each in plain if each.isascii() and each.isalnum())

"""RIS: what Zotero, EndNote and Mendeley import; one line for each fact, ended as on Windows.

https://web.archive.org/web/20110930172154/http://www.refman.com/support/risformat_intro.asp
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.render.blocks import abstract_url
from digest.render.citations import facts
from digest.render.safe import harmless
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from digest.saved import Saved


def file(kept: Sequence[Saved], _language: str, _today: date) -> bytes:
    """The records, one after the other."""
    lines = (f"{tag}  - {value}" for each in kept for tag, value in _record(each))
    return "".join(f"{line.rstrip() if line[:2] != 'ER' else line}\r\n" for line in lines).encode()


def _record(each: Saved) -> Iterator[tuple[str, str]]:
    """(tag, value): a value is on one line, whatever it was made from, and never empty."""
    yield "TY", "UNPB"
    yield from ((tag, value) for tag, value in _facts(each) if value)
    yield "ER", ""


def _facts(each: Saved) -> Iterator[tuple[str, str]]:
    paper = each.paper
    url = abstract_url(paper.id)
    yield "TI", facts.title(paper)
    yield from (("AU", _author(name)) for name in facts.authors(paper))
    yield "PY", str(facts.year(paper) or "")
    yield "AB", harmless(readable(paper.abstract)).strip()
    yield from (("KW", category) for category in paper.categories)
    yield "PB", "arXiv"
    yield "M1", f"arXiv:{paper.id}"
    yield "DO", facts.doi(paper) if url else ""
    yield "UR", url
    yield "N1", harmless(each.note).strip()


def _author(name: str) -> str:
    """Last name first; a comma in one that cannot be taken apart would do so."""
    first, family, suffix = facts.parts(name)
    if not first:
        return " ".join(family.replace(",", " ").split())
    return ", ".join(part for part in (family, first, suffix) if part)

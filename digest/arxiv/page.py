"""arXiv's HTML lists: `/list/<subject>/new` and `/catchup/<subject>/<day>` have the same entries.

Shapes: github.com/arXiv/arxiv-browse (templates/list/new.html, catchup.html, list_macros.html).
A page shows at most 2000 entries in sections of new, cross-listed and replaced papers, whose
headings say how many there are on all pages together: "(showing first 900 of 1034 entries)".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from digest.arxiv.entries import number, split_version
from digest.errors import BadDocument, Truncated
from digest.models import Announcement, Count, Kind, Paper
from digest.text import clean
from digest.text.clean import fold

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

PAGE_SIZE = 2000  # entries

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"(?:new listings for|Catchup results for .* on)\s+\w+,\s+(\d{1,2})\s+(\w{3})\w*\s+(\d{4})",
    re.DOTALL,
)
_HEADING = re.compile(
    r"(?P<kind>New|Cross|Replacement)s?\b"
    r"(?:.*\bshowing\s+(?:(?:first|last)\s+)?(?P<shown>[\d,]+)\s+of\s+(?P<total>[\d,]+))?",
    re.IGNORECASE | re.DOTALL,
)
_TOTAL = re.compile(r"Total of ([\d,]+) entries", re.IGNORECASE)
_END = re.compile(rb"</html\s*>(?:\s|<!--.*?-->)*\Z", re.DOTALL | re.IGNORECASE)
_TAIL = 4096  # bytes in which the closing tag must stand
_CODE = re.compile(r"\(([^()\s]+)\)\s*\Z")
_HIDDEN_URL = re.compile(r"this \w+ URL")
_SECTIONS = {"new": Kind.NEW, "cross": Kind.CROSS, "replacement": Kind.REPLACE}
_PHYSICS = frozenset(
    {"astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nlin"}
    | {"nucl-ex", "nucl-th", "physics", "quant-ph"}
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a day's list.

    Attributes:
        day: the page's own date line.
        announcements: as they stand, a paper more than once if the page has it so.
        total: entries on all pages together.
        listed: what the headings of this page say of new and cross papers on all pages; 0 for a
            section that is on other pages only. None where a heading says nothing.
    """

    day: date
    announcements: tuple[Announcement, ...]
    total: int
    listed: Count | None


def read(body: bytes, subject: str) -> Page:
    """Reads one page.

    Raises:
        Truncated: it ends early, or shows fewer entries than its headings say.
        BadDocument: another page, or none at all.
    """
    if not _END.search(body[-_TAIL:]):
        raise Truncated(subject=subject)
    tree = LexborHTMLParser(body.decode("utf-8", "replace"))
    content = tree.css_first("#dlpage")
    if content is None:
        raise BadDocument(subject=subject, reason="no list of papers")
    headings = " ".join(fold(node.text()) for node in content.css("h1, h2, h3"))
    sections = _Sections(subject)
    for node in content.css("h3, dt, dd"):
        sections.add(node)
    if len(sections.announcements) < sections.shown:
        raise Truncated(subject=subject)
    total = max(_total(content), len(sections.announcements))
    return Page(_day(headings, subject), tuple(sections.announcements), total, sections.listed)


def _total(content: LexborNode) -> int:
    """The total stands in a `div` of its own, between the date line and the first list."""
    found = (_TOTAL.search(node.text()) for node in content.css("div"))
    return next((number(each[1]) for each in found if each), 0)


def _day(headings: str, subject: str) -> date:
    found = _DATE.search(headings)
    if found is None or found[2].lower() not in _MONTHS:
        raise BadDocument(subject=subject, reason="no date")
    try:
        return date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))
    except ValueError:  # the 31st of February
        raise BadDocument(subject=subject, reason="no date") from None


class _Sections:
    """Walks the headings and entries of a page in their order."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.announcements: list[Announcement] = []
        self.shown = 0
        self._totals: dict[Kind, int | None] = {}
        self._kind: Kind | None = None
        self._id = ""

    def add(self, node: LexborNode) -> None:
        if node.tag == "h3":
            self._heading(fold(node.text()))
        elif node.tag == "dt":
            self._id = _id(node)
        elif self._id and self._kind is not None:
            paper = _paper(node, self._id, self._kind)
            kind = _replaced(paper, self.subject) if self._kind is Kind.REPLACE else self._kind
            self.announcements.append(Announcement(paper, kind))
            self._id = ""

    def _heading(self, text: str) -> None:
        found = _HEADING.match(text)
        if found is None:
            return
        self._kind = _SECTIONS[found["kind"].lower()]
        self._totals[self._kind] = number(found["total"]) if found["total"] else None
        self.shown += number(found["shown"] or "0")

    @property
    def listed(self) -> Count | None:
        new, cross = self._totals.get(Kind.NEW, 0), self._totals.get(Kind.CROSS, 0)
        return None if new is None or cross is None else Count(new, cross)


def _id(term: LexborNode) -> str:
    link = term.css_first("a[href*='/abs/']")
    href = (link.attributes.get("href") or "") if link else ""
    return split_version(href.partition("/abs/")[2].strip())[0]


def _replaced(paper: Paper, subject: str) -> Kind:
    """The list does not tell replacements of its own papers from those of cross-listed ones."""
    own = subject in {paper.primary, paper.archive}
    own = own or (subject == "grp_physics" and paper.archive in _PHYSICS)
    return Kind.REPLACE if own else Kind.REPLACE_CROSS


def _paper(entry: LexborNode, paper_id: str, kind: Kind) -> Paper:
    return Paper(
        id=paper_id,
        version=1 if kind is Kind.NEW else None,
        title=_text(entry, ".list-title"),
        abstract=_text(entry, "p.mathjax"),
        authors=_authors(entry),
        categories=_categories(entry, paper_id),
        comment=_text(entry, ".list-comments"),
    )


def _text(entry: LexborNode, selector: str) -> str:
    """The text of one part, without its label, and with the addresses that arXiv hides.

    arXiv shows every web address as a link that reads "this https URL".
    """
    node = entry.css_first(selector)
    if node is None:
        return ""
    for label in node.css("span.descriptor"):
        label.decompose()
    for line_break in node.css("br"):
        line_break.replace_with("\n")
    for link in node.css("a"):
        address = link.attributes.get("href")
        if address and _HIDDEN_URL.fullmatch(fold(link.text())):
            link.replace_with(address)
    return fold(node.text())


def _authors(entry: LexborNode) -> tuple[str, ...]:
    """Each name is a link; what stands between the links is commas and affiliations."""
    node = entry.css_first(".list-authors")
    if node is None:
        return ()
    links = tuple(name for link in node.css("a") if (name := fold(link.text())))
    return links or clean.authors(_text(entry, ".list-authors").removeprefix("Authors:"))


def _categories(entry: LexborNode, paper_id: str) -> tuple[str, ...]:
    """The codes in "Machine Learning (cs.LG); Databases (cs.DB)", the primary one first."""
    subjects = _text(entry, ".list-subjects").split(";")
    codes = tuple(found[1] for subject in subjects if (found := _CODE.search(subject)))
    if not codes:
        raise BadDocument(subject=paper_id, reason="no category")
    return codes

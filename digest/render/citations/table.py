"""CSV for spreadsheets: UTF-8 with the mark that Excel knows it by (RFC 4180).

Spreadsheets run what begins like a formula, whoever wrote it: an apostrophe in front makes it text
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from digest.render.blocks import abstract_url
from digest.render.citations import facts
from digest.render.safe import harmless

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from digest.saved import Saved

COLUMNS = (
    "id",
    "version",
    "title",
    "authors",
    "categories",
    "year",
    "saved",
    "note",
    "url",
    "title_told",
    "gist",
)

# Full-width signs too: some spreadsheets take them for their narrow likes.
_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")


def file(kept: Sequence[Saved], _language: str, _today: date) -> bytes:
    """A line of names, and one for each paper; times are UTC."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    rows.writerows([map(_cell, _row(each)) for each in kept])
    return out.getvalue().encode("utf-8-sig")


def _row(each: Saved) -> tuple[str, ...]:
    paper = each.paper
    return (
        paper.id,
        str(paper.version or ""),
        facts.title(paper),
        "; ".join(facts.authors(paper)),
        " ".join(paper.categories),
        str(facts.year(paper) or ""),
        each.at.strftime("%Y-%m-%d %H:%M"),
        each.note,
        abstract_url(paper.id),
        *each.told,
    )


def _cell(value: str) -> str:
    text = harmless(value).strip()
    return f"'{text}" if _FORMULA.match(text) else text

"""A whole edition as one Markdown file to publish, in the shapes that readers of reports know.

`daily.py` tells of each field, or of one; `table.py` gives a table with footnotes, `analysis.py`
numbered analyses. `head.py` is what they have in common, `entry.py` one paper, `words.py` the
Markdown of it. docs/formats.md says which faults of such files are avoided, and how.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from digest.render.report import analysis, daily, head, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from digest.models import Digest
    from digest.render.blocks import Block


class Shape(StrEnum):
    """What such a file looks like."""

    REPORT = "report"  # each field, each paper
    FIELD = "field"  # one field
    TABLE = "table"  # a line for each paper, the rest in footnotes
    ANALYSIS = "analysis"  # background, innovation, conclusion


def text(digest: Digest, shape: Shape) -> str:
    """The digest as one file; the same digest gives the same file.

    Args:
        digest: with all papers of its fields shown, and their summaries.
        shape: FIELD wants a digest of one field.
    """
    writer = {
        Shape.REPORT: daily.text,
        Shape.FIELD: daily.text_of_field,
        Shape.TABLE: table.text,
        Shape.ANALYSIS: analysis.text,
    }
    return writer[shape](digest)


def nothing(day: date, language: str, shape: Shape, why: Sequence[Block]) -> str:
    """The file of a day that has no edition: it says so."""
    key = {Shape.TABLE: "report.table", Shape.ANALYSIS: "report.analysis"}.get(shape)
    return head.nothing(day, language, key or "report.title", why)

"""Recorded papers of real days, as they are kept beside the repository and never in it.

A file is JSON lines, gzipped: a paper's own fields, and the day on which it was announced.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

from digest.models import Paper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FILES = "papers_*.jsonl.gz"


def rows(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Every recorded paper, file by file."""
    for path in sorted(files):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def paper(row: dict[str, Any], paper_id: str, version: int = 1) -> Paper:
    """A recorded paper under an id of ours; its words as they are."""
    return Paper(
        id=paper_id,
        version=version,
        title=row["title"],
        abstract=row["abstract"],
        authors=tuple(row["authors"]),
        categories=tuple(row["categories"]),
        comment=row.get("comment") or "",
    )

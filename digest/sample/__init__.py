"""The bundled edition of invented papers, for when arXiv cannot be reached.

The ids are outside arXiv's range (there is no month 13), so nothing links to a stranger's paper;
the summaries were written by hand. Whatever shows them says that they are a sample.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from digest.locale import interface
from digest.models import Announcement, Edition, Kind, Paper, Source, Summary

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = date(2026, 2, 3)
WRITER = "sample"
"""`Summary.writer` of the summaries here."""

_FILES = ("papers-1.toml", "papers-2.toml")


@dataclass(frozen=True, slots=True)
class Sample:
    """An edition with all that a digest of it needs.

    Attributes:
        announcements: new, cross and one replacement.
        summaries: language to paper id to summary.
    """

    edition: Edition
    announcements: tuple[Announcement, ...]
    summaries: dict[str, dict[str, Summary]]

    def told(self, language: str) -> dict[str, Summary]:
        """The summaries for readers of `language`, in English where there are none for them."""
        return self.summaries[interface(language)]


def load(day: date = DAY) -> Sample:
    """The sample, dated as the edition of `day`."""
    rows = tables()
    return Sample(
        edition=Edition(day, source=Source.SAMPLE),
        announcements=tuple(Announcement(paper(each), Kind(each["kind"])) for each in rows),
        summaries={
            language: {each["id"]: _summary(each, language) for each in rows}
            for language in ("en", "zh")
        },
    )


@cache
def tables() -> tuple[Mapping[str, Any], ...]:
    """The papers as they are written down, with what a model says of each in both languages."""
    folder = resources.files(__name__)
    texts = ((folder / name).read_text(encoding="utf-8") for name in _FILES)
    return tuple(each for text in texts for each in tomllib.loads(text)["papers"])


def paper(table: Mapping[str, Any]) -> Paper:
    """The paper that is written down so."""
    return Paper(
        id=table["id"],
        version=table.get("version", 1),
        title=table["title"],
        abstract=" ".join(table["abstract"].split()),
        authors=tuple(table["authors"]),
        categories=tuple(table["categories"]),
        comment=table.get("comment", ""),
    )


def _summary(table: Mapping[str, Any], language: str) -> Summary:
    told = table[language]
    parts = (told["background"], told["innovation"], told["conclusion"])
    return Summary(
        paper_id=table["id"],
        language=language,
        writer=WRITER,
        title=told["title"],
        gist=told["gist"],
        text=("" if language == "zh" else " ").join(parts),
        background=parts[0],
        innovation=parts[1],
        conclusion=parts[2],
        version=table.get("version", 1),
    )

"""The report of a day: each field, each paper with its summary; or of one field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.render.report import entry as paper
from digest.render.report.head import foot, head, section_heading
from digest.render.report.words import Markdown, document, heading, opening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.models import Digest, Entry


def text(digest: Digest) -> str:
    """All fields, one after another."""
    return document((*head(digest, "report.title"), *_sections(digest), foot(digest)))


def _sections(digest: Digest) -> Iterator[Markdown]:
    for at, entries in paper.numbered(digest):
        yield section_heading(digest, at)
        yield from _entries(entries, digest, level=3)


def text_of_field(digest: Digest) -> str:
    """One field, named in the file's title."""
    entries = [each for _, section in paper.numbered(digest) for each in section]
    return document(
        (
            *head(digest, "report.title"),
            *_entries(entries, digest, level=2),
            foot(digest),
        )
    )


def _entries(entries: list[tuple[int, Entry]], digest: Digest, *, level: int) -> Iterator[Markdown]:
    for number, entry in entries:
        yield heading(level, Markdown(f"{number}. {paper.title(entry)}"))
        yield opening(paper.original(entry))
        yield paper.facts(entry, digest)
        yield opening(paper.told(entry, digest.language))

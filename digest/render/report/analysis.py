"""Numbered analyses: authors, background, innovation, conclusion of each paper.

The labels are bold words, no headings: a hundred headings "Authors" are no table of contents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.render.report import entry as paper
from digest.render.report.head import foot, head, section_heading
from digest.render.report.words import Markdown, document, heading, joined, opening, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.models import Digest, Entry


def text(digest: Digest) -> str:
    """All fields, one after another."""
    return document((*head(digest, "report.analysis"), *_sections(digest), foot(digest)))


def _sections(digest: Digest) -> Iterator[Markdown]:
    for at, entries in paper.numbered(digest):
        yield section_heading(digest, at)
        for number, entry in entries:
            yield heading(3, Markdown(f"{number}. {paper.title(entry)}"))
            yield from _analysis(entry, digest)


def _analysis(entry: Entry, digest: Digest) -> Iterator[Markdown]:
    language = digest.language
    yield opening(paper.original(entry))
    yield joined((*paper.tags(entry, digest), *paper.links(entry)))
    authors = plain(paper.all_authors(entry, language))
    yield paper.label("report.authors", authors, language)
    yield from paper.analysis(entry, language)

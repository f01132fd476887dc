"""A table of titles and gists; everything else of a paper is its footnote.

GitHub moves footnotes to the end of a page, wherever they are written: nothing may follow them, so
that they stand under their own heading. Each is one paragraph with hard line breaks, each of whose
lines begins with a word of ours: where footnotes are unknown, they still read as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.locale import say
from digest.render.blocks import abstract_url
from digest.render.digest import EXTRACT
from digest.render.report import entry as paper
from digest.render.report.head import foot, head, section_heading
from digest.render.report.words import Markdown, bold, document, heading, joined, link, plain
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.models import Digest, Entry

_CONTINUED = "  \n    "  # a hard line break inside a footnote


def text(digest: Digest) -> str:
    """The tables of all fields, then the footnotes."""
    above = head(digest, "report.table")
    if not digest.entries:
        return document((*above, foot(digest)))
    language = digest.language
    return document(
        (
            *above,
            heading(2, plain(say("report.summaries", language))),
            *_tables(digest),
            foot(digest),
            heading(2, plain(say("report.details", language))),
            *_footnotes(digest),
        )
    )


def _tables(digest: Digest) -> Iterator[Markdown]:
    for at, entries in paper.numbered(digest):
        yield section_heading(digest, at, level=3)
        yield _table(entries, digest.language)


def _table(entries: Iterable[tuple[int, Entry]], language: str) -> Markdown:
    labels = ("report.column_number", "report.column_title", "report.column_gist")
    rows = [
        _row(plain(say(label, language)) for label in labels),
        Markdown("| --- | --- | --- |"),
        *(_row(_cells(number, entry, language)) for number, entry in entries),
    ]
    return Markdown("\n".join(rows))


def _cells(number: int, entry: Entry, language: str) -> Iterator[Markdown]:
    yield _mark(number)
    yield link(paper.title(entry), abstract_url(entry.paper.id))
    yield paper.gist(entry, language)


def _row(cells: Iterable[Markdown]) -> Markdown:
    """A line of a table: `plain` leaves no bare `|` and no line break in a cell."""
    return Markdown(f"| {' | '.join(cells)} |")


def _mark(number: int) -> Markdown:
    """Called by its number, which is also what GitHub shows: it counts them as they are called."""
    return Markdown(f"[^{number}]")


def _footnotes(digest: Digest) -> Iterator[Markdown]:
    for _, entries in paper.numbered(digest):
        for number, entry in entries:
            lines = _CONTINUED.join(filter(None, _details(entry, digest)))
            yield Markdown(f"{_mark(number)}: {lines}")


def _details(entry: Entry, digest: Digest) -> Iterator[Markdown]:
    language = digest.language
    yield joined((bold(paper.title(entry)), *paper.links(entry)))
    if original := paper.original(entry):
        yield paper.label("report.original", plain(original), language)
    authors = plain(paper.few_authors(entry, language))
    yield paper.label("report.authors", joined((authors, *paper.tags(entry, digest))), language)
    summary = entry.summary
    if summary and summary.writer != EXTRACT:  # an extract is part of the abstract below
        yield from paper.analysis(entry, language)
    abstract = readable(entry.paper.abstract) or say("paper.no_abstract", language)
    yield paper.label("paper.abstract", plain(abstract), language)

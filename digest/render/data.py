"""A digest or a paper for programs: plain values, ready for `json.dumps`.

The names are kept stable; new ones may be added. Dates are ISO 8601. What arXiv wrote (title,
abstract, authors) is given as arXiv wrote it, TeX and all; a summary is text.

digest:  edition {day, approximate, sample, missing: [archive]},
         language,
         receipt {announced, matched, shown, late, empty: [field], open: [field],
                  unreadable: [key], pending: [archive],
                  missing: [{archive, number}]} (number -1: all of it),
         sections [{field, name, matched, papers: [paper]}],
         rest [paper]: matched, not shown, best first
paper:   id, version, url (empty for a sample's), title, abstract, authors, categories, comment,
         submitted, summary {language, writer, title, gist, text, background, innovation,
                             conclusion, fallback, reason} or null
in a digest each paper also has:
         kind (new or cross), fields: [key] own first, score (0 to 1), late (day or null),
         companions [paper]: of the same story, told of here only
alone it also has:
         announced [{day, kind}], sample
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from digest.render.blocks import abstract_url
from digest.render.digest import field_name, is_sample

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from digest.models import Digest, Entry, Kind, Paper, Receipt, Section, Summary


def of_digest(digest: Digest) -> dict[str, Any]:
    """The digest as in the module's docstring."""
    return {
        "edition": {
            "day": digest.edition.day.isoformat(),
            "approximate": digest.edition.approximate,
            "sample": is_sample(digest),
            "missing": list(digest.edition.missing),
        },
        "language": digest.language,
        "receipt": _receipt(digest.receipt),
        "sections": [_section(section, digest.language) for section in digest.sections],
        "rest": [_entry(entry) for entry in digest.rest],
    }


def of_paper(
    paper: Paper,
    *,
    summary: Summary | None = None,
    announced: Sequence[tuple[date, Kind]] = (),
    sample: bool = False,
) -> dict[str, Any]:
    """One paper as in the module's docstring."""
    return {
        **_paper(paper, summary),
        "announced": [{"day": day.isoformat(), "kind": kind.value} for day, kind in announced],
        "sample": sample,
    }


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "announced": receipt.announced,
        "matched": receipt.matched,
        "shown": receipt.shown,
        "late": receipt.late,
        "empty": list(receipt.empty),
        "open": list(receipt.open),
        "unreadable": list(receipt.unreadable),
        "pending": list(receipt.pending),
        "missing": [{"archive": archive, "number": count} for archive, count in receipt.missing],
    }


def _section(section: Section, language: str) -> dict[str, Any]:
    return {
        "field": section.field,
        "name": field_name(section.field, language),
        "matched": section.matched,
        "papers": [_entry(entry) for entry in section.entries],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        **_paper(entry.paper, entry.summary),
        "kind": entry.kind.value,
        "fields": list(entry.fields),
        "score": round(entry.score, 4),
        "late": entry.late.isoformat() if entry.late else None,
        "companions": [_entry(each) for each in entry.companions],
    }


def _paper(paper: Paper, summary: Summary | None) -> dict[str, Any]:
    return {
        "id": paper.id,
        "version": paper.version,
        "url": abstract_url(paper.id),
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "comment": paper.comment,
        "submitted": paper.submitted.isoformat() if paper.submitted else None,
        "summary": _summary(summary) if summary else None,
    }


def _summary(summary: Summary) -> dict[str, Any]:
    told = asdict(summary)
    return {name: told[name] for name in told if name not in {"paper_id", "version"}}

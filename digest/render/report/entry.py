"""One paper of a file: its names, what is known of it, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.locale import colon, say, separated
from digest.models import Kind
from digest.render import paper as paper_page
from digest.render.blocks import abstract_url
from digest.render.digest import EXTRACT, field_name, is_sample
from digest.render.digest import title as told_title
from digest.render.report.words import Markdown, joined, labelled, link, opening, plain
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.models import Digest, Entry, Summary

AUTHORS = 50  # named in full; a collaboration's thousands are counted


def numbered(digest: Digest) -> Iterator[tuple[int, list[tuple[int, Entry]]]]:
    """The sections from 1, each with its entries, these numbered through the whole file."""
    number = 0
    for at, section in enumerate(digest.sections, start=1):
        yield at, [(number + i, entry) for i, entry in enumerate(section.entries, start=1)]
        number += len(section.entries)


def title(entry: Entry) -> Markdown:
    """In the file's language where there is one, else as the authors wrote it; never empty."""
    return plain(told_title(entry)) or plain(readable(entry.paper.title)) or plain(entry.paper.id)


def original(entry: Entry) -> str:
    """The authors' own title, where `title` is another."""
    own = readable(entry.paper.title)
    return "" if own.casefold() == told_title(entry).casefold() else own


def few_authors(entry: Entry, language: str) -> str:
    """The first, and how many more there are."""
    return paper_page.authors(entry.paper) or say("report.no_authors", language)


def all_authors(entry: Entry, language: str) -> str:
    """All of them, up to `AUTHORS`."""
    names = [readable(name) for name in entry.paper.authors[:AUTHORS]]
    others = len(entry.paper.authors) - len(names)
    if not names:
        return say("report.no_authors", language)
    said = ", ".join(names)
    return say("report.more_authors", language, names=said, count=others) if others > 0 else said


def tags(entry: Entry, digest: Digest) -> tuple[Markdown, ...]:
    """Its categories, its other fields, and whatever is unusual about it."""
    language, paper = digest.language, entry.paper
    said = [", ".join(paper.categories)]
    if others := [field_name(key, language) for key in entry.fields[1:]]:
        said.append(say("report.also", language, fields=separated(others, language)))
    if entry.kind is Kind.CROSS:
        said.append(say("digest.cross", language))
    if (paper.version or 1) > 1:
        said.append(say("report.version", language, version=str(paper.version)))
    if entry.late:
        said.append(say("digest.late", language, day=entry.late))
    if _is_odd(entry.summary, digest):
        said.append(say("digest.extract", language))
    if is_sample(digest):
        said.append(say("digest.sample_mark", language))
    return tuple(map(plain, said))


def _is_odd(summary: Summary | None, digest: Digest) -> bool:
    """Whether it is an extract among summaries of a model."""
    if summary is None or summary.writer != EXTRACT or not summary.gist:
        return False
    return summary.fallback or any(
        each.summary and each.summary.writer != EXTRACT for each in digest.entries
    )


def links(entry: Entry) -> tuple[Markdown, ...]:
    """To arXiv's page of the paper and to its PDF; the bare id where it is invented."""
    page = abstract_url(entry.paper.id)
    if not page:
        return (plain(entry.paper.id),)
    pdf = page.replace("/abs/", "/pdf/")
    return link(plain(f"arXiv {entry.paper.id}"), page), link(Markdown("PDF"), pdf)


def told(entry: Entry, language: str) -> str:
    """What it is about, as running text."""
    summary = entry.summary
    running = summary and (summary.text or _run_on(summary) or summary.gist)
    return running or say("paper.no_abstract", language)


def gist(entry: Entry, language: str) -> Markdown:
    """What it is about, in a sentence."""
    said = entry.summary.gist or entry.summary.text if entry.summary else ""
    return plain(said or say("paper.no_abstract", language))


def _run_on(summary: Summary) -> str:
    """The parts one after another; no sentence twice."""
    between = "" if summary.language == "zh" else " "
    return between.join(dict.fromkeys(filter(None, _parts(summary))))


def _parts(summary: Summary) -> tuple[str, str, str]:
    return summary.background, summary.innovation, summary.conclusion


def analysis(entry: Entry, language: str) -> tuple[Markdown, ...]:
    """Background, innovation and conclusion, labelled; or what there is instead."""
    summary = entry.summary
    if summary is None or not any(_parts(summary)):
        return (label("report.summary", plain(told(entry, language)), language),)
    labels = ("paper.background", "paper.innovation", "paper.conclusion")
    return tuple(
        label(key, plain(part or say("report.not_found", language)), language)
        for key, part in zip(labels, _parts(summary), strict=True)
    )


def label(key: str, text: Markdown, language: str) -> Markdown:
    """A paragraph with the text of `key` before it."""
    return labelled(say(key, language), colon(language), text)


def facts(entry: Entry, digest: Digest) -> Markdown:
    """Who, where, and what else: one line."""
    authors = opening(few_authors(entry, digest.language))
    return joined((authors, *tags(entry, digest), *links(entry)))

"""One paper as blocks: what it is, what it says, where its code is, and the original words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest import fields
from digest.locale import colon, say
from digest.render.blocks import Block, Line, Role, Span, abstract_url, bold, line, small
from digest.render.digest import EXTRACT
from digest.text import links
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from digest.models import Kind, Paper, Summary

    Claim = tuple[str, str, tuple[str, ...], bool]
    """Part, what is said, the sentences it rests on, whether that is proven: of `summarize`."""

_AUTHORS = 3  # named; the others are counted
_NAMED = 2  # categories with their names; the others as codes


def blocks(
    paper: Paper,
    language: str,
    *,
    summary: Summary | None = None,
    announced: Sequence[tuple[date, Kind]] = (),
    sample: bool = False,
    note: str = "",
) -> tuple[Block, ...]:
    """The page of one paper.

    Args:
        paper: as arXiv published it.
        language: the reader's.
        summary: in that language, or an extract.
        announced: the editions it appeared in, oldest first.
        sample: it is invented.
        note: what is to be known before it is read.
    """
    head = Block((*_titles(paper, summary), _facts(paper, language, announced)), Role.HEADER)
    return (
        *([_note("paper.sample", language)] if sample else []),
        *([Block((line(note),))] if note else []),
        head,
        *_told(summary, language),
        *_pages(paper, language),
        *_comment(paper, language),
        *_label(summary, language),
        *_abstract(paper, language),
    )


def card(paper: Paper, language: str, *, summary: Summary | None = None) -> tuple[Block, ...]:
    """A paper in a few lines, for people who may never have heard of us: titles, facts, gist."""
    head = Block((*_titles(paper, summary), _facts(paper, language, ())), Role.HEADER)
    gist = summary.gist or summary.text if summary else ""
    return (head, Block((line(gist),))) if gist else (head,)


def sources(
    paper: Paper, claims: Sequence[Claim], language: str, *, title: str = ""
) -> tuple[Block, ...]:
    """Each claim of a paper's summary over the sentences of the abstract that it rests on."""
    head = line(bold(title or readable(paper.title)), " · ", _reference(paper))
    blocks = [Block((line(bold(say("paper.sources", language))), head), Role.HEADER)]
    for part, said, sentences, proven in _joined(claims):
        label = say(f"paper.{part}", language)
        told = [line(bold(label), colon(language), said)]
        if not proven:
            told.append(line(small(say("paper.sources_guessed", language))))
        blocks.append(Block(tuple(told), Role.HEADING))
        blocks.append(Block((line(" ".join(sentences)),), Role.QUOTE))
    return tuple(blocks)


def _joined(claims: Sequence[Claim]) -> list[Claim]:
    """Claims of one part that rest on the same sentences, as one."""
    joined: list[Claim] = []
    for part, said, sentences, proven in claims:
        if joined and (joined[-1][0], joined[-1][2]) == (part, sentences):
            _, before, _, was_proven = joined.pop()
            gap = " " if before.isascii() else ""
            joined.append((part, before + gap + said, sentences, proven or was_proven))
        else:
            joined.append((part, said, sentences, proven))
    return joined


def _titles(paper: Paper, summary: Summary | None) -> tuple[Line, ...]:
    original = readable(paper.title)
    told = summary.title if summary else original
    if told.casefold() == original.casefold():
        return (line(bold(original)),)
    return (line(bold(told)), line(original))


def _facts(paper: Paper, language: str, announced: Sequence[tuple[date, Kind]]) -> Line:
    facts = [authors(paper), _categories(paper, language), *_dates(paper, language, announced)]
    return line(small(" · ".join(fact for fact in facts if fact)), " · ", _reference(paper))


def _reference(paper: Paper) -> Span:
    return Span(_versioned(paper), link=abstract_url(paper.id))


def authors(paper: Paper) -> str:
    """The first three, and how many more: "A. Example, B. Sample, C. Beispiel + 4"."""
    named = ", ".join(readable(name) for name in paper.authors[:_AUTHORS])
    others = len(paper.authors) - _AUTHORS
    return f"{named} + {others}" if others > 0 else named


def _categories(paper: Paper, language: str) -> str:
    named = [
        say("paper.category", language, code=code, name=fields.category_name(code, language))
        for code in paper.categories[:_NAMED]
    ]
    return ", ".join((*named, *paper.categories[_NAMED:]))


def _dates(paper: Paper, language: str, announced: Sequence[tuple[date, Kind]]) -> list[str]:
    """When it was first announced, and last replaced; else when it was submitted."""
    fresh = [day for day, kind in announced if kind.is_fresh]
    replaced = [day for day, kind in announced if not kind.is_fresh]
    said = []
    if fresh:
        said.append(say("paper.announced", language, day=fresh[0].isoformat()))
    elif paper.submitted:
        said.append(say("paper.submitted", language, day=paper.submitted.isoformat()))
    if replaced:
        said.append(say("paper.replaced", language, day=replaced[-1].isoformat()))
    return said


def _versioned(paper: Paper) -> str:
    return f"{paper.id}v{paper.version}" if paper.version else paper.id


def _told(summary: Summary | None, language: str) -> tuple[Block, ...]:
    """The gist, then the three parts (or the running text where a writer gives no parts)."""
    if summary is None:
        return ()
    parts = [
        (say("paper.background", language), summary.background),
        (say("paper.innovation", language), summary.innovation),
        (say("paper.conclusion", language), summary.conclusion),
    ]
    lines = tuple(line(bold(label), colon(language), text) for label, text in parts if text)
    if not lines and summary.text:
        lines = (line(summary.text),)
    said = " ".join(each.text for each in lines)
    gist = line(summary.gist)
    opening = (Block((gist,)),) if gist.text and gist.text not in said else ()
    return (*opening, *([Block(lines)] if lines else []))


def _abstract(paper: Paper, language: str) -> tuple[Block, ...]:
    if not paper.abstract:
        return (_note("paper.no_abstract", language),)
    heading = Block((line(bold(say("paper.abstract", language))),), Role.HEADING)
    return (heading, Block((line(readable(paper.abstract)),), Role.QUOTE))


def _pages(paper: Paper, language: str) -> tuple[Block, ...]:
    """Code and project pages, as plain text: what is tapped is a button."""
    found = links.found(paper.abstract, paper.comment)
    lines = [
        line(bold(say(f"paper.{each.kind}", language)), colon(language), each.shown)
        for each in found
    ]
    return (Block(tuple(lines)),) if lines else ()


def _comment(paper: Paper, language: str) -> tuple[Block, ...]:
    if not paper.comment:
        return ()
    said = f"{say('paper.comment', language)}{colon(language)}{readable(paper.comment)}"
    return (Block((line(small(said)),), Role.NOTE),)


def _label(summary: Summary | None, language: str) -> tuple[Block, ...]:
    """Once, at the end: who wrote it, where that is not a model as it should be."""
    if summary is None or summary.writer != EXTRACT:
        return ()
    if not summary.fallback:
        return (_note("paper.no_model", language),)
    known = summary.reason in {"budget", "quota"}
    return (_note(f"paper.{summary.reason}" if known else "paper.failed", language),)


def _note(key: str, language: str) -> Block:
    return Block((line(small(say(key, language))),), Role.NOTE)

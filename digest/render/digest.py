"""A digest as blocks: what is new, in which of the reader's fields, and what was left out."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

from digest import fields
from digest.locale import colon, listed, long_date, say, separated, together
from digest.models import Kind, Source
from digest.render.blocks import Block, Line, Role, Span, abstract_url, bold, line, small
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from digest.models import Digest, Entry, Receipt

FULL = "full"  # Subscriber.view of who wants all that a summary says
EXTRACT = "extract"  # Summary.writer of the offline writer
_CATEGORIES = 3  # shown of an entry's
_ARCHIVES = 3  # named of those that are on their way
_LONGEST_KEY = 40  # shown of a stored field that means nothing any more


def blocks(digest: Digest, *, today: date | None = None) -> tuple[Block, ...]:
    """The whole digest; entries are numbered from 1 in reading order.

    Args:
        digest: composed, with the summaries that there are.
        today: the year is written where the edition is of another.
    """
    language, sample = digest.language, is_sample(digest)
    numbers = count(1)
    body: list[Block] = []
    for section in digest.sections:
        if section.entries:
            body.append(heading(section.field, section.shown, section.matched, language))
            for entry, number in zip(section.entries, numbers, strict=False):
                body.append(_entry(entry, language, str(number), sample=sample))
                body += _details(entry, language, digest.view)
    return (header(digest, today), *body, *map(note, notes(digest)))


def entries(
    shown: Sequence[Entry],
    language: str,
    *,
    first: int = 1,
    sample: bool = False,
    view: str = "compact",
) -> tuple[Block, ...]:
    """Papers of a digest, or of its rest, without heading; numbered from `first`."""
    return tuple(
        block
        for number, entry in enumerate(shown, start=first)
        for block in (
            _entry(entry, language, str(number), sample=sample),
            *_details(entry, language, view),
        )
    )


def rest(digest: Digest, shown: Sequence[Entry], first: int, today: date) -> tuple[Block, ...]:
    """A page of what matched and was not shown; entries are numbered from `first`."""
    language = digest.language
    of = len(digest.entries) + len(digest.rest)
    last = first + len(shown) - 1
    key = "digest.rest_last" if first == last == of else "digest.rest"
    where = say(key, language, first=first, last=last, of=of)
    head = Block((*top(digest, today), line(where)), Role.HEADER)
    told = entries(shown, language, first=first, sample=is_sample(digest))
    return (head, *told, *map(note, fallbacks(digest, shown)))


def _details(entry: Entry, language: str, view: str) -> tuple[Block, ...]:
    """Background, innovation and conclusion, for a place to fold, where the reader wants them."""
    told = entry.summary
    if view != FULL or told is None:
        return ()
    parts = ("background", "innovation", "conclusion")
    lines = [
        line(bold(say(f"paper.{part}", language)), colon(language), text)
        for part in parts
        if (text := getattr(told, part)) and text != told.gist
    ]
    return (Block(tuple(lines), Role.QUOTE),) if lines else ()


def is_sample(digest: Digest) -> bool:
    """Whether the papers are invented."""
    return digest.edition.source is Source.SAMPLE


@lru_cache(maxsize=4096)
def field_name(key: str, language: str) -> str:
    """What a reader calls the field that is stored as `key`."""
    return fields.called(key, language)


def header(digest: Digest, today: date | None) -> Block:
    """What stands first: which day this is, and the receipt."""
    return Block((*top(digest, today), line(receipt(digest))), Role.HEADER)


def top(digest: Digest, today: date | None) -> tuple[Line, ...]:
    """Which day this is; the same for all readers of a language."""
    language = digest.language
    title = f"{say('digest.title', language)} · {long_date(digest.edition.day, language, today)}"
    if not is_sample(digest):
        return (line(bold(title)),)
    title = f"{title} · {say('digest.sample', language)}"
    return line(bold(title)), line(say("digest.sample_note", language))


def receipt(digest: Digest) -> str:
    """What was announced, matched and shown, and what is not here; a few sentences."""
    return together((_matched(digest), *asides(digest)), digest.language)


def asides(digest: Digest) -> tuple[str, ...]:
    """What is to be said beside the counts: late papers, empty fields, what is not here."""
    language, facts = digest.language, digest.receipt
    approximate = say("digest.approximate", language) if digest.edition.approximate else ""
    late = say("digest.late_papers", language, count=facts.late) if facts.late else ""
    said = (
        late,
        _empty(digest),
        _pending(facts, language),
        _missing(facts, language),
        approximate,
        _unreadable(facts, language),
    )
    return tuple(sentence for sentence in said if sentence)


def announced(digest: Digest) -> str:
    """How many papers the day has: the beginning of a sentence; a whole one where it has none."""
    facts = digest.receipt
    if not facts.announced:
        on_its_way = facts.pending or facts.elsewhere
        return say(
            "digest.nothing_yet" if on_its_way else "digest.nothing_announced", digest.language
        )
    key = "digest.announced"
    if is_sample(digest):
        key = "digest.announced_sample"
    elif digest.edition.approximate:
        key = "digest.announced_approximate"
    elif _is_part(digest):
        return _announced_in_part(digest)
    return say(key, digest.language, announced=facts.announced)


def _is_part(digest: Digest) -> bool:
    """Whether some archives are here and nobody is fetching the others."""
    facts = digest.receipt
    waiting = facts.pending or facts.elsewhere
    return bool(digest.edition.published is None and facts.archives and not waiting)


def _announced_in_part(digest: Digest) -> str:
    language, facts = digest.language, digest.receipt
    archives = listed(facts.archives, language)
    return say("digest.announced_in", language, announced=facts.announced, archives=archives)


def _matched(digest: Digest) -> str:
    language, facts = digest.language, digest.receipt
    day = announced(digest)
    if not facts.announced:
        return day
    if not digest.sections and not facts.empty and not facts.open:
        return say("digest.no_fields", language, announced=day)
    if not facts.matched:
        return say("digest.matched_none", language, announced=day)
    if facts.matched == facts.shown:
        return say("digest.matched_all", language, announced=day, count=facts.matched)
    return say("digest.matched", language, announced=day, count=facts.matched, shown=facts.shown)


def _empty(digest: Digest) -> str:
    """The fields without papers, unless all are: that is said already."""
    facts = digest.receipt
    if not facts.empty or not facts.matched:
        return ""
    names = [field_name(key, digest.language) for key in facts.empty]
    return say("digest.empty", digest.language, fields=listed(names, digest.language))


def _pending(facts: Receipt, language: str) -> str:
    """As in: cs is here; stat and the rest of arXiv are still on their way."""
    waiting = list(facts.pending[:_ARCHIVES])
    if facts.elsewhere or len(facts.pending) > _ARCHIVES:
        waiting.append(say("digest.rest_of_arxiv", language))
    if not waiting:
        return ""
    archives = listed(waiting, language)
    if not facts.archives:
        return say("digest.pending_all", language, archives=archives)
    here = listed(facts.archives, language)
    key = "digest.pending" if len(facts.archives) == 1 else "digest.pending_several"
    return say(key, language, here=here, archives=archives, count=len(waiting))


def _missing(facts: Receipt, language: str) -> str:
    if not facts.missing:
        return ""
    each = [
        say("digest.missing_all", language, archive=archive)
        if number < 0
        else say("digest.missing_some", language, archive=archive, number=number)
        for archive, number in facts.missing
    ]
    return say("digest.missing", language, missing=listed(each, language))


def _unreadable(facts: Receipt, language: str) -> str:
    """Stored fields that mean nothing any more."""
    if not facts.unreadable:
        return ""
    names = [f"“{field_name(key, language)[:_LONGEST_KEY]}”" for key in facts.unreadable]
    return say("digest.unreadable", language, fields=listed(names, language))


def heading(field: str, shown: int, matched: int, language: str) -> Block:
    """A field, and how many of its papers follow."""
    number = str(shown)
    if shown < matched:
        number = say("digest.section", language, shown=shown, matched=matched)
    return Block((line(bold(field_name(field, language)), f" {number}"),), Role.HEADING)


def _entry(entry: Entry, language: str, mark: str, *, sample: bool) -> Block:
    lines = [line(bold(title(entry)))]
    if entry.summary and entry.summary.gist:
        lines.append(line(entry.summary.gist))
    lines.append(_small_print(entry, language, sample=sample))
    if entry.companions:
        lines.append(_companions(entry.companions, language))
    return Block(tuple(lines), Role.ENTRY, mark)


def _companions(others: Sequence[Entry], language: str) -> Line:
    """As in: with its companion 2602.00002. An id can be sent back, like any other."""
    key = "digest.companion" if len(others) == 1 else "digest.companions"
    spans: list[Span] = [small(say(key, language)), Span(" ")]
    for number, each in enumerate(others):
        spans += [Span(", ")] if number else []
        spans.append(_reference(each))
        if each.late:
            spans.append(small(f" ({say('digest.late', language, day=each.late)})"))
    return line(*spans)


def title(entry: Entry) -> str:
    """The title in the reader's language, or as the authors wrote it."""
    return entry.summary.title if entry.summary else readable(entry.paper.title)


def _small_print(entry: Entry, language: str, *, sample: bool) -> Line:
    facts = [", ".join(entry.paper.categories[:_CATEGORIES])]
    if entry.kind is Kind.CROSS:
        facts.append(say("digest.cross", language))
    if len(entry.fields) > 1:  # the heading names the only one already
        names = separated([field_name(key, language) for key in entry.fields], language)
        facts.append(say("digest.follow", language, fields=names))
    if entry.reasons:
        facts.append(say("digest.liked", language, words=separated(entry.reasons, language)))
    if entry.late:
        facts.append(say("digest.late", language, day=entry.late))
    if entry.summary and entry.summary.fallback:
        facts.append(say("digest.extract", language))
    if sample:
        facts.append(say("digest.sample_mark", language))
    return line(small(" · ".join(facts)), " · ", _reference(entry))


def _reference(entry: Entry) -> Span:
    return Span(entry.paper.id, link=abstract_url(entry.paper.id))


def notes(digest: Digest) -> tuple[str, ...]:
    """What is said at the end, each a note."""
    sentences = (_also(digest), *fallbacks(digest), _no_model(digest))
    return tuple(sentence for sentence in sentences if sentence)


def note(sentence: str) -> Block:
    """Small print."""
    return Block((line(small(sentence)),), Role.NOTE)


def _also(digest: Digest) -> str:
    """Fields that got no room."""
    language = digest.language
    each = [
        say(
            "digest.also_field",
            language,
            field=field_name(section.field, language),
            number=section.matched,
        )
        for section in digest.sections
        if not section.entries
    ]
    return say("digest.also", language, fields=separated(each, language)) if each else ""


def fallbacks(digest: Digest, shown: Sequence[Entry] | None = None) -> list[str]:
    """How many extracts stand in for a summary, a sentence for each reason."""
    entries = digest.entries if shown is None else shown
    told = [entry.summary for entry in entries if entry.summary]
    reasons = Counter([each.reason or "failed" for each in told if each.fallback])
    return [
        say(f"digest.{reason}", digest.language, count=reasons[reason])
        for reason in ("failed", "budget", "quota")
        if reasons[reason]
    ]


def _no_model(digest: Digest) -> str:
    if digest.model:
        return ""
    if all(entry.summary is None or entry.summary.writer != EXTRACT for entry in digest.entries):
        return ""
    return say("digest.no_model", digest.language)

"""What stands above and below the papers: which day, how many, told by whom, where to find them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from digest import fields
from digest.locale import listed, long_date, say, together
from digest.render import markdown
from digest.render.digest import EXTRACT, announced, asides, fallbacks, field_name, is_sample
from digest.render.report.words import Markdown, document, heading, joined, link, opening, plain
from digest.render.report.words import small as small_print

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.models import Digest, Section
    from digest.render.blocks import Block

_SOME_YEAR = date.min  # a file is read in other years, too: its date always says its own


def head(digest: Digest, key: str) -> tuple[Markdown, ...]:
    """The paragraphs above the papers; `key` is of the text that names the file's shape."""
    return (
        _title(digest, key),
        opening(together((_matched(digest), *asides(digest)), digest.language)),
        opening(together(_written(digest), digest.language)),
        _contents(digest),
    )


def foot(digest: Digest) -> Markdown:
    """What the file does not hold, and whom its data is from."""
    if is_sample(digest):
        return Markdown("")
    language = digest.language
    sentences = (say("report.kinds", language), say("report.thanks", language))
    return small_print(plain(together(sentences, language)))


def section_heading(digest: Digest, number: int, level: int = 2) -> Markdown:
    """The heading of the section with that number, from 1; `_contents` links to it."""
    section = digest.sections[number - 1]
    name = plain(_full_name(section.field, digest.language))
    words = joined((name, Markdown(str(len(section.entries)))))
    return heading(level, words, anchor=_anchor(number))


def nothing(day: date, language: str, key: str, why: Sequence[Block]) -> str:
    """The file of a day without an edition."""
    title = heading(1, joined((plain(say(key, language)), plain(_dated(day, language)))))
    return document((title, Markdown(markdown.text(why).rstrip("\n"))))


def _title(digest: Digest, key: str) -> Markdown:
    language = digest.language
    mark = say("digest.sample", language) if is_sample(digest) else ""
    parts = (say(key, language), _only_field(digest), _dated(digest.edition.day, language), mark)
    return heading(1, joined(map(plain, parts)))


def _dated(day: date, language: str) -> str:
    return long_date(day, language, _SOME_YEAR)


def _only_field(digest: Digest) -> str:
    """The name of the field that all is about; empty where there are several."""
    facts = digest.receipt
    keys = {*(section.field for section in digest.sections), *facts.empty, *facts.open}
    return _full_name(keys.pop(), digest.language) if len(keys) == 1 else ""


def _full_name(key: str, language: str) -> str:
    """A field's name for somebody who did not choose it: a category's code says little."""
    said, name = field_name(key, language), fields.category_name(key, language)
    if name == key or said != key:
        return said
    return say("paper.category", language, code=key, name=name)


def _matched(digest: Digest) -> str:
    language, facts = digest.language, digest.receipt
    day = announced(digest)
    if not facts.announced:
        return day
    if not facts.matched:
        names = listed([field_name(key, language) for key in (*facts.empty, *facts.open)], language)
        return say("report.matched_none", language, announced=day, fields=names)
    if only := _only_field(digest):
        return say("report.matched_field", language, announced=day, field=only, count=facts.matched)
    return say("report.matched", language, announced=day, count=facts.matched)


def _written(digest: Digest) -> tuple[str, ...]:
    """Who told the papers."""
    language = digest.language
    if is_sample(digest):
        return (say("digest.sample_note", language),)
    told = [entry.summary for entry in digest.entries if entry.summary]
    models = Counter(each.writer for each in told if each.writer != EXTRACT)
    failed = sum(each.fallback for each in told)
    extracts = sum(each.writer == EXTRACT and bool(each.gist) for each in told) - failed
    said = fallbacks(digest)
    if models:
        alone = len(models) == 1 and not said and not extracts
        names = next(iter(models)) if alone else _counted(models, language)
        said.insert(0, say("report.written_by", language, writers=names))
    if extracts and said:
        said.append(say("report.extracts", language, count=extracts))
    elif extracts:
        said.append(say("digest.no_model", language))
    return tuple(said)


def _counted(writers: Counter[str], language: str) -> str:
    """As in: small-model (12) and large-model (3)."""
    return listed([f"{name} ({count})" for name, count in writers.most_common()], language)


def _contents(digest: Digest) -> Markdown:
    """Links to the fields, where there are several."""
    if len(digest.sections) < 2:  # noqa: PLR2004 - one is found without
        return Markdown("")
    return joined(
        Markdown(f"{link(_name(each, digest.language), '#' + _anchor(at))} {len(each.entries)}")
        for at, each in enumerate(digest.sections, start=1)
    )


def _name(section: Section, language: str) -> Markdown:
    return plain(field_name(section.field, language))


def _anchor(number: int) -> str:
    return f"field-{number}"

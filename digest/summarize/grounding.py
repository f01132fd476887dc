"""Whether an answer holds against its paper: figures, names, language, terms, addresses.

A pure look-up, and a strict one: what is not in title or abstract is sent back. It cannot tell a
right figure in a wrong sentence.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from digest.summarize import glossary
from digest.summarize.figures import PERCENT, Figure, figures, normal
from digest.summarize.languages import LANGUAGES, has_letters_of, is_written_in
from digest.summarize.numerals import in_chinese, in_words
from digest.text.tex import readable

if TYPE_CHECKING:
    from digest.models import Paper
    from digest.summarize.answer import Answer

_LONGEST_SOURCE = 8000  # characters of the raw abstract that are looked through
_SHOWN = 8  # slips of one kind that the model is told
_LONGEST_GIST = 160  # characters in dense scripts; words are a third of that
_LONGEST_TEXT = 320
_DENSE = ("zh", "zh-Hant", "ja", "ko")
_CONNECTED = re.compile(r"\s*(?:-|–|—|~|/|,|,? ?(?:to|and|or|by|versus|vs\.?))\s*", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:https?|ftp)\s?:\s?/|www\.\w|\bt\.me\b"
    r"|(?<![\w@])(?:[a-z0-9-]+\.)+(?:com|org|net|io|ai|cn|edu|gov|dev|me|co|app|info|ru|xyz|top"
    r"|site|online|link|cc|tv|uk|de|fr|jp|in|eu|us)\b(?!\.[a-z])|\S@\w+\.\w",
    re.IGNORECASE | re.ASCII,
)
_NAME = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]+(?:[-.+_/&'’][A-Za-z0-9]+)*\+*")
_IN_NAME = re.compile(r"(?:(?<=[A-Za-z]-)|(?<=[A-Z]{2}))\d{1,6}(?![\d.])")  # EU-27: 27 members
_ORDINAL = re.compile(r"(?<![\w.,])\d{1,6}(?=(?:st|nd|rd|th)(?![A-Za-z]))")  # 99th: 99 分位
_ROMAN = re.compile(r"[ivx]+")
_PART = re.compile(r"[A-Za-z0-9+]+")
_SHORT = 4  # letters; a shorter name must stand in the paper as a word of its own


def slips(answer: Answer, paper: Paper, language: str) -> tuple[str, ...]:
    """What is wrong with the answer, a sentence each, as told to the model; empty if it holds."""
    source = _source(paper)
    text = answer.text
    found = (
        _of_language(answer, paper, language),
        _of_length(answer, language),
        "Leave out web and mail addresses." if _ADDRESS.search(text) else "",
        _listed("Not in title or abstract", missing_figures(text, source)),
        _listed("Named nowhere in title or abstract", missing_names(text, source, language)),
        _of_terms(glossary.wrongly_rendered(text, source, language)),
    )
    return tuple(slip for slip in found if slip)


def _source(paper: Paper) -> str:
    """All that the answer may draw on, as the model saw it and as arXiv wrote it."""
    abstract = paper.abstract[:_LONGEST_SOURCE]
    return f"{readable(paper.title)}.\n{readable(abstract)}\n{paper.title}.\n{abstract}"


def _listed(what: str, slips: list[str]) -> str:
    return f"{what}: {', '.join(dict.fromkeys(slips[:_SHOWN]))}." if slips else ""


def _of_terms(wrong: tuple[tuple[str, str], ...]) -> str:
    return " ".join(f"Write {term} instead of {written}." for written, term in wrong)


def _of_language(answer: Answer, paper: Paper, language: str) -> str:
    name = LANGUAGES[language].english
    parts = [part for part in answer.text.split("\n")[1:] if part]
    foreign = any(not has_letters_of(part, language) for part in parts)
    if foreign or not is_written_in(f"{answer.gist}\n{answer.summary}", language):
        return f"It is not in {name}."
    is_name = len(paper.title.split()) < 3  # noqa: PLR2004  a title of two words may be a name
    if not is_name and not has_letters_of(answer.title, language):
        return f"The title is not translated into {name}."
    return ""


def _of_length(answer: Answer, language: str) -> str:
    gist, text = len(answer.gist), len(answer.summary)
    share = 1 if language in _DENSE else 3
    if gist > _LONGEST_GIST * share or text > _LONGEST_TEXT * share:
        return "It is too long."
    return ""


def missing_figures(text: str, source: str) -> list[str]:
    """The figures of a text that its source does not have, as the text writes them."""
    source, text = normal(source), normal(text)
    known = _known(source)
    said = [figure for figure in in_words(text) if figure.unit]
    wanted = [*figures(text), *said, *in_chinese(text)]
    return [f.text for f in wanted if not (_is_among(f, known) or _stands_in(f.text, source))]


def _is_among(figure: Figure, known: dict[Decimal, set[str]]) -> bool:
    """Whether one of its values is known with its unit, or with none where that is no claim."""
    for value in figure.values:
        units = known.get(value.normalize(), set())
        if figure.unit in units or (units and not figure.unit):
            return True
        if "" in units and figure.unit != PERCENT:
            return True
    return False


def _stands_in(text: str, source: str) -> bool:
    """Whether it is written in the source just so: `5T`, `3×3`, `10 K`."""
    return re.search(rf"(?<![\w.]){re.escape(text)}(?!\w|%|\.\d)", source) is not None


def _known(source: str) -> dict[Decimal, set[str]]:
    """Value -> the units that the source has it with."""
    known: dict[Decimal, set[str]] = {}
    bare = (match[0] for form in (_IN_NAME, _ORDINAL) for match in form.finditer(source))
    named = [Figure(digits, frozenset({Decimal(digits)})) for digits in bare]
    for figure in [*_chained(figures(source, english=True), source), *in_words(source), *named]:
        for value in figure.values:
            known.setdefault(value.normalize(), set()).add(figure.unit)
    shares = [value for value, units in known.items() if "" in units and 0 < value < 1]
    for value in shares:  # 0.92 is 92%
        known.setdefault((value * 100).normalize(), set()).add(PERCENT)
    return known


def _chained(found: list[Figure], source: str) -> list[Figure]:
    """Also each figure with the unit and factor at the end of its range or list: 3, 5 and 8%."""
    chained = []
    later: Figure | None = None
    for figure in reversed(found):
        chained.append(figure)
        is_bare = not figure.unit and figure.factor == 1
        if later and is_bare and _CONNECTED.fullmatch(source[figure.end : later.start]):
            chained.append(_like(figure, later))
        later = chained[-1]
    return chained


def _like(figure: Figure, later: Figure) -> Figure:
    values = frozenset(value * later.factor for value in figure.values)
    return replace(figure, values=values, unit=later.unit, factor=later.factor)


def missing_names(text: str, source: str, language: str) -> list[str]:
    """The names in Latin letters that are neither in the source nor known to everybody."""
    source, text = normal(source), normal(text)
    words = {glossary.squeezed(word) for word in _PART.findall(source)}
    whole = glossary.squeezed(source)
    initials = "".join(word[0] for word in _PART.findall(source)).lower()
    return [
        name
        for name in _names(text, language)
        if not _is_known(glossary.squeezed(name), words, whole, initials)
        and not _stands_in(name.lower(), source.lower())
    ]


def _is_known(name: str, words: set[str], whole: str, initials: str) -> bool:
    singular = name.removesuffix("s")
    if not {name, singular}.isdisjoint(glossary.always_known()) or _ROMAN.fullmatch(name):
        return True
    if len(singular) < _SHORT:
        return name in words or singular in words or (len(singular) > 2 and singular in initials)  # noqa: PLR2004  two initials prove nothing
    return singular in whole or singular in initials


def _names(text: str, language: str) -> list[str]:
    """What looks like a name: any Latin word in another script, odd capitals in Latin ones."""
    masked = text
    for figure in figures(text):
        masked = masked[: figure.start] + " " * (figure.end - figure.start) + masked[figure.end :]
    found = [name for name in _NAME.findall(masked) if re.search("[A-Za-z]", name)]
    if LANGUAGES[language].is_latin:
        return [name for name in found if re.search(r"[a-z0-9][A-Z]|[A-Z]{2}|[A-Za-z]-?\d", name)]
    return [name for name in found if len(name) > 1]

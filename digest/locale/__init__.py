"""Every text that a reader sees, in every language; one TOML file is one language.

`en.toml` is the reference: nested tables are dotted keys (`errors.paper_not_found`), `{name}` is a
place for a value, and a table of plural forms (`one`, `other`, …) is one text that is chosen by
`count`. A new language is one more file; `tests/test_locale.py` says what it still lacks.

Babel (plurals, numbers, dates) costs 50 to 90 ms of start-up, so it is imported at first use.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Any

DEFAULT = "en"
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})  # CLDR's plural categories
_PLACE = re.compile(r"\{(\w+)\}")


class MissingText(UserWarning):
    """A text, or a value that it needs, is missing: fatal in tests, mended for a reader."""


@dataclass(frozen=True)
class Language:
    """One catalogue.

    Attributes:
        code: the file's name, what a subscriber stores: `en`, `zh`.
        name: as its own speakers call it.
        aliases: what else it is called, in any language.
        babel: Babel's locale.
        long_date, long_date_year: Babel's date patterns with the day of the week.
        separator, last_separator: between the items of a list.
        colon: between a label and its text.
        space: between two sentences.
        timezones: IANA name to what people say, where that is not Babel's name.
        texts: dotted key to text, or to its plural forms.
    """

    code: str
    name: str
    aliases: tuple[str, ...]
    babel: str
    long_date: str
    long_date_year: str
    short_date: str
    short_date_year: str
    separator: str
    last_separator: str
    colon: str
    space: str
    timezones: Mapping[str, str]
    texts: Mapping[str, str | Mapping[str, str]]


def say(key: str, language: str, /, **values: Any) -> str:
    """The text of `key` in `language`, with `values` in its places.

    A whole number is written with the language's grouping ("1,062"), a date as `long_date`; years
    and versions are therefore passed as text. The plural form follows `count`.

    What is missing warns (`MissingText`) and is mended as well as can be: an unknown language or an
    untranslated key is said in English, an unknown key is `errors.internal`, a value that was
    not given is "…".
    """
    return said(key, _known(language), **values)


def said(key: str, known: Language, /, **values: Any) -> str:
    """As `say`, from a catalogue at hand."""
    text = known.texts.get(key)
    if text is None:
        return _say_missing(key, known.code, values)
    if not isinstance(text, str):
        text = text[_plural(values.get("count", 0), known.babel, tuple(text))]
    if "{" not in text:
        return text
    return _PLACE.sub(lambda place: _value(place[1], values, key, known), text)


def has(key: str) -> bool:
    """Whether there is such a text."""
    return key in catalogue(DEFAULT).texts


def languages() -> tuple[str, ...]:
    """The codes of all languages, English first."""
    return _languages()


@cache
def _languages() -> tuple[str, ...]:
    files = (file.name for file in resources.files(__name__).iterdir())
    codes = sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))
    return (DEFAULT, *(code for code in codes if code != DEFAULT))


def interface(language: str) -> str:
    """The catalogue in which a reader of `language` is spoken to.

    The language's own, or that of its other script (`zh` for `zh-Hant`), or English.
    """
    for code in (language, language.partition("-")[0]):
        if code in languages():
            return code
    return DEFAULT


def language_name(code: str) -> str:
    """A language's name as its own speakers call it."""
    return catalogue(code).name


def understand_language(text: str) -> str | None:
    """The code of the language that `text` names: "中文", "zh-CN", "English", "EN_us"; or None."""
    asked = unicodedata.normalize("NFKC", text).strip().strip("。.").casefold().replace("_", "-")
    names = _language_names()
    return names.get(asked) or names.get(asked.partition("-")[0])


@cache
def _language_names() -> Mapping[str, str]:
    return {
        alias.casefold(): code
        for code in languages()
        for alias in (code, language_name(code), *catalogue(code).aliases)
    }


@lru_cache(maxsize=256)
def _known(language: str) -> Language:
    return catalogue(interface(language))


@cache
def catalogue(code: str) -> Language:
    """The catalogue of one of `languages()`, read once."""
    raw = (resources.files(__name__) / f"{code}.toml").read_text(encoding="utf-8")
    return read(code, raw)


def read(code: str, raw: str) -> Language:
    """A catalogue from its TOML; raises KeyError when the [language] table is incomplete."""
    tables = tomllib.loads(raw)
    about = tables.pop("language")
    return Language(
        code=code,
        name=about["name"],
        aliases=tuple(about["aliases"]),
        babel=about["babel"],
        long_date=about["long_date"],
        long_date_year=about["long_date_year"],
        short_date=about["short_date"],
        short_date_year=about["short_date_year"],
        separator=about["separator"],
        last_separator=about["last_separator"],
        colon=about["colon"],
        space=about["space"],
        timezones=about.get("timezones", {}),
        texts=dict(_flat(tables)),
    )


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, str) or is_plural(value):
            yield key, value
        else:
            yield from _flat(value, f"{key}.")


def is_plural(value: object) -> bool:
    """Whether a table is one text in its plural forms."""
    return isinstance(value, Mapping) and "other" in value and value.keys() <= PLURALS


def places(text: str | Mapping[str, str]) -> frozenset[str]:
    """The names of the values that a text needs, over all its plural forms."""
    forms = (text,) if isinstance(text, str) else text.values()
    return frozenset(name for form in forms for name in _PLACE.findall(form))


def _say_missing(key: str, code: str, values: Mapping[str, Any]) -> str:
    warnings.warn(f"no text {key!r} in {code!r}", MissingText, stacklevel=4)
    if code != DEFAULT and has(key):
        return say(key, DEFAULT, **values)
    return say("errors.internal", code)


def _value(name: str, values: Mapping[str, Any], key: str, language: Language) -> str:
    if name not in values:
        warnings.warn(f"{key!r} needs a value {name!r}", MissingText, stacklevel=5)
        return "…"
    value = values[name]
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value, language.code)
    if isinstance(value, datetime):
        return moment(value, language.code)
    if isinstance(value, date):
        return long_date(value, language.code)
    return str(value)


def _plural(count: Any, babel_locale: str, forms: tuple[str, ...]) -> str:
    form = _babel(babel_locale).plural_form(count)
    return form if form in forms else "other"


@lru_cache(maxsize=4096)
def number(value: int, language: str) -> str:
    """A whole number with the language's grouping."""
    if -1000 < value < 1000:  # noqa: PLR2004 - no language groups three digits
        return str(value)
    from babel.numbers import format_decimal  # noqa: PLC0415 - see the module's docstring

    return format_decimal(value, locale=_known(language).babel)


@lru_cache(maxsize=512)
def long_date(day: date, language: str, today: date | None = None) -> str:
    """A date with its weekday: "Tuesday 3 February"; with the year where `today` is in another."""
    from babel.dates import format_date  # noqa: PLC0415 - see the module's docstring

    known = _known(language)
    same_year = today is None or today.year == day.year
    return format_date(day, known.long_date if same_year else known.long_date_year, known.babel)


@lru_cache(maxsize=512)
def short_date(day: date, language: str, today: date | None = None) -> str:
    """A date for a list: "3 Feb"; with the year where `today` is in another."""
    from babel.dates import format_date  # noqa: PLC0415 - see the module's docstring

    known = _known(language)
    same_year = today is None or today.year == day.year
    return format_date(day, known.short_date if same_year else known.short_date_year, known.babel)


@lru_cache(maxsize=512)
def month_name(day: date, language: str) -> str:
    """A month with its year: "February 2026"."""
    from babel.dates import format_skeleton  # noqa: PLC0415 - see the module's docstring

    return format_skeleton("yMMMM", day, locale=_known(language).babel)


@lru_cache(maxsize=64)
def weekday_names(language: str) -> tuple[str, ...]:
    """One letter or two for each day of the week, Monday first."""
    from babel.dates import get_day_names  # noqa: PLC0415 - see the module's docstring

    names = get_day_names("narrow", "stand-alone", _known(language).babel)
    return tuple(names[number] for number in range(7))


def moment(at: datetime, language: str) -> str:
    """A time to come within the week: "Monday 09:00 (Beijing time)"; `at` is aware."""
    from babel.dates import format_datetime  # noqa: PLC0415 - see the module's docstring

    known = _known(language)
    said = format_datetime(at, "EEEE HH:mm", locale=known.babel)
    return say("calendar.moment", language, time=said, timezone=timezone_name(at, language))


def timezone_name(at: datetime, language: str) -> str:
    """What people call the timezone of `at`."""
    from babel.dates import get_timezone_name  # noqa: PLC0415 - see the module's docstring

    known = _known(language)
    key = str(getattr(at.tzinfo, "key", at.tzname()))
    return known.timezones.get(key) or get_timezone_name(at, locale=known.babel)


def listed(items: Iterable[str], language: str) -> str:
    """Items as part of a sentence: "cs, stat and math" / "cs、stat、math"."""
    known = _known(language)
    *others, last = list(items) or [""]
    if not others:
        return last
    return known.separator.join(others) + known.last_separator + last


def separated(items: Iterable[str], language: str) -> str:
    """Items as a bare list: "cs, stat, math" / "cs、stat、math"."""
    known = _known(language)
    return known.separator.join(items)


def colon(language: str) -> str:
    """What stands between a label and its text: ": " / "："."""
    return _known(language).colon


def together(sentences: Iterable[str], language: str) -> str:
    """Sentences one after another, those that are empty left out."""
    known = _known(language)
    return known.space.join(sentence for sentence in sentences if sentence)


@cache
def _babel(babel_locale: str) -> Any:
    from babel.core import Locale  # noqa: PLC0415 - see the module's docstring

    return Locale.parse(babel_locale)

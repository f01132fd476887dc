"""Figures in a text, whatever the language writes them like: 26.7×, 26.7 times, 26.7倍, 1000亿.

A figure's values are all that it may mean ("1.062" is 1.062, or 1062 in German); its unit is a key
of `figures.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PERCENT, TIMES = "percent", "times"
_CJK = "\u3000"  # scripts from here on write no spaces between words
_GERMAN = {"Billion": (Decimal("1e9"),)}  # English at the head of a sentence; else 1e12
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_MATHS = re.compile(r"\{,\}|\\(?=[%$#&])|\\[,;!: ]|[${}]")
_GROUPED = r"\d{1,3}(?P<mark>[,.' ])\d{3}(?!\d)(?:(?P=mark)\d{3}(?!\d))*(?:[.,]\d+)?"
_CROSSED = re.compile(r"(?<=\d) ?x ?(?=\d)")  # 3x3
_LONGEST = 40  # digits: no figure that somebody means has more


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure where it stands.

    Attributes:
        text: as written, unit and all.
        values: what it may mean.
        unit: a key of `figures.toml`'s units, or empty.
        start, end: where it stands in the normalised text.
        factor: what its values are multiplied by already.
    """

    text: str
    values: frozenset[Decimal]
    unit: str = ""
    start: int = 0
    end: int = 0
    factor: Decimal = Decimal(1)


def normal(text: str) -> str:
    """The text with one way to write each digit, sign and exponent; other letters stay."""
    text = _RAISED.sub(lambda raised: "^" + raised[0].translate(_SUPERSCRIPTS), text)
    text = text.replace("\\times", "×").replace("\\cdot", "·")
    text = unicodedata.normalize("NFKC", _MATHS.sub("", text)).replace("−", "-")
    return _CROSSED.sub("×", text)


def figures(text: str, *, english: bool = False) -> list[Figure]:
    """The figures in a normalised text, in order; digits inside a name (GPT-4, H100) are none.

    In an English text a comma never begins the decimals and a point always does.
    """
    found = (match for match in _pattern().finditer(text) if len(match["digits"]) <= _LONGEST)
    return [_figure(match, english=english) for match in found]


def _figure(match: re.Match[str], *, english: bool) -> Figure:
    factors = _factors(match)
    digits = match["digits"]
    readings = {Decimal(_english(digits))} if english else _values(digits)
    values = frozenset(value * factor for value in readings for factor in factors)
    unit = _table("units")[match["unit"]] if match["unit"] else ""
    return Figure(match[0].strip(), values, unit, *match.span(), factors[0])


def _factors(match: re.Match[str]) -> tuple[Decimal, ...]:
    """What the digits are multiplied by: a word, a letter, a power of ten."""
    written = match["letter"] or match["word"]
    if written:
        return (*_GERMAN.get(written, ()), Decimal(_table("factors")[written]))
    if match["power"] and (match["sign"] or match["digits"] == "10"):
        power = int(match["power"]) - (not match["sign"])  # 10^6 is ten times 10^5
        return (Decimal(10) ** max(-99, min(99, power)),)
    return (Decimal(1),)


def _english(digits: str) -> str:
    plain = re.sub("[, ']", "", digits)
    return plain if plain.count(".") <= 1 else plain.replace(".", "")


def _values(digits: str) -> frozenset[Decimal]:
    """What digits with their separators may mean."""
    grouped = re.fullmatch(_GROUPED, digits)
    plain = digits.replace(" ", "").replace("'", "")
    readings = set()
    if grouped or "," not in plain:
        readings.add(plain.replace(",", ""))
    if "," in plain or grouped:
        readings.add(plain.replace(".", "").replace(",", "."))
    return frozenset(Decimal(one).normalize() for one in readings if one.count(".") <= 1)


@cache
def _table(name: str) -> dict[str, str]:
    """Written form -> a factor's number or a unit's key."""
    raw = resources.files(__package__).joinpath("figures.toml").read_text(encoding="utf-8")
    table: dict[str, list[str]] = tomllib.loads(raw)[name]
    return {normal(form): meaning for meaning, forms in table.items() for form in forms}


@cache
def _pattern() -> re.Pattern[str]:
    """Digits that begin no name, with a power of ten or a factor, and a unit."""
    factors = _table("factors")
    letters = _any(form for form in factors if len(form) == 1 and form.isascii())
    words = _any(form for form in factors if len(form) > 1 or not form.isascii())
    return re.compile(
        r"(?<![A-Za-z0-9_.^])(?<![A-Za-z][-_])"
        rf"(?P<digits>(?>{_GROUPED}|\d+(?:[.,]\d+)?))"
        r"(?:(?P<sign>\s?[×·*]\s?10)?\^(?P<power>[-+]?\d+)"
        rf"|(?P<letter>{letters})|[ -]?(?P<word>{words}))?"
        rf"(?:[ -]?(?P<unit>{_any(_table('units'))}))?"
        r"(?:(?<![A-Za-z0-9])|(?![A-Za-z0-9]))"
    )


def _any(forms: Iterable[str]) -> str:
    """One of the forms, the longest first; after a letter of an alphabet no other may follow."""
    return "|".join(
        re.escape(form) + (r"(?![A-Za-zÀ-ÿА-я])" if form[-1].isalpha() and form[-1] < _CJK else "")
        for form in sorted(forms, key=len, reverse=True)
    )

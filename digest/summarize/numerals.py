"""Numbers that are written out: twofold, three orders of magnitude, 三倍, 百分之三十."""

from __future__ import annotations

import re
from decimal import Decimal

from digest.summarize.figures import PERCENT, TIMES, Figure

_WORDS = {
    1: "january one single once a an",
    2: "february two both twice double doubles doubled doubling dual pair pairs",
    3: "march three thrice triple triples tripled tripling",
    4: "april four quadruple quadruples quadrupled quadrupling",
    5: "may five",
    6: "june six",
    7: "july seven",
    8: "august eight",
    9: "september nine",
    10: "october ten",
    11: "november eleven",
    12: "december twelve dozen",
    13: "thirteen",
    14: "fourteen",
    15: "fifteen",
    16: "sixteen",
    17: "seventeen",
    18: "eighteen",
    19: "nineteen",
    20: "twenty",
    30: "thirty",
    40: "forty",
    50: "fifty",
    60: "sixty",
    70: "seventy",
    80: "eighty",
    90: "ninety",
}
_VALUES = {word: Decimal(value) for value, words in _WORDS.items() for word in words.split()}
_GREAT = {
    "hundred": Decimal(100),
    "thousand": Decimal(1000),
    "million": Decimal(10**6),
    "billion": Decimal(10**9),
}
_TIMES_WORDS = re.compile(r"twice|thrice|doubl|tripl|quadrupl")
_HALVES = re.compile(r"\bhal(?:f|v(?:e[sd]?|ing))\b", re.IGNORECASE)
_MAGNITUDES = re.compile(r"(?:\b([A-Za-z]+|\d+) )?orders? of magnitude", re.IGNORECASE)
_MOST_MAGNITUDES = 30
_IN_WORDS = re.compile(
    rf"\b(?P<word>{'|'.join(sorted(_VALUES, key=len, reverse=True))})"
    rf"(?:[ -](?P<great>{'|'.join(_GREAT)}))?"
    r"(?:[ -]?(?P<times>times|fold)|[ -](?P<percent>per ?cent))?\b",
    re.IGNORECASE,
)


def in_words(text: str) -> list[Figure]:
    """The numbers written as English words, small ones, and the ways to say times and per cent."""
    found = [_word(match) for match in _IN_WORDS.finditer(text)]
    for match in _HALVES.finditer(text):
        found.append(Figure(match[0], frozenset({Decimal("0.5")})))
        found.append(Figure(match[0], frozenset({Decimal(2)}), TIMES))
    for match in _MAGNITUDES.finditer(text):
        count = _count(match[1] or "one")
        found.append(Figure(match[0], frozenset({Decimal(10) ** count, Decimal(count)}), TIMES))
    return found


def _word(match: re.Match[str]) -> Figure:
    word = match["word"].lower()
    value = _VALUES[word] * _GREAT.get((match["great"] or "").lower(), Decimal(1))
    is_times = match["times"] or _TIMES_WORDS.match(word)
    unit = TIMES if is_times else PERCENT if match["percent"] else ""
    return Figure(match[0], frozenset({value}), unit)


def _count(word: str) -> int:
    if word.isdecimal():
        return min(int(word[:3]), _MOST_MAGNITUDES)
    return int(_VALUES.get(word.lower(), Decimal(1)))


_DIGITS = {
    letter: value
    for value, letters in enumerate(
        ("零〇", "一壹", "二两兩贰", "三叁", "四", "五", "六", "七", "八", "九")
    )
    for letter in letters
}
_PLACES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4}
_NUMERAL = f"[{''.join(_DIGITS)}{''.join(_PLACES)}]+"
_TENTHS = re.compile(rf"({_NUMERAL})成(?![为為功本果员員熟立就])")
_SHARE = re.compile(rf"百分之({_NUMERAL}|\d+(?:\.\d+)?)")
_FOLD = re.compile(rf"({_NUMERAL})(?:倍|배)")


def in_chinese(text: str) -> list[Figure]:
    """Times and shares written with Chinese numerals; others are too often no figures (一种)."""
    found = []
    for match in _FOLD.finditer(text):
        value = _chinese(match[1])
        also = {Decimal(2)} if value == 1 else set()  # 提高一倍: twice as much
        found.append(Figure(match[0], frozenset({value, *also}), TIMES))
    for match in _SHARE.finditer(text):
        share = match[1]
        value = _chinese(share) if share[0] in _DIGITS or share[0] in _PLACES else Decimal(share)
        found.append(Figure(match[0], frozenset({value}), PERCENT))
    tenths = _TENTHS.finditer(text)
    return found + [Figure(t[0], frozenset({_chinese(t[1]) * 10}), PERCENT) for t in tenths]


def _chinese(numeral: str) -> Decimal:
    """三百二十 is 320."""
    total, digit = 0, 0
    for letter in numeral:
        if letter in _DIGITS:
            digit = digit * 10 + _DIGITS[letter]
        elif _PLACES[letter] == 10**4:
            total, digit = (total + digit or 1) * 10**4, 0
        else:
            total, digit = total + (digit or 1) * _PLACES[letter], 0
    return Decimal(total + digit)

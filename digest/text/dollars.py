"""Which dollar signs open and close mathematics, and which are money."""

from __future__ import annotations

import re

from digest.text.marks import DOLLAR, MATH_OFF, MATH_ON

_SIGN = re.compile(r"\\[\\$()\[\]]|\$\$?")
_FIXED = {
    "\\\\": "\\\\",
    "\\$": DOLLAR,
    "\\(": MATH_ON,
    "\\[": MATH_ON,
    "\\)": MATH_OFF,
    "\\]": MATH_OFF,
}
_TEX = re.compile(r"[\\^_{}]")
_AMOUNT = re.compile(r"\d[\d,.]*\d?\s?(?:[kKMBT]|bn|mn|[mb]illion|trillion|thousand|USD)?\b[+%]?")
_WORDS = re.compile(r"(?:^|[\s,.;(])[A-Za-z]{2,}[,.;]? +(?:[a-z]{1,} +)*[a-z]{2,}\b")
_PROSE = re.compile(r"[A-Za-z]{2,}[,.;]? +[A-Za-z]{2,} +[A-Za-z]{2,}\b")


def mark(text: str) -> str:
    r"""The text with MATH_ON and MATH_OFF for `$ $$ \( \) \[ \]`, and DOLLAR for money.

    A dollar sign without a partner is money before a digit or after a word, else left out.
    """
    signs = list(_SIGN.finditer(text))
    pieces: list[str] = []
    done, inside = 0, ""
    for place, sign in enumerate(signs):
        pieces.append(text[done : sign.start()])
        done = sign.end()
        kind = sign[0]
        if kind[0] == "\\":
            pieces.append(_FIXED[kind])
        elif inside == "$" and kind == "$$":  # $a$$b$
            pieces.append(MATH_OFF + MATH_ON)
        elif inside:
            pieces.append(MATH_OFF)
            inside = ""
        elif _is_mathematics(text, sign, _partner(signs, place)):
            pieces.append(MATH_ON)
            inside = kind
        else:
            pieces.append(_money(text, sign))
    return "".join([*pieces, text[done:]])


def _partner(signs: list[re.Match[str]], place: int) -> re.Match[str] | None:
    """The next dollar sign."""
    for index in range(place + 1, len(signs)):
        if signs[index][0][0] == "$":
            return signs[index]
    return None


def _is_mathematics(text: str, sign: re.Match[str], partner: re.Match[str] | None) -> bool:
    if partner is None:
        return False
    content = text[sign.end() : partner.start()]
    after = text[partner.end() : partner.end() + 1]
    if _TEX.search(content):
        is_opening = content.endswith(" ") and (after.isalnum() or after == "\\")
        return not (is_opening and _PROSE.search(content))
    amount = _AMOUNT.match(content)
    if amount is None:
        return _PROSE.search(content) is None
    if content[-1:] in " -–(/" and after.isdigit():
        return False
    rest = content[amount.end() :]
    return not (_WORDS.search(rest) or rest.endswith(" "))


def _money(text: str, sign: re.Match[str]) -> str:
    if len(sign[0]) > 1:
        return ""
    before, after = text[max(0, sign.start() - 1) : sign.start()], text[sign.end() : sign.end() + 1]
    return DOLLAR if after.isdigit() or before.isalnum() or not after.strip() else ""

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
    partners = _partners(signs)
    pieces: list[str] = []
    done, inside = 0, ""
    for sign, partner in zip(signs, partners, strict=True):
        pieces.append(text[done : sign.start()])
        done = sign.end()
        if sign[0][0] == "\\":
            pieces.append(_FIXED[sign[0]])
            continue
        if inside == "$" and sign[0] == "$$":  # $a$$b$
            pieces.append(MATH_OFF + MATH_ON)
        elif inside:
            pieces.append(MATH_OFF)
            inside = ""
        else:
            inside = sign[0] if partner and _is_mathematics(text, sign, partner) else ""
            pieces.append(MATH_ON if inside else _money(text, sign))
    return "".join([*pieces, text[done:]])


def _partners(signs: list[re.Match[str]]) -> list[re.Match[str] | None]:
    """For each sign the next dollar sign after it."""
    partners: list[re.Match[str] | None] = []
    following = None
    for sign in reversed(signs):
        partners.append(following)
        if sign[0][0] == "$":
            following = sign
    return partners[::-1]


def _is_mathematics(text: str, sign: re.Match[str], partner: re.Match[str]) -> bool:
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

"""The marks that TeX is read with: control characters that no text holds once it is prepared."""

from __future__ import annotations

import re

MATH_ON = "\x01"
MATH_OFF = "\x02"
DOLLAR = "\x03"  # a dollar sign that is one
SOFT = "\x04"  # a space where letters would run together: log n, log(n)

SHIELDED_HYPHEN = "\x12"

_SHIELDED = "_~^&-'`"
_SHIELDS = "\x0e\x0f\x10\x11\x12\x13\x14"
_SHIELD = str.maketrans(_SHIELDED, _SHIELDS)
_UNSHIELD = str.maketrans(_SHIELDS + DOLLAR, _SHIELDED + "$")

# Control characters, and those that turn the reading direction of what follows (U+202A to U+202E,
# U+2066 to U+2069): neither belongs in a chat.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
_ADDRESSES = tuple(  # each begins with letters, which makes the search fast
    re.compile(start + r"(?:[^\s{}$\\]|\\[_%&#~])+") for start in (r"http", r"www\.", r"\\url{")
)
_LOWERED = "²³¹⁰-₟ᴬ-ᵪ"  # scripts, which belong to the word before them
_SOFT_SPACE = re.compile(  # begins with the mark itself, which makes the search fast
    rf"{SOFT}(?<=[\w)\]}}|‖⟩′*]{SOFT})(?=(?![{_LOWERED}])[^\W_]|[√∑∏∫∞∂∇‖⟨¬{DOLLAR}])",
)
_LOOSE = re.compile(r" (?<=[^\s.,;:!?] )(?=[,;.!?](?: |$))")
_LOOSE_HINTS = (" ,", " .", " ;", " !", " ?")
_ESCAPED = re.compile(r"\\([_%&#~])")
_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"))
_HALF_QUOTED = re.compile(r"“([^“”\"]{1,200})\"")
_QUOTED = re.compile(r"(?<![\w`'])`([^`'\n]{1,80})'(?!\w)")


def one_line(text: str) -> str:
    """The text with single spaces and without unsafe characters."""
    if not text.isprintable():
        text = _UNSAFE.sub(" ", text)
    return evenly_spaced(text)


def evenly_spaced(text: str) -> str:
    """The text with single spaces; at once where it is so already, as most abstracts are."""
    if text.isprintable() and "  " not in text:  # the only printable white space is a space
        return text.strip(" ")
    return " ".join(text.split())


def shield(text: str) -> str:
    """TeX's own signs inside web addresses become marks."""
    for address, hint in zip(_ADDRESSES, ("://", "www.", "\\url"), strict=True):
        if hint in text:
            text = address.sub(_shielded, text)
    return text


def _shielded(address: re.Match[str]) -> str:
    found = address[0]
    prefix = "\\url{" if found.startswith("\\url{") else ""
    return prefix + _ESCAPED.sub(r"\1", found[len(prefix) :]).translate(_SHIELD)


def tidy(text: str) -> str:
    """Single quotation marks paired, no space before a comma."""
    if "`" in text:
        text = _QUOTED.sub(r"‘\1’", text)
    if any(loose in text for loose in _LOOSE_HINTS):
        text = _LOOSE.sub("", text)
    return text


def resolve(text: str) -> str:
    """Every mark and ligature as the character that it stands for; spaces single again."""
    if SOFT in text:
        text = _SOFT_SPACE.sub(" ", text.replace(SOFT + SOFT, SOFT)).replace(SOFT, "")
    for tex, sign in _LIGATURES:
        if tex in text:
            text = text.replace(tex, sign)
    if "“" in text and '"' in text:
        text = _HALF_QUOTED.sub(r"“\1”", text)
    if not text.isprintable():
        text = text.translate(_UNSHIELD)
    return evenly_spaced(text).replace("( ", "(").replace(" )", ")")

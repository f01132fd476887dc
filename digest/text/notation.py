"""How formulas look in one line of Unicode: scripts, fractions, roots, accents, alphabets."""

from __future__ import annotations

import re
import unicodedata

from digest.text.marks import SOFT

LONGEST_RAISED_WORD = 3  # letters: xₘₐₓ reads well, kₘₑₐₛᵤᵣₑₘₑₙₜ does not

_SUPERSCRIPTS = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδφχ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᵠᵡ",
        strict=True,
    )
)
_SUBSCRIPTS = dict(
    zip(
        "0123456789+-−=()aehijklmnoprstuvxβγρφχ",
        "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
        strict=True,
    )
)
# What stands raised by itself: 90°, f′, x*, π±.
_RAISED = {"∘": "°", "○": "°", "′": "′", "*": "*", "∗": "*", "⋆": "⋆", "†": "†", "‡": "‡"} | {
    "±": "±", "∓": "∓", "⊤": "ᵀ", "⊥": "⊥", "°": "°", "″": "″", "×": "×", "♯": "♯", "!": "!",
}  # fmt: skip
_LONE = frozenset("()")  # one bracket of a pair, in texts like 10^(-3)
_LONGEST = 60  # characters of a formula that is looked into; a longer one is bracketed as it is
_LONG_WORD = re.compile(rf"[^\W\d_]{{{LONGEST_RAISED_WORD + 1},}}")
_AIR = re.compile(r" *([-−+±×·=<>≤≥≠→∈,/|]) *")

_LOWERED = re.escape("".join(sorted({*_SUPERSCRIPTS.values(), *_SUBSCRIPTS.values()})))
_BARE = {  # what needs no braces
    "^": re.compile(r".|[A-Za-z]{3,}|[−+]?\d+\.\d+"),
    "_": re.compile(r".|[A-Za-z0-9]+|\d+\.\d+"),
}
_ATOM = re.compile(
    rf"√?(?:\d[\d.,]*|[^\W\d_][\u0300-\u036f\u20d0-\u20ff]*)(?:[{_LOWERED}′*°†±]|[_^](?:\w|\{{[^{{}}]*\}}))*"
    rf"|[^\W\d_]{{3,}}"
)
_DIFFERENTIAL = re.compile(rf"[d∂][^\W\d_][{_LOWERED}]*")
_CALL = re.compile(r"(?:(?<=[^\W\d_]{3})|(?<=(?<![^\W_])[fghpqFGP]))\([^()]*\)")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\|[^|]*\||‖[^‖]*‖")
_BRACKET = re.compile(r"[(\[|‖]")
_DEEPEST_BRACKETS = 3  # inside each other, more than one line of a chat can bear
_SUM = re.compile(rf"[-+−±∓=<>≤≥∑∏∫ ,/{SOFT}]")
_ONE_LETTER = re.compile(rf"([^\W_])([\u0300-\u036f\u20d0-\u20ff]*)([{_LOWERED}′]*|_\w)")

_ALPHABETS = {
    "double": (0x1D538, "CℂHℍNℕPℙQℚRℝZℤ"),
    "script": (0x1D49C, "BℬEℰFℱHℋIℐLℒMℳRℛeℯgℊoℴ"),
    "fraktur": (0x1D504, "CℭHℌIℑRℜZℨ"),
}
_LONGEST_STYLED = 2  # letters; a word in script is hard to read


def superscript(text: str, *, crowded: bool = False) -> str:
    """Raised where Unicode can: x², ℝᵈ, 90°; else `^x` or `^{…}`."""
    if text in _SUPERSCRIPTS and text not in _LONE:
        return _SUPERSCRIPTS[text]
    text = text.strip(" " + SOFT)
    if text and text[0] in _RAISED and all(sign in _RAISED for sign in text):
        return "".join(_RAISED[sign] for sign in text).replace("′′", "″")
    return _script("^", text, _SUPERSCRIPTS, crowded=crowded)


def subscript(text: str, *, crowded: bool = False) -> str:
    """Lowered where Unicode can: x₁, xₘₐₓ; else `_x` or `_{…}`.

    Args:
        text: what is lowered, already readable.
        crowded: a letter or digit follows, so that a bare `_x` would run into it.
    """
    if text in _SUBSCRIPTS and text not in _LONE:
        return _SUBSCRIPTS[text]
    return _script("_", text.strip(" " + SOFT), _SUBSCRIPTS, crowded=crowded)


def _script(sign: str, text: str, table: dict[str, str], *, crowded: bool) -> str:
    if len(text) > _LONGEST:
        return f"{sign}{{{text}}}"
    text = _AIR.sub(r"\1", text)
    if text in _LONE:
        return sign + text
    if all(letter in table for letter in text) and not _LONG_WORD.search(text):
        return "".join(table[letter] for letter in text)
    if not crowded and _BARE[sign].fullmatch(text):
        return f"{sign}{text}"
    return f"{sign}{{{text}}}"


def fraction(above: str, below: str) -> str:
    """`a/b`, with brackets where they are needed: (a+b)/(c−d), 1/(2π), 2π/3."""
    above, below = above.strip(" " + SOFT), below.strip(" " + SOFT)
    if len(above) > _LONGEST or _SUM.search(_outline(above)):
        above = f"({above})"
    return f"{above}/{below if _DIFFERENTIAL.fullmatch(below) else _atom(below)}"


def root(text: str, degree: str = "") -> str:
    """√x, √(x+1), ³√x; a letter that follows stands apart from it."""
    inside = _atom(text.strip(" " + SOFT))
    return f"{superscript(degree) if degree else ''}√{inside}{'' if inside[-1:] == ')' else SOFT}"


def _atom(text: str) -> str:
    """In brackets unless it reads as one thing."""
    if not text or (len(text) <= _LONGEST and _ATOM.fullmatch(_outline(text))):
        return text
    return f"({text})"


def _outline(text: str) -> str:
    """Brackets as single letters, and a function's argument left out: what binds from outside."""
    if not _BRACKET.search(text):
        return text
    for _level in range(_DEEPEST_BRACKETS):
        shorter = _BRACKETS.sub("x", _CALL.sub("", text))
        if shorter == text:
            break
        text = shorter
    return text


def accent(mark: str, text: str) -> str:
    """The combining mark over one letter, whose scripts stay behind it; longer texts stay bare."""
    one = _ONE_LETTER.fullmatch(text) if len(text) <= _LONGEST else None
    if one is None:
        return text
    letter = {"ı": "i", "ȷ": "j"}.get(one[1], one[1])
    return unicodedata.normalize("NFC", letter + one[2] + mark) + one[3]


def precomposed(mark: str, letter: str) -> str | None:
    """The one character for a letter with its accent, or None where no language has it."""
    whole = unicodedata.normalize("NFC", {"ı": "i", "ȷ": "j"}.get(letter, letter) + mark)
    return whole if len(whole) == 1 else None


def styled(alphabet: str, text: str) -> str:
    """One or two letters in an alphabet of mathematics: ℝ, 𝔼, ℒ, 𝔤; a word stays as it is.

    𝒪 is O: nearly always it is the order of growth, and O(n log n) is how people search for it.
    """
    if len(text) > _LONGEST_STYLED or (alphabet, text) == ("script", "O"):
        return text
    start, own = _ALPHABETS[alphabet]
    special = dict(zip(own[::2], own[1::2], strict=True))
    return "".join(special.get(letter) or _shifted(start, letter) for letter in text)


def _shifted(start: int, letter: str) -> str:
    if "A" <= letter <= "Z":
        return chr(start + ord(letter) - ord("A"))
    if "a" <= letter <= "z":
        return chr(start + 26 + ord(letter) - ord("a"))
    if letter.isdecimal() and letter.isascii() and start == _ALPHABETS["double"][0]:
        return chr(0x1D7D8 + int(letter))
    return letter

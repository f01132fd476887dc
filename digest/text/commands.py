"""The macros that have arguments, or change what stands before or behind them."""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import TYPE_CHECKING

from digest.text import macros, notation
from digest.text.marks import MATH_OFF, SOFT
from digest.text.walker import DEEPEST, MATH, ROMAN, TEXT, Command, Out, Walker

if TYPE_CHECKING:
    from collections.abc import Mapping

_STAR = re.compile(r"\*")
_LENGTH = re.compile(r" ?[-+]?[\d.]+ ?(?:mu|pt|em|ex|[cm]m|in)\b")
_ROW_SPACE = re.compile(r"\[[\d.]+ ?(?:pt|em|ex|[cm]m)\]")
_OPENING = re.compile(r"[.<(\[|/] ?")
_CLOSING = re.compile(r"[.>]")
_DELIMITERS = {".": "", "<": "⟨", ">": "⟩"}
_SCHEME = re.compile(r"^https?://(?:www\.)?|/$")
_PLACEHOLDER = re.compile(r"this (?:https?|ftp) UR[LI]")
_FIRST_DING, _LAST_DING = 33, 126  # ZapfDingbats' first block, U+2701 onwards


def _fraction(walker: Walker, name: str, out: Out) -> str:
    above, below = walker.argument(), walker.argument()
    if not above and not below:
        return name
    written = notation.fraction(above, below)
    before = out[-1][-1] if len(out) > walker.span else ""
    if before.isalnum() or _begins_with_letter(walker.peek()):
        return f"({written})"
    return written


def _begins_with_letter(token: str) -> bool:
    """Whether a factor follows, which would read as a part of the denominator."""
    if token[:1] == "\\":
        return macros.symbols().get(token[1:].rstrip(), "").isalnum()
    return token[:1].isalnum() or token[:1] == "^"


def _infix(walker: Walker, name: str, out: Out) -> str:
    r"""`{a \over b}`: what stands before it in the group, and what follows to its end."""
    if walker.depth >= DEEPEST or walker.mode == TEXT:
        return f" {name} "
    before = "".join(out[walker.span :])
    del out[walker.span :]
    closing = walker.closing or MATH_OFF
    at, tables = walker.at, walker.tables
    after = walker.sequence(walker.mode, closing)
    walker.tables = tables
    if walker.at > at and _closes(walker.tokens[walker.at - 1], closing):
        walker.at -= 1  # the sequence around this one ends there too
    return _binomial_text(before, after) if name == "choose" else notation.fraction(before, after)


def _closes(token: str, closing: str) -> bool:
    return token == closing or (closing == "\\end" and token.startswith("\\end"))


def _binomial(walker: Walker, _name: str, _out: Out) -> str:
    return _binomial_text(walker.argument(), walker.argument())


def _binomial_text(above: str, below: str) -> str:
    return f"({above.strip()} choose {below.strip()})"


def _root(walker: Walker, _name: str, _out: Out) -> str:
    degree = walker.printed_option()
    return notation.root(walker.argument(), degree)


def _accent(walker: Walker, name: str, _out: Out) -> str:
    return notation.accent(macros.ACCENTS[name], walker.argument()) or name


def _text_accent(walker: Walker, name: str, out: Out) -> str:
    r"""`\'e`, `\c{c}`; a quotation mark, or an author's own macro, where no such letter exists."""
    if name.isalpha() and walker.mode != TEXT:
        return walker.symbol(name, out, spaced=False)
    if not name.isalpha() and walker.peek().startswith(" "):
        return name
    letter = walker.argument()
    whole = notation.precomposed(macros.TEXT_ACCENTS[name], letter) if letter else None
    if whole:
        return whole
    return f"{name}{SOFT}{letter}" if name.isalpha() else f"{name}{letter}"


def _alphabet(alphabet: str, walker: Walker, _name: str, _out: Out) -> str:
    return notation.styled(alphabet, walker.argument(MATH).strip())


def _text(walker: Walker, _name: str, _out: Out) -> str:
    return walker.argument(TEXT)


def _roman(walker: Walker, name: str, _out: Out) -> str:
    walker.swallow(_STAR)
    word = walker.argument(ROMAN)
    return f"{SOFT}{word}{SOFT}" if name.startswith("operatorname") else word


def _mathematics(walker: Walker, _name: str, _out: Out) -> str:
    return walker.argument(MATH)


def _citation(walker: Walker, _name: str, _out: Out) -> str:
    walker.swallow(_STAR)
    notes = [walker.printed_option(), walker.printed_option()]
    keys = walker.argument(ROMAN)
    parts = [part for part in (*notes, *keys.split(",")) if part.strip()]
    return f"[{', '.join(part.strip() for part in parts)}]" if parts else ""


def _link(walker: Walker, _name: str, _out: Out) -> str:
    address, text = walker.argument(TEXT).strip(), walker.argument(TEXT).strip()
    if not text or _PLACEHOLDER.fullmatch(text) or _bare(text) == _bare(address):
        return address
    return f"{text} ({address})" if address else text


def _bare(address: str) -> str:
    return _SCHEME.sub("", address)


def _aside(walker: Walker, _name: str, _out: Out) -> str:
    walker.option()
    return f" ({walker.argument(TEXT).strip()})"


def _invisible(walker: Walker, name: str, _out: Out) -> str:
    if name in macros.LENGTHS and walker.swallow(_LENGTH):
        return ""
    walker.swallow(_STAR)
    walker.option()
    walker.skip_group()
    return ""


def _stacked(walker: Walker, name: str, _out: Out) -> str:
    small, base = walker.argument(), walker.argument()
    shape = notation.subscript if name == "underset" else notation.superscript
    return base.strip() + (shape(small) if small else "")


def _long_arrow(walker: Walker, name: str, _out: Out) -> str:
    below = walker.printed_option()
    above = walker.argument()
    arrow = "←" if "left" in name else "→"
    lowered = notation.subscript(below) if below else ""
    return arrow + lowered + (notation.superscript(above) if above else "")


def _modulo(walker: Walker, _name: str, _out: Out) -> str:
    return f" (mod {walker.argument().strip()})"


def _quantity(walker: Walker, _name: str, _out: Out) -> str:
    walker.option()
    return f"{walker.argument(ROMAN)} {walker.argument(ROMAN)}".strip()


def _ion(walker: Walker, _name: str, _out: Out) -> str:
    """The astronomers' ionisation states, in capitals: H II, C IV."""
    element, state = walker.argument(TEXT), walker.argument(TEXT)
    return f"{element} {state.upper()}".strip()


def _character(walker: Walker, name: str, _out: Out) -> str:
    r"""`\unicode{x2013}`; anything that is no printable character stays as it is."""
    code = walker.argument(ROMAN).strip()
    digits = code.lstrip('xX"')
    try:
        sign = chr(int(digits, 10 if digits == code else 16))
    except (ValueError, OverflowError):
        return f"{name}{SOFT}{code}"
    return sign if sign.isprintable() else f"{name}{SOFT}{code}"


def _dingbat(walker: Walker, name: str, _out: Out) -> str:
    code = walker.argument(ROMAN).strip()
    if code.isdecimal() and _FIRST_DING <= int(code) <= _LAST_DING:
        return chr(0x2700 + int(code) - 32)
    return f"{name}{SOFT}{code}"


def _around(opening: str, closing: str, walker: Walker, name: str, out: Out) -> str:
    """A pair of signs around the argument; without one, the macro is somebody's own."""
    walker.swallow(_STAR)
    if walker.peek() != "{":
        return walker.symbol(name, out, spaced=True)
    return f"{opening}{walker.argument().strip()}{closing}"


def _negated(walker: Walker, _name: str, out: Out) -> str:
    sign = walker.argument().strip(" " + SOFT)
    negated = unicodedata.normalize("NFC", f"{sign[:1]}\u0338{sign[1:]}") if sign else ""
    return walker.spaced(negated, out)


def _delimiter(walker: Walker, name: str, out: Out) -> str:
    if name == "left":
        opening = walker.swallow(_OPENING).rstrip()
        return _DELIMITERS.get(opening, opening)
    walker.trim(out)
    return _DELIMITERS.get(walker.swallow(_CLOSING), "")


def _row(walker: Walker, _name: str, out: Out) -> str:
    walker.swallow(_ROW_SPACE)
    ended = not out or out[-1].rstrip(" ")[-1:] in {"", ",", ";", "."}
    return " " if ended or not walker.tables else "; "


def _raised(walker: Walker, name: str, out: Out) -> str:
    body = walker.argument(TEXT)
    if name == "textsubscript":
        return notation.subscript(body)
    ordinal = body in {"st", "nd", "rd", "th"} and out and out[-1][-1].isdigit()
    return body if ordinal else notation.superscript(body)


def _item(walker: Walker, _name: str, _out: Out) -> str:
    return f" {walker.printed_option() or '•'} "


def _looks(walker: Walker, _name: str, _out: Out) -> str:
    walker.option()
    walker.skip_group()
    return ""


def _either(walker: Walker, _name: str, _out: Out) -> str:
    """The first of two ways to say the same."""
    first = walker.argument()
    walker.skip_group()
    return first


_TABLE: tuple[tuple[str, Command], ...] = (
    ("frac dfrac tfrac cfrac nicefrac sfrac flatfrac", _fraction),
    ("over atop choose", _infix),
    ("binom dbinom tbinom", _binomial),
    ("sqrt", _root),
    ("mathbb Bbb mathds mathbbm mathbbmss", partial(_alphabet, "double")),
    ("mathcal mathscr", partial(_alphabet, "script")),
    ("mathfrak frak", partial(_alphabet, "fraktur")),
    ("ensuremath", _mathematics),
    ("cite citep citet citealp citealt parencite textcite autocite", _citation),
    ("citeauthor citeyear Cite Citet Citep citenum", _citation),
    ("href", _link),
    ("footnote footnotetext thanks", _aside),
    ("tag", _aside),
    ("stackrel overset underset", _stacked),
    ("xrightarrow xleftarrow", _long_arrow),
    ("pmod", _modulo),
    ("SI qty", _quantity),
    ("ion", _ion),
    ("unicode", _character),
    ("ding", _dingbat),
    ("enquote", partial(_around, "“", "”")),
    ("abs", partial(_around, "|", "|")),
    ("norm", partial(_around, "‖", "‖")),
    ("ket", partial(_around, "|", "⟩")),
    ("bra", partial(_around, "⟨", "|")),
    ("braket", partial(_around, "⟨", "⟩")),
    ("floor", partial(_around, "⌊", "⌋")),
    ("ceil", partial(_around, "⌈", "⌉")),
    ("set", partial(_around, "{", "}")),
    ("not", _negated),
    ("left right middle", _delimiter),
    ("\\ newline tabularnewline cr", _row),
    ("textsuperscript textsubscript", _raised),
    ("item", _item),
    ("texorpdfstring", _either),
)

COMMANDS: Mapping[str, Command] = {
    **dict.fromkeys(macros.ACCENTS, _accent),
    **dict.fromkeys(macros.TEXT_ACCENTS, _text_accent),
    **dict.fromkeys(macros.TEXT, _text),
    **dict.fromkeys(macros.ROMAN, _roman),
    **dict.fromkeys(macros.INVISIBLE, _invisible),
    **dict.fromkeys(macros.LOOKS, _looks),
    **{name: command for names, command in _TABLE for name in names.split()},
}

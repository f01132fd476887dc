"""One pass over the tokens of a text: groups, arguments, scripts, environments, symbols."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from digest.text import macros, notation
from digest.text.marks import DOLLAR, MATH_OFF, MATH_ON, SHIELDED_HYPHEN, SOFT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXT, MATH, ROMAN = 0, 1, 2  # ROMAN: a word inside mathematics, whose hyphen is no minus

DEEPEST = 20  # groups inside each other; deeper braces are ignored
LONGEST_OPTION = 4  # tokens in square brackets: [see p.~3]
LONGEST_SKIPPED = 16  # tokens of an argument that is not printed: \\label{fig:a_b}

_TOKEN = re.compile(
    rf"\\(?:begin|end) ?\{{[A-Za-z]{{1,20}}\*?\}}|\\[A-Za-z]+ ?|\\.|\\"
    rf"|[{{}}^_~&{MATH_ON}{MATH_OFF}]|[^\\{{}}^_~&{MATH_ON}{MATH_OFF}]+"
)
_NO_ARGUMENT = frozenset("}^_~&" + MATH_ON + MATH_OFF)
_ONE = re.compile(r".[\u0300-\u036f]*")
_NUMBER = re.compile(r"[-−]?\d+|.[\u0300-\u036f]*")
_EXPONENT = re.compile(r"[-−]?\d+(?![\w.]*\w)")
_INDEX = re.compile(r"\d(?![a-z\d_])")
_ERROR = re.compile(r"[+−]\d+(?:\.\d+)?%?")
_HYPHEN = re.compile(r"(?<=[A-Za-z]{2})-(?=[a-z]{2})")  # a word's, where prose is taken for TeX
_OPTION = re.compile(r" ?\[([^\[\]]{0,80})\](.*)")
_APPROXIMATE = re.compile(rf" ?[\d.{MATH_ON}{DOLLAR}]")
_OPENING = frozenset("⟨⌈⌊⟦{[")
_SET = re.compile(r"[^\s,]{1,12}(?:, ?[^\s,]{1,12}){1,9}")
_BEFORE_SIGNED = frozenset("=<>≤≥≈∼∈([,+−±×→")  # then ± and ∼ belong to what follows
_ORDINALS = frozenset(("st", "nd", "rd", "th"))

Out: TypeAlias = list[str]
Command: TypeAlias = "Callable[[Walker, str, Out], str]"


class Walker:
    """Reads a text once, from left to right.

    Attributes:
        mode: TEXT, MATH or ROMAN, at this place.
        span: where in the output of the present sequence its formula begins.
    """

    __slots__ = ("at", "closing", "commands", "depth", "end", "mode", "span", "tables", "tokens")

    def __init__(self, text: str, commands: Mapping[str, Command]) -> None:
        self.tokens = _TOKEN.findall(text)
        self.commands = commands
        self.at = self.depth = self.span = self.tables = 0
        self.end = len(self.tokens)
        self.mode = TEXT
        self.closing = ""

    def sequence(self, mode: int, closing: str = "") -> str:
        """Everything up to the closing token, which is read too, or to the end of the text."""
        outside = self.mode, self.span, self.closing
        self.mode, self.span, self.closing = mode, 0, closing
        self.depth += 1
        out: Out = []
        while self.at < self.end:
            token = self.tokens[self.at]
            self.at += 1
            if token == closing or (closing == "\\end" and _is_end(token)):
                break
            reader = _READERS.get(token[0])
            if reader is not None:
                piece = reader(self, token, out)
            else:
                piece = formula(token) if self.mode == MATH else token
            if piece:
                out.append(piece)
        self.depth -= 1
        self.mode, self.span, self.closing = outside
        return "".join(out)

    def peek(self) -> str:
        """The next token, or nothing at the end."""
        return self.tokens[self.at] if self.at < self.end else ""

    def argument(self, mode: int | None = None, one: re.Pattern[str] = _ONE) -> str:
        """What a macro or script applies to: a group, a macro, or one character.

        Nothing is read where there is no argument.
        """
        inside = self.mode if mode is None else mode
        token = self._skip_space()
        if not token or token[0] in _NO_ARGUMENT:
            return ""
        if token[0] == "{":
            self.at += 1
            return self.content(inside)
        if token[0] == "\\":
            return self._macro_argument(token, inside)
        found = one.match(token)
        head = found[0] if found else token[0]
        self._shorten(token, len(head))
        return formula(head) if inside == MATH else head

    def _macro_argument(self, token: str, mode: int) -> str:
        if self.depth >= DEEPEST or token[-1] == "}":
            return ""
        self.at += 1
        self.depth += 1
        outside, self.mode = self.mode, mode
        read = self.command(token, [])
        self.mode = outside
        self.depth -= 1
        return read

    def option(self) -> str:
        """What stands in square brackets, when that is what comes next."""
        if not self.peek().lstrip(" ").startswith("["):
            return ""
        ahead = self.tokens[self.at : self.at + LONGEST_OPTION]
        for count, token in enumerate(ahead, start=1):
            if token in {"{", "}"}:
                break
            if "]" in token:
                found = _OPTION.match("".join(ahead[:count]))
                if found is None:
                    break
                self.at += count - 1
                self._shorten(token, len(token) - len(found[2]))
                return found[1].replace("~", " ")
        return ""

    def printed_option(self) -> str:
        """The same, read as TeX: a root's degree, a citation's note."""
        inside = Walker(self.option(), self.commands)
        inside.depth = self.depth
        return inside.sequence(self.mode)

    def swallow(self, pattern: re.Pattern[str]) -> str:
        """The beginning of the next token, taken away where it matches."""
        found = pattern.match(self.peek())
        if found is None:
            return ""
        self._shorten(found.string, found.end())
        return found[0]

    def trim(self, out: Out) -> None:
        """Take away the space at the end of the formula so far."""
        if len(out) > self.span:
            out[-1] = out[-1].rstrip(" ")
            if not out[-1]:
                del out[-1]

    def skip_group(self) -> None:
        """Pass over a short group that is not printed; what is long or never closed is printed."""
        at = self.at + (self.peek() == " ")
        ahead = self.tokens[at : at + LONGEST_SKIPPED]
        if ahead and ahead[0] == "{" and "}" in ahead:
            self.at = at + ahead.index("}") + 1

    def _skip_space(self) -> str:
        token = self.peek()
        if token.startswith(" "):
            self._shorten(token, 1)
            token = self.peek()
        return token

    def _shorten(self, token: str, length: int) -> None:
        if len(token) > length:
            self.tokens[self.at] = token[length:]
        else:
            self.at += 1

    def group(self, _token: str, out: Out) -> str:
        """What stands in braces; they themselves are not printed, but for a set like {0, 1}."""
        if self.depth >= DEEPEST:
            return ""
        alone = self.mode == TEXT and not self._follows_macro() and self.peek()[:1] != "\\"
        content = self.content(self.mode)
        member = bool(out) and out[-1][-1] in "∈∖"
        closed = self.tokens[self.at - 1] == "}"
        if alone and closed and (member or _SET.fullmatch(content)):
            return f"{{{content}}}"
        return content

    def content(self, mode: int) -> str:
        """The rest of a group whose brace was read; at once where it is plain, as most are."""
        if self.depth >= DEEPEST:
            return ""
        plain, closing = (*self.tokens[self.at : self.at + 2], "", "")[:2]
        if closing == "}" and plain[0] not in _READERS:
            self.at += 2
            return formula(plain) if mode == MATH else plain
        return self.sequence(mode, "}")

    def _follows_macro(self) -> bool:
        return self.at > 1 and self.tokens[self.at - 2][0] in "\\}"

    def switch(self, token: str, out: Out) -> str:
        """The beginning or the end of mathematics."""
        self.mode = MATH if token == MATH_ON else TEXT
        self.span = len(out)
        return ""

    def stray(self, _token: str, _out: Out) -> str:
        """A brace that closes nothing."""
        return ""

    def tie(self, _token: str, out: Out) -> str:
        """`~` binds words; before a number that begins a word it means "about"."""
        before = out[-1][-1] if out else " "
        if self.mode == TEXT and before in " ([/“" and _APPROXIMATE.match(self.peek()):
            return "~"
        return " "

    def cell(self, _token: str, _out: Out) -> str:
        """`&` parts the cells of a table, and is itself elsewhere."""
        return " " if self.tables or self.mode != TEXT else "&"

    def script(self, sign: str, out: Out) -> str:
        """`^` and `_` with what they raise or lower."""
        if self.mode == TEXT and not self._is_script(sign, out):
            return sign
        place, token = self.at, self.peek()
        body = self.argument(MATH if self.mode == TEXT else self.mode, _NUMBER)
        if not body and (self.at, self.peek()) == (place, token):
            return sign
        if self.mode != TEXT:
            self.trim(out)
            if self.tokens[self.at : self.at + 2] in ([" ", "^"], [" ", "_"]):
                self.at += 1
        if body in _ORDINALS and out and out[-1][-1:].isdigit():
            return body
        if _ERROR.fullmatch(body) and self.peek() == ("_" if sign == "^" else "^"):
            return self._errors(sign, body)
        shape = notation.superscript if sign == "^" else notation.subscript
        if token[0] == "\\" and token[-1] == " " and body != "∘":  # M_\odot yr
            return shape(body) + " "
        return shape(body, crowded=self.peek()[:1].isalnum())

    def _errors(self, sign: str, first: str) -> str:
        """A value's two errors: 235.3 (+2.8/−3.7)."""
        self.at += 1
        second = self.argument(MATH, _NUMBER)
        if _ERROR.fullmatch(second) and "." in first + second:
            return f" ({first}/{second})"
        shapes = notation.superscript, notation.subscript
        above, below = shapes if sign == "^" else shapes[::-1]
        return above(first) + (below(second) if second else "")

    def _is_script(self, sign: str, out: Out) -> bool:
        """Outside mathematics: 10^6, m^{-2}, CO_2; not file_name, pass^k."""
        following = self.peek()
        if following == "{":
            return True
        if sign == "^":
            return bool(_EXPONENT.match(following)) or following.startswith("\\circ")
        before = out[-1][-1] if out else ""
        return (before.isupper() or before == ")") and bool(_INDEX.match(following))

    def command(self, token: str, out: Out) -> str:
        """A macro, an escaped character, or an environment."""
        if token[-1] == "}" and token[1:2].isalpha():
            return self._environment(token)
        name = token[1:].rstrip(" ") if token[1:2].isalpha() else token[1:]
        command = self.commands.get(name)
        if command is not None:
            return command(self, name, out)
        if not name.isalpha():
            return macros.ESCAPES.get(name, name)
        if name in macros.DROPPED:
            return ""
        if name in macros.LETTERS:
            return macros.LETTERS[name]
        return self.symbol(name, out, spaced=token[-1] == " ")

    def symbol(self, name: str, out: Out, *, spaced: bool) -> str:
        """A sign or word for a macro's name; the name itself where it is unknown."""
        sign = macros.symbols().get(name)
        if self.mode == TEXT:
            return (sign or self._unknown(name)) + (" " if spaced and sign not in _OPENING else "")
        if sign is None or (len(sign) > 1 and sign.isalpha()):
            return f"{SOFT}{sign or name}{SOFT}"
        return sign if sign.isalnum() or sign in macros.THINGS else self.spaced(sign, out)

    def spaced(self, sign: str, out: Out) -> str:
        """An operation or relation with the space behind it that it has before it.

        The space behind a macro's name only ends the name.
        """
        if len(out) <= self.span:
            return sign
        before = out[-1]
        if before[-1] != " " and self._after_spaced_macro():
            before += " "
            sign = f" {sign}"
        binary = before[-1] == " " and before.rstrip(" ")[-1:] not in _BEFORE_SIGNED
        return f"{sign} " if binary else sign

    def _after_spaced_macro(self) -> bool:
        r"""Whether the token before this one is a macro and a space, as in `\alpha \le`."""
        before = self.tokens[self.at - 2] if self.at > 1 else ""
        return before[:1] == "\\" and before[-1] == " "

    def _unknown(self, name: str) -> str:
        """In text: an argument in braces stands apart from the name, empty braces do not show."""
        if self.peek() != "{":
            return name
        if self.tokens[self.at : self.at + 2] == ["{", "}"]:
            self.at += 2
            return name
        return name + SOFT

    def _environment(self, token: str) -> str:
        kind, _brace, name = token[1:-1].partition("{")
        name = name.rstrip("*")
        if kind.rstrip() == "end" or self.depth >= DEEPEST:
            return ""
        self.option()
        if name in macros.WITH_COLUMNS:
            self.skip_group()
        self.tables += 1
        mode = MATH if name in macros.MATH_ENVIRONMENTS else self.mode
        body = self.sequence(mode, "\\end").strip(" ;")
        self.tables -= 1
        if name in macros.FENCES:
            opening, closing = macros.FENCES[name]
            return f"{opening}{body}{closing}"
        return f" {body} "


def formula(signs: str) -> str:
    """Characters that are no TeX, as mathematics writes them: − and ′."""
    if "-" in signs:
        signs = _HYPHEN.sub(SHIELDED_HYPHEN, signs.replace("--", "–")).replace("-", "−")
    if "'" in signs:
        signs = signs.replace("''", "″").replace("'", "′")
    return signs


def _is_end(token: str) -> bool:
    return token[-1] == "}" and token.startswith("\\end")


_READERS: Mapping[str, Command] = {
    "\\": Walker.command,
    "{": Walker.group,
    "}": Walker.stray,
    "^": Walker.script,
    "_": Walker.script,
    "~": Walker.tie,
    "&": Walker.cell,
    MATH_ON: Walker.switch,
    MATH_OFF: Walker.switch,
}

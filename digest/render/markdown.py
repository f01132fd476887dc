"""Blocks as CommonMark; nothing that an author wrote becomes markup.

Only what is always markup is escaped, and the rest where a line begins, so that the source is
readable, too. Bare addresses are broken up by a backslash because GitHub and others link them;
mail addresses and `:names:` of emoji by an invisible word joiner, because there they are looked for
after the backslashes are gone.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from digest.render.blocks import Block, Line, Role, Span, Style, marked

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALWAYS = re.compile(r"[\\`*_\[\]<>&|~$#]|!(?=\[|\Z)")  # a link may follow: an image
_ADDRESS = re.compile(r"(?<=\w):(?=//)|(?<=www)\.", re.IGNORECASE)
_LATE = re.compile(r"(?<=[\w.+-])@(?=[\w@-]*\.\w)|:(?=[\w+-]{1,40}:)", re.ASCII)
_JOINER = "\u2060"
_NUMBER = re.compile(r"[0-9]{0,9}[.)]")  # a list's number, or what is left of it in this span
_START = re.compile(r"[+\-=]")
_BREAK = "  \n"  # a line break within a paragraph
_PREFIX = {Role.HEADER: "# ", Role.HEADING: "## ", Role.QUOTE: "> "}
_MARKS = {Style.BOLD: "**", Style.SMALL: "*"}


def text(blocks: Sequence[Block]) -> str:
    """The blocks as one document; ends in a newline."""
    return "\n\n".join(filter(None, map(_block, blocks))) + "\n"


def escape(text: str, *, before: str | None = None) -> str:
    """Text that Markdown shows as it is.

    Args:
        text: of one line, or a part of it.
        before: what stands before it in the line, if it may count as the line's beginning.
    """
    begun = before is not None and (not before or before.isdecimal())
    number = _NUMBER.match(text) if begun else None
    if number and (before or number.end() > 1):
        head, tail = text[: number.end() - 1], text[number.end() - 1 :]
        return f"{head}\\{tail[0]}{_inline(tail[1:])}"
    if before == "" and _START.match(text):
        return f"\\{text[0]}{_inline(text[1:])}"
    return _inline(text)


def _inline(text: str) -> str:
    broken = _LATE.sub(rf"\g<0>{_JOINER}", text)
    return _ADDRESS.sub(r"\\\g<0>", _ALWAYS.sub(r"\\\g<0>", broken))


def _block(block: Block) -> str:
    lines = [line for line in map(_trim, marked(block)) if line.text]
    if not lines:
        return ""
    if block.role in {Role.HEADER, Role.HEADING}:
        heading = _PREFIX[block.role] + _line(_without(Style.BOLD, lines[0]))
        rest = _BREAK.join(_line(line) for line in lines[1:])
        return f"{heading}\n\n{rest}" if rest else heading
    prefix = _PREFIX.get(block.role, "")
    return _BREAK.join(prefix + _line(line) for line in lines)


def _without(style: Style, line: Line) -> Line:
    """A heading is bold already."""
    return Line(
        tuple(
            Span(span.text, Style.PLAIN if span.style is style else span.style, span.link)
            for span in line.spans
        )
    )


def _trim(line: Line) -> Line:
    """The line without empty spans and without white space at its ends."""
    spans = [span for span in line.spans if span.text]
    while spans and not spans[0].text.strip():
        spans.pop(0)
    while spans and not spans[-1].text.strip():
        spans.pop()
    if spans:
        spans[0] = Span(spans[0].text.lstrip(), spans[0].style, spans[0].link)
        spans[-1] = Span(spans[-1].text.rstrip(), spans[-1].style, spans[-1].link)
    return Line(tuple(spans))


def _line(line: Line) -> str:
    """The line, its spans marked where Markdown understands the marks as such."""
    written = ""
    texts = [span.text for span in line.spans]
    after_marks = False
    for index, span in enumerate(line.spans):
        before, after = "".join(texts[:index]), "".join(texts[index + 1 :])
        marks = "" if after_marks else _marks(span, before[-1:], after[:1])
        written += _span(span, marks, before)
        after_marks = bool(marks) and not span.text[-1:].isspace()
    return written


def _span(span: Span, marks: str, before: str) -> str:
    core = span.text.strip()
    if not core:
        return span.text
    lead, tail = span.text.partition(core)[::2]
    inner = escape(core, before=None if marks or span.link else before)
    if span.link:
        inner = f"[{inner}]({span.link})"
    return f"{lead}{marks}{inner}{marks}{tail}"


def _marks(span: Span, before: str, after: str) -> str:
    """The marks of the span's style; none where they would be read as plain asterisks."""
    core = span.text.strip()
    if not core or span.style not in _MARKS:
        return ""
    first, last = ("[", ")") if span.link else (core[0], core[-1])
    outside = (before, after)
    if span.text[0].isspace():
        outside = (" ", outside[1])
    if span.text[-1].isspace():
        outside = (outside[0], " ")
    is_read = _flanks(outside[0], first) and _flanks(outside[1], last)
    return _MARKS[span.style] if is_read else ""


def _flanks(outside: str, inside: str) -> bool:
    """CommonMark's flanking rule for `*`, the same for opening and, mirrored, for closing."""
    if not outside or outside.isspace():
        return True
    return _is_punctuation(outside) or not _is_punctuation(inside)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"

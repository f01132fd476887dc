"""Where a line of text may end: after a word, and between most Chinese characters.

A small part of UAX 14 (https://unicode.org/reports/tr14/), enough for European and CJK text: no
line begins with a closing mark, none ends with an opening one, and what forms one character stays
together.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from digest.text.width import width

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLOSING = frozenset(")]}）」』】〉》〕］｝”’、。，．：；！？・…—～·,.:;!?%％‰°℃¢々ー")
_OPENING = frozenset("([{（「『【〈《〔［｛“‘￥$＄£¥")
_SENTENCE_END = re.compile(r"[.!?]+[)\"'’”]*(?=\s)|[。！？]+[」』”’）]*")
_JOINERS = re.compile("[\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")  # stick to what is before
_WIDOW = 6  # columns; a last line of less looks lost
_ZWJ = "\u200d"


def breaks(text: str) -> Iterator[int]:
    """The indices before which a new line may begin, rising."""
    for index in range(1, len(text)):
        before, after = text[index - 1], text[index]
        if before.isspace() and not after.isspace():
            yield index
        elif _is_wide(before) or _is_wide(after):
            if _may_part(before, after):
                yield index
        elif before in "-–/" and _of_two_words(text, index):
            yield index


def _of_two_words(text: str, index: int) -> bool:
    """Whether a hyphen before `index` has words on both sides: not in `I/O`, `k-means`, `3-D`."""
    beside = text[max(0, index - 3) : index - 1] + text[index : index + 2]
    return len(beside) == 4 and beside.isalpha()  # noqa: PLR2004 - two letters on either side


def _may_part(before: str, after: str) -> bool:
    if before in _OPENING or after in _CLOSING or after.isspace():
        return False
    return is_boundary(before, after)


def is_boundary(before: str, after: str) -> bool:
    """Whether two neighbours are two characters to a reader."""
    if before == _ZWJ or _JOINERS.match(after):
        return False
    return unicodedata.category(after) not in {"Mn", "Me", "Mc"}


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def wrap(text: str, columns: int) -> list[int]:
    """The indices where new lines begin, so that none is wider than `columns`.

    White space at the end of a line may stick out; cut it off.
    """
    starts: list[int] = []
    start = last = 0
    for index in (*breaks(text), len(text)):
        if width(text[start:index].rstrip()) > columns:
            if last > start:
                starts.append(last)
                start = last
            for part in _pieces(text[start:index], columns):
                start += part
                starts.append(start)
        last = index
    return _without_widow(text, starts, columns)


def _without_widow(text: str, starts: list[int], columns: int) -> list[int]:
    """The same lines, the last one lengthened by the end of the one before where it is tiny."""
    if not starts or width(text[starts[-1] :].rstrip()) >= _WIDOW:
        return starts
    before = starts[-2] if len(starts) > 1 else 0
    earlier = [index for index in breaks(text) if before < index < starts[-1]]
    fitting = [at for at in earlier if _WIDOW <= width(text[at:].rstrip()) <= columns]
    return [*starts[:-1], fitting[-1]] if fitting else starts


def _pieces(word: str, columns: int) -> Iterator[int]:
    """The lengths of the pieces of a word that is too wide for any line, without the last one."""
    start = 0
    for index in range(1, len(word)):
        whole = is_boundary(word[index - 1], word[index])
        if whole and width(word[start : index + 1].rstrip()) > columns:
            yield index - start
            start = index


def cut_before(text: str, limit: int, *, whole: bool) -> tuple[str, str]:
    """The text in two, the first part of at most `limit` UTF-16 units.

    It ends after a sentence, else after a word, if that leaves at least half of the room used; else
    anywhere between two characters. With `whole` false the first part may be empty.
    """
    end = _prefix(text, limit)
    sentences = (match.end() for match in _SENTENCE_END.finditer(text, 0, end + 1))
    for candidates in (sentences, breaks(text[: end + 1])):
        best = max((index for index in candidates if index <= end), default=0)
        if best > end // 2 or (best and not whole):
            return text[:best], text[best:]
    if not whole:
        return "", text
    return text[:end], text[end:]


def _prefix(text: str, limit: int) -> int:
    """How many characters of the text fit, ending where a character ends to a reader."""
    used = end = 0
    for index, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            break
        end = index + 1
    if end == len(text):
        return end
    boundary = end
    while boundary > 1 and not is_boundary(text[boundary - 1], text[boundary]):
        boundary -= 1
    return boundary if boundary > 1 else end

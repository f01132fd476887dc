"""Text that others wrote, made harmless to look at.

A title can carry terminal escapes, reversed writing order, or invisible characters that make one
word look like another. Nothing visible is lost here; what is lost cannot be seen.
"""

from __future__ import annotations

import re

# Writing-order controls (UAX 9), soft hyphen, zero-width space and friends, tags: never visible.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)
# Hangul fillers: letters that show nothing.
_BLANK_LETTERS = re.compile("[\u115f\u1160\u3164\uffa0]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")  # cannot be encoded
# A joiner has work to do between emoji, and inside the scripts from Arabic to Malayalam, Sinhala.
_JOINER = re.compile(
    "(?<![\u0600-\u0dff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
    "|[\u200c\u200d](?![\u0600-\u0dff\u2600-\u27bf\U0001f000-\U0001faff])"
)
_PILED = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
# What Unicode calls printable though it is not meant to be seen, or not so often.
_TRICKS = re.compile(f"[\u034f\u17b4\u17b5]|{_BLANK_LETTERS.pattern}|{_PILED.pattern}")


def harmless(text: str) -> str:
    """One line of `text` without controls, order overrides and zero-width tricks.

    White space of any kind and length becomes one space; accents piled higher than four are cut.
    """
    if text.isprintable() and "  " not in text and (text.isascii() or not _TRICKS.search(text)):
        return text  # nearly all there is
    text = _SURROGATE.sub("\ufffd", text)
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    text = _BLANK_LETTERS.sub(" ", _JOINER.sub("", text))
    text = _PILED.sub(r"\1", text)
    return re.sub(r"\s+", " ", text)

"""Sentences of scientific English."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9$])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|et al|al|cf|vs|Fig|Figs|Eq|Eqs|Sec|Ref|Refs|Dr|Prof|No|resp|approx|[A-Z])\.$"
)


def split(text: str) -> list[str]:
    """The sentences in order; joined by a space they are the text, runs of white space apart."""
    text = " ".join(text.split())
    sentences, start = [], 0
    for end in _END.finditer(text):
        sentence = text[start : end.end()].rstrip()
        if _ABBREVIATION.search(sentence):
            continue
        sentences.append(sentence)
        start = end.end()
    return [*sentences, text[start:]] if text[start:] else sentences

"""What arXiv, its feeds and its pages put around a paper's own words.

In a feed: "arXiv:2403.20233v1 Announce Type: cross  Abstract: In this …", and affiliations between
the authors' names. Everywhere: line breaks inside sentences.
"""

from __future__ import annotations

import re

_HEAD = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:")
_SUFFIX = re.compile(r"(?:[JS]r\.?|I{2,3}|IV|VI{0,3})", re.IGNORECASE)


def fold(text: str) -> str:
    """`text` with each run of white space as one space, and none at the ends."""
    return " ".join(text.split())


def abstract(text: str) -> str:
    """An abstract on one line, without a feed's head."""
    return fold(_HEAD.sub("", text, count=1))


def authors(creator: str) -> tuple[str, ...]:
    """The names in a feed's one `dc:creator`.

    arXiv joins names with ", " and puts affiliations, which have commas of their own, in
    parentheses behind a name (github.com/arXiv/arxiv-feed, feed/serializers/extensions.py).
    """
    names: list[str] = []
    for part in _outside_parentheses(fold(creator)):
        name = _without_affiliation(part.strip())
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f", {name}"
        elif name and not (names and name.startswith("(")):
            names.append(name)
    return tuple(names)


def _outside_parentheses(text: str) -> list[str]:
    """`text` split at its commas, but for those in parentheses; unpaired ones are letters."""
    if not _balanced(text):
        return text.split(",")
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def _without_affiliation(name: str) -> str:
    """The name without the parentheses at its end; nicknames within a name stay."""
    if not name.endswith(")") or not _balanced(name):
        return name
    depth = 0
    for place in range(len(name) - 1, 0, -1):
        depth += (name[place] == ")") - (name[place] == "(")
        if depth == 0:
            return _without_affiliation(name[:place].rstrip())
    return name

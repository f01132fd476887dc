"""What the extract's model looks at: sentences as sets of named marks, all of them yes or no.

Marks: `sheep` a word's stem, `we count` two words in a row, `^we count` the one to three words at
the head, `-1^we` and `+2^we` … the heads around it, `seen:` and `later:` cue phrases elsewhere in
the abstract, `sec:` the heading it stands under, position, length, and words shared with the title
and with the rest. No mark of one kind can be one of another, as every number in a text is a 0.
Whatever is changed here needs new weights (`scripts/train_extract.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, pairwise, repeat
from operator import or_

_WORD = re.compile(r"[a-z][a-z-]*|\d+(?:\.\d+)?%?|[^\sa-z0-9]")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "ly")
_STEM = 4  # letters that stay
_COMMON = frozenset(
    re.findall(
        r"\S+",
        "a an the of in on for to and or with by from is are be we our this that these it its as "
        "at which can has have such than using based via into their also not more but both",
    )
) | frozenset(map(chr, range(ord("!"), ord("~") + 1)))
_LENGTHS = (4, 8, 12, 16, 20, 24, 28, 32, 36, 42, 50)  # words
_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_COMMONNESS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5)
_CUES = (
    "we propose",
    "this paper",
    "in this",
    "we present",
    "we introduce",
    "results",
    "we show",
    "we find",
    "we ",
    "however",
    "our ",
)
_SEEN = {cue: f"seen:{cue}" for cue in _CUES}
_LATER = {cue: f"later:{cue}" for cue in _CUES}
_HEADING = re.compile(
    r"\W*(background|introduction|context|motivation|problem|objectives?|aims?|purpose|goals?|"
    r"methods?|methodology|design|approach|materials|results?|findings?|conclusions?|discussion|"
    r"implications|originality|value|practical|research|limitations|keywords)\b[\w/ ]{0,40}[:.—–-]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Abstract:
    """An abstract taken apart once.

    Attributes:
        sentences: as they stand.
        words: of each sentence, in lower case, every number a 0.
        stems: of each sentence's words, each once.
        content: of each sentence, the stems that carry meaning.
        counts: in how many sentences such a stem is.
        title: the title's content.
    """

    sentences: tuple[str, ...]
    words: tuple[list[str], ...]
    stems: tuple[frozenset[str], ...]
    content: tuple[frozenset[str], ...]
    counts: Counter[str]
    title: frozenset[str]


def taken_apart(sentences: list[str], title: str) -> Abstract:
    """The abstract with everything that marks are made from."""
    words = tuple(map(words_of, sentences))
    stems = tuple(map(stems_of, words))
    content = tuple(map(content_of, stems))
    counts = Counter(chain.from_iterable(content))
    title_content = content_of(stems_of(words_of(title)))
    return Abstract(tuple(sentences), words, stems, content, counts, title_content)


def words_of(text: str) -> list[str]:
    """Words and signs in lower case, every number a 0."""
    return ["0" if word[0].isdigit() else word for word in _WORD.findall(text.lower())]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without a common English ending."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word[: -len(ending)]
    return word


def stems_of(words: list[str]) -> frozenset[str]:
    """The stems of words and signs, each once."""
    return frozenset(map(stem, words))


def content_of(stems: frozenset[str]) -> frozenset[str]:
    """The stems that carry meaning: no signs, no single letters, no little words."""
    return stems - _COMMON


def marks(abstract: Abstract) -> list[list[str]]:
    """The marks of each sentence."""
    sections = _sections(abstract.sentences)
    heads_of = list(map(heads, abstract.words))
    cues = list(map(_cues, abstract.words))
    before, behind = _so_far(cues), _so_far(cues[::-1])[::-1]
    count = len(cues)
    return [
        [
            *abstract.stems[at],
            *set(map(" ".join, pairwise(abstract.words[at]))),
            *heads_of[at],
            *_around(heads_of, at),
            *map(_SEEN.__getitem__, before[at]),
            *map(_LATER.__getitem__, behind[at]),
            *_place(at, count),
            *_measures(abstract, at),
            *sections[at],
        ]
        for at in range(count)
    ]


def _around(heads_of: list[list[str]], at: int) -> list[str]:
    return [
        sign + head
        for offset, sign in ((-2, "-2"), (-1, "-1"), (1, "+1"), (2, "+2"))
        if 0 <= at + offset < len(heads_of)
        for head in heads_of[at + offset]
    ]


def _so_far(cues: list[frozenset[str]]) -> list[frozenset[str]]:
    """For each sentence the cues of those before it."""
    none: frozenset[str] = frozenset()
    return list(accumulate(cues, or_, initial=none))[:-1]


def heads(words: list[str]) -> list[str]:
    """The first one, two and three words."""
    one, two, three = (*words[:3], "", "", "")[:3]
    return [f"^{one}", f"^{one} {two}", f"^{one} {two} {three}"]


def _cues(words: list[str]) -> frozenset[str]:
    text = " ".join(words)
    return frozenset(cue for cue in _CUES if cue in text)


@lru_cache(maxsize=1_000)
def _place(at: int, count: int) -> tuple[str, ...]:
    return (
        f"pos{min(at, 9)}",
        f"end{min(count - 1 - at, 9)}",
        f"n{min(count, 14)}",
        f"rel{10 * at // count}",
        f"p{min(at, 12)}/{min(count, 13)}",
    )


def _measures(abstract: Abstract, at: int) -> list[str]:
    content = abstract.content[at]
    return [
        f"len{bisect_left(_LENGTHS, len(abstract.words[at]))}",
        f"cen{bisect_left(_COMMONNESS, _commonness(content, abstract.counts))}",
        *shared(content, abstract.title, ""),
    ]


def shared(content: frozenset[str], title: frozenset[str], of: str) -> list[str]:
    """How much of the title is here, and how much of what is here is in the title."""
    both = len(content & title)
    return [
        f"{of}ov{bisect_left(_SHARES, both / max(1, len(title)))}",
        f"{of}cov{bisect_left(_SHARES, both / max(1, len(content)))}",
    ]


def _commonness(content: frozenset[str], counts: Counter[str]) -> float:
    """In how many other sentences its words are, on average."""
    return (sum(map(counts.get, content, repeat(1))) - len(content)) / max(1, len(content))


def _sections(sentences: tuple[str, ...]) -> list[list[str]]:
    """For each sentence the heading ("Methods: …") that it stands under, if there is one."""
    found: list[list[str]] = []
    section: list[str] = []
    for sentence in sentences:
        heading = _HEADING.match(sentence)
        if heading:
            section = [f"sec:{heading[1].lower()}"]
        found.append([*section, "sec1"] if heading else section)
    return found


def marks_of_variant(text: str, done: tuple[str, ...], abstract: Abstract, at: int) -> list[str]:
    """The marks of one way to say the sentence, beside the sentence's own."""
    whole = text == abstract.sentences[at]  # as most sentences are: taken apart already
    words = abstract.words[at] if whole else words_of(text)
    content = abstract.content[at] if whole else content_of(stems_of(words))
    share = len(words) / max(1, len(abstract.words[at]))
    return [
        *[f"v:{what}" for what in done],
        *[f"v{head}" for head in heads(words)],
        *shared(content, abstract.title, "v"),
        f"vlen{bisect_left(_LENGTHS, len(words))}",
        f"vshare{bisect_left(_SHARES, share)}",
        f"vcen{bisect_left(_COMMONNESS, _commonness(content, abstract.counts))}",
    ]

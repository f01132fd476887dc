"""arXiv identifiers in whatever people write: ids, links, DOIs, sentences, full-width letters.

Forms: https://info.arxiv.org/help/arxiv_identifier.html. Since April 2007 `YYMM.NNNN`, since 2015
`YYMM.NNNNN`; before, `archive/YYMMNNN`, some with a subject class that is no part of the name
(`math.GT/0309136` is `math/0309136`). The sample edition has ids of a 13th month: `9913.00412`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}  # ０-９ ａ-ｚ ： ／ ．
_ESCAPED = {"%2f": "/", "%2F": "/", "%3a": ":", "%3A": ":"}

_ARCHIVES = (
    r"acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|"
    r"cond-mat|cs|dg-ga|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|"
    r"nucl-ex|nucl-th|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con"
)  # those that gave names until March 2007 (arXiv's taxonomy)
_FORM = (
    r"(?:(?P<yymm>\d{4})\.(?P<number>\d{4,5})"
    rf"|(?P<archive>{_ARCHIVES})(?:\.[a-z][a-z-]{{1,9}})?/(?P<serial>\d{{7}}))"
    r"(?:v(?P<version>[1-9]\d{0,2}))?"
)
# What is part of a longer number, word, price, address or telephone number is no id; Chinese
# characters, slashes and punctuation may touch one.
_BEFORE = r"(?<![0-9a-z_@+$€£¥￥])(?<![0-9][.-])(?<![a-z][.-])(?<!\+\d\d[ -])"
_AFTER = r"(?![0-9a-z_@%°])(?![.-]\d)"
_ID = re.compile(
    rf"(?:{_BEFORE}|(?<![a-z])arxiv\s?[.:]?\s?){_FORM}{_AFTER}", re.IGNORECASE | re.ASCII
)
_OTHER_DOI = re.compile(r"\b10\.(?!48550/)\d{4,9}/\Z")
_DOI_LENGTH = 14  # characters of the longest `10.123456789/`, and one more
_PREFIX = re.compile(
    r"(?:doi:\s*)?(?:https?://)?(?:(?:[\w-]+\.)+[\w-]+(?::\d+)?/(?:\S*/)?|10\.48550/)?\Z", re.ASCII
)
_SUFFIX = re.compile(r"(?:\.pdf|\.html)?/?(?:[?#]\S*)?(?:\s*\[[\w.-]+\])?\Z", re.ASCII)
_WRAPPING = " \t\r\n<>()[]{}\"'`“”‘’《》〈〉「」【】,.;:!?。、，；：！？"

_FIRST_MONTH, _LONGER_FROM = 704, 1501  # YYMM: the first id of this form, the first of five digits
_SAMPLE_FROM = 9913


@dataclass(frozen=True, slots=True)
class PaperId:
    """One paper's name.

    Attributes:
        id: without version, in arXiv's spelling: `2602.02489`, `math/0309136`.
        version: where it was given.
    """

    id: str
    version: int | None = None

    def __str__(self) -> str:
        return f"{self.id}v{self.version}" if self.version else self.id

    @property
    def is_sample(self) -> bool:
        """Whether it is an invented paper of the sample edition, which arXiv cannot have."""
        return self.id[:4].isdecimal() and int(self.id[:4]) >= _SAMPLE_FROM

    @property
    def url(self) -> str:
        """The abstract page; empty for an invented paper."""
        return "" if self.is_sample else f"https://arxiv.org/abs/{self}"


def find(text: str) -> tuple[PaperId, ...]:
    """Every id in a sentence or link, each once, in the order of the text."""
    return tuple(dict.fromkeys(paper for paper, _ in _found(_plain(text))))


def parse(text: str) -> PaperId | None:
    """The id that the text as a whole is: alone, as a link, a file name or a DOI."""
    plain = _plain(text).strip()
    return _alone(plain) or _alone(plain.strip(_WRAPPING))


def _alone(whole: str) -> PaperId | None:
    found = list(_found(whole))
    if len(found) != 1:
        return None
    paper, (start, end) = found[0]
    return paper if _PREFIX.match(whole[:start]) and _SUFFIX.match(whole[end:]) else None


def _plain(text: str) -> str:
    for escaped, letter in _ESCAPED.items():
        text = text.replace(escaped, letter)
    return text.translate(_FULL_WIDTH)


def _found(text: str) -> Iterator[tuple[PaperId, tuple[int, int]]]:
    for match in _ID.finditer(text):
        paper_id = _spelt(match)
        before = text[max(0, match.start() - _DOI_LENGTH) : match.start()]
        if paper_id and not _OTHER_DOI.search(before):
            version = int(match["version"]) if match["version"] else None
            yield PaperId(paper_id, version), match.span()


def _spelt(match: re.Match[str]) -> str | None:
    """The id as arXiv writes it; None where there cannot be such a month."""
    if match["archive"]:
        fits = 1 <= int(match["serial"][2:4]) <= 12  # noqa: PLR2004 - months
        return f"{match['archive'].lower()}/{match['serial']}" if fits else None
    yymm, number = int(match["yymm"]), match["number"]
    longer = len(number) == len("12345")
    if yymm >= _SAMPLE_FROM:
        fits = longer
    else:
        fits = 1 <= yymm % 100 <= 12 and yymm >= _FIRST_MONTH and longer == (yymm >= _LONGER_FROM)  # noqa: PLR2004 - months
    return f"{match['yymm']}.{number}" if fits else None

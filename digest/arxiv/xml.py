"""arXiv's XML, RSS and Atom alike, read by feedparser without losing or changing a character.

feedparser 6.0.14 alters text on its way, and accepts what is no whole feed:

- it deletes what looks like markup (`$x<y$ and $z>w$`) unless `sanitize_html` and
  `resolve_relative_uris` are both off;
- it takes text of Latin-1 characters that could be UTF-8 for UTF-8 read wrongly ("Ã©" becomes "é"),
  and turns U+0080 to U+009F into Windows-1252's punctuation. There is no switch for either, so
  U+0080 to U+00FF go through it shielded, as characters of a private use area that the document
  does not use, and come back afterwards;
- undecodable bytes are read as Windows-1252: decoded here, strictly, as UTF-8;
- a document that ends early, or is no XML at all, is read by a lenient parser, which may also fall
  over it: refused here, before feedparser sees it.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import feedparser

from digest.arxiv.entries import number
from digest.errors import BadDocument, NotAFeed, Truncated

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = re.compile(rb"\s*(?:<\?xml\b.*?\?>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed)[\s>]", re.DOTALL)
_START_OF_ROOT = re.compile(
    rb"\s*(?:<(?:\?(?:x(?:m(?:l\b[^>]*)?)?)?)?|(?:<\?xml\b.*?\?>)\s*(?:<\w*)?)\Z", re.DOTALL
)
_END_OF_ROOT = re.compile(rb"</(?:rss|feed)\s*>(?:\s|<!--.*?-->)*\Z", re.DOTALL)
_REFERENCE = re.compile(r"<!\[CDATA\[.*?\]\]>|&#(?:x([0-9a-fA-F]+)|([0-9]+));", re.DOTALL)
_SHIELDED = range(0x80, 0x100)
_TAIL = 4096  # bytes in which the closing tag must stand


@dataclass(frozen=True, slots=True)
class Feed:
    """What feedparser read. Texts in it are shielded until they went through `text`."""

    head: Any
    entries: list[Any]
    text: Callable[[Any], str]


def read(body: bytes, subject: str) -> Feed:
    """Reads a whole RSS or Atom document.

    Raises:
        NotAFeed: something else, such as an HTML page.
        Truncated: it ends before its root element does.
        BadDocument: it is no well-formed UTF-8 XML.
    """
    _refuse_others(body, subject)
    document, text = _shield(_decoded(body, subject))
    _refuse_damaged(document, subject)
    try:
        parsed = feedparser.parse(
            io.BytesIO(document.encode()),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (LookupError, ValueError, AttributeError) as error:  # elements in odd places
        raise BadDocument(subject=subject, reason=f"feedparser: {error!r}") from error
    if parsed.bozo or not parsed.version:
        raise NotAFeed(subject=subject, reason=str(parsed.get("bozo_exception", "")))
    return Feed(parsed.feed, parsed.entries, text)


def _refuse_others(body: bytes, subject: str) -> None:
    if not body.strip() or _START_OF_ROOT.match(body):
        raise Truncated(subject=subject)
    if not _ROOT.match(body):
        raise NotAFeed(subject=subject)
    if not _END_OF_ROOT.search(body[-_TAIL:]):
        raise Truncated(subject=subject)


def _refuse_damaged(document: str, subject: str) -> None:
    try:
        expat.ParserCreate().Parse(document, True)  # noqa: FBT003 - "that is all" in C
    except expat.ExpatError as error:
        raise BadDocument(subject=subject, reason=str(error)) from error


def _decoded(body: bytes, subject: str) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDocument(subject=subject, reason=error.reason) from error


def _shield(document: str) -> tuple[str, Callable[[Any], str]]:
    """The document without U+0080 to U+00FF, and what brings them back in a text of it."""
    base = _unused_block(document)
    there = {code: base + code for code in _SHIELDED}
    back = {shielded: code for code, shielded in there.items()}

    def shielded(reference: re.Match[str]) -> str:
        if reference.lastindex is None:
            return reference[0]  # CDATA: what looks like a reference there is none
        code = int(reference[1], 16) if reference[1] else number(reference[2])
        return chr(there[code]) if code in there else reference[0]

    def text(value: Any) -> str:
        return str(value or "").translate(back)

    return _REFERENCE.sub(shielded, document).translate(there), text


def _unused_block(document: str) -> int:
    """The first of plane 15's blocks of 256 private characters that the document leaves alone."""
    used = {ord(letter) >> 8 for letter in set(document)}
    return next(block << 8 for block in range(0xF00, 0xFFF) if block not in used)

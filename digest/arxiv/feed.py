"""The daily feed, RSS or Atom: what an archive announced today, from midnight US Eastern on.

A feed has at most 2000 items, and when arXiv cuts it off it cuts off new papers
(github.com/arXiv/arxiv-feed, feed/database.py): an archive that fills its feed is asked again by
category.
"""

from __future__ import annotations

from calendar import timegm
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from digest.arxiv import xml
from digest.arxiv.entries import split_version, strongest
from digest.errors import BadDocument, Refused
from digest.models import Announcement, Batch, Kind, Paper, Source
from digest.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.arxiv import Client

FULL = 2000
"""Items of a feed that may have been cut off."""

_EASTERN = ZoneInfo("America/New_York")
_GUID = "oai:arXiv.org:"
_ERROR = "Feed error for query"


def parse(body: bytes, subject: str) -> Batch:
    """Reads a feed; one without items is an empty batch of the feed's own day.

    `Batch.day` is the feed's date in US Eastern: it is older than today where arXiv has not made
    today's feed yet, or serves a stale one, and a weekend or a holiday where nothing was announced.

    Raises:
        Refused: a feed that says "Feed error for query", with arXiv's reason.
        NotAFeed, Truncated, BadDocument: see `digest.arxiv.xml.read`.
    """
    feed = xml.read(body, subject)
    if feed.text(feed.head.get("title")).startswith(_ERROR):
        reason = clean.fold(feed.text(feed.head.get("subtitle")))
        raise Refused(subject=subject, status=200, reason=reason)
    announcements = strongest(_announcement(entry, feed.text, subject) for entry in feed.entries)
    return Batch(subject, _day(feed.head, subject), Source.FEED, announcements)


def _day(head: Any, subject: str) -> date:
    stamp = head.get("published_parsed") or head.get("updated_parsed")
    if not stamp:
        raise BadDocument(subject=subject, reason="no date")
    return datetime.fromtimestamp(timegm(stamp), UTC).astimezone(_EASTERN).date()


def _announcement(entry: Any, text: Callable[[Any], str], subject: str) -> Announcement:
    guid = text(entry.get("id"))
    categories = tuple(text(tag.get("term")) for tag in entry.get("tags", ()))
    paper_id, version = split_version(guid.removeprefix(_GUID))
    if not guid.startswith(_GUID) or not paper_id or not categories:
        raise BadDocument(subject=subject, reason=f"an item without id or category: {guid[:80]!r}")
    paper = Paper(
        id=paper_id,
        version=version,
        title=clean.fold(text(entry.get("title"))),
        abstract=clean.abstract(text(entry.get("summary"))),
        authors=clean.authors(text(entry.get("author"))),
        categories=categories,
    )
    return Announcement(paper, _kind(text(entry.get("arxiv_announce_type"))))


def _kind(announce_type: str) -> Kind:
    """Whatever else arXiv may call it (`absonly`), it is no new paper."""
    return Kind(announce_type) if announce_type in set(Kind) else Kind.REPLACE


async def fetch(
    client: Client,
    base_url: str,
    archive: str,
    categories: Sequence[str] = (),
    *,
    etag: str = "",
    urgent: bool = False,
    full: int = FULL,
) -> Batch | None:
    """Fetches an archive's feed of the current day.

    Args:
        client: the polite one.
        base_url: `https://rss.arxiv.org`.
        archive: or a category.
        categories: the archive's, to be asked for when its feed is full.
        etag: of the batch that is there already.
        urgent: a reader waits.
        full: the number of items from which on a feed may have been cut off.

    Returns:
        None where nothing changed since `etag`.

    Raises:
        ArxivError: of every kind.
    """
    document = await client.get(f"{base_url}/rss/{archive}", kind="feed", etag=etag, urgent=urgent)
    if document.status == 304:  # noqa: PLR2004 - "not modified"
        return None
    whole = await client.apart(parse, document.body, archive)
    whole = replace(whole, etag=document.etag)
    if len(whole.announcements) < full:
        return whole
    parts = await _by_halves(client, base_url, categories, urgent=urgent, full=full)
    return _merged(whole, parts)


async def _by_halves(
    client: Client, base_url: str, categories: Sequence[str], *, urgent: bool, full: int
) -> list[Batch]:
    """The feeds of both halves of the categories; of their halves where they are full, too."""
    middle = (len(categories) + 1) // 2
    found: list[Batch] = []
    for half in filter(None, (categories[:middle], categories[middle:])):
        subject = "+".join(half)
        document = await client.get(f"{base_url}/rss/{subject}", kind="feed", urgent=urgent)
        batch = await client.apart(parse, document.body, subject)
        found.append(batch)
        if len(batch.announcements) >= full and len(half) > 1:
            found += await _by_halves(client, base_url, half, urgent=urgent, full=full)
    return found


def _merged(whole: Batch, parts: Sequence[Batch]) -> Batch:
    """All of the day's announcements.

    A category's feed may be stale: what it has of another day is left out, and what is missing
    then shows in the listing's count.
    """
    same = (part.announcements for part in parts if part.day == whole.day)
    return replace(whole, announcements=strongest(chain(whole.announcements, *same)))

"""The search API: single papers by id, and the papers of older days by submission time.

It knows when a paper was submitted, not when it was announced: a batch from here is approximate.
At most 2000 papers a slice; an id that arXiv does not have is simply not in the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from digest.arxiv import xml
from digest.arxiv.entries import number, split_version, strongest
from digest.errors import BadDocument, Refused, Truncated
from digest.models import Announcement, Batch, Kind, Paper, Source
from digest.text.clean import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.arxiv import Client

SLICE = 2000  # papers, the most that arXiv gives at once
IDS = 100  # in one question, so that its address stays short

_ERRORS = "/api/errors"
_MINUTE = timedelta(minutes=1)  # arXiv's range includes its end


@dataclass(frozen=True, slots=True)
class Found:
    """One slice of an answer, and how many papers there are in all."""

    papers: tuple[Paper, ...]
    total: int


def parse(body: bytes, subject: str = "*") -> Found:
    """Reads an answer.

    Raises:
        Refused: the answer is an entry titled "Error", with arXiv's reason.
        NotAFeed, Truncated, BadDocument: see `digest.arxiv.xml.read`.
    """
    feed = xml.read(body, subject)
    for entry in feed.entries:
        if _ERRORS in feed.text(entry.get("id")):
            reason = fold(feed.text(entry.get("summary")))
            raise Refused(subject=subject, status=200, reason=reason)
    papers = tuple(_paper(e, feed.text) for e in feed.entries if _is_there(e, feed.text))
    total = feed.text(feed.head.get("opensearch_totalresults"))
    return Found(papers, number(total) if total.isdecimal() else len(papers))


def _is_there(entry: Any, text: Callable[[Any], str]) -> bool:
    """ArXiv has been seen to answer for an id that it does not have with an empty entry."""
    return bool(fold(text(entry.get("title"))) or fold(text(entry.get("summary"))))


def _paper(entry: Any, text: Callable[[Any], str]) -> Paper:
    address = text(entry.get("id"))
    paper_id, version = split_version(address.partition("/abs/")[2])
    categories = _categories(entry, text)
    if not paper_id or not categories:
        raise BadDocument(subject=address, reason="an entry without id or category")
    return Paper(
        id=paper_id,
        version=version,
        title=fold(text(entry.get("title"))),
        abstract=fold(text(entry.get("summary"))),
        authors=tuple(fold(text(author.get("name"))) for author in entry.get("authors", ())),
        categories=categories,
        comment=fold(text(entry.get("arxiv_comment"))),
        submitted=_submitted(entry),
    )


def _categories(entry: Any, text: Callable[[Any], str]) -> tuple[str, ...]:
    """The primary category, which arXiv names apart, and then the others."""
    primary = text(entry.get("arxiv_primary_category", {}).get("term"))
    others = [text(tag.get("term")) for tag in entry.get("tags", ())]
    return tuple(dict.fromkeys(filter(None, [primary, *others])))


def _submitted(entry: Any) -> date | None:
    """The day of version 1: `published`; `updated` is that of the version shown."""
    stamp = entry.get("published_parsed")
    return date(*stamp[:3]) if stamp else None


async def papers(
    client: Client, url: str, ids: Sequence[str], *, urgent: bool = False
) -> tuple[Paper, ...]:
    """Fetches papers by id; one that arXiv does not have is not among them.

    Args:
        client: the polite one.
        url: `https://export.arxiv.org/api/query`.
        ids: with or without version.
        urgent: a reader waits.

    Raises:
        Refused: one of the ids is malformed.
        ArxivError: of every other kind.
    """
    found: list[Paper] = []
    for start in range(0, len(ids), IDS):
        some = ids[start : start + IDS]
        question = {"id_list": ",".join(some), "start": 0, "max_results": len(some)}
        found += (await _ask(client, url, question, urgent=urgent)).papers
    return tuple(found)


async def window(
    client: Client, url: str, day: date, start: datetime, end: datetime, *, urgent: bool = False
) -> Batch:
    """Fetches what was submitted from `start` until before `end`, as the new papers of `day`.

    Args:
        client: the polite one.
        url: `https://export.arxiv.org/api/query`.
        day: the listing's date that the batch is for.
        start: aware.
        end: aware.
        urgent: a reader waits.

    Raises:
        ArxivError: of every kind.
    """
    low, high = (f"{moment.astimezone(UTC):%Y%m%d%H%M}" for moment in (start, end - _MINUTE))
    question = {
        "search_query": f"submittedDate:[{low} TO {high}]",
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
        "max_results": SLICE,
    }
    slices = await _slices(client, url, question, urgent=urgent)
    announcements = strongest(Announcement(paper, Kind.NEW) for paper in slices)
    return Batch("*", day, Source.SEARCH, announcements)


async def _slices(
    client: Client, url: str, question: dict[str, Any], *, urgent: bool
) -> list[Paper]:
    """All slices; arXiv sometimes answers an empty one by mistake, so that is asked again once."""
    found: list[Paper] = []
    total, empty = 1, 0
    while len(found) < total:
        answer = await _ask(client, url, question | {"start": len(found)}, urgent=urgent)
        total = answer.total
        found += answer.papers
        empty = 0 if answer.papers else empty + 1
        if empty > 1 and len(found) < total:
            raise Truncated(subject=question["search_query"])
    return found


async def _ask(client: Client, url: str, question: dict[str, Any], *, urgent: bool) -> Found:
    document = await client.get(f"{url}?{urlencode(question)}", kind="api", urgent=urgent)
    return await client.apart(parse, document.body, "*")

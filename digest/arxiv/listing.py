"""The listing page of an archive or category: the newest batch, minutes after 20:00 US Eastern.

It says which day it shows and how many new and cross-listed papers it has, which no feed does; on
weekends and holidays it goes on showing the last day. Versions of cross-listed and replaced papers
are not on it, nor are abstracts of replaced ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.arxiv import page
from digest.arxiv.entries import strongest
from digest.arxiv.page import PAGE_SIZE
from digest.errors import BadDocument, Truncated
from digest.models import Batch, Count, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.arxiv import Client
    from digest.arxiv.page import Page


def parse(body: bytes, subject: str) -> Batch:
    """Reads a list that fits one page.

    Raises:
        Truncated, BadDocument: see `digest.arxiv.page.read`.
    """
    return whole([page.read(body, subject)], subject, Source.LISTING)


def whole(pages: Sequence[Page], subject: str, source: Source) -> Batch:
    """The batch that is on all these pages together."""
    announcements = strongest(one for each in pages for one in each.announcements)
    counts = [each.listed for each in pages if each.listed]
    listed = None
    if counts:
        listed = Count(max(each.new for each in counts), max(each.cross for each in counts))
    return Batch(subject, pages[0].day, source, announcements, listed)


async def fetch(client: Client, base_url: str, subject: str, *, urgent: bool = False) -> Batch:
    """Fetches the list that is shown now, all its pages.

    Args:
        client: the polite one.
        base_url: `https://arxiv.org`.
        subject: one archive or category; arXiv takes no sum here.
        urgent: a reader waits.

    Raises:
        ArxivError: of every kind.
    """
    pages: list[Page] = []
    got = 0
    while not pages or got < pages[0].total:
        more = f"?skip={got}&show={PAGE_SIZE}" if pages else ""
        url = f"{base_url}/list/{subject}/new{more}"
        pages.append(await next_page(client, url, subject, pages, urgent=urgent))
        got += len(pages[-1].announcements)
    return whole(pages, subject, Source.LISTING)


async def next_page(
    client: Client, url: str, subject: str, pages: Sequence[Page], *, urgent: bool
) -> Page:
    """One more page of a list.

    Raises:
        Truncated: the list says that there is more, and there is not.
        BadDocument: the list changed while we read it.
    """
    document = await client.get(url, kind="site", urgent=urgent)
    found = await client.apart(page.read, document.body, subject)
    if pages and found.day != pages[0].day:
        raise BadDocument(subject=subject, reason="the day changed between two pages")
    if not found.announcements and (pages or found.total):
        raise Truncated(subject=subject)
    return found

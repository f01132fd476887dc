"""The catch-up pages: a past day of an archive, category or `grp_physics`, up to 90 days back.

The same list as the listing page had, 2000 entries a page; a day without announcements has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.arxiv import page
from digest.arxiv.listing import next_page, whole
from digest.errors import BadDocument
from digest.models import Batch, Source

if TYPE_CHECKING:
    from datetime import date

    from digest.arxiv import Client
    from digest.arxiv.page import Page


def parse(body: bytes, subject: str) -> Batch:
    """Reads a day that fits one page; nothing announced is an empty batch.

    Raises:
        Truncated, BadDocument: see `digest.arxiv.page.read`.
    """
    return whole([page.read(body, subject)], subject, Source.CATCHUP)


async def fetch(
    client: Client, base_url: str, subject: str, day: date, *, urgent: bool = False
) -> Batch:
    """Fetches all pages of one day.

    Args:
        client: the polite one.
        base_url: `https://arxiv.org`.
        subject: one archive, category or `grp_physics`.
        day: the listing's date.
        urgent: a reader waits.

    Raises:
        Refused: an unknown subject, or a day out of arXiv's reach.
        ArxivError: of every other kind.
    """
    pages: list[Page] = []
    while not pages or sum(len(each.announcements) for each in pages) < pages[0].total:
        url = f"{base_url}/catchup/{subject}/{day.isoformat()}?abs=True&page={len(pages) + 1}"
        pages.append(await next_page(client, url, subject, pages, urgent=urgent))
    if pages[0].day != day:
        raise BadDocument(subject=subject, reason=f"asked for {day}, got {pages[0].day}")
    return whole(pages, subject, Source.CATCHUP)

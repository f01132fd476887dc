"""A paper round: one edition for all its readers, read and placed once for all of them.

What costs is reading a thousand papers from the store and placing them into fields (a third of a
second); composing for one more reader is a few milliseconds after that. A round is a snapshot: it
is begun anew for each broadcast.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from digest import fields
from digest.compose import compose, with_summaries
from digest.models import Edition, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from digest.fields import Field
    from digest.models import Announcement, Digest, Part, Subscriber, Summary
    from digest.store import Store
    from digest.telling import Telling

log = structlog.get_logger()

Watched = Callable[[int, int], None]
"""Progress: how many are told, of how many."""


def _unwatched(_told: int, _of: int) -> None:
    """What is called where nobody watches."""


class Round:
    """One edition as it is stored now.

    Args:
        edition: its day, and what is missing from it.
        announcements: of this edition.
        late: (edition's day, announcement) of what came too late for an earlier one.
        parts: what is stored of each archive.
        telling: writes the summaries that are shown.
        pending: archives still on their way.
    """

    def __init__(
        self,
        edition: Edition,
        announcements: Sequence[Announcement],
        late: Sequence[tuple[date, Announcement]],
        parts: Sequence[Part],
        telling: Telling,
        pending: Sequence[str] = (),
    ) -> None:
        self.edition = edition
        self._announcements = announcements
        self._late = late
        self._parts = parts
        self._pending = pending
        self._telling = telling
        self._papers = [each.paper for each in (*announcements, *(told for _, told in late))]
        self._known: set[str] = set()
        self._placed: dict[str, dict[str, float]] = defaultdict(dict)
        self._told: dict[str, dict[str, Summary]] = defaultdict(dict)

    @classmethod
    async def begin(
        cls, store: Store, telling: Telling, day: date, coming: Sequence[str] = ()
    ) -> Round:
        """The round of `day`, from what is stored; `coming` are archives that are being fetched."""
        edition = await store.editions.get(day) or Edition(day)
        if edition.source is Source.SEARCH:
            edition = replace(edition, approximate=True)
        parts = await store.editions.parts(day)
        return cls(
            edition,
            await store.editions.announcements(day),
            await store.editions.late_for(day),
            tuple(parts.values()),
            telling,
            [archive for archive in coming if archive not in parts],
        )

    async def place(self, keys: Iterable[str]) -> None:
        """Places the papers into fields, where that is not done yet; many at once are cheap."""
        new = [key for key in dict.fromkeys(keys) if key not in self._known]
        if not new:
            return
        wanted = [found for key in new if (found := _meant(key))]
        placed = await asyncio.to_thread(fields.place, self._papers, wanted)
        for paper_id, scores in placed.items():
            self._placed[paper_id] |= scores
        self._known.update(new)

    async def digest(self, subscriber: Subscriber, watch: Watched = _unwatched) -> Digest:
        """The digest for one subscriber; each paper is told once in each language.

        `watch` is told of each summary that is written for it.
        """
        await self.place(subscriber.fields)
        digest = compose(
            self.edition,
            subscriber,
            self._announcements,
            self._placed,
            parts=self._parts,
            pending=self._pending,
            late=self._late,
        )
        told = self._told[subscriber.language]
        papers = [entry.paper for entry in digest.entries]
        if lacking := [paper for paper in papers if paper.id not in told]:
            told |= await self._telling.tell(lacking, subscriber.language, watch)
        return with_summaries(digest, told, model=self._telling.model is not None)


@lru_cache(maxsize=1000)
def _meant(key: str) -> Field | None:
    """None, logged once, for a stored key that means nothing: it is its own reader's trouble only.

    The key is not in the log: it is what somebody typed.
    """
    found = fields.known(key)
    if found is None:
        log.warning("field_unreadable", characters=len(key))
    return found

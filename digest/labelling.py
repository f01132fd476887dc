"""Labelling: which fields a model is asked about in a summary's own call, and what it said.

Only what is summarised for somebody is judged, so nothing is paid for papers that nobody sees. A
paper's word stands for all languages and readers: who is told it in another language asks no more.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from digest import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from digest.models import Paper
    from digest.store import Store

CANDIDATES = 4
"""Fields that a model is asked about, at most: those where the light model's score is near."""


class Labelling:
    """Asks about each paper and field once."""

    def __init__(
        self, store: Store, model: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Does nothing yet.

        Args:
            store: with the labels.
            model: the model's name, to be noted with its word.
            clock: what time it is.
        """
        self.store = store
        self.model = model
        self.clock = clock

    async def candidates(self, paper: Paper) -> dict[str, str]:
        """The fields to be asked about, key → name in English: near ones that nobody judged yet."""
        near = await asyncio.to_thread(fields.near, paper, CANDIDATES)
        known = await self.store.labels.known(paper)
        return {key: fields.called(key, "en") for key in near if key not in known}

    async def learn(self, paper: Paper, said: Mapping[str, int]) -> None:
        """Stores a model's word, beside the light model's."""
        light = await asyncio.to_thread(fields.near, paper, CANDIDATES)
        await self.store.labels.save(paper, said, light, model=self.model, at=self.clock())

"""Profiling: what a model says that a reader's own phrase asks for, asked once for all readers.

Without a model, and while it does not answer, a phrase is matched by its own words: nobody waits
long, and nothing fails.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from weakref import WeakValueDictionary

import structlog

from digest import fields
from digest.errors import WriterCapped, WriterError
from digest.summarize.profile import PROMPT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from digest.fields import Field
    from digest.models import Profile
    from digest.patience import Patience
    from digest.store import Store

log = structlog.get_logger()

ANSWER_WITHIN_S = 15.0
"""A reader who follows a phrase waits so long for its profile, in seconds."""


class Profiler(Protocol):
    """A model that knows what words ask for."""

    @property
    def name(self) -> str:
        """The model's name."""

    async def profile(self, words: str, wanted: Iterable[str]) -> Profile:
        """What a reader's words ask for; `WriterError` if it cannot be had."""


class Outcome(StrEnum):
    """Where a profile comes from, or why there is none."""

    HERE = "here"
    NO_MODEL = "no_model"
    FAILED = "failed"
    CAPPED = "capped"


class Profiling:
    """Profiles of phrases, kept in the store."""

    def __init__(
        self,
        store: Store,
        model: Profiler | None = None,
        patience: Patience | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Does nothing yet.

        Args:
            store: with the profiles.
            model: who is asked, if anybody.
            patience: knows when the model is left alone.
            clock: what time it is.
        """
        self.store = store
        self.model = model
        self.patience = patience
        self.clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, phrase: Field) -> tuple[Field, Outcome]:
        """A phrase with its profile, which is asked for where it is not stored."""
        words = fields.asked(phrase)
        async with self._turns.setdefault(words, asyncio.Lock()):
            stored = await self.store.profiles.get([words], PROMPT)
            if words in stored:
                return fields.with_profile(phrase, stored[words]), Outcome.HERE
            if self.model is None:
                return phrase, Outcome.NO_MODEL
            try:
                profile = await self._asked(self.model, phrase, words)
            except WriterCapped:
                return phrase, Outcome.CAPPED
            except (WriterError, TimeoutError) as error:
                log.warning("profile_failed", error=type(error).__name__)  # no word of the reader's
                return phrase, Outcome.FAILED
        return fields.with_profile(phrase, profile), Outcome.HERE

    async def _asked(self, model: Profiler, phrase: Field, words: str) -> Profile:
        if self.patience:
            self.patience.check()
        async with asyncio.timeout(ANSWER_WITHIN_S):
            profile = await model.profile(words, phrase.wanted)
        await self.store.profiles.save(words, PROMPT, profile, model=model.name, at=self.clock())
        return profile


async def with_profiles(store: Store, wanted: Sequence[Field]) -> list[Field]:
    """Fields, the phrases among them with what a model said of them."""
    phrases = [fields.asked(each) for each in wanted if each.kind == "phrase"]
    stored = await store.profiles.get(phrases, PROMPT) if phrases else {}
    return [
        fields.with_profile(each, profile)
        if each.kind == "phrase" and (profile := stored.get(fields.asked(each)))
        else each
        for each in wanted
    ]

"""Profiles: what a model said of a phrase that somebody follows, shared by all who follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from digest.models import Profile
from digest.store.database import slices, upsert
from digest.store.tables import profiles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from digest.store.database import Database


class Profiles:
    """One for each phrase and version of the prompt."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, phrases: Iterable[str], prompt: int) -> dict[str, Profile]:
        """Return the profiles that there are, by phrase (`digest.fields.asked`)."""
        found: dict[str, Profile] = {}
        wanted = tuple(dict.fromkeys(phrases))
        async with self._database.read() as connection:
            for some in slices(wanted):
                this = profiles.c.phrase.in_(some) & (profiles.c.prompt == prompt)
                for row in await connection.execute(select(profiles).where(this)):
                    said = map(tuple, (row.phrases, row.unwanted, row.categories))
                    found[row.phrase] = Profile(*said)
        return found

    async def save(
        self, phrase: str, prompt: int, profile: Profile, *, model: str, at: datetime
    ) -> None:
        """Store a profile; of two that were made at once the later one stays."""
        row = {
            "phrase": phrase,
            "prompt": prompt,
            "model": model,
            "phrases": list(profile.phrases),
            "unwanted": list(profile.unwanted),
            "categories": list(profile.categories),
            "made_at": at,
        }
        async with self._database.write() as connection:
            await upsert(connection, profiles, [row])

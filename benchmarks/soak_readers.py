"""The readers of the soak run: who they are, and what they do in the course of the year."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from digest.models import Subscriber

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from benchmarks.soak_bot import Program, World
    from benchmarks.soak_year import Batch

FIRST = 7000
GROUP = -1_001_234_567
PAUSING, BLOCKING, ASKING = 8001, 8002, 8003

PAUSES_IN, BLOCKS_IN, RETURNS_IN = 10, 12, 20
"""Weeks."""

# Zone, hour, language, fields. Those who are due at the same time share the work of a round, so
# the hours are few: a composed edition costs a second, whoever it is for.
STEADY = (
    ("Asia/Shanghai", "asap", "zh", ("ai", "cs.DC")),
    ("America/New_York", "asap", "en", ("cs.LG",)),
    ("Asia/Kolkata", "asap", "en", ("cs.CL", "cs.AI")),
    ("Australia/Lord_Howe", "asap", "en", ("se",)),
    ("Europe/Berlin", "08:00", "en", ("ai",)),
    ("Europe/London", "07:00", "en", ("cs.CV", "cs.RO")),
    ("Africa/Cairo", "09:00", "en", ("cs.CR",)),
    ("Asia/Shanghai", "15:00", "zh", ("db", "os")),
    ("Asia/Tokyo", "16:00", "zh", ("own:speculative decoding",)),
    ("America/New_York", "08:00", "en", ("cs.DC", "cs.OS")),
    ("America/Sao_Paulo", "10:00", "en", ("own:graph neural network", "cs.LG")),
    ("America/Santiago", "09:00", "en", ("ai", "cs.SE")),
    ("Europe/Lisbon", "13:00", "zh", ("cs.HC",)),
    ("Asia/Dubai", "17:00", "en", ("stat.ML",)),
    ("Pacific/Apia", "02:00", "en", ("cs.AI",)),
    ("Asia/Shanghai", "21:00", "zh", ("ai", "cs.CL", "cs.CV")),
)


def _reader(chat: int, zone: str, hour: str, language: str, fields: tuple[str, ...]) -> Subscriber:
    size = (5, 10, 10, 20, 40)[chat % 5]
    return Subscriber("telegram", str(chat), language, zone, size, fields, hour=hour)


READERS = (
    *(_reader(FIRST + number, *each) for number, each in enumerate(STEADY)),
    _reader(GROUP, "Europe/Paris", "asap", "en", ("ai",)),
    _reader(PAUSING, "Europe/Madrid", "08:00", "en", ("cs.AI",)),
    _reader(BLOCKING, "Asia/Singapore", "15:00", "zh", ("cs.AI",)),
    _reader(ASKING, "Europe/Rome", "", "en", ("cs.AI",)),
)
ALWAYS = frozenset(each.address for each in READERS) - {
    str(chat) for chat in (PAUSING, BLOCKING, ASKING)
}
"""Who should have every edition."""

ASKED = (
    "/today", "/fields", "/field 云计算, storage", "/settings", "/date yesterday",
    "speculative decoding",
    "/unfield storage", "/help", "/paper 2602.99999", "/size 20", "/date last Wednesday", "帮助",
)  # fmt: skip


class Readers:
    """What they do."""

    def __init__(self, world: World, plan: Sequence[Batch]) -> None:
        self._world = world
        self._plan = plan
        self._next = 0
        self._blocked: tuple[int, ...] = ()
        self._numbers = itertools.count(1)
        self._questions = itertools.cycle(ASKED)
        self.written = 0
        self.unanswered = 0

    def at(self, now: datetime) -> None:
        """Telegram fails once a batch is out, as the plan says."""
        while self._next < len(self._plan) and self._plan[self._next].out <= now:
            batch = self._plan[self._next]
            self._next += 1
            self._world.telegram.behave(
                blocked=self._blocked, flood_s=batch.flood_s, failures=batch.failures
            )

    async def write(self, week: int, program: Program) -> None:
        """On Sunday they write: three questions, and what this week's number says."""
        for question in itertools.islice(self._questions, 3):
            await self._write(program, ASKING, question)
        if week == PAUSES_IN:
            await self._write(program, PAUSING, "/pause 20 days")
        if week in (BLOCKS_IN, RETURNS_IN):
            self._blocked = (BLOCKING,) if week == BLOCKS_IN else ()
            self._world.telegram.behave(blocked=self._blocked)
        if week == RETURNS_IN:
            await self._write(program, BLOCKING, "/start")

    async def _write(self, program: Program, chat: int, text: str) -> None:
        self.written += 1
        is_answered = await program.ask(chat, text, next(self._numbers))
        self.unanswered += not is_answered

"""Everything that Telegram can do wrong, at once, for a whole day of tries."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.faults_stage import (
    TOKEN,
    Stage,
    account,
    crowd_for,
    days,
    furnished,
    noon,
    published,
)
from benchmarks.faulty_telegram import Ways, telegram
from bot import app as building
from bot.channels.telegram import Telegram
from bot.channels.telegram_http import Timeouts
from bot.deliver import Delivery, deliver_once
from bot.pace import Pace
from bot.sending import Sending, lines_for
from bot.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from benchmarks.faulty_telegram import Fake

WAYS = Ways(latency_ms=30, rate=80, resets=0.10, failures=0.05, hangs=0.02, blocked=0.03)
RATE = 300
"""More than Telegram takes: it floods."""

TIMEOUTS = Timeouts(read=1.0)
ROUNDS = tuple(timedelta(minutes=n) for n in (0, 2, 15, 80, 450, 460, 470, 1000))
"""When it is delivered again: the pauses between the tries of a page are 1, 10, 60, 360 minutes."""


async def _day(stage: Stage, fake: Fake, began: datetime) -> int:
    """All rounds of a day; returns the pages that were given up."""
    now, dead = began, 0
    settings = Settings(database_url=stage.url, language="en", timezone="UTC")
    async with (
        building.opened(settings, lambda: now) as app,
        Telegram(TOKEN, api_url=fake.url, timeouts=TIMEOUTS) as channel,
    ):
        sending = Sending(
            app.store, channel, Pace(RATE), clock=lambda: now, at_once=lines_for(RATE)
        )
        delivery = Delivery(app.reading, [sending])
        for after in ROUNDS:
            now = began + after
            dead += (await deliver_once(delivery, now)).pages.dead
    return dead


def storm(folder: Path, pages: int) -> dict[str, float]:
    """A broadcast of so many pages."""
    with telegram(folder / "telegram.log", WAYS) as fake:
        stage = Stage(folder / "storm.db", {})
        asyncio.run(furnished(stage, crowd_for(pages)))
        day = next(days())
        asyncio.run(published(stage, day))
        dead = asyncio.run(_day(stage, fake, noon(day)))
        events = fake.diary.read()
        happened = Counter(event.what for event in events)
        return {
            **account(stage, fake, events),
            "given_up": dead,
            "ambiguous_answers": happened["reset"] + happened["failed"] + happened["hung"],
            "resets_after_delivery": happened["reset"],
            "answers_502": happened["failed"],
            "hangs": happened["hung"],
            "answers_429": happened["flooded"],
            "answers_403": happened["blocked"],
            "files_damaged": not stage.is_intact(),
        }

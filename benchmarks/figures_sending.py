"""What a message costs, and whether the rate is kept: Paperboy's sending, pacing and marking.

Each run is a process of its own on the first core; the Bot API is on the last one.
"""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import sqlite3
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.fake_telegram import ENTITIES, TEXT, Fake, pin, telegram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = "123456:made-up-for-the-benchmark"
WARM_UP = 200
"""Messages before those that are measured: connections, imports, compiled statements."""

AT_ONCE = 100
"""Messages in flight of the bare loop: what 1,000 a second at 100 ms need."""

AIMS = {
    "cpu_per_message_vs_aiogram": "≤ 0.6",
    "kept_of_1000_per_s": "≥ 0.98",
    "refusals_429": "0",
    "worst_second_of_1000": "≤ 1020",
    "kept_of_30_per_s": "≥ 0.98",
    "worst_second_of_30": "≤ 31",
}


def figures(quick: float = 1.0) -> Iterator[tuple[str, float]]:
    """Measures; `quick` is the share of the pages that is sent."""
    yield from cost(max(200, round(3000 * quick)))
    yield from kept_of_1000(max(1000, round(20_000 * quick)))
    yield from kept_of_30(max(100, round(1000 * quick)))


def cost(pages: int, rounds: int = 3) -> Iterator[tuple[str, float]]:
    """CPU a message, in turns on the same server; the medians' ratio."""
    spent: dict[str, list[float]] = {"paperboy": [], "aiogram": []}
    with telegram() as fake:
        for _ in range(rounds):
            for name, run in (("aiogram", send_by_aiogram), ("paperboy", send_by_paperboy)):
                spent[name].append(alone(run, fake.url, pages, 1000))
    medians = {name: statistics.median(times) * 1000 for name, times in spent.items()}
    yield "cpu_ms_per_message", medians["paperboy"]
    yield "cpu_ms_per_message_aiogram", medians["aiogram"]
    yield "cpu_per_message_vs_aiogram", medians["paperboy"] / medians["aiogram"]


def kept_of_1000(pages: int) -> Iterator[tuple[str, float]]:
    """A paid broadcast at the highest rate."""
    with telegram(rate=1000, flood_block=True) as fake:
        alone(send_by_paperboy, fake.url, pages, 1000)
        kept, worst, refused = account(fake, 1000, pages)
    yield "kept_of_1000_per_s", kept
    yield "worst_second_of_1000", worst
    yield "refusals_429", refused


def kept_of_30(pages: int) -> Iterator[tuple[str, float]]:
    """What everybody else has."""
    with telegram(rate=30, flood_block=True) as fake:
        alone(send_by_paperboy, fake.url, pages, 30)
        kept, worst, refused = account(fake, 30, pages)
    yield "kept_of_30_per_s", kept
    yield "worst_second_of_30", worst
    yield "refusals_429_of_30", refused


def account(fake: Fake, rate: float, pages: int) -> tuple[float, int, int]:
    """Share of the rate that was kept, most in any second, refusals; of so many last messages."""
    told = fake.stats()
    times = sorted(at for at, _ in told["taken"])[-pages:]
    kept = (len(times) - 1) / (times[-1] - times[0]) / rate
    return kept, worst_second(times), told["refused"]


def worst_second(times: list[float]) -> int:
    """The most messages in any second, wherever it begins."""
    worst = first = 0
    for number, at in enumerate(times):
        while at - times[first] >= 1:
            first += 1
        worst = max(worst, number - first + 1)
    return worst


def alone(run: Callable[..., float], *arguments: Any) -> float:
    """Runs something in a process of its own on the first core; returns what it returns."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, initializer=pin, initargs=(0,)) as process:
        return process.submit(run, *arguments).result()


def send_by_paperboy(url: str, pages: int, rate: int) -> float:
    """Sends pages from an outbox, paced and marked; returns CPU seconds a page."""
    return asyncio.run(_send_by_paperboy(url, pages, rate))


async def _send_by_paperboy(url: str, pages: int, rate: int) -> float:
    import structlog

    from bot import collector
    from bot.channels.telegram import Telegram
    from bot.pace import Pace
    from bot.sending import Sending, lines_for
    from digest.store import Store

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "paperboy.db"
        async with (
            Store.open(f"sqlite:///{file}") as store,
            Telegram(TOKEN, api_url=url, paid=rate > 30) as channel,
        ):
            sending = Sending(
                store, channel, Pace(rate), clock=lambda: datetime.now(UTC), at_once=lines_for(rate)
            )
            await asyncio.to_thread(fill, file, WARM_UP, first=1_000_000)
            await sending.send_waiting(datetime.now(UTC))
            await asyncio.to_thread(fill, file, pages)
            collector.spare()  # as serving does
            began = time.process_time()
            tally = await sending.send_waiting(datetime.now(UTC))
            spent = time.process_time() - began
    assert tally.sent == pages, tally
    return spent / pages


def fill(file: Path, pages: int, *, first: int = 100_000) -> None:
    """Puts readers with a page each into a database, as delivery freezes them.

    Args:
        file: of the database.
        pages: how many.
        first: the first reader's number and chat.
    """
    entities = [[each["type"], each["offset"], each["length"], ""] for each in ENTITIES]
    readers = [(first + n, "telegram", str(first + n)) for n in range(pages)]
    styled = json.dumps(entities, separators=(",", ":"))
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")  # those that are late are looked at
    waiting = [(number, TEXT, styled, now) for number, *_ in readers]
    with sqlite3.connect(file) as connection:
        connection.executemany(
            "INSERT INTO subscribers (id, channel, address, language, timezone, size)"
            " VALUES (?, ?, ?, 'en', 'UTC', 10)",
            readers,
        )
        connection.executemany(
            "INSERT INTO pages (subscriber_id, day, page, text, entities, choices, silent, state,"
            " attempts, try_at, reason)"
            " VALUES (?, '2026-02-03', 1, ?, ?, '[]', 0, 'waiting', 0, ?, '')",
            waiting,
        )
    connection.close()


def send_by_aiogram(url: str, pages: int, _rate: int) -> float:
    """The same messages by a bare loop, unpaced, nothing marked; returns CPU seconds a message."""
    return asyncio.run(_send_by_aiogram(url, pages))


async def _send_by_aiogram(url: str, pages: int) -> float:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import LinkPreviewOptions, MessageEntity

    session = AiohttpSession(api=TelegramAPIServer.from_base(url), limit=256)
    bot = Bot(TOKEN, session=session)
    entities = [MessageEntity(**each) for each in ENTITIES]
    preview = LinkPreviewOptions(is_disabled=True)

    async def work(chats: Iterator[int]) -> None:
        for chat in chats:
            await bot.send_message(chat, TEXT, entities=entities, link_preview_options=preview)

    async def send(chats: Iterator[int]) -> None:
        await asyncio.gather(*(work(chats) for _ in range(AT_ONCE)))

    await send(iter(range(1_000_000, 1_000_000 + WARM_UP)))
    gc.freeze()
    began = time.process_time()
    await send(iter(range(1, pages + 1)))
    spent = time.process_time() - began
    await session.close()
    return spent / pages

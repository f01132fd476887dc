"""Killed between two pages, again and again: nothing is lost, next to nothing sent twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.pace import Pace
from bot.sending import Sending, Tally
from digest.models import Subscriber
from digest.render.entities import TELEGRAM, Page
from digest.store import Store
from digest.store.outbox import Written
from tests.fakes import postgres
from tests.fakes.clock import START, FakeClock
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.channels import Choice

ROOT = Path(__file__).parent.parent
READER = Subscriber("telegram", "", fields=("ai",), hour="09:30")
AT_ONCE = 4


class Diary:
    """Writes down what is sent, and kills its process after so many pages."""

    name, limits = "telegram", TELEGRAM

    def __init__(self, file: Path, die_after: int = 0) -> None:
        self.file, self.left = file, die_after

    async def send(
        self,
        _address: str,
        page: Page,
        *,
        silent: bool = False,
        choices: Sequence[Choice] = (),
        rows: Sequence[Sequence[Choice]] = (),
    ) -> str | None:
        with self.file.open("a") as diary:
            diary.write(f"{page.text} {silent} {len(choices) + len(rows)}\n")
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(0)
        return None


async def send(url: str, file: Path, die_after: int = 0) -> Tally:
    clock = FakeClock()
    async with Store.open(url) as store:
        pace = Pace(1000, clock=clock, sleep=clock.sleep)
        sending = Sending(store, Diary(file, die_after), pace, clock=clock.now, at_once=AT_ONCE)
        return await sending.send_waiting(START)


DIES = """
import asyncio, sys
from pathlib import Path
from tests.test_deliver_killed import send

asyncio.run(send(sys.argv[1], Path(sys.argv[2]), die_after=29))
"""


async def test_killed_between_pages_it_goes_on_where_it_was(tmp_path: Path) -> None:
    url, diary = fresh(tmp_path), tmp_path / "diary"
    async with Store.open(url) as store:
        for n in range(30):
            reader = await store.subscribers.save(replace(READER, address=str(n)))
            pages = [Written(f"{n}/{page}") for page in range(3)]
            later = START + timedelta(days=1)
            assert await store.outbox.freeze(reader, date(2026, 2, 3), pages, later, START)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DIES, url, str(diary), cwd=ROOT
    )
    assert await process.wait() == -signal.SIGKILL
    tally = await send(url, diary)
    assert not tally.elsewhere, "the lock of a killed process is gone with it"
    assert await send(url, diary) == Tally()

    got = [line.split()[0] for line in diary.read_text().splitlines()]
    assert {*got} == {f"{n}/{page}" for n in range(30) for page in range(3)}, "nothing is lost"
    assert len(got) - 90 <= AT_ONCE, "only what was in flight is repeated"
    assert max(Counter(got).values()) <= 2
    first = {text: got.index(text) for text in got}
    assert all(first[f"{n}/0"] < first[f"{n}/1"] < first[f"{n}/2"] for n in range(30))
    if not postgres.is_used():
        with closing(sqlite3.connect(tmp_path / "paperboy.db")) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

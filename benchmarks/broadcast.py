"""Three real mornings for a crowd of readers, against arXiv and Telegram on loopback.

    python benchmarks/broadcast.py [--shared ../shared] [--subscribers 500] [--json FILE]

Readers differ in fields, languages, zones and hours; some have blocked the bot or are not there.
On the first and the last day the rooms run in this process, three hours at a time; on the second,
`paperboy deliver` sends what half a day has heaped up, and is killed in the middle again and again.

What was frozen is kept by a trigger on the outbox, what was seen is asked of the chats themselves:
lost, frozen and never seen; duplicates, seen more often than frozen; unserved, mornings on which
somebody who can be reached was given nothing; in flight at a kill, messages that Telegram had taken
and was still answering, or had answered in the last 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib
from collections import Counter
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import recorded
from benchmarks.beside import started
from bot import app as building
from bot.channels.telegram import Telegram
from bot.deliver import Delivered, Delivery, deliver_once
from bot.pace import Pace
from bot.sending import Sending
from bot.settings import Settings
from bot.watch import Watch
from digest import calendar, fields
from digest.models import State, Subscriber
from digest.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

DAYS = (date(2026, 2, 3), date(2026, 2, 4), date(2026, 2, 5))
KILL_DAY = DAYS[1]
KILLS = 6

TOKEN = "123456:made-up-for-the-benchmark"
BLOCKED, DEACTIVATED, NOT_FOUND = 0.03, 0.01, 0.01
LATENCY_MS = 150
FAKE_TELEGRAM = {
    "port": 0,
    "rate": 30,
    "chat-rate": 1,
    "flood-block": 1,
    "dedupe": "text",
    "keep": 50,
    "latency": LATENCY_MS,
    "blocked": BLOCKED,
    "deactivated": DEACTIVATED,
    "not-found": NOT_FOUND,
}

SETTLING_S = 0.05
"""So long an answer may take from Telegram's socket into our database."""

OWN_FIELDS = ('"retrieval augmented"', '"dark matter" -survey', '"diffusion model"', '"topology"')
ZONES = (
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Australia/Adelaide",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "UTC",
)
HOURS = ("asap", "06:30", "07:00", "08:00", "08:30", "09:30", "12:00", "21:15", "00:00", "23:59")
SIZES = (5, 10, 10, 20)

KEEP_WHAT_IS_FROZEN = """
CREATE TABLE frozen (subscriber_id, day, page, text);
CREATE TRIGGER keep_what_is_frozen AFTER INSERT ON pages BEGIN
    INSERT INTO frozen VALUES (new.subscriber_id, new.day, new.page, new.text);
END;
"""


@dataclass(frozen=True, slots=True)
class Loopback:
    """arXiv, Telegram and a database, all of this machine."""

    arxiv: str
    telegram: str
    log: Path
    database: Path

    @property
    def chosen(self) -> dict[str, Any]:
        """What an operator chooses to live here."""
        return {
            "database_url": f"sqlite:///{self.database}",
            "arxiv_feed_url": self.arxiv,
            "arxiv_api_url": f"{self.arxiv}/api/query",
            "arxiv_site_url": self.arxiv,
            "telegram_token": TOKEN,
            "telegram_api_url": self.telegram,
            "language": "en",
            "timezone": "UTC",
        }

    def delivered_at(self) -> list[float]:
        """When (monotonic, in seconds) Telegram took each message so far."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [json.loads(line)["t"] for line in lines]


@dataclass(slots=True)
class Kills:
    """What was killed."""

    times: int = 0
    in_flight: int = 0
    waiting: list[int] = field(default_factory=list)


def asked(address: str, body: dict[str, Any] | None = None) -> Any:
    """What a control address of a tool answers."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data)) as answer:
        return json.load(answer)


@contextmanager
def loopback(shared: Path, folder: Path) -> Iterator[Loopback]:
    """Starts arXiv and Telegram."""
    data = sorted(str(path) for path in (shared / "data").glob(recorded.FILES))
    log = folder / "telegram.log"
    replay = [str(shared / "tools" / "arxiv_replay.py"), "--port", "0", "--date", str(DAYS[0])]
    fake = [str(shared / "tools" / "fake_bot_api.py"), "--log", str(log)]
    options = [str(part) for name, value in FAKE_TELEGRAM.items() for part in (f"--{name}", value)]
    with ExitStack() as stack:
        arxiv = stack.enter_context(started(*replay, "--data", *data)).split()[3].rstrip(",")
        port = json.loads(stack.enter_context(started(*fake, *options)))["port"]
        yield Loopback(arxiv, f"http://127.0.0.1:{port}", log, folder / "broadcast.db")


def crowd(count: int) -> list[Subscriber]:
    """Readers of all kinds; always the same ones."""
    chance = random.Random(7)
    named, codes = [each.key for each in fields.named()], [e.key for e in fields.categories()]
    kinds = (named, named, codes, list(OWN_FIELDS))
    return [
        Subscriber(
            channel="telegram",
            address=str(-1_000_000 - number if number % 50 == 0 else 10_000 + number * 7),
            language="en" if number % 2 else "zh",
            timezone=chance.choice(ZONES),
            size=chance.choice(SIZES),
            fields=tuple({chance.choice(chance.choice(kinds)) for _ in range(1 + number % 3)}),
            hour=chance.choice(HOURS),
        )
        for number in range(count)
    ]


def can_be_reached(address: str) -> bool:
    """Whether the fake Telegram has this chat and lets us write to it."""
    return zlib.crc32(address.encode()) / 2**32 >= BLOCKED + DEACTIVATED + NOT_FOUND


async def joined(place: Loopback, count: int) -> None:
    """Writes the crowd into a new database, an hour before the first batch is out."""
    before = calendar.out_at(DAYS[0]) - timedelta(hours=1)
    async with Store.open(place.chosen["database_url"], now=lambda: before) as store:
        for reader in crowd(count):
            await store.subscribers.save(reader)
    with sqlite3.connect(place.database) as connection:
        connection.executescript(KEEP_WHAT_IS_FROZEN)
    connection.close()


def hours_of(day: date) -> list[datetime]:
    """From ten minutes after the batch is out until just before the next one, in steps of 3 h."""
    first = calendar.out_at(day)
    steps = [first + timedelta(minutes=10, hours=n) for n in range(0, 24, 3)]
    return [*steps, first + timedelta(hours=24, seconds=-1)]


async def unpaused(_seconds: float) -> None:
    """Sleeps out none of arXiv's pauses."""


class Day:
    """One day in this process, with the clock passed in."""

    def __init__(self, place: Loopback) -> None:
        self.place = place
        self.now = calendar.out_at(DAYS[0])

    async def edition(self, day: date) -> None:
        """Makes the edition as the watch does, and sends nothing."""
        async with self._watching(day) as (_, watch):
            await watch.run()

    async def whole(self, day: date) -> int:
        """Watches and delivers, step by step; returns what a second round at the end sent."""
        async with (
            self._watching(day) as (app, watch),
            Telegram(TOKEN, api_url=self.place.telegram) as telegram,
        ):
            sending = Sending(app.store, telegram, Pace(), clock=lambda: self.now)
            delivery = Delivery(app.reading, [sending])
            for self.now in hours_of(day):
                await watch.run()
                _complain(await deliver_once(delivery, self.now))
            again = await deliver_once(delivery, self.now)
            return again.pages.sent + again.composed + again.notices

    @asynccontextmanager
    async def _watching(self, day: date) -> AsyncIterator[tuple[building.App, Watch]]:
        await asyncio.to_thread(asked, f"{self.place.arxiv}/_control", {"date": str(day)})
        self.now = hours_of(day)[0]
        settings = Settings(**self.place.chosen)
        async with building.opened(settings, lambda: self.now, sleep=unpaused) as app:
            yield app, Watch(app.morning, lambda: self.now)


def _complain(done: Delivered) -> None:
    if done.failed or done.pages.dead or done.notices:
        sys.stderr.write(f"{done}\n")


class Killing:
    """`paperboy deliver` in a process of its own, killed while it sends."""

    def __init__(self, place: Loopback) -> None:
        self.place = place
        self.kills = Kills()
        self._chance = random.Random(11)

    def deliver(self, now: datetime, kills: int = 0) -> None:
        """Delivers at `now`; the first so many processes are killed."""
        for _ in range(kills):
            process = self._process(now)
            self._wait(process, self._chance.randint(1, 40))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                self._count(process, time.monotonic())
        if code := self._process(now).wait():
            sys.stderr.write(f"deliver ended with {code}\n")

    def _process(self, now: datetime) -> subprocess.Popen[bytes]:
        chosen = {f"PAPERBOY_{key.upper()}": str(value) for key, value in self.place.chosen.items()}
        command = [sys.executable, "-m", "bot", "deliver", "--now", now.isoformat()]
        root = Path(__file__).parent.parent
        return subprocess.Popen(
            command, cwd=root, env=os.environ | chosen, stdout=subprocess.DEVNULL
        )

    def _wait(self, process: subprocess.Popen[bytes], pages: int) -> None:
        """Until so many pages more were taken, and a moment."""
        enough = len(self.place.delivered_at()) + pages
        while process.poll() is None and len(self.place.delivered_at()) < enough:
            time.sleep(0.05)
        time.sleep(self._chance.random() / 10)

    def _count(self, process: subprocess.Popen[bytes], killed_at: float) -> None:
        process.wait()
        time.sleep(LATENCY_MS / 1000)
        unanswered = killed_at - LATENCY_MS / 1000 - SETTLING_S
        self.kills.times += 1
        self.kills.in_flight += sum(at > unanswered for at in self.place.delivered_at())
        query = "SELECT count(*) FROM pages WHERE state = 'waiting'"
        self.kills.waiting.append(rows(self.place.database, query)[0][0])


def rows(database: Path, query: str) -> list[Any]:
    """What the database answers."""
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def seen_by(place: Loopback, address: str) -> list[str]:
    """What one chat saw, oldest first."""
    return [each["text"] for each in asked(f"{place.telegram}/_messages?chat={address}")]


def account(place: Loopback, count: int) -> dict[str, float]:
    """Compares what was frozen with what was seen, chat by chat."""
    readers = crowd(count)
    query = "SELECT address, day, page, text FROM frozen JOIN subscribers s ON s.id = subscriber_id"
    frozen = rows(place.database, query)
    figures = Counter[str](subscribers=count)
    for reader in readers:
        mine = [row for row in frozen if row[0] == reader.address]
        expected, seen = Counter(row[3] for row in mine), seen_by(place, reader.address)
        if not can_be_reached(reader.address):
            figures["unreachable"] += 1
            figures["seen_by_unreachable"] += len(seen)
            continue
        figures["pages_expected"] += expected.total()
        figures["pages_delivered"] += len(seen)
        figures["lost"] += (expected - Counter(seen)).total()
        figures["duplicates"] += (Counter(seen) - expected).total()
        figures["out_of_order"] += list(dict.fromkeys(seen)) != list(dict.fromkeys(expected))
        figures["unserved"] += len(DAYS) - len({day for _, day, page, _ in mine if page})
    gone = f"SELECT count(*) FROM subscribers WHERE state = '{State.GONE.value}'"
    figures["blocked_paused"] = rows(place.database, gone)[0][0]
    return dict(figures)


def duplicates_so_far(place: Loopback) -> int:
    """As Telegram counts them: the same text to the same chat."""
    return int(asked(f"{place.telegram}/_stats")["duplicates"])


def run(shared: Path, folder: Path, count: int) -> dict[str, float]:
    """All days, and what became of their pages."""
    began = time.perf_counter()
    with loopback(shared, folder) as place:
        asyncio.run(joined(place, count))
        day, killing = Day(place), Killing(place)
        again = duplicates_killed = 0
        for each in DAYS:
            before = duplicates_so_far(place)
            begun = time.perf_counter()
            if each == KILL_DAY:
                asyncio.run(day.edition(each))
                again += killed_day(killing, each)
                duplicates_killed = duplicates_so_far(place) - before
            else:
                again += asyncio.run(day.whole(each))
            print(f"{each} took {time.perf_counter() - begun:.1f} s", file=sys.stderr)
        status = asked(f"{place.telegram}/_stats")["status"]
        return account(place, count) | {
            "duplicates_after_kill": duplicates_killed,
            "kills": killing.kills.times,
            "in_flight_at_kills": killing.kills.in_flight,
            "refusals_429": status.get("429", 0),
            "second_run_sent": again,
            "seconds": round(time.perf_counter() - began, 1),
        }


def killed_day(killing: Killing, day: date) -> int:
    """Half a day at a time, killed again and again; returns what a run more sent."""
    hours = hours_of(day)
    for now in (hours[len(hours) // 2], hours[-1]):
        killing.deliver(now, KILLS // 2)
    before = len(killing.place.delivered_at())
    killing.deliver(hours[-1])
    return len(killing.place.delivered_at()) - before


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--subscribers", type=int, default=500)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="where database and log are kept")
    options = parser.parse_args()
    if not (options.shared / "tools" / "fake_bot_api.py").is_file():
        sys.exit(f"There are no recorded days in {options.shared}; name their folder: --shared.")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    with tempfile.TemporaryDirectory() as folder:
        figures = run(options.shared, options.keep or Path(folder), options.subscribers)
    for name, value in figures.items():
        print(f"{name:40} {value:>12,}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()

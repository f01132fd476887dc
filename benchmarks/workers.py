"""Two workers on one PostgreSQL, and kill -9 of one in the middle of a broadcast.

    .venv/bin/python benchmarks/workers.py [--pages 10000] [--rate 250]

It starts a PostgreSQL of its own through scripts/postgres.sh, which says so where there is none,
and a fake Telegram that writes down what came, and when. The figures are printed as JSON:

    lost, duplicates   pages that never came, and that came twice
    in_flight          pages of the killed worker, sent and not settled: as many may come twice
    pace_kept          messages a second from the first page to the last, of those allowed (0.97 is
                       all: slots are 3 % farther apart than the rate)
    fullest_second     messages in any second; it is to be at most the rate
    taken_over_s       from the kill until others had all of its jobs
    settled_s          from the kill until the last page that it had frozen or sent was settled
    *_ms_a_page        processor time of all workers, without their start and the first shards that
                       they compose, and of PostgreSQL, for each page
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import asyncpg  # noqa: E402 - the path comes first

from benchmarks.faults_stage import (  # noqa: E402 - same
    crowd_for,
    edition_of,
    telegram_of,
)
from benchmarks.faulty_telegram import Ways, mark, telegram  # noqa: E402 - same
from digest import calendar  # noqa: E402 - same
from digest.models import Part, Source  # noqa: E402 - same
from digest.store import Store  # noqa: E402 - same
from tests.fakes.papers import batch, new  # noqa: E402 - same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.faulty_telegram import Event, Fake

LATENCY_MS = 30.0
POLL_S = 0.1
ASK_S = 0.5
"""How often the database is asked: each time is a new connection, on the workers' own cores."""

UNSETTLED_AFTER_S = 1.0
"""What a living worker has sent is settled within this; what is not was the killed one's."""

TOO_LONG_S = 600.0
TICKS = os.sysconf("SC_CLK_TCK")

KEEP_WHAT_IS_FROZEN = """
CREATE TABLE frozen (subscriber_id int, text text);
CREATE FUNCTION keep() RETURNS trigger AS $$ BEGIN
    INSERT INTO frozen VALUES (new.subscriber_id, new.text); RETURN new;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER keep AFTER INSERT ON pages FOR EACH ROW EXECUTE FUNCTION keep();
"""

Page = tuple[int, str]
"""A chat, and what a page says."""


@dataclass(slots=True)
class Stage:
    """The database, and the workers on it.

    Attributes:
        events: all that Telegram saw.
    """

    url: str
    fake: Fake
    rate: int
    folder: Path
    events: list[Event] = field(default_factory=list)

    def worker(self) -> subprocess.Popen[bytes]:
        """Starts the real `paperboy worker`; arXiv is not there."""
        nowhere = "http://127.0.0.1:9"
        chosen = {
            "PAPERBOY_DATABASE_URL": self.url,
            "PAPERBOY_TIMEZONE": "UTC",
            "PAPERBOY_ARXIV_FEED_URL": nowhere,
            "PAPERBOY_ARXIV_SITE_URL": nowhere,
            "PAPERBOY_ARXIV_API_URL": nowhere,
            "XDG_DATA_HOME": str(self.folder),
            **telegram_of(self.fake, self.rate),
        }
        with (self.folder / "workers.log").open("ab") as told:
            return subprocess.Popen(
                [sys.executable, "-m", "bot", "worker"],
                cwd=ROOT,
                env=os.environ | chosen,
                stdout=told,
                stderr=told,
            )

    def look(self) -> int:
        """Reads what came since the last time; returns how many pages that are in all."""
        self.events += self.fake.diary.read()
        return sum(each.what == "taken" for each in self.events)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        return asyncio.run(self._rows(query))

    async def _rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(self.url.replace("+asyncpg", ""))
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    def waiting(self) -> set[Page]:
        """Pages that are not settled."""
        found = self.rows(
            "SELECT address, text FROM pages p JOIN subscribers s ON s.id = subscriber_id"
            " WHERE p.state = 'waiting'"
        )
        return {(int(address), mark(text)) for address, text in found}

    def is_going_on(self) -> bool:
        """Whether anybody is due, or any page waits."""
        due = "SELECT 1 FROM subscribers WHERE had IS NULL"
        return bool(self.rows(f"{due} UNION ALL SELECT 1 FROM pages WHERE state = 'waiting'"))

    def owners(self) -> set[str]:
        """The workers that have shards now, as PgQueuer names them."""
        picked = "SELECT DISTINCT queue_manager_id::text FROM pgqueuer WHERE status = 'picked'"
        return {owner for (owner,) in self.rows(picked + " AND entrypoint = 'deliver'")}


async def furnished(url: str, pages: int) -> None:
    """Readers, and an edition that all of them are due for."""
    now = datetime.now(UTC)
    day = calendar.newest_expected(now)
    hour = f"{now - timedelta(minutes=30):%H:%M}"
    async with Store.open(url, now=lambda: now - timedelta(hours=12)) as store:
        for reader in crowd_for(pages):
            await store.subscribers.save(replace(reader, hour=hour))
        told = batch(*map(new, edition_of(day)), day=day)
        at = now - timedelta(hours=1)
        await store.editions.store(told, [Part(day, "cs", Source.LISTING, told.count)], at)
        await store.editions.publish(day, at)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(KEEP_WHAT_IS_FROZEN)
    await connection.close()


def killed(stage: Stage, workers: Sequence[subprocess.Popen[bytes]], pages: int) -> dict[str, Any]:
    """Kills the first worker when half of the pages came, and lets the other finish."""
    until = time.monotonic() + TOO_LONG_S
    while not stage.look():
        time.sleep(POLL_S)
        _hurry(workers[1], stage, until)
    start_s = sum(_seconds_of(each.pid) for each in workers)
    while stage.look() < pages // 2:
        time.sleep(POLL_S)
        _hurry(workers[1], stage, until)
    before, killed_at = stage.owners(), time.monotonic()
    used = _seconds_of(workers[0].pid)
    workers[0].send_signal(signal.SIGKILL)
    workers[0].wait()
    time.sleep(LATENCY_MS / 1000 + 0.1)
    stage.look()
    sent = {(e.chat, e.page) for e in stage.events if e.what == "taken"} & stage.waiting()
    time.sleep(UNSETTLED_AFTER_S)
    in_flight = sent & stage.waiting()
    while len(stage.owners()) > 1:
        time.sleep(ASK_S)
        _hurry(workers[1], stage, until)
    taken_over_s = time.monotonic() - killed_at
    while stage.is_going_on():
        time.sleep(ASK_S)
        _hurry(workers[1], stage, until)
    stage.look()
    return {
        "owners_before": len(before),
        "in_flight": len(in_flight),
        "taken_over_s": round(taken_over_s, 2),
        "killed_at": killed_at,
        "cpu_s": used + _seconds_of(workers[1].pid) - start_s,
    }


def _hurry(worker: subprocess.Popen[bytes], stage: Stage, until: float) -> None:
    if time.monotonic() > until or worker.poll() is not None:
        told = (stage.folder / "workers.log").read_text(encoding="utf-8")
        sys.exit(f"nothing goes on: {told[-1000:]}")


def _seconds_of(pid: int) -> float:
    """Processor time that a process has used, in seconds."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / TICKS


def _of_postgres(pid: int) -> float:
    """The same of a server and of all its processes, living and gone."""
    total = 0.0
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = each.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(told[1]) == pid:
            total += (int(told[11]) + int(told[12])) / TICKS
        if int(each.parent.name) == pid:
            total += sum(map(int, told[11:15])) / TICKS
    return total


def account(stage: Stage, found: dict[str, Any]) -> dict[str, Any]:
    """Compares what was frozen with what came, and when."""
    frozen = stage.rows(
        "SELECT address, text FROM frozen f JOIN subscribers s ON s.id = subscriber_id"
    )
    expected = Counter((int(address), mark(text)) for address, text in frozen)
    taken = [each for each in stage.events if each.what == "taken"]
    got, times = Counter((e.chat, e.page) for e in taken), sorted(e.at for e in taken)
    lasted = times[-1] - times[0]
    each_second = Counter(int(at - times[0]) for at in times)
    print(f"each second: {[each_second[n] for n in range(int(lasted) + 1)]}", file=sys.stderr)
    return {
        "pages": expected.total(),
        "lost": (expected - got).total(),
        "duplicates": (got - expected).total(),
        "in_flight": found["in_flight"],
        "unknown": len(got.keys() - expected.keys()),
        "rate": stage.rate,
        "pace_kept": round(len(times) / lasted / stage.rate, 3),
        "fullest_second": _most_within(times, 1.0),
        "taken_over_s": found["taken_over_s"],
        "settled_s": round(times[-1] - found["killed_at"], 1),
        "lasted_s": round(lasted, 1),
        "workers_ms_a_page": round(1000 * found["cpu_s"] / len(times), 2),
        "postgres_ms_a_page": round(1000 * found["postgres_s"] / len(times), 2),
    }


def _most_within(times: Sequence[float], seconds: float) -> int:
    first, most = 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def measured(folder: Path, pages: int, rate: int) -> dict[str, Any]:
    """The whole, on the PostgreSQL that `TEST_POSTGRES` names."""
    server = os.environ["TEST_POSTGRES"].replace("+asyncpg", "")
    url = _made(server)
    asyncio.run(furnished(url, pages))
    with telegram(folder / "telegram.log", Ways(latency_ms=LATENCY_MS)) as fake:
        stage = Stage(url, fake, rate, folder)
        pid = _server_pid(stage)
        before = _of_postgres(pid)
        workers = [stage.worker() for _ in range(2)]
        try:
            found = killed(stage, workers, pages)
            found["postgres_s"] = _of_postgres(pid) - before
            workers[1].terminate()
            ended = time.monotonic()
            code = workers[1].wait(timeout=30)
            stopped_s = time.monotonic() - ended
        finally:
            for each in workers:
                each.kill()
                each.wait()
        return account(stage, found) | {"stopped_s": round(stopped_s, 1), "exit": code}


def _made(server: str) -> str:
    """A database of our own."""

    async def make() -> None:
        connection = await asyncpg.connect(server)
        await connection.execute("CREATE DATABASE workers")
        await connection.close()

    asyncio.run(make())
    return server.replace("/postgres", "/workers", 1).replace("postgresql:", "postgresql+asyncpg:")


def _server_pid(stage: Stage) -> int:
    """The server's own process."""
    [(folder,)] = stage.rows("SELECT current_setting('data_directory')")
    return int((Path(folder) / "postmaster.pid").read_text(encoding="utf-8").split()[0])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=250)
    options = parser.parse_args()
    if "TEST_POSTGRES" not in os.environ:
        script = str(ROOT / "scripts" / "postgres.sh")
        os.execv(script, [script, sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder), options.pages, options.rate), indent=2))


if __name__ == "__main__":
    main()

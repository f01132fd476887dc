"""A Bot API on loopback that is fast enough for 1,000 messages a second; a process of its own.

    with telegram(rate=30, flood_block=True, latency_ms=(50, 100)) as fake:
        ...fake.url...
        fake.stats()          # what was taken, and when; forgotten with fake.forget()
        fake.write(chat, "/paper 9913.00412")

It limits as Telegram does: a bucket of `rate` messages, refilled at `rate` a second; with
`flood_block`, whoever is refused once is refused until `retry_after` is over.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.beside import started

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = "A page of a digest as long as most of them, in words that say nothing. " * 21
ENTITIES = [{"type": "bold", "offset": 70 * n, "length": 8} for n in range(20)]
"""What every message says, and what is told of it in return: 1,491 characters, 20 entities."""

CHAT = re.compile(rb'chat_id"?\s*[:=\r\n]\s*(-?\d+)')
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
ME = {"id": 1, "is_bot": True, "first_name": "Paperboy", "username": "paperboy_bot"}


@dataclass
class Telegram:
    """What there is, and what happened.

    Attributes:
        taken: when each message was taken (seconds), and its chat.
        written: when each reader wrote, by chat; answers are measured from then.
    """

    rate: float
    flood_block: bool
    latency_ms: tuple[float, float]
    taken: list[tuple[float, int]] = field(default_factory=list)
    refused: int = 0
    fetches: int = 0
    tokens: float = 0.0
    at: float = 0.0
    blocked_until: float = 0.0
    updates: list[dict[str, Any]] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    tail: bytes = b""

    def __post_init__(self) -> None:
        self.tokens, self.at = self.rate, time.monotonic()
        message = {"date": 1_770_000_000, "text": TEXT, "entities": ENTITIES}
        self.tail = json.dumps(message)[1:].encode()

    def wait_s(self, now: float) -> float:
        """How long until a message is taken; 0 takes it."""
        if not self.rate:
            return 0.0
        if now < self.blocked_until:
            return self.blocked_until - now
        self.tokens = min(self.rate, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        wait_s = (1 - self.tokens) / self.rate
        if self.flood_block:
            self.blocked_until = now + int(wait_s) + 1
        return wait_s

    def take(self, body: bytes) -> tuple[int, bytes]:
        """A message: status and answer."""
        now = time.monotonic()
        found = CHAT.search(body)
        chat = int(found[1]) if found else 0
        if wait_s := self.wait_s(now):
            self.refused += 1
            told = {"ok": False, "error_code": 429, "description": "Too Many Requests"}
            return 429, json.dumps(told | {"parameters": {"retry_after": int(wait_s) + 1}}).encode()
        self.taken.append((now, chat))
        head = b'{"ok":true,"result":{"message_id":%d,"chat":{"id":%d,"type":"private"},'
        return 200, head % (len(self.taken), chat) + self.tail + b"}"

    async def fetch(self, body: bytes) -> list[dict[str, Any]]:
        """Updates, when there are some."""
        self.fetches += 1
        asked = json.loads(body or b"{}")
        offset = int(asked.get("offset") or 0)
        self.updates = [each for each in self.updates if each["update_id"] >= offset]
        if not self.updates:
            self.waiting.clear()
            try:
                async with asyncio.timeout(float(asked.get("timeout") or 0)):
                    await self.waiting.wait()
            except TimeoutError:
                pass
        return self.updates

    def push(self, update: dict[str, Any]) -> None:
        """Somebody writes."""
        self.updates.append(update)
        self.waiting.set()


class Connection(asyncio.Protocol):
    """HTTP/1.1, one request after another; a hundred lines less than a framework spends."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._seen = b""
        self._loop = asyncio.get_running_loop()
        self._chance = random.Random(7)
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Takes requests as they are complete."""
        self._seen += data
        while (end := self._seen.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self._seen, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._seen) < whole:
                return
            target = self._seen[: self._seen.find(b"\r\n")].split(b" ")[1].decode()
            body = self._seen[end + 4 : whole]
            self._seen = self._seen[whole:]
            self._take(target.rpartition("/")[2], body)

    def _take(self, method: str, body: bytes) -> None:
        if method == "sendMessage":
            self._loop.call_later(self._latency_s(), self._answer, *self._telegram.take(body))
            return
        task = asyncio.create_task(self._other(method, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _other(self, method: str, body: bytes) -> None:
        result: Any = True
        if method == "getMe":
            result = ME
        elif method == "getUpdates":
            result = await self._telegram.fetch(body)
            await asyncio.sleep(self._latency_s())
        elif method == "_stats":
            state = self._telegram
            result = {"taken": state.taken, "refused": state.refused, "fetches": state.fetches}
        elif method == "_forget":
            self._telegram.taken, self._telegram.refused = [], 0
        elif method == "_push":
            self._telegram.push(json.loads(body))
            result = time.monotonic()
        self._answer(200, json.dumps({"ok": True, "result": result}).encode())

    def _latency_s(self) -> float:
        low, high = self._telegram.latency_ms
        return (low + self._chance.random() * (high - low)) / 1000

    def _answer(self, status: int, body: bytes) -> None:
        if not self._transport.is_closing():
            head = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            self._transport.write(head % (status, len(body)) + body)


@dataclass(frozen=True)
class Fake:
    """The process, seen from outside; also what another fake with the same ways would be."""

    url: str

    def stats(self) -> dict[str, Any]:
        """Messages taken, as (seconds, chat), how many were refused, and calls of getUpdates."""
        return dict(self._asked("_stats"))

    def forget(self) -> None:
        """Forgets what was taken."""
        self._asked("_forget")

    def write(self, chat: int, text: str, number: int) -> float:
        """A reader writes; returns when, on the clock of `stats`."""
        sender = {"id": chat, "is_bot": False, "first_name": "R", "language_code": "en"}
        place = {"id": chat, "type": "private", "first_name": "R"}
        message = {"message_id": number, "date": 1_770_000_000, "chat": place, "from": sender}
        return float(
            self._asked("_push", {"update_id": number, "message": message | {"text": text}})
        )

    def _asked(self, what: str, body: dict[str, Any] | int | None = None) -> Any:
        data = json.dumps(body).encode() if body else b""
        request = urllib.request.Request(f"{self.url}/{what}", data, method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["result"]


@contextmanager
def telegram(
    *, rate: float = 0, flood_block: bool = False, latency_ms: tuple[float, float] = (50, 100)
) -> Iterator[Fake]:
    """Starts one on the last core; yields where it is."""
    options = ["--rate", str(rate), "--latency", *(str(each) for each in latency_ms)]
    options += ["--flood-block"] if flood_block else []
    with started(__file__, *options) as url:
        yield Fake(url)


def pin(core: int) -> None:
    """Keeps this process on one core, where that can be said."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


async def serve(state: Telegram) -> None:
    """Serves until it is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(state), "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}", flush=True)
    await server.serve_forever()


async def _serve(options: argparse.Namespace) -> None:
    low, high = options.latency
    await serve(Telegram(options.rate, options.flood_block, (low, high)))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--latency", type=float, nargs=2, default=(50.0, 100.0))
    parser.add_argument("--flood-block", action="store_true")
    pin(-1)
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()

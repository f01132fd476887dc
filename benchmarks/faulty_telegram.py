"""A Bot API on loopback that fails as told and writes down all that happened; its own process.

    with telegram(folder / "telegram.log", Ways(resets=0.1, blocked=0.03)) as fake:
        ...fake.url...
        fake.diary.read()     # what happened since the last time, an `Event` each

The diary is a file, so nobody has to be asked, and what a killed bot was doing can still be read.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import random
import re
import sys
import time
import zlib
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.beside import started

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
ME = {"id": 1, "is_bot": True, "first_name": "Paperboy", "username": "paperboy_bot"}

What = Literal["taken", "answered", "reset", "hung", "failed", "flooded", "blocked"]


class Event(NamedTuple):
    """Something that happened to a page; a page that is `taken` stands in its chat.

    Attributes:
        at: seconds of the monotonic clock, which all processes of a machine share.
        page: what the page says, as `mark` names it.
    """

    what: What
    at: float
    chat: int
    page: str


@dataclass(frozen=True, slots=True)
class Ways:
    """How it behaves.

    Attributes:
        latency_ms: until an answer is given.
        rate: messages a second; 0 for as many as come. Whoever is refused once is refused until
            `retry_after` is over.
        resets: the share that is delivered, and the connection reset.
        failures: the share that is answered with 502, and not delivered.
        hangs: the share that is never answered; every other one was delivered.
        blocked: the share of the chats that have blocked the bot; always the same ones.
    """

    latency_ms: float = 30.0
    rate: float = 0.0
    resets: float = 0.0
    failures: float = 0.0
    hangs: float = 0.0
    blocked: float = 0.0

    def has_blocked(self, chat: int) -> bool:
        """Whether this chat has blocked the bot."""
        return zlib.crc32(str(chat).encode()) / 2**32 < self.blocked


def mark(text: str) -> str:
    """A short name of a page: by how it begins, for a line that it is late may stand at its end."""
    return hashlib.sha256(text[:200].encode()).hexdigest()[:20]


class Diary:
    """What happened, as lines of a file; one process writes, another reads."""

    def __init__(self, file: Path) -> None:
        file.touch()
        self._file = file.open("a+b", buffering=0)
        self._read = 0
        self._rest = b""

    def write(self, what: What, chat: int, page: str) -> None:
        """Writes a line, at once: its writer may be asked for it the next moment."""
        self._file.write(f"{what} {time.monotonic():.6f} {chat} {page}\n".encode())

    def read(self) -> list[Event]:
        """What happened since the last time."""
        lines = (self._rest + os.pread(self._file.fileno(), 1 << 30, self._read)).split(b"\n")
        self._read += sum(map(len, lines)) + len(lines) - 1 - len(self._rest)
        self._rest = lines.pop()
        return [_event(line.decode()) for line in lines]


def _event(line: str) -> Event:
    what, at, chat, page = line.split()
    return Event(cast("What", what), float(at), int(chat), page)


class Connection(asyncio.Protocol):
    """HTTP/1.1, one request after another."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Takes requests as they are complete."""
        self._seen += data
        while (end := self._seen.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self._seen, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._seen) < whole:
                return
            method = self._seen.split(b" ", 2)[1].rpartition(b"/")[2]
            body, self._seen = self._seen[end + 4 : whole], self._seen[whole:]
            if method == b"sendMessage":
                self._telegram.take(self, json.loads(body))
            else:
                self.answer(200, {"ok": True, "result": ME if method == b"getMe" else True})

    def answer(self, status: int, told: object) -> bool:
        """Answers; False where nobody is there any more."""
        if self.transport.is_closing():
            return False
        body = json.dumps(told).encode()
        head = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self.transport.write(head % (status, len(body)) + body)
        return True


class Telegram:
    """What becomes of each message."""

    def __init__(self, ways: Ways, diary: Diary) -> None:
        self._ways = ways
        self._diary = diary
        self._chance = random.Random(7)
        self._loop = asyncio.get_running_loop()
        self._numbers = iter(range(1, 1 << 60))
        self._tokens, self._at, self._blocked_until = ways.rate, time.monotonic(), 0.0

    def take(self, connection: Connection, message: dict[str, str]) -> None:
        """Delivers a message, or not, and answers, or not."""
        chat, page = int(message["chat_id"]), mark(message["text"])
        what = self._fate(chat)
        delivered = what in {"taken", "reset"} or (what == "hung" and self._chance.random() < 0.5)
        if delivered:
            self._diary.write("taken", chat, page)
        if what != "taken":
            self._diary.write(what, chat, page)
        if what != "hung":
            self._loop.call_later(
                self._ways.latency_ms / 1000, self._answer, connection, what, chat, page
            )

    def _fate(self, chat: int) -> What:
        """What happens to the next message for a chat."""
        if self._floods():
            return "flooded"
        if self._ways.has_blocked(chat):
            return "blocked"
        chance, ways = self._chance.random(), self._ways
        if chance < ways.resets:
            return "reset"
        if chance < ways.resets + ways.failures:
            return "failed"
        return "hung" if chance < ways.resets + ways.failures + ways.hangs else "taken"

    def _floods(self) -> bool:
        now, rate = time.monotonic(), self._ways.rate
        if not rate:
            return False
        self._tokens = min(rate, self._tokens + (now - self._at) * rate)
        self._at = now
        if now < self._blocked_until:
            return True
        if self._tokens >= 1:
            self._tokens -= 1
            return False
        self._blocked_until = now + 1
        return True

    def _answer(self, connection: Connection, what: What, chat: int, page: str) -> None:
        if what == "reset":
            connection.transport.abort()
        elif what == "failed":
            connection.answer(502, {"ok": False, "error_code": 502, "description": "Bad Gateway"})
        elif what == "flooded":
            told = {"ok": False, "error_code": 429, "description": "Too Many Requests"}
            connection.answer(429, told | {"parameters": {"retry_after": 1}})
        elif what == "blocked":
            words = "Forbidden: bot was blocked by the user"
            connection.answer(403, {"ok": False, "error_code": 403, "description": words})
        else:
            there = {"id": chat, "type": "private"}
            sent = {"message_id": next(self._numbers), "date": 1_770_000_000, "chat": there}
            if connection.answer(200, {"ok": True, "result": sent}):
                self._diary.write("answered", chat, page)


@dataclass(frozen=True, slots=True)
class Fake:
    """The process, seen from outside."""

    url: str
    diary: Diary
    ways: Ways


@contextmanager
def telegram(file: Path, ways: Ways) -> Iterator[Fake]:
    """Starts one that writes into `file`; yields where it is."""
    with started(__file__, str(file), json.dumps(asdict(ways))) as url:
        yield Fake(url, Diary(file), ways)


async def serve(file: Path, ways: Ways) -> None:
    """Serves until it is ended."""
    loop, state = asyncio.get_running_loop(), Telegram(ways, Diary(file))
    server = await loop.create_server(lambda: Connection(state), "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("ways", type=json.loads)
    options = parser.parse_args()
    asyncio.run(serve(options.file, Ways(**options.ways)))


if __name__ == "__main__":
    main()

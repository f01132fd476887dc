"""Telegram for the soak run, in a process of its own: it takes messages, and fails as told.

with telegram() as fake:
    fake.behave(blocked=[17], flood_s=20, failures=3)
    fake.write(5, "/paper 9913.00412", number)
    fake.harvest()        # (chat, what the message says, as `mark` names it) since the last time
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.parse
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import fake_telegram
from benchmarks.beside import started
from benchmarks.faulty_telegram import mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass
class Telegram(fake_telegram.Telegram):
    """What there is, and how it fails.

    Attributes:
        seen: the messages that were delivered.
        blocked: chats that do not want any.
        flood_s: the next message is answered with so long a flood wait.
        failures: so many messages are answered with 502, and not delivered.
    """

    seen: list[tuple[int, str]] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    flood_s: int = 0
    failures: int = 0

    def take(self, body: bytes) -> tuple[int, bytes]:
        """A message: status and answer."""
        told = _message(body)
        chat = int(told["chat_id"])
        if chat in self.blocked:
            return _refused(403, "Forbidden: bot was blocked by the user")
        if self.flood_s:
            wait, self.flood_s = self.flood_s, 0
            return _refused(429, "Too Many Requests", {"retry_after": wait})
        if self.failures:
            self.failures -= 1
            return _refused(502, "Bad Gateway")
        self.seen.append((chat, mark(told["text"])))
        return super().take(body)


def _message(body: bytes) -> dict[str, Any]:
    """What is sent, as JSON or as a form."""
    if body.startswith(b"{"):
        return dict(json.loads(body))
    return dict(urllib.parse.parse_qsl(body.decode()))


def _refused(code: int, words: str, more: dict[str, int] | None = None) -> tuple[int, bytes]:
    told: dict[str, Any] = {"ok": False, "error_code": code, "description": words}
    return code, json.dumps(told | ({"parameters": more} if more else {})).encode()


class Connection(fake_telegram.Connection):
    """Takes orders, too."""

    def _take(self, method: str, body: bytes) -> None:
        state = self._telegram
        assert isinstance(state, Telegram)
        if method == "_harvest":
            told, state.seen = state.seen, []
            self._answer(200, json.dumps({"result": told}).encode())
        elif method == "_count":
            chat = json.loads(body)
            told_so_far = sum(each == chat for each, _ in state.seen)
            self._answer(200, json.dumps({"result": told_so_far}).encode())
        elif method == "_behave":
            orders = json.loads(body)
            state.blocked = set(orders["blocked"])
            state.flood_s, state.failures = orders["flood_s"], orders["failures"]
            self._answer(200, b'{"result": true}')
        else:
            super()._take(method, body)


class Fake(fake_telegram.Fake):
    """The process, seen from outside."""

    def harvest(self) -> list[tuple[int, str]]:
        """What was delivered since the last time."""
        return [(chat, page) for chat, page in self._asked("_harvest")]

    def behave(self, *, blocked: Iterable[int], flood_s: int = 0, failures: int = 0) -> None:
        """From now on."""
        orders = {"blocked": list(blocked), "flood_s": flood_s, "failures": failures}
        self._asked("_behave", orders)

    def answers(self, chat: int) -> int:
        """How many messages this chat has had since the last harvest."""
        return int(self._asked("_count", chat))


@contextmanager
def telegram() -> Iterator[Fake]:
    """Starts one; yields where it is."""
    with started(__file__) as url:
        yield Fake(url)


async def serve(state: Telegram) -> None:
    """Serves until it is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(state), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Telegram(0.0, flood_block=False, latency_ms=(0.0, 0.0))))

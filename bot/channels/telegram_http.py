"""Telegram's HTTP, on aiohttp: python-telegram-bot's default transport collapses at real latencies.

What never left this machine (`NotSent`) is told apart from what may have arrived (TimedOut,
NetworkError). The URL holds the bot's token, python-telegram-bot logs the URL, and aiohttp's errors
quote it. So the token is known here only: python-telegram-bot has a placeholder, and no error of
aiohttp's leaves this file, not even as the cause or the context of ours.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError
from telegram import Update
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest

if TYPE_CHECKING:
    from telegram.request import RequestData

PLACEHOLDER = "TOKEN"
"""What python-telegram-bot takes for the token."""

CONNECTIONS = 256
"""In flight at once: at 1000 messages a second, a quarter of a second of latency."""

KEEP_ALIVE_S = 60
LARGEST = 16 * 1024 * 1024
"""The most that is read of an answer, in bytes; 100 updates are below 2 MiB."""

TOO_MANY_REQUESTS = 429
DEFAULT_WAIT_S = 5.0
"""Where a 429 does not say how long to wait, in seconds."""

_JSON = {"Content-Type": "application/json"}
_SOCKS = ("socks5://", "socks5h://", "socks4://", "socks4a://")
_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    ProxyError,
    ProxyConnectionError,
    ProxyTimeoutError,
)
_FAILURES = (*_NOT_SENT, aiohttp.ClientError, OSError, TimeoutError, ValueError)


_SENT = re.compile(
    rb'\s*\{\s*"ok"\s*:\s*true\s*,\s*"result"\s*:\s*\{\s*"message_id"\s*:\s*(\d+)\s*[,}]'
)
"""How the answer to a message begins, as Telegram has always written it."""


class NotSent(NetworkError):
    """Nothing left this machine: it is safe to try again at once."""


class FloodWait(TelegramError):
    """429. python-telegram-bot's own RetryAfter warns of its future whenever it is made (22.8)."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Flood control: wait {seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Written:
    """What is asked, as it goes out: a JSON document. Its answer is told in short."""

    body: bytes
    contains_files: bool = False


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long one call may take, in seconds; None for as long as it takes.

    Attributes:
        connect: to reach Telegram.
        read: until it answers.
        write: to send what it is asked.
        pool: for a free connection.
    """

    connect: float | None = 10.0
    read: float | None = 20.0
    write: float | None = 20.0
    pool: float | None = 10.0


class AiohttpRequest(BaseRequest):
    """What python-telegram-bot's bot asks Telegram through."""

    def __init__(
        self,
        token: str,
        *,
        proxy: str | None = None,
        timeouts: Timeouts = Timeouts(),
        connections: int = CONNECTIONS,
        largest: int = LARGEST,
    ) -> None:
        self._token = token
        self._proxy = proxy
        self._timeouts = timeouts
        self._connections = connections
        self._largest = largest
        self._session: aiohttp.ClientSession | None = None
        self._usual = self._timeout(*[BaseRequest.DEFAULT_NONE] * 4)

    @property
    def read_timeout(self) -> float | None:
        """The default, in seconds."""
        return self._timeouts.read

    async def initialize(self) -> None:
        """Opens the pool; once is enough."""
        if self._session is None or self._session.closed:
            self._session = _session(self._proxy, self._connections)

    async def shutdown(self) -> None:
        """Closes every connection."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | Written | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Asks once; (status, body).

        Raises:
            NotSent: nothing left this machine.
            TimedOut, NetworkError: nobody knows whether it arrived.
            FloodWait: 429.
        """
        chosen = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        is_usual = all(each is BaseRequest.DEFAULT_NONE for each in chosen)
        timeout = self._usual if is_usual else self._timeout(*chosen)
        trouble: TelegramError
        try:
            status, body = await self._ask(url, method, request_data, timeout)
        except _FAILURES as failure:
            trouble = _told(failure)
        else:
            if status != TOO_MANY_REQUESTS:
                return status, _short(body) if isinstance(request_data, Written) else body
            trouble = FloodWait(_seconds(body))
        raise trouble  # outside of `except`: there is no context that could be printed

    async def send(self, url: str, body: bytes) -> Any:
        """Posts a message, written already; of the answer only its `message_id` is kept.

        python-telegram-bot's own way to the same `post` looks at each parameter's type and writes
        entities into a string within the document: a third of what a message costs.

        Raises:
            TelegramError: as `do_request`, and what python-telegram-bot makes of refusals.
        """
        return await self.post(url, cast("RequestData", Written(body)))

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Reads an answer. Unlike the default it logs nothing: an answer holds what readers write.

        Raises:
            TelegramError: this is nothing that Telegram says.
        """
        data: Any = None
        with suppress(ValueError):  # told below, without the payload
            data = json.loads(payload)
        if not isinstance(data, dict) or not ("result" in data or "error_code" in data):
            raise TelegramError("not an answer of the Bot API")
        return data

    async def _ask(
        self,
        url: str,
        method: str,
        request_data: RequestData | Written | None,
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own object, handed on
    ) -> tuple[int, bytes]:
        if self._session is None or self._session.closed:
            raise NotSent("the pool is not open")
        url = url.replace(f"/bot{PLACEHOLDER}/", f"/bot{self._token}/", 1)
        asked = self._session.request(
            method, url, timeout=timeout, allow_redirects=False, **_body(request_data)
        )
        async with asked as answer:
            return answer.status, await self._read(answer)

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        pieces = bytearray()
        async for piece in answer.content.iter_any():
            pieces += piece
            if len(pieces) > self._largest:
                raise aiohttp.ClientPayloadError("too large")
        return bytes(pieces)

    def _timeout(self, read: Any, write: Any, connect: Any, pool: Any) -> aiohttp.ClientTimeout:
        own = self._timeouts
        read, write = _chosen(read, own.read), _chosen(write, own.write)
        connect, pool = _chosen(connect, own.connect), _chosen(pool, own.pool)
        whole = (connect, pool, write, read)
        return aiohttp.ClientTimeout(
            total=None if None in whole else sum(whole),
            connect=None if None in (connect, pool) else connect + pool,
            sock_connect=connect,
            sock_read=read,
        )


class UpdatesRequest(AiohttpRequest):
    """What updates are fetched through: one that cannot be read does not hold up the others."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Reads an answer; an update that cannot be understood keeps its number only."""
        data = AiohttpRequest.parse_json_payload(payload)
        if isinstance(data.get("result"), list):
            data["result"] = [
                update if is_readable(update) else {"update_id": update["update_id"]}
                for update in data["result"]
                if isinstance(update, dict) and isinstance(update.get("update_id"), int)
            ]
        return data


def is_readable(update: dict[str, Any]) -> bool:
    """Whether python-telegram-bot understands this update."""
    try:
        Update.de_json(dict(update), None)
    except Exception:  # noqa: BLE001 - it raises whatever its constructors raise on a foreign shape
        return False
    return True


def _chosen(value: Any, default: float | None) -> Any:
    return default if value is BaseRequest.DEFAULT_NONE else value


def proxy_for(url: str) -> str | None:
    """What the environment says (HTTPS_PROXY, ALL_PROXY, NO_PROXY), SOCKS too.

    aiohttp's own `trust_env` knows no SOCKS, and asks a thread for `~/.netrc` at each request.
    """
    asked = urlsplit(url)
    proxies = getproxies()
    found = proxies.get(asked.scheme) or proxies.get("all")
    if not found or proxy_bypass(asked.netloc):
        return None
    return found if "://" in found else f"http://{found}"


def _session(proxy: str | None, connections: int) -> aiohttp.ClientSession:
    is_socks = proxy is not None and proxy.startswith(_SOCKS)
    pool: dict[str, Any] = {"limit": connections, "keepalive_timeout": KEEP_ALIVE_S}
    return aiohttp.ClientSession(
        connector=ProxyConnector.from_url(_named_for_socks(proxy), **pool)
        if proxy and is_socks
        else aiohttp.TCPConnector(**pool),
        proxy=None if is_socks else proxy,
        headers={"User-Agent": BaseRequest.USER_AGENT},
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def _named_for_socks(proxy: str) -> str:
    """`socks5h` (names are resolved there) is what aiohttp_socks calls `socks5`."""
    return proxy.replace("socks5h://", "socks5://", 1).replace("socks4a://", "socks4://", 1)


def _body(request_data: RequestData | Written | None) -> dict[str, Any]:
    if request_data is None:
        return {}
    if isinstance(request_data, Written):
        return {"data": request_data.body, "headers": _JSON}
    if not request_data.contains_files:
        return {"json": request_data.parameters}
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, kind) in request_data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=kind)
    return {"data": form}


def _short(body: bytes) -> bytes:
    """An answer to a message without the message, which nobody reads."""
    found = _SENT.match(body)
    return b'{"result":{"message_id":%s}}' % found[1] if found else body


def _told(failure: Exception) -> TelegramError:
    """The failure, in words that name neither the URL nor the proxy."""
    number = failure.errno if isinstance(failure, OSError) else None
    words = type(failure).__name__ + (f": {os.strerror(number)}" if number else "")
    if isinstance(failure, _NOT_SENT):
        return NotSent(words)
    return TimedOut(words) if isinstance(failure, TimeoutError) else NetworkError(words)


def _seconds(body: bytes) -> float:
    """How long a 429 asks us to wait."""
    try:
        return float(json.loads(body)["parameters"]["retry_after"])
    except (ValueError, KeyError, TypeError):
        return DEFAULT_WAIT_S

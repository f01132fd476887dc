"""The polite client: everything that Paperboy asks arXiv goes through one of these."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Self, TypeVar

import aiohttp
import structlog
from yarl import URL

from digest.arxiv import manners as polite
from digest.arxiv.apart import Apart
from digest.arxiv.connection import FAILURES, connect, reason_in, redirected
from digest.arxiv.manners import Manners, ProcessManners
from digest.arxiv.turns import Turns
from digest.errors import Busy, Refused, TooLarge, Truncated, Unreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from digest.errors import ArxivError

log = structlog.get_logger(__name__)

T = TypeVar("T")
Kind = Literal["feed", "api", "site"]

MOST_BYTES = 32 * 1024 * 1024  # of a body, decompressed

_CHUNK = 64 * 1024  # bytes
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_OK, _NOT_MODIFIED, _TOO_MANY, _SERVER_ERROR = 200, 304, 429, 500


@dataclass(frozen=True, slots=True)
class Document:
    """An answer: status 200 with a body, or 304 without."""

    status: int
    body: bytes
    content_type: str = ""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class _Question:
    url: URL
    kind: Kind
    etag: str
    urgent: bool


class _Moved(Exception):
    """The answer is elsewhere."""

    def __init__(self, location: str) -> None:
        self.location = location


class Client:
    """Asks arXiv, one request at a time, with arXiv's pauses, and urgent questions first.

    An asynchronous context manager; nothing is opened before it is entered. Time, sleep and chance
    are handed in, so that nobody has to wait for a test.

    Args:
        user_agent: names the project and where to find it.
        manners: hands out the slots; None for pauses that this client alone keeps.
        proxy: `http://…` or `socks5://…`; None for what the environment says.
        answer_within_s: how long an urgent question waits for the answer to begin.
        most_bytes: of a decompressed body.
        apart: where documents are parsed.
        again: hears what went wrong where it is asked again, and in how many seconds.
        clock: seconds.
        now: the time, for a `Retry-After` that is a date.
        sleep: waits for seconds.
        chance: 0 to 1.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        manners: Manners | None = None,
        proxy: str | None = None,
        answer_within_s: float | None = None,
        most_bytes: int = MOST_BYTES,
        apart: Apart | None = None,
        again: Callable[[ArxivError, float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.manners = manners or ProcessManners(clock)
        self._user_agent = user_agent
        self._proxy = proxy
        self._answer_within_s = answer_within_s
        self._most_bytes = most_bytes
        self._apart = apart or Apart()
        self._again = again
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._chance = chance
        self._connection = Turns(self._any_slot)
        self._site = Turns(self._since_site)
        self._site_at = float("-inf")
        self._quiet_until: dict[str | None, float] = {}

    async def __aenter__(self) -> Self:
        self._session = connect(self._user_agent, self._proxy)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._site.end()
        await self._connection.end()
        await self._session.close()
        await self._apart.close()

    async def apart(self, parse: Callable[[bytes, str], T], body: bytes, subject: str) -> T:
        """Returns `parse(body, subject)` without holding the event loop."""
        return await self._apart.run(parse, body, subject)

    async def get(self, url: str, *, kind: Kind, etag: str = "", urgent: bool = False) -> Document:
        """Asks, politely and more than once if need be.

        Args:
            url: where.
            kind: `site` for pages of arxiv.org, which want longer pauses.
            etag: of the document that is there already; the answer may be 304 then.
            urgent: somebody waits: goes before others, and gives up after one short second try.

        Raises:
            Unreachable: no network, no answer in time, or the connection was lost.
            Busy: 429 or 5xx, still so after the last try, or for longer than we wait.
            Refused: any other status, or a redirect to another host.
            Truncated: the connection ended before the body did.
            TooLarge: over the cap.
        """
        question = _Question(URL(url), kind, etag, urgent)
        attempt = 1
        while True:
            await self._quiet_time(question)
            try:
                return await self._followed(question)
            except (Unreachable, Busy, Truncated) as failure:
                wait = self._wait(attempt, failure, question)
                if wait is None:
                    raise
                if self._again:
                    self._again(failure, wait)
            log.info("arxiv_asked_again", url=_shown(question.url), wait_s=round(wait, 1))
            await self._sleep(wait)
            attempt += 1

    async def _quiet_time(self, question: _Question) -> None:
        """Leaves a host alone for as long as it asked us to, whoever was told."""
        left = self._quiet_until.get(question.url.host, 0.0) - self._clock()
        if left > (polite.SHORT_WAIT_S if question.urgent else polite.LONGEST_WAIT_S):
            raise Busy(url=_shown(question.url), status=_TOO_MANY, retry_after=left)
        await self._sleep(max(0.0, left))

    def _wait(
        self, attempt: int, failure: Unreachable | Busy | Truncated, question: _Question
    ) -> float | None:
        """Seconds until the next try; None where there is none.

        Whoever waits for a page of the site is not kept for its long pause only to fail again.
        """
        urgent = question.urgent
        tries = polite.URGENT_TRIES if urgent else polite.TRIES
        if attempt >= tries or (urgent and failure.params.get("timeout")):
            return None
        if urgent and question.kind == "site":
            return None
        asked = failure.params.get("retry_after")
        wait = polite.wait_before(attempt, asked, self._chance(), urgent=urgent)
        longest = polite.SHORT_WAIT_S if urgent else polite.LONGEST_WAIT_S
        return wait if wait <= longest else None

    async def _followed(self, question: _Question) -> Document:
        """The answer, after redirects within the host; each is a request with its own pause."""
        for _ in range(_MOST_REDIRECTS + 1):
            try:
                return await self._in_turn(question)
            except _Moved as moved:
                there = redirected(question.url, moved.location)
            if there is None:
                raise Refused(url=_shown(question.url), status=302, reason="redirected elsewhere")
            question = replace(question, url=there)
        raise Refused(url=_shown(question.url), status=302, reason="too many redirects")

    async def _in_turn(self, question: _Question) -> Document:
        if question.kind != "site":
            async with self._connection.take(urgent=question.urgent):
                return await self._asked(question)
        async with (
            self._site.take(urgent=question.urgent),
            self._connection.take(urgent=question.urgent),
        ):
            await self._site_slot()
            return await self._asked(question)

    async def _any_slot(self) -> None:
        await self._sleep(await self.manners.reserve(polite.ANY, polite.PAUSE_S))

    async def _since_site(self) -> None:
        """Waits here, where others can still ask elsewhere, for most of the site's pause."""
        await self._sleep(max(0.0, self._site_at + polite.SITE_PAUSE_S - self._clock()))

    async def _site_slot(self) -> None:
        """The site's slot; free by now, unless another process has been asking as well."""
        wait = await self.manners.reserve(polite.SITE, polite.SITE_PAUSE_S)
        if wait > 0:
            await self._sleep(wait)
            late = await self.manners.reserve(polite.ANY, polite.PAUSE_S)
            await self._sleep(late)
            await self.manners.reserve(polite.SITE, late)  # the pause counts from the real start
        self._site_at = self._clock()

    async def _asked(self, question: _Question) -> Document:
        headers = {"If-None-Match": question.etag} if question.etag else {}
        within = self._answer_within_s if question.urgent else None
        shown, began = _shown(question.url), self._clock()
        try:
            request = self._session.get(question.url, allow_redirects=False, headers=headers)
            async with asyncio.timeout(within):
                response = await request
            async with response:
                document = await self._answered(question, response)
        except aiohttp.ClientPayloadError as error:
            raise Truncated(url=shown, reason=type(error).__name__) from None
        except FAILURES as error:  # its text may name the proxy and its password
            timeout = isinstance(error, TimeoutError)
            reason = type(error).__name__
            log.info("arxiv_unreachable", url=shown, reason=reason)
            raise Unreachable(url=shown, reason=reason, timeout=timeout) from None
        seconds = round(self._clock() - began, 2)
        log.debug("arxiv_asked", url=shown, bytes=len(document.body), seconds=seconds)
        return document

    async def _answered(self, question: _Question, response: aiohttp.ClientResponse) -> Document:
        status, shown = response.status, _shown(question.url)
        if status in _REDIRECTS and "Location" in response.headers:
            raise _Moved(response.headers["Location"])
        if status == _TOO_MANY or status >= _SERVER_ERROR:
            asked = polite.retry_after(response.headers.get("Retry-After"), self._now())
            if asked:
                self._quiet_until[question.url.host] = self._clock() + asked
            raise Busy(url=shown, status=status, retry_after=asked)
        body = await self._body(response, shown)
        if status not in {_OK, _NOT_MODIFIED}:
            raise Refused(url=shown, status=status, reason=reason_in(body))
        etag = response.headers.get("ETag", "")
        return Document(status, body, response.content_type, etag)

    async def _body(self, response: aiohttp.ClientResponse, shown: str) -> bytes:
        """The whole body, decompressed piece by piece, so that none is ever far over the cap."""
        body = bytearray()
        async for piece in response.content.iter_chunked(_CHUNK):
            body += piece
            if len(body) > self._most_bytes:
                response.close()
                raise TooLarge(url=shown)
        return bytes(body)


def _shown(url: URL) -> str:
    """An address for logs and errors: without user, password and the length of a query."""
    return f"{url.host}{url.path}"

"""One OpenAI-compatible endpoint: how it is asked, what it offers, how its refusals are read.

The openai package is imported at the first call: it takes about a second of CPU (2026-11).
The key is in no representation, no log line and no error of ours.
"""

from __future__ import annotations

import asyncio
import importlib
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from digest.errors import WriterBusy, WriterError, WriterSilent

if TYPE_CHECKING:
    import ssl

    from openai import AsyncOpenAI

    from digest.summarize.prompt import Message

_NO_KEY = "none"  # Ollama and vLLM need none, and the openai package insists on one
_WRONG_REQUEST = frozenset({400, 415, 422, 501})
_FOR_NOW = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})  # 529: overloaded


class Refused(WriterError):
    """The endpoint does not take such a request; params: complaint (its own words)."""


class Unwell(WriterSilent):
    """No answer this time; another try may bring one; params: reason."""


class TooBusy(WriterBusy, Unwell):
    """429 or 503; params: reason, retry_after (seconds, 0 where it did not say)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        text: the answer; empty where there is none.
        finish: `stop`, `length`, `content_filter`, … as the endpoint calls it.
        tokens_in, tokens_cached, tokens_out: as the endpoint counts them; 0 where it does not.
    """

    text: str
    finish: str
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0


class Endpoint:
    """A base URL with its key; one per writer, closed when the writer is."""

    def __init__(self, *, base_url: str, api_key: str, timeout_s: float, proxy: str | None) -> None:
        self.base_url = base_url
        self._api_key = api_key
        self._timeout_s = timeout_s
        self._proxy = proxy
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

    async def ask(self, model: str, messages: list[Message], options: dict[str, Any]) -> Reply:
        """One request, one reply; `Refused`, `TooBusy`, `Unwell`, or `WriterSilent` for good."""
        client = await self._open()
        from openai import OpenAIError  # noqa: PLC0415  loaded by _open, without holding the loop

        body = {"model": model, "messages": messages, **options}
        try:
            async with asyncio.timeout(self._timeout_s):
                # As text: the package's typed answers cost half of a request's CPU (2026-11).
                text = await client.post("/chat/completions", cast_to=str, body=body)
        except (OpenAIError, TimeoutError, ValueError) as error:
            raise _ours(error) from None  # its text may repeat the key
        return _reply(text)

    async def close(self) -> None:
        """Close the connections; safe to repeat."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _open(self) -> AsyncOpenAI:
        async with self._opening:
            if self._client is None:
                openai, tls = await asyncio.to_thread(_prepared)
                self._client = openai.AsyncOpenAI(
                    api_key=self._api_key or _NO_KEY,
                    base_url=self.base_url,
                    timeout=self._timeout_s,
                    max_retries=0,  # ours know Retry-After's cap, and tests do not wait
                    http_client=openai.DefaultAsyncHttpxClient(proxy=self._proxy, verify=tls),
                )
            return self._client


@cache
def _prepared() -> tuple[Any, ssl.SSLContext]:
    """The openai package and the machine's certificates: slow to load, and the same for all."""
    openai = importlib.import_module("openai")
    return openai, importlib.import_module("httpx2").create_ssl_context()


def _ours(error: Exception) -> WriterError:
    """The error in our terms."""
    import openai  # noqa: PLC0415  same

    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return WriterSilent(reason="timeout")
    if isinstance(error, openai.APIStatusError):
        return _of_status(error.status_code, error.response.headers, str(error.message))
    if isinstance(error, openai.APIConnectionError):
        return Unwell(reason="connection")
    return Unwell(reason="not an answer")


def _of_status(status: int, headers: Any, complaint: str) -> WriterError:
    if status in _WRONG_REQUEST:
        return Refused(reason=f"HTTP {status}", complaint=complaint)
    if status in {429, 503}:
        return TooBusy(reason=f"HTTP {status}", retry_after=_seconds(headers.get("Retry-After")))
    if status in _FOR_NOW:
        return Unwell(reason=f"HTTP {status}")
    return WriterSilent(reason=f"HTTP {status}")


def _seconds(retry_after: str | None) -> float:
    """Retry-After in seconds; 0 for none, for nonsense, and for the date form, which none sends."""
    try:
        return max(0.0, float(retry_after or 0))
    except ValueError:
        return 0.0


def _reply(text: str) -> Reply:
    """The reply in whatever came with status 200, be it a proxy's HTML page."""
    try:
        completion = json.loads(text)
        choice = completion["choices"][0]
        said, finish = choice["message"].get("content"), choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Unwell(reason="not an answer") from None
    usage = _table(completion.get("usage"))
    details = _table(usage.get("prompt_tokens_details"))
    return Reply(
        text=said if isinstance(said, str) else "",
        finish=str(finish or ""),
        tokens_in=_count(usage.get("prompt_tokens")),
        # DeepSeek counts what was cached under a name of its own.
        tokens_cached=_count(details.get("cached_tokens") or usage.get("prompt_cache_hit_tokens")),
        tokens_out=_count(usage.get("completion_tokens")),
    )


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    """A number of tokens; 0 for none and for nonsense."""
    return max(0, value) if isinstance(value, int) else 0

"""The one connection to arXiv: aiohttp, directly or through an HTTP or SOCKS5 proxy."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.request import getproxies

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError
from yarl import URL

from digest.text.clean import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

FAILURES = (
    aiohttp.ClientError,
    ProxyError,
    ProxyConnectionError,
    ProxyTimeoutError,
    OSError,
    EOFError,  # a SOCKS proxy hung up
    TimeoutError,
)
"""What a request may raise that was not answered."""

CONNECT_S = 10.0
READ_S = 30.0  # between two pieces of a body
TOTAL_S = 180.0

_SOCKS = "socks5"
_REASON = re.compile(r"<(summary|description|h1|title|p)\b[^>]*>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_REASON_LENGTH = 200  # characters


def connect(user_agent: str, proxy: str | None) -> aiohttp.ClientSession:
    """Returns a session of one connection that is kept open between requests.

    Args:
        user_agent: names the project and where to find it.
        proxy: `http://…` or `socks5://…`; None for what the environment says (HTTPS_PROXY).
    """
    chosen = proxy or _socks_of(getproxies())
    timeout = aiohttp.ClientTimeout(total=TOTAL_S, sock_connect=CONNECT_S, sock_read=READ_S)
    socks = chosen is not None and chosen.startswith(_SOCKS)
    connector = (
        ProxyConnector.from_url(_socks5(chosen), rdns=True, limit=1)
        if chosen and socks
        else aiohttp.TCPConnector(limit=1)
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"},
        proxy=None if socks else chosen,
        timeout=timeout,
        trust_env=chosen is None,
    )


def _socks_of(proxies: Mapping[str, str]) -> str | None:
    """A SOCKS proxy of the environment, which aiohttp itself does not know what to do with."""
    named = (proxies.get("https", ""), proxies.get("all", ""))
    return next((proxy for proxy in named if proxy.startswith(_SOCKS)), None)


def _socks5(proxy: str) -> str:
    """`socks5h` is curl's name for what we always do: names are resolved by the proxy."""
    return proxy.replace("socks5h://", "socks5://", 1)


def redirected(here: URL, location: str) -> URL | None:
    """Where a redirect leads; None where that is another host, or no address.

    From http to https it may change the port, too.
    """
    try:
        there = here.join(URL(location))
    except ValueError:
        return None
    same = (here.host, here.scheme, here.port) == (there.host, there.scheme, there.port)
    safer = (here.scheme, here.port, there.scheme, there.port) == ("http", 80, "https", 443)
    return there if same or (safer and here.host == there.host) else None


def reason_in(body: bytes) -> str:
    """What a refusal says: the text of an API or feed error, of an HTML page, or all of it."""
    text = body.decode("utf-8", "replace")
    found = dict(reversed(_REASON.findall(text)))
    said = next((found[tag] for tag in ("summary", "description", "p", "h1") if tag in found), text)
    return fold(unescape(_TAG.sub(" ", said)))[:_REASON_LENGTH]

"""The polite client: what it sends, what it waits for, and what it makes of every answer."""

from __future__ import annotations

import asyncio
import socket
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import structlog
from yarl import URL

from digest.arxiv import ProcessManners
from digest.arxiv.connection import redirected
from digest.errors import ArxivError, Busy, Refused, TooLarge, Truncated, Unreachable
from tests.fakes.clock import FakeClock, polite
from tests.fakes.papers import DAY, paper, papers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from digest.arxiv import Client
    from tests.fakes.arxiv import FakeArxiv


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def client(clock: FakeClock) -> AsyncIterator[Client]:
    async with polite(clock) as running:
        yield running


async def test_a_request_names_the_project_and_takes_gzip(arxiv: FakeArxiv, client: Client) -> None:
    arxiv.announce(DAY, *papers(3))
    document = await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    assert document.status == 200
    assert document.body.startswith(b"<?xml")
    assert document.content_type == "application/rss+xml"
    assert document.etag.startswith('"')
    sent = arxiv.requests[0].headers
    assert sent["User-Agent"] == "Paperboy-test/0 (+https://example.org/paperboy)"
    assert "gzip" in sent["Accept-Encoding"]
    assert "If-None-Match" not in sent


async def test_any_two_requests_start_three_seconds_apart(
    arxiv: FakeArxiv, client: Client, clock: FakeClock
) -> None:
    arxiv.announce(DAY, paper(1))
    for path in ("/rss/cs", "/api/query?id_list=9913.00001", "/rss/stat"):
        await client.get(arxiv.url + path, kind="feed")
    assert clock.slept == [3, 3]


async def test_pages_of_the_site_start_fifteen_seconds_apart(
    arxiv: FakeArxiv, client: Client, clock: FakeClock
) -> None:
    arxiv.announce(DAY, paper(1))
    starts = []
    for kind in ("site", "feed", "site", "feed"):
        path = "/list/cs/new" if kind == "site" else "/rss/cs"
        await client.get(arxiv.url + path, kind=kind)
        starts.append(clock.seconds)
    assert starts == [0, 3, 15, 18]


async def test_a_page_that_waits_for_its_pause_does_not_hold_up_a_feed(
    arxiv: FakeArxiv, clock: FakeClock
) -> None:
    arxiv.announce(DAY, paper(1))
    passing = asyncio.Event()

    async def sleep(seconds: float) -> None:
        if seconds > 3:
            await passing.wait()
        await clock.sleep(seconds)

    async with polite(clock, sleep=sleep) as client:
        await client.get(f"{arxiv.url}/list/cs/new", kind="site")
        page = asyncio.create_task(client.get(f"{arxiv.url}/list/stat/new", kind="site"))
        for _ in range(10):
            await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await client.get(f"{arxiv.url}/rss/cs", kind="feed")
        assert not page.done()
        passing.set()
        await page
    assert arxiv.paths == ["/list/cs/new", "/rss/cs", "/list/stat/new"]


async def test_two_clients_keep_the_pauses_together(arxiv: FakeArxiv, clock: FakeClock) -> None:
    arxiv.announce(DAY, paper(1))
    shared = ProcessManners(clock)
    starts = []
    async with polite(clock, manners=shared) as one, polite(clock, manners=shared) as other:
        for client in (one, other, one, other):
            await client.get(f"{arxiv.url}/list/cs/new", kind="site")
            starts.append(clock.seconds)
    gaps = [later - sooner for sooner, later in pairwise(starts)]
    assert min(gaps) >= 15


async def test_an_urgent_question_overtakes_those_that_wait(
    arxiv: FakeArxiv, client: Client
) -> None:
    arxiv.announce(DAY, *papers(3, categories=("cs.AI", "stat.ML", "hep-th")))
    async with asyncio.TaskGroup() as group:
        for subject in ("cs", "stat", "cs.AI"):
            group.create_task(client.get(f"{arxiv.url}/rss/{subject}", kind="feed"))
        await asyncio.sleep(0)
        url = f"{arxiv.url}/rss/hep-th"
        group.create_task(client.get(url, kind="feed", urgent=True))
    assert arxiv.paths == ["/rss/hep-th", "/rss/cs", "/rss/stat", "/rss/cs.AI"]


async def test_an_urgent_page_overtakes_pages_that_wait(arxiv: FakeArxiv, client: Client) -> None:
    arxiv.announce(DAY, *papers(3, categories=("cs.AI", "stat.ML", "hep-th")))
    await client.get(f"{arxiv.url}/list/cs/new", kind="site")
    async with asyncio.TaskGroup() as group:
        for subject in ("stat", "cs.AI"):
            group.create_task(client.get(f"{arxiv.url}/list/{subject}/new", kind="site"))
        await asyncio.sleep(0)
        url = f"{arxiv.url}/list/hep-th/new"
        group.create_task(client.get(url, kind="site", urgent=True))
    assert arxiv.paths[1] == "/list/hep-th/new"


async def test_one_connection_serves_all(arxiv: FakeArxiv, client: Client) -> None:
    arxiv.announce(DAY, paper(1))
    for _ in range(3):
        await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    assert len({seen.peer for seen in arxiv.requests}) == 1


async def test_busy_is_waited_for_and_then_answered(
    arxiv: FakeArxiv, client: Client, clock: FakeClock
) -> None:
    arxiv.announce(DAY, paper(1))
    arxiv.fail(503, times=2)
    document = await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    assert document.status == 200
    assert clock.slept == [5, 10]  # longer than the pause of 3 s, which has passed by then


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [(429, "30", 30), (503, "Tue, 03 Feb 2026 17:01:00 GMT", 60), (429, None, None)],
)
async def test_busy_to_the_end_says_so(
    arxiv: FakeArxiv, client: Client, status: int, header: str | None, seconds: float | None
) -> None:
    arxiv.fail(status, retry_after=header, times=5)
    with pytest.raises(Busy) as busy:
        await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    assert busy.value.params["status"] == status
    asked = busy.value.params["retry_after"]
    assert asked is None if seconds is None else asked <= seconds
    assert len(arxiv.requests) == 5


async def test_who_asks_for_eleven_minutes_is_left_alone(
    arxiv: FakeArxiv, client: Client, clock: FakeClock
) -> None:
    arxiv.fail(429, retry_after=660)
    with pytest.raises(Busy) as busy:
        await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    assert busy.value.params["retry_after"] == 660
    assert clock.slept == []


async def test_what_one_question_was_told_holds_for_the_next(
    arxiv: FakeArxiv, client: Client, clock: FakeClock
) -> None:
    arxiv.announce(DAY, paper(1))
    arxiv.fail(429, retry_after=500)
    for _ in range(2):
        with pytest.raises(Busy):
            await client.get(f"{arxiv.url}/rss/cs", kind="feed", urgent=True)
    assert len(arxiv.requests) == 1
    await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    assert clock.seconds >= 500
    arxiv.fail(429, retry_after=86400)
    for _ in range(2):
        with pytest.raises(Busy):
            await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    assert len(arxiv.requests) == 3


async def test_an_urgent_question_is_tried_twice_and_quickly(
    arxiv: FakeArxiv, client: Client, clock: FakeClock
) -> None:
    arxiv.fail(502, times=5)
    with pytest.raises(Busy):
        await client.get(f"{arxiv.url}/rss/cs", kind="feed", urgent=True)
    assert len(arxiv.requests) == 2
    assert clock.seconds <= 5


async def test_an_urgent_question_does_not_wait_for_a_busy_server(
    arxiv: FakeArxiv, client: Client, clock: FakeClock
) -> None:
    arxiv.fail(429, retry_after=30)
    with pytest.raises(Busy):
        await client.get(f"{arxiv.url}/rss/cs", kind="feed", urgent=True)
    assert clock.slept == []


async def test_an_urgent_page_is_not_kept_for_its_long_pause(
    arxiv: FakeArxiv, client: Client
) -> None:
    arxiv.fail(502)
    with pytest.raises(Busy):
        await client.get(f"{arxiv.url}/list/cs/new", kind="site", urgent=True)
    assert len(arxiv.requests) == 1


async def test_no_network_is_unreachable(arxiv: FakeArxiv, client: Client) -> None:
    url = f"{arxiv.url}/rss/cs"
    arxiv.stop()
    with pytest.raises(Unreachable) as unreachable:
        await client.get(url, kind="feed", urgent=True)
    assert unreachable.value.params["url"] == "127.0.0.1/rss/cs"


async def test_a_dropped_connection_is_asked_again(arxiv: FakeArxiv, client: Client) -> None:
    arxiv.announce(DAY, paper(1))
    arxiv.reset()
    document = await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    assert document.status == 200


async def test_a_connection_dropped_each_time_is_unreachable(
    arxiv: FakeArxiv, client: Client
) -> None:
    arxiv.reset(times=20)
    with pytest.raises(Unreachable):
        await client.get(f"{arxiv.url}/rss/cs", kind="feed")


async def test_a_reader_does_not_wait_for_an_answer_that_does_not_begin(
    arxiv: FakeArxiv,
) -> None:
    arxiv.hang()
    async with polite(answer_within_s=0.05) as client:
        with pytest.raises(Unreachable):
            await client.get(f"{arxiv.url}/rss/cs", kind="feed", urgent=True)
    assert len(arxiv.requests) <= 1  # no second try; a slow machine has not even read the first


async def test_a_body_shorter_than_promised_is_truncated(arxiv: FakeArxiv, client: Client) -> None:
    arxiv.announce(DAY, *papers(30))
    arxiv.cut(honest=False, times=5)
    with pytest.raises(Truncated):
        await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    whole = await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    assert whole.body.rstrip().endswith(b"</rss>")


async def test_a_body_over_the_cap_is_not_read_on(arxiv: FakeArxiv) -> None:
    arxiv.answer(b"x" * 200_001)
    async with polite(most_bytes=200_000) as client:
        with pytest.raises(TooLarge):
            await client.get(f"{arxiv.url}/rss/cs", kind="feed")
        arxiv.answer(b"x" * 200_000)
        assert len((await client.get(f"{arxiv.url}/rss/cs", kind="feed")).body) == 200_000


async def test_a_zip_bomb_does_not_go_off(arxiv: FakeArxiv, client: Client) -> None:
    arxiv.zip_bomb(33 * 1024 * 1024)
    with pytest.raises(TooLarge):
        await client.get(f"{arxiv.url}/rss/cs", kind="feed")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("Invalid archive", "Invalid archive"),
        ("<html><head><title>400</title></head><h1>Bad</h1><p>No &amp; never</p>", "No & never"),
        ("<h1>Not <b>here</b></h1>", "Not here"),
        ("<feed><entry><title>Error</title><summary>a &lt; b</summary></entry></feed>", "a < b"),
        ("x" * 300, "x" * 200),
        ("", ""),
    ],
)
async def test_a_refusal_carries_arxivs_reason(
    arxiv: FakeArxiv, client: Client, body: str, reason: str
) -> None:
    arxiv.answer(body, status=400)
    with pytest.raises(Refused) as refused:
        await client.get(f"{arxiv.url}/rss/cs", kind="feed")
    assert refused.value.params["status"] == 400
    assert refused.value.params["reason"] == reason


async def test_a_feed_error_carries_arxivs_reason(arxiv: FakeArxiv, client: Client) -> None:
    with pytest.raises(Refused, match="Bad archive 'xx'"):
        await client.get(f"{arxiv.url}/rss/xx", kind="feed")
    assert len(arxiv.requests) == 1


async def test_redirects_are_followed_within_the_host(
    arxiv: FakeArxiv, client: Client, clock: FakeClock
) -> None:
    arxiv.announce(DAY, paper(1))
    arxiv.redirect("/rss/cs.AI", path="/rss/cs")
    document = await client.get(f"{arxiv.url}/rss/cs", kind="feed", etag='"old"')
    assert document.status == 200
    assert arxiv.paths == ["/rss/cs", "/rss/cs.AI"]
    assert arxiv.requests[1].headers["If-None-Match"] == '"old"'
    assert clock.slept == [3]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/",
        "http://127.0.0.1:1/rss/cs",
        "https://127.0.0.1/rss/cs",
        "mailto:help@example.org",
        "http://[::1",
    ],
)
async def test_redirects_to_another_host_are_refused(
    arxiv: FakeArxiv, client: Client, elsewhere: str
) -> None:
    arxiv.redirect(elsewhere)
    with pytest.raises(Refused, match="redirected elsewhere"):
        await client.get(f"{arxiv.url}/rss/cs", kind="feed")


def test_a_redirect_may_lead_to_the_encrypted_twin() -> None:
    plain = URL("http://example.org/list/cs/new")
    assert redirected(plain, "https://example.org/list/cs/new") is not None
    assert redirected(URL("https://example.org/x"), "http://example.org/x") is None
    assert redirected(plain, "https://example.com/list/cs/new") is None


async def test_redirects_in_a_circle_end(arxiv: FakeArxiv, client: Client) -> None:
    arxiv.redirect("/rss/cs", times=20)
    with pytest.raises(Refused, match="too many"):
        await client.get(f"{arxiv.url}/rss/cs", kind="feed")


SECRET = "s3cret"


async def failure_through(proxy: str, url: str) -> ArxivError:
    with structlog.testing.capture_logs() as logs:
        async with polite(proxy=proxy) as client:
            with pytest.raises(ArxivError) as failed:
                await client.get(url, kind="feed", urgent=True)
    error = failed.value
    assert SECRET not in f"{logs}{error}{error!r}"
    assert error.__cause__ is None
    assert error.__suppress_context__
    return error


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
async def test_a_proxy_that_is_not_there_gives_nothing_away(arxiv: FakeArxiv, scheme: str) -> None:
    proxy = f"{scheme}://reader:{SECRET}@127.0.0.1:{closed_port()}"
    assert isinstance(await failure_through(proxy, f"{arxiv.url}/rss/cs"), Unreachable)


async def test_a_proxy_that_does_not_let_us_through_gives_nothing_away(arxiv: FakeArxiv) -> None:
    proxy = arxiv.url.replace("http://", f"http://reader:{SECRET}@")
    error = await failure_through(proxy, "https://rss.example.org/rss/cs")
    assert error.params["reason"] == "ClientHttpProxyError"


async def test_an_http_proxy_is_asked_instead(
    arxiv: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    arxiv.announce(DAY, paper(1))
    async with polite(proxy=arxiv.url) as client:
        await client.get("http://rss.example.org/rss/cs", kind="feed")
    monkeypatch.setenv("http_proxy", arxiv.url)
    async with polite() as client:
        await client.get("http://rss.example.org/rss/cs", kind="feed")
    assert arxiv.paths == ["/rss/cs", "/rss/cs"]
    assert arxiv.requests[0].headers["Host"] == "rss.example.org"


@pytest.mark.parametrize("by", ["setting", "environment"])
async def test_a_socks_proxy_resolves_names_itself(
    by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[str] = []

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As much of RFC 1928 as it takes to learn where somebody wants to go."""
        await reader.readexactly(3)
        writer.write(b"\x05\x00")
        head = await reader.readexactly(5)
        wanted.append((await reader.readexactly(head[4])).decode())
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    proxy = f"socks5h://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    if by == "environment":
        monkeypatch.setenv("https_proxy", proxy)
    async with server, polite(proxy=proxy if by == "setting" else None) as client:
        with pytest.raises(Unreachable):
            await client.get("http://rss.example.org/rss/cs", kind="feed", urgent=True)
    assert wanted == ["rss.example.org", "rss.example.org"]

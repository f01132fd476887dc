"""arXiv on loopback, in a thread of its own: feeds, listing, catch-up, search API, and faults.

    with FakeArxiv() as arxiv:
        arxiv.announce(DAY, paper(1), paper(2, categories=("hep-th",)), replaced=[paper(3)])
        arxiv.today = DAY                    # what is "today" for the feeds; DAY unless set
        … ask arxiv.feed_url, arxiv.site_url, arxiv.api_url …
        assert [seen.path for seen in arxiv.requests] == ["/rss/cs"]

It answers as arXiv does: a paper is new where its primary category is asked for, cross elsewhere;
a day that was not announced is an empty feed of that day, while /list/…/new goes on showing the
last announced day; unknown subjects are refused; catch-up reaches 90 days back; ETag gives 304;
gzip. An archive is known when some announced paper, or `arxiv.known`, names it.

    arxiv.feed_day = DAY                     the feeds are stale: they stay on that day
    arxiv.page_size = 3                      instead of 2000: items of a feed, entries of a page
    arxiv.missing = {"9913.00002"}           papers that feeds leave out, and listings count
    arxiv.fail(503, times=2, retry_after=5)  the next answers are this status
    arxiv.answer("<html>…", path="/rss/")    the next one is this body
    arxiv.cut(path="/rss/")                  the body stops half way; honest=False: unannounced
    arxiv.hang(), arxiv.reset()              no answer ever; the connection is dropped
    arxiv.redirect("https://elsewhere.example/")
    arxiv.stop()                             nobody listens any more

Each fault takes `times` (1) and `path` (the beginning of the paths it is for; all). A fault used
up is gone. Works for asynchronous tests and for whole commands alike.
"""

from __future__ import annotations

import asyncio
import re
import threading
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from aiohttp import web

from digest.models import Announcement, Kind, Paper
from tests.fakes import arxiv_documents as documents
from tests.fakes.papers import DAY

PHYSICS = frozenset(
    {"astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nlin"}
    | {"nucl-ex", "nucl-th", "physics", "quant-ph"}
)
ID_FORM = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?")
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    peer: tuple[str, int]


@dataclass
class Fault:
    """What happens instead of an answer."""

    do: Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]
    path: str
    times: int


@dataclass
class FakeArxiv:
    """See the module's docstring."""

    today: date = DAY
    feed_day: date | None = None
    page_size: int = 2000
    known: set[str] = field(default_factory=lambda: {"cs", "stat", "hep-th"})
    missing: set[str] = field(default_factory=set)
    requests: list[Seen] = field(default_factory=list)
    url: str = ""
    _days: dict[date, list[tuple[Paper, str]]] = field(default_factory=dict)
    _faults: list[Fault] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _thread: threading.Thread | None = None

    @property
    def feed_url(self) -> str:
        return self.url

    @property
    def site_url(self) -> str:
        return self.url

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/query"

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [seen.path for seen in self.requests]

    def announce(
        self,
        day: date,
        *papers: Paper,
        crossed: Iterable[Paper] = (),
        replaced: Iterable[Paper] = (),
    ) -> None:
        """Put papers into one day: new ones, old ones newly cross-listed, and replacements."""
        rows = self._days.setdefault(day, [])
        rows += [(paper, "new") for paper in papers]
        rows += [(paper, "cross") for paper in crossed]
        rows += [(paper, "replace") for paper in replaced]
        for paper, _ in rows:
            self.known |= {*paper.categories, *(c.partition(".")[0] for c in paper.categories)}

    def announced(self, day: date, subjects: str) -> list[Announcement]:
        """What `cs` or `cs.AI+cs.LG` announced on that day, as arXiv sorts it."""
        found = [
            Announcement(paper, kind)
            for paper, action in self._days.get(day, [])
            if (kind := _kind(paper, action, subjects.split("+")))
        ]
        return sorted(found, key=lambda one: one.kind.rank)

    # Faults

    def fail(
        self, status: int, *, retry_after: int | str | None = None, path: str = "", times: int = 1
    ) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._instead(
            web.Response, path, times, status=status, text="Rate exceeded.", headers=headers
        )

    def answer(
        self,
        body: str | bytes,
        *,
        content_type: str = "text/html",
        status: int = 200,
        path: str = "",
        times: int = 1,
    ) -> None:
        raw = body.encode() if isinstance(body, str) else body
        self._instead(web.Response, path, times, status=status, body=raw, content_type=content_type)

    def redirect(self, location: str, *, path: str = "", times: int = 1) -> None:
        self._instead(web.Response, path, times, status=302, headers={"Location": location})

    def zip_bomb(self, size: int, *, path: str = "", times: int = 1) -> None:
        """`size` bytes of nothing, deflated to a thousandth of it."""
        squeezer = zlib.compressobj(wbits=31)
        body = squeezer.compress(b" " * size) + squeezer.flush()
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/rss+xml"}
        self._instead(web.Response, path, times, body=body, headers=headers)

    def cut(self, *, honest: bool = True, path: str = "", times: int = 1) -> None:
        """The body stops half way; dishonest ones promise the whole length and hang up."""

        async def do(request: web.Request, answer: Answer) -> web.StreamResponse:
            whole = await answer(request)
            assert isinstance(whole, web.Response)
            assert isinstance(whole.body, bytes)
            half = whole.body[: len(whole.body) // 2]
            if honest:
                return web.Response(body=half, content_type=whole.content_type)
            return await _send_less(request, half, len(whole.body))

        self._faults.append(Fault(do, path, times))

    def hang(self, *, path: str = "", times: int = 1) -> None:
        async def do(_request: web.Request, _answer: Answer) -> web.StreamResponse:
            await self._stopping.wait()
            return web.Response()

        self._faults.append(Fault(do, path, times))

    def reset(self, *, path: str = "", times: int = 1) -> None:
        async def do(request: web.Request, _answer: Answer) -> web.StreamResponse:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()

        self._faults.append(Fault(do, path, times))

    def _instead(
        self, make: Callable[..., web.Response], path: str, times: int, **values: object
    ) -> None:
        async def do(_request: web.Request, _answer: Answer) -> web.StreamResponse:
            return make(**values)

        self._faults.append(Fault(do, path, times))

    # Serving

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=[self._serve(ready)]
        )
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nobody listens at the address any more; safe to repeat."""
        if self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None
        self._loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        app = web.Application(middlewares=[self._record])
        app.router.add_get("/rss/{query}", self._feed)
        app.router.add_get("/atom/{query}", self._feed)
        app.router.add_get("/list/{subject}/new", self._listing)
        app.router.add_get("/catchup/{subject}/{day}", self._catchup)
        app.router.add_get("/api/query", self._search)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()
        await self._stopping.wait()
        await runner.cleanup()

    @web.middleware
    async def _record(self, request: web.Request, handler: Answer) -> web.StreamResponse:
        assert request.transport is not None
        peer = request.transport.get_extra_info("peername")
        seen = Seen(request.path, dict(request.query), dict(request.headers), peer)
        self.requests.append(seen)
        for fault in self._faults:
            if request.path.startswith(fault.path) and fault.times > 0:
                fault.times -= 1
                return await fault.do(request, handler)
        response = await handler(request)
        if isinstance(response, web.Response) and response.body:
            response.enable_compression()
        return response

    async def _feed(self, request: web.Request) -> web.Response:
        query = request.match_info["query"]
        day = self.feed_day or self.today
        bad = [subject for subject in query.split("+") if subject not in self.known]
        kind = "rss" if request.path.startswith("/rss/") else "atom"
        if bad:
            text = documents.feed_error(query, day, f"Bad archive '{bad[0]}'.")
            return web.Response(status=400, text=text, content_type=f"application/{kind}+xml")
        write = documents.rss if kind == "rss" else documents.atom
        items = [a for a in self.announced(day, query) if a.paper.id not in self.missing]
        text = write(query, day, items[: self.page_size])
        etag = f'"{zlib.crc32(text.encode()):08x}"'
        headers = {"ETag": etag, "Cache-Control": "max-age=20623"}
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(text=text, content_type=f"application/{kind}+xml", headers=headers)

    async def _listing(self, request: web.Request) -> web.Response:
        subject = request.match_info["subject"]
        days = [day for day in sorted(self._days) if day <= self.today]
        if not days or subject not in self.known:
            return web.Response(status=404, text="Invalid archive or category")
        skip = int(request.query.get("skip", "0"))
        found = self.announced(days[-1], subject)
        text = documents.listing(subject, days[-1], found, skip=skip, show=self.page_size)
        return web.Response(text=text, content_type="text/html")

    async def _catchup(self, request: web.Request) -> web.Response:
        subject, day = request.match_info["subject"], request.match_info["day"]
        try:
            age = (self.today - date.fromisoformat(day)).days
        except ValueError:
            age = -1
        if subject not in self.known | {"grp_physics"} or not 0 <= age <= 90:
            return web.Response(status=400, text="Invalid subject, or not within the past 90 days")
        text = documents.catchup(
            subject,
            date.fromisoformat(day),
            self.announced(date.fromisoformat(day), subject),
            page=int(request.query.get("page", "1")),
            size=self.page_size,
            abstracts=request.query.get("abs") == "True",
        )
        return web.Response(text=text, content_type="text/html")

    async def _search(self, request: web.Request) -> web.Response:
        ids = [one for one in request.query.get("id_list", "").split(",") if one]
        bad = [one for one in ids if not ID_FORM.fullmatch(one)]
        if bad:
            text = documents.search_error(bad[0])
            return web.Response(status=400, text=text, content_type="application/atom+xml")
        found = self._papers(ids, request.query.get("search_query", ""))
        start = int(request.query.get("start", "0"))
        size = min(int(request.query.get("max_results", "10")), self.page_size)
        text = documents.search(
            request.query_string,
            found[start : start + size],
            total=len(found),
            start=start,
            size=size,
        )
        return web.Response(text=text, content_type="application/atom+xml")

    def _papers(self, ids: list[str], query: str) -> list[Paper]:
        """By id, or by `submittedDate:[YYYYMMDDhhmm TO YYYYMMDDhhmm]` at noon of the day."""
        everything = {paper.id: paper for rows in self._days.values() for paper, _ in rows}
        if ids:
            plain = [re.sub(r"v\d+$", "", one) for one in ids]
            return [everything[one] for one in plain if one in everything]
        low, high = re.findall(r"\d{12}", query) or ("", "")
        return [
            paper
            for paper in everything.values()
            if paper.submitted and low <= f"{paper.submitted:%Y%m%d}1200" <= high
        ]


def _kind(paper: Paper, action: str, subjects: list[str]) -> Kind | None:
    """How arXiv's feed and listing of these subjects announce the paper; None: not at all."""
    listed = [any(_within(c, subject) for subject in subjects) for c in paper.categories]
    if not any(listed[1:] if action == "cross" else listed):
        return None
    if action == "replace":
        return Kind.REPLACE if listed[0] else Kind.REPLACE_CROSS
    return Kind.NEW if listed[0] and action == "new" else Kind.CROSS


def _within(category: str, subject: str) -> bool:
    archive = category.partition(".")[0]
    return subject in {category, archive} or (subject == "grp_physics" and archive in PHYSICS)


async def _send_less(request: web.Request, body: bytes, promised: int) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(promised)})
    await response.prepare(request)
    await response.write(body)
    assert request.transport is not None
    request.transport.close()
    return response

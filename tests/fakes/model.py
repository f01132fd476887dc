"""An OpenAI-compatible endpoint on loopback, in a thread of its own: answers, and misbehaves.

    with FakeModel() as endpoint:
        Model(base_url=endpoint.url, api_key="sk-…", model="fake")
        endpoint.write(lambda asked: {...})      what it answers from then on, a dict or a text
        assert endpoint.requests[0].format == "json_schema"

It answers with the abstract's first sentence in every part, in English, or with a Chinese text
where Chinese is asked for, and counts tokens as four characters each. What comes next instead:

    endpoint.say("no JSON", finish="stop")   this text
    endpoint.fail(429, retry_after=7)        this status
    endpoint.hang()                          no answer, ever
    endpoint.cut()                           the body stops half way
    endpoint.html()                          a proxy's page, with status 200
    endpoint.nothing()                       an answer without choices

Each takes `times` (1). `refuses` lists names that a request must not hold, wherever: the answer
is 400, as DeepSeek gives for `json_schema`. `delay_s` is how long each good answer takes.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

CHINESE = {
    "title": "把样例做得更好的方法",
    "gist": "这项工作提出一种新方法，让样例做得更好。",
    "summary": "这项工作提出一种新方法，让样例做得更好，并在多个场景中进行了验证，说明它是有效的。",
    "background": "已有的方法不够好。",
    "innovation": "作者提出了新的方法。",
    "conclusion": "实验说明这个方法有效。",
}


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def format(self) -> str:
        return str(self.body.get("response_format", {}).get("type", "text"))

    @property
    def system(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def paper(self) -> dict[str, str]:
        """Title and abstract, as the prompt gives them."""
        material: dict[str, str] = json.loads(self.body["messages"][1]["content"])
        return material

    @property
    def is_repair(self) -> bool:
        return len(self.body["messages"]) > 2

    @property
    def last(self) -> str:
        return str(self.body["messages"][-1]["content"])


def tell(asked: Asked) -> dict[str, str]:
    """A decent answer."""
    if "Chinese" in asked.system:
        return dict(CHINESE)
    first = asked.paper["abstract"].split(". ")[0]
    return dict.fromkeys(CHINESE, first) | {"title": asked.paper["title"]}


Act = Callable[[web.Request, Asked], Awaitable[web.StreamResponse]]


@dataclass
class FakeModel:
    """See the module's docstring."""

    refuses: set[str] = field(default_factory=set)
    delay_s: float = 0.0
    requests: list[Asked] = field(default_factory=list)
    most_at_once: int = 0
    url: str = ""
    _at_once: int = 0
    _write: Callable[[Asked], dict[str, str] | str] = tell
    _acts: list[Act] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _thread: threading.Thread | None = None

    def write(self, write: Callable[[Asked], dict[str, str] | str]) -> None:
        self._write = write

    def calm(self) -> None:
        """Whatever was still to go wrong does not."""
        self._acts.clear()

    def say(self, text: str, *, finish: str = "stop", times: int = 1) -> None:
        async def act(_request: web.Request, asked: Asked) -> web.StreamResponse:
            return web.json_response(_completion(asked, text, finish))

        self._acts += [act] * times

    def fail(
        self, status: int, *, retry_after: str | int | None = None, text: str = "", times: int = 1
    ) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}

        async def act(_request: web.Request, _asked: Asked) -> web.StreamResponse:
            return _error(status, text or "Something is wrong.", headers)

        self._acts += [act] * times

    def hang(self, *, times: int = 1) -> None:
        async def act(_request: web.Request, _asked: Asked) -> web.StreamResponse:
            await self._stopping.wait()
            return web.Response()

        self._acts += [act] * times

    def cut(self, *, times: int = 1) -> None:
        async def act(request: web.Request, asked: Asked) -> web.StreamResponse:
            whole = json.dumps(_completion(asked, "{}", "stop")).encode()
            response = web.StreamResponse(
                headers={"Content-Length": str(len(whole)), "Content-Type": "application/json"}
            )
            await response.prepare(request)
            await response.write(whole[: len(whole) // 2])
            assert request.transport is not None
            request.transport.close()
            return response

        self._acts += [act] * times

    def html(self, *, times: int = 1) -> None:
        async def act(_request: web.Request, _asked: Asked) -> web.StreamResponse:
            return web.Response(text="<html>Please log in</html>", content_type="text/html")

        self._acts += [act] * times

    def nothing(self, *, times: int = 1) -> None:
        async def act(_request: web.Request, asked: Asked) -> web.StreamResponse:
            return web.json_response(_completion(asked, "", "stop") | {"choices": []})

        self._acts += [act] * times

    # Serving

    def __enter__(self) -> Self:
        ready = threading.Event()
        serving = self._serve(ready)
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[serving])
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
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        ready.set()
        await self._stopping.wait()
        await runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        raw = await request.text()
        asked = Asked(json.loads(raw), dict(request.headers))
        self.requests.append(asked)
        refused = [name for name in sorted(self.refuses) if name in raw]
        if refused:
            return _error(400, f"This {refused[0]} is unavailable now")
        if self._acts:
            return await self._acts.pop(0)(request, asked)
        return await self._tell(asked)

    async def _tell(self, asked: Asked) -> web.StreamResponse:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(self.delay_s)
        self._at_once -= 1
        told = self._write(asked)
        text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
        return web.json_response(_completion(asked, text, "stop"))


def _completion(asked: Asked, text: str, finish: str) -> dict[str, Any]:
    tokens_in = sum(len(message["content"]) for message in asked.body["messages"]) // 4
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": asked.body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {
            "prompt_tokens": tokens_in,
            "completion_tokens": len(text) // 4,
            "total_tokens": tokens_in + len(text) // 4,
            "prompt_tokens_details": {"cached_tokens": tokens_in // 2},
        },
    }


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> web.StreamResponse:
    body = {"error": {"message": message, "type": "error", "code": None}}
    return web.json_response(body, status=status, headers=headers)

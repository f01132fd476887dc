"""Telegram on loopback: a small Bot API that refuses what Telegram refuses, and fails as told.

    async with FakeTelegram() as telegram:
        telegram.write(5, "/today", language="zh-hans")     # a reader writes
        telegram.press(5, "AI")                             # … taps a button of what the chat shows
        telegram.tap(5, "/field ai"); telegram.block(5)     # … taps any data, blocks the bot
        telegram.write(-100, "/today", who=8, topic=3); telegram.post(-200, "/today")
        telegram.appoint(-100, 8)                           # an admin of the group
        telegram.query(8, "9913.00412")                     # asks inline
        await telegram.until(lambda: telegram.texts(5))     # what the bot sent there
        telegram.screen(5)[-1].labels                       # what stands there now: Shown
        telegram.refuse(403, "Forbidden: bot was blocked by the user", method="sendMessage", chat=5)
        telegram.reset(), telegram.reset(after=True), telegram.hang(), telegram.answer("<html>")

A rule is used up after `times` (1) answers. `push()` takes any update. Everything runs in the
test's own event loop.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from tests.fakes.telegram_screen import (
    Document,
    Screens,
    Shown,
    invalid,
    invalid_keyboard,
    invalid_text,
)

if TYPE_CHECKING:
    import pytest

TOKEN = "8301234567:AAloopback-token_that-nobody-may-see"
TOO_LONG_S = 30.0
"""A test that waits for longer waits for nothing."""

LOOK_AGAIN_S = 0.02
"""What a test waits for may happen after the last request."""

RIGHTS: dict[str, dict[str, Any]] = {
    "kicked": {"until_date": 0},
    "restricted": {"until_date": 0}
    | dict.fromkeys(
        (
            "can_change_info",
            "can_edit_tag",
            "can_invite_users",
            "can_pin_messages",
            "can_manage_topics",
            "can_react_to_messages",
            "can_send_messages",
            "can_send_polls",
            "can_send_other_messages",
            "can_add_web_page_previews",
            "can_send_audios",
            "can_send_documents",
            "can_send_photos",
            "can_send_videos",
            "can_send_video_notes",
            "can_send_voice_notes",
        ),
        False,
    ),
    "creator": {"is_anonymous": False},
    "administrator": dict.fromkeys(
        (
            "can_be_edited",
            "is_anonymous",
            "can_manage_chat",
            "can_delete_messages",
            "can_manage_video_chats",
            "can_restrict_members",
            "can_promote_members",
            "can_change_info",
            "can_invite_users",
            "can_post_stories",
            "can_edit_stories",
            "can_delete_stories",
        ),
        False,
    ),
}
"""What Telegram says beside a status."""

JSON_SERIALIZED = frozenset(
    {
        "entities",
        "caption_entities",
        "reply_markup",
        "link_preview_options",
        "results",
        "scope",
        "button",
    }
)

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    method: str
    params: dict[str, Any]
    message_id: int = 0

    @property
    def buttons(self) -> list[list[tuple[str, str]]]:
        """(label, data) of the keyboard, row by row."""
        rows = (self.params.get("reply_markup") or {}).get("inline_keyboard", [])
        return [
            [(button["text"], button.get("callback_data", "")) for button in row] for row in rows
        ]


@dataclass
class Rule:
    """What happens instead of an answer."""

    do: Respond
    method: str | None
    chat: int | None
    times: int
    after: bool = False

    def fits(self, method: str, chat: object) -> bool:
        right_chat = self.chat is None or str(self.chat) == str(chat)
        return self.times > 0 and self.method in {None, method} and right_chat


NO_WEBHOOK = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}


@dataclass
class FakeTelegram:
    """See the module's docstring."""

    token: str = TOKEN
    name: str = "Paperboy"
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    stored: dict[str, Any] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=lambda: dict(NO_WEBHOOK))
    hosts: set[str] = field(default_factory=set)
    confirmed: int = 0
    screens: Screens = field(default_factory=Screens)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[tuple[str, str], str] = field(default_factory=dict)
    _taps: dict[str, str] = field(default_factory=dict)
    _transports: set[object] = field(default_factory=set)
    _updates: list[dict[str, Any]] = field(default_factory=list)
    _rules: list[Rule] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    # What readers do

    def push(self, update: dict[str, Any]) -> int:
        """Queues an update for getUpdates; returns its number."""
        number = next(self._numbers)
        self._updates.append({"update_id": number, **update})
        self._wake()
        return number

    def write(
        self,
        chat: int,
        text: str,
        *,
        language: str = "en",
        who: int | None = None,
        topic: int | None = None,
        **more: Any,
    ) -> int:
        """Somebody writes: whoever the private chat is with, or `who` in a group."""
        written = message(chat, language, who, topic) | {"text": text} | more
        return self.push({"message": written})

    def post(self, chat: int, text: str, **more: Any) -> int:
        """An admin posts in a channel, as the channel."""
        place = {"id": chat, "type": "channel", "title": "C"}
        posted = {"message_id": next(self._numbers), "date": 1_770_000_000, "chat": place}
        return self.push({"channel_post": posted | {"sender_chat": place, "text": text} | more})

    def tap(self, chat: int, data: str, *, language: str = "en", who: int | None = None) -> int:
        """Somebody taps a button with this data, below no message that is on the screen."""
        return self._tapped(
            f"tap-{chat}", message(chat, language), data, person(who or abs(chat), language)
        )

    def press(self, chat: int, label: str, *, language: str = "en", who: int | None = None) -> str:
        """Somebody taps the newest button of that label on the chat's screen; the tap's name."""
        newest_first = reversed(self.screen(chat))
        shown = next(each for each in newest_first if any(label in row for row in each.labels))
        name = f"press-{next(self._numbers)}"
        below = message(chat, language, topic=shown.topic) | {"message_id": shown.message_id}
        below["reply_markup"] = {"inline_keyboard": shown.keyboard}
        data = shown.button(label)["callback_data"]
        self._tapped(name, below, data, person(who or abs(chat), language))
        return name

    def _tapped(self, name: str, below: dict[str, Any], data: str, who: dict[str, Any]) -> int:
        self._taps[name] = str(below["chat"]["id"])
        query = {"id": name, "from": who, "chat_instance": "1", "data": data, "message": below}
        return self.push({"callback_query": query})

    def query(self, who: int, text: str, *, language: str = "en") -> str:
        """Somebody asks inline; the query's name, for `found`."""
        name = f"query-{next(self._numbers)}"
        asked = {"id": name, "from": person(who, language), "query": text, "offset": ""}
        self.push({"inline_query": asked})
        return name

    def establish(self, number: int, name: str = "", kind: str = "channel") -> None:
        """A channel that can be found by its number and its name."""
        place = {"id": number, "type": kind, "title": name.lstrip("@") or "C"}
        self.places |= {str(number): place} | ({name: place} if name else {})

    def appoint(self, chat: int, who: int, status: str = "administrator") -> None:
        """Somebody becomes an admin of a chat, or something else."""
        self.members[str(chat), str(who)] = status

    def block(self, chat: int, status: str = "kicked", kind: str = "private", **rights: Any) -> int:
        """Our own membership changes."""
        us = person(1) | {"is_bot": True, "first_name": self.name}
        before = {"status": "member", "user": us}
        after = {"status": status, "user": us} | RIGHTS.get(status, {}) | rights
        where = {"id": chat, "type": kind, "first_name": "R"}
        changed = {"chat": where, "from": person(abs(chat)), "date": 1_770_000_000}
        changed |= {"old_chat_member": before, "new_chat_member": after}
        return self.push({"my_chat_member": changed})

    def unblock(self, chat: int) -> int:
        return self.block(chat, "member")

    # What the bot did

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def messages(self, chat: int) -> list[Call]:
        """What this chat has on its screen."""
        return [
            call
            for call in self.called("sendMessage")
            if str(call.params["chat_id"]) == str(chat) and call.message_id
        ]

    def texts(self, chat: int) -> list[str]:
        return [call.params["text"] for call in self.messages(chat)]

    def screen(self, chat: int, topic: int | None = None) -> list[Shown]:
        """What the chat shows now."""
        return self.screens.of(chat, topic)

    def files(self, chat: int) -> list[Document]:
        return [each.file for each in self.screen(chat) if each.file]

    def toasts(self, chat: int) -> list[str]:
        """What whoever tapped there was told over the chat, tap by tap; "" for nothing."""
        answered = self.called("answerCallbackQuery")
        here = [c for c in answered if self._taps.get(c.params["callback_query_id"]) == str(chat)]
        return [call.params.get("text", "") for call in here]

    def found(self, query: str) -> Call | None:
        """How an inline query was answered: `params["results"]` and what stands beside."""
        answers = self.called("answerInlineQuery")
        return next((c for c in answers if c.params["inline_query_id"] == query), None)

    async def until(self, done: Callable[[], object]) -> None:
        """Waits until something is so; looks whenever something happened, and now and then."""
        async with asyncio.timeout(TOO_LONG_S), self._changed:
            while not done():
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN_S):
                        await self._changed.wait()

    @property
    def connections(self) -> int:
        """How many were opened."""
        return len(self._transports)

    # What goes wrong

    def refuse(
        self,
        status: int,
        description: str,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int = 1,
        **parameters: Any,
    ) -> None:
        """An error the way Telegram tells it."""
        told = {"ok": False, "error_code": status, "description": description}
        body = json.dumps(told | ({"parameters": parameters} if parameters else {}))
        self.answer(body, status=status, method=method, chat=chat, times=times)

    def answer(self, body: str, *, status: int = 200, **where: Any) -> None:
        """Exactly this, whatever was asked."""

        async def respond(_request: web.Request) -> web.StreamResponse:
            return web.Response(status=status, text=body, content_type="application/json")

        self.instead(respond, **where)

    def hang(self, **where: Any) -> None:
        """No answer ever."""

        async def respond(_request: web.Request) -> web.StreamResponse:
            await self._closing.wait()
            return web.Response(status=503)

        self.instead(respond, **where)

    def reset(self, *, after: bool = False, **where: Any) -> None:
        """The connection is dropped; `after` the message was delivered."""

        async def respond(request: web.Request) -> web.StreamResponse:
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=500)

        self.instead(respond, after=after, **where)

    def instead(
        self,
        respond: Respond,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int = 1,
        after: bool = False,
    ) -> None:
        """Does this instead; `after` what was asked is done all the same."""
        self._rules.append(Rule(respond, method, chat, times, after))

    # The server

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start_again(self) -> None:
        """Somebody listens again, at the same address."""
        self._closing.clear()
        await self._listen(int(self.url.rpartition(":")[2]))

    async def _listen(self, port: int = 0) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Nobody listens any more."""
        self._closing.set()
        self._wake()
        await self._runner.cleanup()

    def _wake(self) -> None:
        async def notify() -> None:
            async with self._changed:
                self._changed.notify_all()

        self._notifying = asyncio.ensure_future(notify())

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.hosts.add(str(request.headers.get("Host")))
        self._transports.add(request.transport)
        method = request.match_info["method"]
        params = await parameters(request)
        if request.match_info["token"] != self.token:
            return refusal(401, "Unauthorized")
        rule = next((r for r in self._rules if r.fits(method, params.get("chat_id"))), None)
        if rule:
            rule.times -= 1
        if rule and not rule.after:
            self._record(Call(method, params))
            return await rule.do(request)
        respond = getattr(self, f"_{method}", None)
        answer = await respond(params) if respond else self._plain(method, params)
        return await rule.do(request) if rule else answer

    def _record(self, call: Call) -> None:
        self.calls.append(call)
        self._wake()

    def _plain(self, method: str, params: dict[str, Any]) -> web.Response:
        self._record(Call(method, params))
        if method.startswith("setMy"):
            key = key_of(method.removeprefix("setMy"), params)
            kept = {k: v for k, v in params.items() if k not in {"language_code", "scope"}}
            self.stored[key] = kept
        return granted(result=True)

    async def _getMe(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        self._record(Call("getMe", params))
        return granted(
            person(1) | {"is_bot": True, "first_name": self.name, "username": "paperboy_bot"}
        )

    async def _getWebhookInfo(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        self._record(Call("getWebhookInfo", params))
        return granted(self.webhook)

    async def _getMyCommands(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        return granted(self._mine("Commands", params).get("commands", []))

    async def _getMyName(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        return granted({"name": self._mine("Name", params).get("name", self.name)})

    async def _getMyDescription(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        return granted({"description": self._mine("Description", params).get("description", "")})

    async def _getMyShortDescription(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        short = self._mine("ShortDescription", params).get("short_description", "")
        return granted({"short_description": short})

    def _mine(self, what: str, params: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.stored.get(key_of(what, params), {})
        return found

    async def _getUpdates(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        offset = int(params.get("offset", 0))
        self.confirmed = max(self.confirmed, offset - 1)
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        self._record(Call("getUpdates", params))
        wait = asyncio.timeout(float(params.get("timeout", 0)))
        try:
            async with wait, self._changed:
                await self._changed.wait_for(lambda: self._updates or self._closing.is_set())
        except TimeoutError:
            pass
        return granted(self._updates[: int(params.get("limit", 100))])

    async def _sendMessage(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        if why := invalid(params):
            self._record(Call("sendMessage", params))
            return refusal(400, f"Bad Request: {why}")
        call = Call("sendMessage", params, len(self.calls) + 1)
        self.screens.show(params, call.message_id)
        self._record(call)
        return granted(sent(call))

    async def _sendDocument(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        return self._handed("sendDocument", params, params["document"])

    async def _sendPhoto(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        return self._handed("sendPhoto", params, params["photo"])

    def _handed(self, method: str, params: dict[str, Any], file: Document) -> web.Response:
        why = invalid_text(params.get("caption", ""), params.get("caption_entities", []), 1024)
        if why := why or invalid_keyboard(params):
            self._record(Call(method, params))
            return refusal(400, f"Bad Request: {why}")
        call = Call(method, params, len(self.calls) + 1)
        self.screens.show(params, call.message_id, file)
        self._record(call)
        return granted(sent(call))

    async def _editMessageText(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        why = invalid(params) or self.screens.edit(params, text=True)
        self._record(Call("editMessageText", params))
        return refusal(400, f"Bad Request: {why}") if why else granted(result=True)

    async def _editMessageReplyMarkup(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        why = invalid_keyboard(params) or self.screens.edit(params, text=False)
        self._record(Call("editMessageReplyMarkup", params))
        return refusal(400, f"Bad Request: {why}") if why else granted(result=True)

    async def _getChat(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        self._record(Call("getChat", params))
        found = self.places.get(str(params["chat_id"]))
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
        beyond = {"accent_color_id": 0, "max_reaction_count": 1}
        beyond["accepted_gift_types"] = dict.fromkeys((*gifts, "gifts_from_channels"), False)  # type: ignore[assignment] # a nested one
        return granted(found | beyond) if found else refusal(400, "Bad Request: chat not found")

    async def _getChatMember(self, params: dict[str, Any]) -> web.Response:  # noqa: N802 - Telegram's name
        self._record(Call("getChatMember", params))
        who = str(params["user_id"])
        status = self.members.get((str(params["chat_id"]), who), "member")
        return granted({"status": status, "user": person(int(who))} | RIGHTS.get(status, {}))


def sent(call: Call) -> dict[str, Any]:
    """The message as Telegram tells it to whoever sent it."""
    chat = {"id": call.params["chat_id"], "type": "private", "first_name": "R"}
    told = {"message_id": call.message_id, "date": 1_770_000_000, "chat": chat}
    return told | ({"text": call.params["text"]} if "text" in call.params else {})


def key_of(what: str, params: dict[str, Any]) -> str:
    """`Commands/zh`, `Commands/zh/all_group_chats`."""
    scope = serialized("scope", params.get("scope", {})).get("type", "default")
    beyond = f"/{scope}" if scope != "default" else ""
    return f"{what}/{params.get('language_code', '')}{beyond}"


def person(number: int, language: str = "en") -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": "R", "language_code": language}


def message(
    chat: int, language: str = "en", who: int | None = None, topic: int | None = None
) -> dict[str, Any]:
    """Without text; a negative number is a group, or a topic of one."""
    place = {"id": chat, "type": "private" if chat > 0 else "supergroup"}
    place |= {"first_name": "R"} if chat > 0 else {"title": "G"}
    told = {
        "message_id": 7,
        "date": 1_770_000_000,
        "chat": place,
        "from": person(who or abs(chat), language),
    }
    return told | ({"message_thread_id": topic, "is_topic_message": True} if topic else {})


async def parameters(request: web.Request) -> dict[str, Any]:
    """JSON, form or multipart alike."""
    if request.content_type == "application/json":
        told: dict[str, Any] = await request.json()
        return {name: serialized(name, value) for name, value in told.items()}
    form = await request.post()
    return {
        name: Document(value.filename, value.file.read())
        if isinstance(value, web.FileField)
        else serialized(name, value)
        for name, value in form.items()
    }


def serialized(name: str, value: Any) -> Any:
    """Telegram takes these as they are, and as JSON within a string."""
    return json.loads(value) if name in JSON_SERIALIZED and isinstance(value, str) else value


def granted(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def refusal(status: int, description: str) -> web.Response:
    return web.json_response(
        {"ok": False, "error_code": status, "description": description}, status=status
    )


def logged(caplog: pytest.LogCaptureFixture, level: int = logging.DEBUG) -> str:
    """Everything logged since the test was set up, tracebacks too."""
    form = logging.Formatter("%(message)s")
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    return "\n".join(form.format(record) for record in records if record.levelno >= level)

"""Serving Telegram: starting, fetching, being brought updates, and stopping without losing any."""

from __future__ import annotations

import asyncio
import io
import logging
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from telegram import Update

from bot.channels.telegram import Telegram
from bot.channels.telegram_polling import (
    NEW_FOR_S,
    PATIENCE,
    PATIENCE_NEW,
    Polling,
    Reach,
    at_hand,
)
from bot.channels.telegram_profile import Menus, introduce
from bot.channels.telegram_serve import serve
from bot.channels.telegram_updates import Conversations
from bot.channels.telegram_webhook import HEADER, LARGEST, Webhook
from bot.commands import Reply
from digest.errors import (
    AnotherPoller,
    ChannelError,
    ChannelUnreachable,
    StoreError,
    TokenRefused,
)
from digest.locale import say
from digest.models import Subscriber
from digest.render.notices import notice
from tests.fakes.telegram import TOKEN, FakeTelegram, logged, message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

SECRET = "a-secret-that-nobody-may-see"
COMMANDS = ("today", "field")
MENUS = Menus(COMMANDS, COMMANDS[:1], COMMANDS[1:])


@dataclass
class Readers:
    """Nobody is remembered: what is tested here is what comes in and goes out."""

    async def find(self, channel: str, address: str) -> Subscriber | None:
        return Subscriber(channel, address, id=1)

    async def at(self, channel: str, chat: str) -> tuple[Subscriber, ...]:
        return (Subscriber(channel, chat, id=1),)

    async def move(self, subscriber_id: int, address: str) -> None:
        """Nobody asks."""

    async def set_active(self, subscriber_id: int, active: bool, /) -> None:  # noqa: FBT001 - the Protocol's
        """Nobody asks."""


@dataclass
class Desk:
    """Says everything again; what begins with "wait" waits."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)

    async def answer(self, reader: Subscriber, text: str) -> tuple[Subscriber, Reply]:
        self.asked.append(text)
        try:
            if text.startswith("wait"):
                await self.gate.wait()
        except asyncio.CancelledError:
            self.given_up.append(text)
            raise
        return reader, Reply(notice(text))


@pytest.fixture(autouse=True)
def secrets_are_kept(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    caplog.set_level("DEBUG", "telegram")
    yield
    shown = capfd.readouterr()
    assert TOKEN not in shown.out + shown.err + logged(caplog)
    assert SECRET not in shown.out + shown.err + logged(caplog, logging.INFO)


@pytest.fixture
async def telegram(fake: FakeTelegram) -> AsyncIterator[Telegram]:
    async with Telegram(TOKEN, api_url=fake.url) as opened:
        yield opened


@asynccontextmanager
async def serving(
    telegram: Telegram, desk: Desk, **options: Any
) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(
        serve(telegram, Conversations(telegram, Readers(), desk.answer), **options)
    )
    try:
        yield task
    finally:
        if not task.cancelling():  # a second time would mean: at once
            task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


# Stopping


async def test_what_was_fetched_is_answered_before_the_bot_stops_and_confirmed_then(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    desk = Desk()
    async with serving(telegram, desk) as task:
        last = 0
        for chat in (5, 6, 7):
            last = fake.write(chat, "wait for me")
        await fake.until(lambda: len(fake.called("getUpdates")) > 1)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        desk.gate.set()
    assert [fake.texts(chat) for chat in (5, 6, 7)] == [["wait for me"]] * 3
    assert fake.confirmed == last


async def test_what_comes_while_the_bot_stops_waits_for_its_next_start(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    desk = Desk()
    async with serving(telegram, desk) as task:
        fake.write(5, "wait")
        await fake.until(lambda: len(fake.called("getUpdates")) > 1)
        task.cancel()
        await asyncio.sleep(0)
        late = fake.write(6, "late")
        desk.gate.set()
    assert fake.confirmed == late - 1
    async with Telegram(TOKEN, api_url=fake.url) as again, serving(again, desk):
        await fake.until(lambda: fake.texts(6))
    assert desk.asked == ["wait", "late"]


async def test_what_takes_too_long_is_given_up_and_not_confirmed(
    fake: FakeTelegram, telegram: Telegram, capfd: pytest.CaptureFixture[str]
) -> None:
    desk = Desk()
    async with serving(telegram, desk, finish_within_s=0):
        fake.write(5, "wait one")
        fake.write(5, "wait two")
        await fake.until(lambda: len(fake.called("getUpdates")) > 1)
        asked = len(fake.called("getUpdates"))
    assert desk.given_up == ["wait one"]
    assert len(fake.called("getUpdates")) == asked
    assert "telegram.given_up" in capfd.readouterr().out


async def test_an_answer_that_cannot_be_given_up_does_not_keep_the_bot_from_stopping(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    desk = Desk()
    stubborn = asyncio.Event()

    async def answer(reader: Subscriber, text: str) -> tuple[Subscriber, Reply]:
        while not stubborn.is_set():
            with suppress(asyncio.CancelledError):
                await stubborn.wait()
        return await desk.answer(reader, text)

    conversations = Conversations(telegram, Readers(), answer)
    task = asyncio.create_task(serve(telegram, conversations, finish_within_s=0))
    fake.write(5, "stay")
    await fake.until(lambda: len(fake.called("getUpdates")) > 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    stubborn.set()
    await fake.until(lambda: fake.texts(5))


async def test_a_confirmation_that_fails_is_only_logged(
    fake: FakeTelegram, telegram: Telegram, capfd: pytest.CaptureFixture[str]
) -> None:
    async with serving(telegram, Desk()):
        fake.write(5, "hello")
        await fake.until(lambda: fake.texts(5) and len(fake.called("getUpdates")) > 1)
        fake.refuse(500, "Internal Server Error", method="getUpdates")
    assert "telegram.unconfirmed" in capfd.readouterr().out


# Starting, and what waiting would not mend


async def test_polling_ends_a_webhook_and_asks_for_what_we_handle(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    async with serving(telegram, Desk()):
        await fake.until(lambda: fake.called("getUpdates"))
    methods = [call.method for call in fake.calls]
    assert methods.index("deleteWebhook") < methods.index("getUpdates")
    asked = fake.called("getUpdates")[0].params
    assert asked["allowed_updates"] == [
        "message",
        "callback_query",
        "my_chat_member",
        "inline_query",
    ]
    assert "drop_pending_updates" not in fake.called("deleteWebhook")[0].params


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [(401, "Unauthorized", TokenRefused), (500, "Internal Server Error", ChannelUnreachable)],
)
async def test_a_start_that_telegram_refuses_is_told(
    fake: FakeTelegram, telegram: Telegram, status: int, words: str, kind: type[ChannelError]
) -> None:
    fake.refuse(status, words, method="deleteWebhook")
    with pytest.raises(kind):
        await serve(telegram, Conversations(telegram, Readers(), Desk().answer))


async def test_a_token_withdrawn_later_ends_the_bot(fake: FakeTelegram, telegram: Telegram) -> None:
    fake.refuse(401, "Unauthorized", method="getUpdates")
    with pytest.raises(TokenRefused):
        await serve(telegram, Conversations(telegram, Readers(), Desk().answer))


# Fetching


class Watch:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def polling(
    telegram: Telegram, watch: Watch, reach: Reach = at_hand
) -> tuple[Polling, asyncio.Queue[object]]:
    queue: asyncio.Queue[object] = asyncio.Queue()
    return Polling(telegram.bot, queue, reach=reach, sleep=watch.sleep, clock=watch), queue


async def test_a_second_poller_gives_up_soon(fake: FakeTelegram, telegram: Telegram) -> None:
    fake.refuse(
        409, "Conflict: terminated by other getUpdates request", method="getUpdates", times=9
    )
    watch = Watch()
    with pytest.raises(AnotherPoller):
        await polling(telegram, watch)[0].run()
    assert len(fake.called("getUpdates")) == PATIENCE_NEW


async def test_the_first_poller_outlasts_a_second_one(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    watch = Watch()
    loop, queue = polling(telegram, watch)
    watch.now = NEW_FOR_S
    fake.refuse(409, "Conflict: terminated", method="getUpdates", times=PATIENCE - 1)
    running = asyncio.create_task(loop.run())
    fake.write(5, "still here")
    await asyncio.wait_for(queue.get(), 30)
    fake.refuse(409, "Conflict: terminated", method="getUpdates", times=PATIENCE)
    fake.write(5, "go on")
    with pytest.raises(AnotherPoller):
        await running


async def test_a_lost_network_is_waited_for_with_growing_pauses_and_two_log_lines(
    fake: FakeTelegram, telegram: Telegram, capfd: pytest.CaptureFixture[str]
) -> None:
    fake.reset(method="getUpdates", times=6)
    fake.refuse(429, "Too Many Requests", method="getUpdates", retry_after=90)
    fake.refuse(400, "Bad Request: something new", method="getUpdates")
    fake.answer("<html>", method="getUpdates")
    watch = Watch()
    loop, queue = polling(telegram, watch)
    running = asyncio.create_task(loop.run())
    fake.write(5, "hello")
    await asyncio.wait_for(queue.get(), 30)
    running.cancel()
    assert watch.slept == [1, 2, 4, 8, 16, 30, 90, 30, 30]
    shown = capfd.readouterr().out
    assert (shown.count("telegram.unreachable"), shown.count("telegram.reachable")) == (1, 1)


async def test_an_update_that_nobody_can_read_holds_up_no_other(
    fake: FakeTelegram, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk()
    fake.push({"message": {"text": "no chat, no date"}})
    fake.push({"callback_query": 5})
    last = fake.write(5, "readable")
    async with serving(telegram, desk):
        await fake.until(lambda: fake.texts(5))
    assert fake.confirmed == last
    assert "no chat, no date" not in logged(caplog, logging.INFO)


class Away:
    """A store that is away, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    async def reach(self) -> None:
        self.left -= 1
        if self.left >= 0:
            raise StoreError("errors.server_unreachable", path="a server", reason="gone")


async def test_what_is_fetched_while_the_store_is_away_is_fetched_again_and_answered(
    fake: FakeTelegram, telegram: Telegram, capfd: pytest.CaptureFixture[str]
) -> None:
    watch = Watch()
    loop, queue = polling(telegram, watch, Away(3).reach)
    running = asyncio.create_task(loop.run())
    number = fake.write(5, "hello")
    update = await asyncio.wait_for(queue.get(), 30)
    running.cancel()
    assert isinstance(update, Update)
    assert update.update_id == number
    assert watch.slept == [1, 2, 4]
    assert fake.confirmed < number
    assert capfd.readouterr().out.count("telegram.put_off") == 1


# The webhook


@asynccontextmanager
async def brought(
    telegram: Telegram, desk: Desk, **options: Any
) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    port = free_port()
    webhook = Webhook("https://paperboy.example/updates", port, SECRET, "127.0.0.1")
    taking = serving(telegram, desk, webhook=webhook, **options)
    async with taking, aiohttp.ClientSession() as client:
        url = f"http://127.0.0.1:{port}/updates"
        yield url, client


def update(number: int, text: str = "hello") -> dict[str, Any]:
    return {"update_id": number, "message": message(5) | {"text": text}}


async def test_updates_that_telegram_brings_are_answered(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    async with brought(telegram, Desk()) as (url, client):
        await fake.until(lambda: fake.called("setWebhook"))
        for number in (1, 2):
            async with client.post(
                url, json=update(number, f"hello {number}"), headers={HEADER: SECRET}
            ) as answer:
                assert answer.status == 200
        await fake.until(lambda: len(fake.texts(5)) == 2)
    asked = fake.called("setWebhook")[0].params
    assert asked == {
        "url": "https://paperboy.example/updates",
        "secret_token": SECRET,
        "allowed_updates": ["message", "callback_query", "my_chat_member", "inline_query"],
        "max_connections": 40,
    }
    assert fake.texts(5) == ["hello 1", "hello 2"]
    assert fake.called("getUpdates") == []


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ({"json": update(1)}, 403),
        ({"json": update(1), "headers": {HEADER: "a-secret"}}, 403),
        ({"json": update(1), "headers": {HEADER: "gehe\u00efm"}}, 403),
        ({"data": b"{", "headers": {HEADER: SECRET}}, 400),
        ({"data": b"\xff\xfe", "headers": {HEADER: SECRET}}, 400),
        ({"json": ["x"], "headers": {HEADER: SECRET}}, 400),
        ({"json": {"update_id": "x"}, "headers": {HEADER: SECRET}}, 400),
        ({"data": io.BytesIO(b" " * (LARGEST + 1)), "headers": {HEADER: SECRET}}, 413),
        ({"json": {"update_id": 1, "message": 5}, "headers": {HEADER: SECRET}}, 200),
    ],
)
async def test_anything_else_is_refused_and_the_bot_goes_on(
    fake: FakeTelegram, telegram: Telegram, what: dict[str, Any], status: int
) -> None:
    desk = Desk()
    async with brought(telegram, desk) as (url, client):
        await fake.until(lambda: fake.called("setWebhook"))
        async with client.post(url, **what) as answer:
            assert answer.status == status
            assert await answer.text() in {"", "403: Forbidden"} or status == 413
        async with client.get(url, headers={HEADER: SECRET}) as answer:
            assert answer.status == 405
        async with client.post(f"{url}/else", json=update(1), headers={HEADER: SECRET}) as answer:
            assert answer.status == 404
        async with client.post(url, json=update(2), headers={HEADER: SECRET}) as answer:
            assert answer.status == 200
        await fake.until(lambda: fake.texts(5))
    assert desk.asked == ["hello"]


async def test_what_is_brought_while_the_store_is_away_is_brought_again_and_answered_once(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    desk = Desk()
    seen = []
    async with brought(telegram, desk, reach=Away(2).reach) as (url, client):
        await fake.until(lambda: fake.called("setWebhook"))
        while 200 not in seen:  # as Telegram does
            async with client.post(url, json=update(1), headers={HEADER: SECRET}) as answer:
                seen.append(answer.status)
        await fake.until(lambda: fake.texts(5))
    assert seen == [503, 503, 200]
    assert desk.asked == ["hello"]


async def test_what_is_brought_while_we_look_for_the_store_does_not_overtake(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    desk, looking, gate = Desk(), asyncio.Event(), asyncio.Event()

    async def reach() -> None:
        if not looking.is_set():
            looking.set()
            await gate.wait()

    async with brought(telegram, desk, reach=reach) as (url, client):
        await fake.until(lambda: fake.called("setWebhook"))

        async def bring(number: int) -> int:
            body = update(number, f"hello {number}")
            async with client.post(url, json=body, headers={HEADER: SECRET}) as answer:
                return answer.status

        one = asyncio.create_task(bring(1))
        await looking.wait()
        other = asyncio.create_task(bring(2))
        await asyncio.wait({other}, timeout=0.2)
        gate.set()
        assert [await one, await other] == [200, 200]
        await fake.until(lambda: len(fake.texts(5)) == 2)
    assert desk.asked == ["hello 1", "hello 2"]


async def test_what_was_brought_is_answered_before_the_bot_stops(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    desk = Desk()
    async with brought(telegram, desk) as (url, client):
        await fake.until(lambda: fake.called("setWebhook"))
        async with client.post(url, json=update(1, "wait"), headers={HEADER: SECRET}) as answer:
            assert answer.status == 200
        asyncio.get_running_loop().call_later(0.05, desk.gate.set)
    assert fake.texts(5) == ["wait"]


@pytest.mark.parametrize(
    ("status", "words", "kind", "key"),
    [
        (
            400,
            "Bad Request: bad webhook: HTTPS url must be provided",
            ChannelError,
            "errors.webhook_refused",
        ),
        (401, "Unauthorized", TokenRefused, "errors.token_refused"),
        (502, "Bad Gateway", ChannelUnreachable, "errors.channel_unreachable"),
    ],
)
async def test_a_webhook_that_telegram_refuses_is_told(
    fake: FakeTelegram,
    telegram: Telegram,
    status: int,
    words: str,
    kind: type[ChannelError],
    key: str,
) -> None:
    fake.refuse(status, words, method="setWebhook")
    webhook = Webhook("http://paperboy.example", free_port(), host="127.0.0.1")
    with pytest.raises(kind) as caught:
        await serve(telegram, Conversations(telegram, Readers(), Desk().answer), webhook=webhook)
    assert caught.value.key == key
    assert say(caught.value.key, "zh", **caught.value.params)


async def test_a_port_in_use_is_told(telegram: Telegram) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        webhook = Webhook("https://paperboy.example", taken.getsockname()[1], host="127.0.0.1")
        with pytest.raises(ChannelError) as caught:
            await serve(
                telegram, Conversations(telegram, Readers(), Desk().answer), webhook=webhook
            )
    assert caught.value.key == "errors.webhook_port"
    assert caught.value.params["port"] in say(caught.value.key, "en", **caught.value.params)


def test_a_webhook_has_a_path_and_a_secret_that_it_does_not_print() -> None:
    one, other = (Webhook("https://paperboy.example", 8443) for _ in range(2))
    assert one.path == "/"
    assert len(one.secret) > 40
    assert one.secret != other.secret
    assert one.secret not in repr(one)


# What Telegram shows before anybody writes


async def test_commands_and_descriptions_are_registered_in_both_languages(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    async with serving(telegram, Desk(), menus=MENUS):
        await fake.until(lambda: "Name/zh" in fake.stored)
    assert fake.stored["Commands/"]["commands"] == [
        {"command": name, "description": say(f"commands.about.{name}", "en")} for name in COMMANDS
    ]
    in_groups = fake.stored["Commands//all_group_chats"]["commands"]
    for_admins = fake.stored["Commands/zh/all_chat_administrators"]["commands"]
    assert [each["command"] for each in (*in_groups, *for_admins)] == ["today", "field"]
    assert fake.stored["Commands/zh"]["commands"][0]["description"] == say(
        "commands.about.today", "zh"
    )
    assert fake.stored["Description/zh"] == {"description": say("telegram.description", "zh")}
    assert fake.stored["ShortDescription/"]["short_description"].startswith("The new arXiv papers")
    assert fake.stored["Name/zh"] == {"name": "论文报童"}
    assert "Name/" not in fake.stored


async def test_what_is_registered_already_is_not_set_again(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    await introduce(telegram.bot, MENUS)
    first = len(fake.calls)
    await introduce(telegram.bot, MENUS)
    assert not [call for call in fake.calls[first:] if call.method.startswith("setMy")]


async def test_a_bot_of_another_name_keeps_it(fake: FakeTelegram) -> None:
    fake.name = "Papers of our group"
    async with (
        Telegram(TOKEN, api_url=fake.url) as telegram,
        serving(telegram, Desk(), menus=MENUS),
    ):
        await fake.until(lambda: "ShortDescription/zh" in fake.stored)
    assert not [key for key in fake.stored if key.startswith("Name")]


async def test_a_profile_that_telegram_refuses_stops_nothing(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    for method in ("setMyCommands", "setMyDescription", "getMyShortDescription"):
        fake.refuse(429, "Too Many Requests", method=method, retry_after=40000)
    fake.answer('{"ok": true, "result": true}', method="getMyCommands")
    async with serving(telegram, Desk(), menus=MENUS):
        fake.write(5, "hello")
        await fake.until(lambda: fake.texts(5) and "Name/zh" in fake.stored)
    assert "Commands/zh" in fake.stored
    assert "Commands/" not in fake.stored


def test_limits_are_those_of_telegram() -> None:
    from telegram.constants import InlineKeyboardButtonLimit, MessageLimit

    from bot.channels.telegram_buttons import LONGEST_DATA

    assert Telegram.limits.units == MessageLimit.MAX_TEXT_LENGTH
    assert Telegram.limits.entities == MessageLimit.MESSAGE_ENTITIES
    assert LONGEST_DATA == InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    for language in ("en", "zh"):
        assert len(say("telegram.description", language)) <= 512
        assert len(say("telegram.short_description", language)) <= 120
        assert len(say("telegram.name", language)) <= 64
        assert len(say("telegram.stale_button", language)) <= 200

"""Telegram's HTTP: what was asked arrives, through whatever stands between."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from telegram.error import NetworkError, TimedOut

from bot.channels.telegram import Telegram
from bot.channels.telegram_http import AiohttpRequest, NotSent, Timeouts, proxy_for
from digest.render.entities import Entity, Page
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_screen import Document

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HELLO = Page("Hello, 世界 🦉")


async def test_one_connection_is_used_again_and_many_at_once(fake: FakeTelegram) -> None:
    async with Telegram(TOKEN, api_url=fake.url) as telegram:
        for _ in range(3):
            await telegram.send("5", HELLO)
        assert fake.connections == 1
        await asyncio.gather(*(telegram.send(str(chat), HELLO) for chat in range(1, 31)))
    assert len(fake.called("sendMessage")) == 33
    assert fake.texts(5)[0] == "Hello, 世界 🦉"


async def test_a_file_is_uploaded_with_its_name_and_the_other_parameters(
    fake: FakeTelegram,
) -> None:
    async with Telegram(TOKEN, api_url=fake.url) as telegram:
        await telegram.bot.set_webhook(
            "https://paperboy.example/in", certificate=b"-----BEGIN", allowed_updates=["message"]
        )
    asked = fake.called("setWebhook")[0].params
    assert asked == {
        "url": "https://paperboy.example/in",
        "certificate": Document("application.octet-stream", b"-----BEGIN"),
        "allowed_updates": '["message"]',
    }


async def test_a_file_can_be_fetched_from_telegram(fake: FakeTelegram) -> None:
    async with AiohttpRequest(TOKEN) as request:
        assert b'"username"' in await request.retrieve(f"{fake.url}/botTOKEN/getMe")


async def test_an_answer_larger_than_anything_telegram_says_is_not_read(fake: FakeTelegram) -> None:
    fake.answer('{"ok": true, "result": "' + "x" * 5000 + '"}', times=2)
    url = f"{fake.url}/botTOKEN/getMe"
    async with AiohttpRequest(TOKEN, largest=6000) as request:
        assert await request.post(url)
    async with AiohttpRequest(TOKEN, largest=4000) as request:
        with pytest.raises(NetworkError) as caught:
            await request.post(url)
    assert not isinstance(caught.value, NotSent)


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ('{"ok":true,"result":{"message_id":57,"text":"\\ud835"}}', 57),
        ('{ "ok" : true, "result" : { "message_id" : 57 } }', 57),
        ('{"ok":true,"result":{"date":1,"message_id":57}}', 57),
        ('{"result":{"message_id":57},"ok":true}', 57),
    ],
)
async def test_of_an_answer_to_a_message_its_number_is_read(
    fake: FakeTelegram, answer: str, number: int
) -> None:
    async with Telegram(TOKEN, api_url=fake.url) as telegram:
        fake.answer(answer, method="sendMessage")
        assert await telegram.send("5", HELLO) == str(number)


async def test_whatever_stands_in_an_address_arrives_as_it_is(fake: FakeTelegram) -> None:
    address = 'https://arxiv.example/"\\u0022},{\\n世界'
    styled = (Entity("bold", 0, 5), Entity("text_link", 7, 2, address))
    async with Telegram(TOKEN, api_url=fake.url) as telegram:
        await telegram.send("5", Page(HELLO.text, styled))
    assert fake.called("sendMessage")[0].params["entities"] == [
        {"type": "bold", "offset": 0, "length": 5},
        {"type": "text_link", "offset": 7, "length": 2, "url": address},
    ]


async def test_a_call_may_have_its_own_patience(fake: FakeTelegram) -> None:
    fake.hang(times=2)
    async with AiohttpRequest(TOKEN, timeouts=Timeouts(read=None)) as request:
        for timeouts in ({"read_timeout": 0.05}, {"read_timeout": 0.05, "connect_timeout": None}):
            with pytest.raises(TimedOut):
                await request.post(f"{fake.url}/botTOKEN/getMe", **timeouts)


async def test_redirects_are_not_followed_with_a_token_in_the_url(fake: FakeTelegram) -> None:
    async def elsewhere(_request: web.Request) -> web.Response:
        raise web.HTTPFound("https://elsewhere.example/")

    fake.instead(elsewhere)
    async with AiohttpRequest(TOKEN) as request:
        with pytest.raises(NetworkError, match="302"):
            await request.post(f"{fake.url}/botTOKEN/getMe")


async def test_a_request_that_was_never_opened_sends_nothing() -> None:
    request = AiohttpRequest(TOKEN)
    with pytest.raises(NotSent):
        await request.post("http://127.0.0.1:9/")
    await request.shutdown()


async def test_opening_twice_keeps_the_connections(fake: FakeTelegram) -> None:
    async with AiohttpRequest(TOKEN) as request:
        await request.post(f"{fake.url}/botTOKEN/getMe")
        await request.initialize()
        await request.post(f"{fake.url}/botTOKEN/getMe")
    assert fake.connections == 1


@asynccontextmanager
async def socks(*, refuse: bool = False) -> AsyncIterator[tuple[str, list[str]]]:
    """A SOCKS5 proxy; yields its address and the hosts that it was asked for."""
    wanted: list[str] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
        writer.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        length = (await reader.readexactly(1))[0] if kind == 3 else 4
        raw = await reader.readexactly(length)
        port = int.from_bytes(await reader.readexactly(2), "big")
        wanted.append(raw.decode() if kind == 3 else ".".join(map(str, raw)))
        writer.write(bytes([5, 5 if refuse else 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        if refuse:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()[:2]
        yield f"{host}:{port}", wanted


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_a_socks_proxy_is_asked_for_the_name(fake: FakeTelegram, scheme: str) -> None:
    port = fake.url.rpartition(":")[2]
    async with socks() as (address, wanted):
        async with Telegram(
            TOKEN, api_url=f"http://telegram.invalid:{port}", proxy=f"{scheme}://{address}"
        ) as telegram:
            await telegram.send("5", HELLO)
        assert set(wanted) == {"telegram.invalid"}
    assert fake.texts(5) == [HELLO.text]


async def test_a_socks_proxy_of_the_environment_is_used(
    fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with socks() as (address, wanted):
        monkeypatch.setenv("ALL_PROXY", f"socks5h://{address}")
        async with Telegram(TOKEN, api_url=fake.url) as telegram:
            await telegram.send("5", HELLO)
        assert wanted == ["127.0.0.1"]


async def test_what_a_proxy_refuses_was_not_sent(fake: FakeTelegram) -> None:
    async with (
        socks(refuse=True) as (address, _),
        AiohttpRequest(TOKEN, proxy=f"socks5://{address}") as request,
    ):
        with pytest.raises(NotSent) as caught:
            await request.post(f"{fake.url}/botTOKEN/getMe")
    assert TOKEN not in str(caught.value)
    assert caught.value.__context__ is None


async def test_an_http_proxy_is_asked_for_the_whole_address(fake: FakeTelegram) -> None:
    proxy = fake.url  # it answers whoever is asked for
    async with Telegram(TOKEN, api_url="http://telegram.invalid", proxy=proxy) as telegram:
        await telegram.send("5", HELLO)
    assert fake.texts(5) == [HELLO.text]
    assert fake.hosts == {"telegram.invalid"}


async def test_an_http_proxy_of_the_environment_is_used(
    fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", fake.url)
    async with Telegram(TOKEN, api_url="http://telegram.invalid") as telegram:
        await telegram.send("5", HELLO)
    assert fake.hosts == {"telegram.invalid"}


@pytest.mark.parametrize(
    ("name", "value", "chosen"),
    [
        ("HTTPS_PROXY", "http://proxy.example:3128", "http://proxy.example:3128"),
        ("https_proxy", "proxy.example:3128", "http://proxy.example:3128"),
        ("ALL_PROXY", "socks5://proxy.example:1080", "socks5://proxy.example:1080"),
        ("HTTP_PROXY", "http://proxy.example:3128", None),
        ("NO_PROXY", "*", None),
    ],
)
def test_the_environment_names_a_proxy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, chosen: str | None
) -> None:
    monkeypatch.setenv(name, value)
    assert proxy_for("https://api.telegram.org") == chosen


async def test_no_proxy_is_used_for_hosts_that_the_environment_excepts(
    fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with Telegram(TOKEN, api_url=fake.url) as telegram:
        await telegram.send("5", HELLO)
    assert fake.texts(5) == [HELLO.text]


async def test_a_proxy_that_is_gone_means_not_sent(fake: FakeTelegram) -> None:
    await fake.stop()
    async with AiohttpRequest(TOKEN, proxy=fake.url) as request:
        with pytest.raises(NotSent):
            await request.post("http://telegram.invalid/botTOKEN/getMe")

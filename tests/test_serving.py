"""Paperboy as its operator runs it: a token, readers who write, digests that come by themselves."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot import app as building
from bot import heartbeat
from bot.access import Door
from bot.sending import AT_ONCE
from bot.serving import _post, deliver, invite, serve_telegram
from digest.errors import TokenRefused
from digest.models import Subscriber
from digest.render import plain
from digest.render.entities import Page
from tests.conftest import NOON
from tests.fakes.papers import DAY, paper
from tests.fakes.telegram import TOKEN, FakeTelegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

READER = Subscriber("telegram", "7", fields=("cs.AI",), hour="08:30")
MONDAY_NOON = datetime(2026, 2, 2, 17, tzinfo=UTC)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
def serving(settings: Settings, telegram: FakeTelegram) -> Settings:
    return settings.model_copy(
        update={
            "telegram_token": SecretStr(TOKEN),
            "telegram_api_url": telegram.url,
            "archives": ("cs",),
            "timezone": "",
        }
    )


async def edition(opened: Opened) -> None:
    async with opened(lambda: datetime(2026, 2, 3, 6, tzinfo=UTC), archives=("cs",)) as app:
        await app.morning.run(DAY)


async def test_a_reader_writes_and_is_answered_and_sigterm_ends_it(
    serving: Settings, telegram: FakeTelegram, capsys: pytest.CaptureFixture[str]
) -> None:
    task = asyncio.create_task(serve_telegram(serving, lambda: NOON))
    telegram.write(7, "/start", language="zh-hans")
    await telegram.until(lambda: telegram.texts(7))
    assert "我是论文报童" in telegram.texts(7)[0]
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    assert heartbeat.place().is_file()
    captured = capsys.readouterr()
    assert "Serving Telegram as @" in captured.err
    assert TOKEN not in captured.err + captured.out
    async with building.opened(serving, lambda: NOON) as app:
        reader = await app.store.subscribers.find("telegram", "7")
    assert reader is not None
    assert (reader.language, reader.timezone, reader.hour) == ("zh", "Asia/Shanghai", "09:30")


async def test_a_refused_token_is_an_error(serving: Settings, telegram: FakeTelegram) -> None:
    telegram.refuse(401, "Unauthorized", method="getMe")
    with pytest.raises(TokenRefused):
        await serve_telegram(serving, lambda: NOON)


async def test_what_is_due_is_delivered_once(
    serving: Settings,
    telegram: FakeTelegram,
    arxiv: FakeArxiv,
    opened: Opened,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arxiv.announce(DAY, paper(1))
    async with opened(lambda: MONDAY_NOON) as app:
        await app.store.subscribers.save(READER)
        await app.store.subscribers.save(replace(READER, address="8", language="zh"))
    await edition(opened)
    for _ in range(2):
        assert await deliver(serving, lambda: NOON) == 0
    assert "2 pages sent" in capsys.readouterr().out
    assert [len(telegram.texts(chat)) for chat in (7, 8)] == [1, 1]
    assert paper(1).title in telegram.texts(7)[0]
    assert "论文早报" in telegram.texts(8)[0]


async def test_who_pays_sends_faster(serving: Settings, telegram: FakeTelegram) -> None:
    paid = serving.model_copy(update={"paid_broadcast": True})
    async with building.opened(paid) as app, _post(paid, app) as post:
        await post.telegram.send("7", Page("Hello"))
        assert post.sending.at_once > AT_ONCE
    assert telegram.called("sendMessage")[0].params["allow_paid_broadcast"] is True


async def test_who_is_refused_is_no_reader(opened: Opened) -> None:
    async with opened(lambda: NOON, admins=(1,)) as app:
        code, store = await app.store.invitations.make(NOON), app.store
        door = Door(app.desk, is_open=False, admins=frozenset({"1"}))
        for line in ("/start", "Hello", "/start wrong", "/today"):
            refused, _ = await door.answer(Subscriber("telegram", "7"), line)
            assert refused.id is None
        assert await store.subscribers.all() == ()
        _, overview = await door.answer(Subscriber("telegram", "1", language="en"), "/admin")
        said = plain.text(overview.blocks)
        assert "1 active, 0 paused, 0 gone or stopped. In 30 days 1 joined and 0 left." in said
        let_in, _ = await door.answer(Subscriber("telegram", "7"), f"/start {code}")
        assert [each.id for each in await store.subscribers.all()][1:] == [let_in.id]
        late, _ = await door.answer(Subscriber("telegram", "8"), f"/start {code}")
        assert late.id is None


async def test_an_invitation_lets_one_reader_in(
    opened: Opened, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await invite(settings, 1)
    code = capsys.readouterr().out.strip()
    async with opened() as app:
        door = Door(app.desk, is_open=False, admins=frozenset({"1"}))
        first, second, admin = [
            await app.store.subscribers.save(Subscriber("telegram", address))
            for address in ("7", "8", "1")
        ]

        async def said(reader: Subscriber, text: str) -> str:
            return plain.text((await door.answer(reader, text))[1].blocks)

        assert "by invitation" in await said(first, "/start")
        assert "no code" in await said(first, "/start wrong")
        assert "This is Paperboy" in await said(first, f"/start {code}")
        assert "What you can send" in await said(first, "/help")
        assert "no code" in await said(second, code), "it was used"
        assert "What you can send" in await said(admin, "/help")
        followed = replace(second, fields=("ai",))
        assert "What you can send" in await said(followed, "/help"), "they were here before"

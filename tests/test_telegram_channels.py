"""Channels: set up by their admins from a private chat; nothing of it shows in the channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.access import Door
from bot.channels.telegram_tending import Order, order
from digest.models import Subscriber
from tests.fakes.chat import chatting
from tests.fakes.telegram import RIGHTS, FakeTelegram, person

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from tests.conftest import Opened

CHANNEL, ADMIN, GUEST = -1001234567890, 8, 9


@pytest.fixture
async def app(opened: Opened) -> AsyncIterator[App]:
    async with opened() as running:
        await running.store.subscribers.save(Subscriber("telegram", str(ADMIN), language="zh"))
        yield running


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        running.establish(CHANNEL, "@papers")
        running.establish(-7, "", "supergroup")
        running.appoint(CHANNEL, ADMIN)
        yield running


async def fields_of(app: App, address: int) -> tuple[str, ...] | None:
    found = await app.store.subscribers.find("telegram", str(address))
    return found.fields if found else None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/channel @papers /field storage", Order("@papers", "/field storage")),
        ("／channel  -1001234567890", Order("-1001234567890")),
        ("频道 @papers 订阅 存储", Order("@papers", "订阅 存储")),
        ("/channel @\u2060papers /fields", Order("@papers", "/fields")),
        ("/channel", Order()),
        ("/channel papers", Order()),
        ("/channels @papers", None),
        ("channel @papers", None),
        ("/field channel", None),
    ],
)
def test_what_is_said_for_a_channel(text: str, meant: Order | None) -> None:
    assert order(text) == meant


async def test_an_admin_sets_up_a_channel_and_nothing_shows_there(
    app: App, fake: FakeTelegram
) -> None:
    async with chatting(app, fake):
        fake.write(ADMIN, "/channel @papers /field storage", language="zh-hans")
        await fake.until(lambda: fake.screen(ADMIN))
        fake.write(ADMIN, f"/channel {CHANNEL} /language en", language="zh-hans")
        await fake.until(lambda: len(fake.screen(ADMIN)) == 2)
    assert fake.screen(ADMIN)[0].styled("bold")[0] == "papers"
    assert "存储" in fake.texts(ADMIN)[0], "a new channel speaks its admin's language"
    assert fake.texts(CHANNEL) == []
    assert await fields_of(app, CHANNEL) == ("st",)
    assert await fields_of(app, ADMIN) == ()
    reader = await app.store.subscribers.find("telegram", str(CHANNEL))
    assert reader
    assert reader.language == "en"


async def test_buttons_name_the_channel_and_go_on_setting_it_up(
    app: App, fake: FakeTelegram
) -> None:
    async with chatting(app, fake):
        fake.write(ADMIN, "/channel @papers /filed databases")
        fake.write(ADMIN, "/channel @papers /time")
        await fake.until(lambda: len(fake.screen(ADMIN)) == 2)
        refused, hours = fake.screen(ADMIN)
        assert refused.text.startswith("对频道我只接受设置")
        assert hours.button("08:00")["callback_data"] == f"/channel {CHANNEL} /time 08:00"
        fake.press(ADMIN, "08:00")
        await fake.until(lambda: fake.toasts(ADMIN))
    reader = await app.store.subscribers.find("telegram", str(CHANNEL))
    assert reader
    assert reader.hour == "08:00"


async def test_who_is_no_admin_there_is_refused(app: App, fake: FakeTelegram) -> None:
    async with chatting(app, fake):
        fake.write(GUEST, "/channel @papers /field storage")
        await fake.until(lambda: fake.texts(GUEST))
        fake.tap(GUEST, f"/channel {CHANNEL} /field storage")
        await fake.until(lambda: fake.toasts(GUEST))
    assert fake.texts(GUEST) == ["Only admins of this chat can change that."]
    assert fake.toasts(GUEST) == ["Only admins of this chat can change that."]
    assert await fields_of(app, CHANNEL) is None


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/channel", "For a channel: make me its admin"),
        ("/channel @unknown /field ai", "I cannot see that channel"),
        ("/channel -1234567 /field ai", "I cannot see that channel"),
        ("/channel -00007 /field ai", "That is no channel"),
        ("/channel @papers /today", "For a channel I take settings only"),
        ("/channel @papers hello", "For a channel I take settings only"),
    ],
)
async def test_what_cannot_be_done_for_a_channel_is_said(
    app: App, fake: FakeTelegram, said: str, answer: str
) -> None:
    fake.appoint(CHANNEL, GUEST)
    async with chatting(app, fake):
        fake.write(GUEST, said)
        await fake.until(lambda: fake.texts(GUEST))
    assert fake.texts(GUEST)[0].startswith(answer)
    assert await fields_of(app, CHANNEL) is None


async def test_where_we_may_not_look_that_is_said(app: App, fake: FakeTelegram) -> None:
    fake.refuse(400, "Bad Request: member list is inaccessible", method="getChatMember")
    async with chatting(app, fake):
        fake.write(ADMIN, "/channel @papers /field storage")
        await fake.until(lambda: fake.texts(ADMIN))
    assert fake.texts(ADMIN)[0].startswith("我看不到这个频道")


def promoted(who: int, *, before: str = "left") -> dict[str, object]:
    us = person(1) | {"is_bot": True}
    place = {"id": CHANNEL, "type": "channel", "title": "Papers & more"}
    changed = {"chat": place, "from": person(who), "date": 1_770_000_000}
    changed["old_chat_member"] = {"status": before, "user": us} | RIGHTS.get(before, {})
    new = {"status": "administrator", "user": us} | RIGHTS["administrator"]
    return {"my_chat_member": changed | {"new_chat_member": new}}


async def test_whoever_takes_us_into_a_channel_is_told_in_private_how_to_go_on(
    app: App, fake: FakeTelegram
) -> None:
    async with chatting(app, fake):
        fake.push(promoted(GUEST))  # nobody whom we may write to
        fake.push(promoted(ADMIN))
        await fake.until(lambda: fake.screen(ADMIN))
        fake.push(promoted(ADMIN, before="administrator"))
        fake.press(ADMIN, "开始设置")
        await fake.until(lambda: len(fake.screen(ADMIN)) == 2)
        fake.press(ADMIN, "存储")
        await fake.until(lambda: fake.screen(ADMIN)[1].edits)
        fake.write(ADMIN, "/channel @papers")
        await fake.until(lambda: len(fake.screen(ADMIN)) == 3)
    invited, picking, settings = fake.screen(ADMIN)
    assert "Papers & more" in invited.text
    assert picking.styled("bold")[0] == settings.styled("bold")[0] == "papers"
    assert any("✓ 存储" in row for row in picking.labels)
    assert "您的设置" in settings.text
    assert await fields_of(app, CHANNEL) == ("st",)
    assert fake.texts(CHANNEL) == fake.texts(GUEST) == []


async def test_a_link_to_us_that_carries_nothing_is_start(app: App, fake: FakeTelegram) -> None:
    async with chatting(app, fake, door=Door(app.desk, is_open=False)):
        fake.write(GUEST, "/start hello")
        fake.write(GUEST, "/start")
        await fake.until(lambda: len(fake.texts(GUEST)) == 2)
    linked, typed = fake.texts(GUEST)
    assert linked == typed

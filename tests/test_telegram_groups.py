"""Groups, topics and channels: who may change what, who is told, and who is left in peace."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bot.commands import Command, Reply
from bot.commands.book import COMMANDS, meant
from digest.models import State, Subscriber
from digest.render.notices import notice
from tests.fakes.chat import chatting
from tests.fakes.telegram import FakeTelegram, message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from tests.conftest import Opened

GROUP, TOPIC, ADMIN, GUEST = -100200, 45, 8, 9


@pytest.fixture
async def app(opened: Opened) -> AsyncIterator[App]:
    async with opened() as running:
        yield running


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        running.appoint(GROUP, ADMIN)
        yield running


async def reader_at(app: App, address: object) -> Subscriber:
    found = await app.store.subscribers.find("telegram", str(address))
    assert found is not None
    return found


async def seen_to(app: App, fake: FakeTelegram, expected: State) -> None:
    """Waits until the group's change was noticed."""
    async with asyncio.timeout(30):
        while (await reader_at(app, f"{GROUP}/{TOPIC}")).state is not expected:
            await fake.until(lambda: True)


async def test_only_admins_change_what_a_group_gets_and_everybody_reads(
    app: App, fake: FakeTelegram
) -> None:
    async with chatting(app, fake):
        fake.write(GROUP, "/field@paperboy_bot storage", who=ADMIN, language="zh-hans")
        await fake.until(lambda: len(fake.texts(GROUP)) == 1)
        fake.write(GROUP, "/unfield storage", who=GUEST)
        await fake.until(lambda: len(fake.texts(GROUP)) == 2)
        fake.write(GROUP, "/fields", who=GUEST)
        await fake.until(lambda: len(fake.texts(GROUP)) == 3)
    followed, refused, shown = fake.texts(GROUP)
    assert "存储" in followed
    assert refused == "只有本群管理员可以更改设置。", "in the chat's language"
    assert "存储" in shown
    assert (await reader_at(app, GROUP)).fields == ("st",)


async def test_an_admin_is_asked_for_at_each_change(app: App, fake: FakeTelegram) -> None:
    async with chatting(app, fake):
        fake.write(GROUP, "/size 3", who=ADMIN)
        await fake.until(lambda: len(fake.texts(GROUP)) == 1)
        fake.appoint(GROUP, ADMIN, "member")
        fake.write(GROUP, "/size 4", who=ADMIN)
        await fake.until(lambda: len(fake.texts(GROUP)) == 2)
    assert (await reader_at(app, GROUP)).size == 3


@pytest.mark.parametrize("status", ["creator", "administrator"])
async def test_owners_and_admins_may(app: App, fake: FakeTelegram, status: str) -> None:
    fake.appoint(GROUP, GUEST, status)
    async with chatting(app, fake):
        fake.write(GROUP, "/size 3", who=GUEST)
        await fake.until(lambda: fake.texts(GROUP))
    assert (await reader_at(app, GROUP)).size == 3


async def test_an_anonymous_admin_may_and_another_channel_may_not(
    app: App, fake: FakeTelegram
) -> None:
    as_group = message(GROUP, who=1087968824) | {"text": "/size 3"}
    as_group["from"]["is_bot"] = True
    as_channel = as_group | {"sender_chat": {"id": -777, "type": "channel", "title": "X"}}
    copied = message(GROUP, who=777000) | {"text": "/size 5", "is_automatic_forward": True}
    nobody = message(GROUP) | {"text": "/size 6"}
    del nobody["from"]
    async with chatting(app, fake):
        fake.push({"message": as_channel | {"text": "/size 4"}})
        fake.push({"message": copied | {"sender_chat": {"id": -777, "type": "channel"}}})
        fake.push({"message": as_group | {"sender_chat": as_group["chat"]}})
        await fake.until(lambda: fake.texts(GROUP))
        fake.push({"message": nobody})
        await fake.until(lambda: len(fake.texts(GROUP)) == 2)
    assert (await reader_at(app, GROUP)).size == 3
    assert fake.texts(GROUP)[1] == "Only admins of this chat can change that."


async def test_whoever_taps_without_a_right_is_told_alone_in_their_own_language(
    app: App, fake: FakeTelegram
) -> None:
    async with chatting(app, fake):
        fake.write(GROUP, "/filed@paperboy_bot storage", who=ADMIN)
        await fake.until(lambda: fake.screen(GROUP))
        fake.press(GROUP, "/field storage", who=GUEST, language="zh-hans")
        await fake.until(lambda: fake.toasts(GROUP))
        assert fake.toasts(GROUP) == ["只有本群管理员可以更改设置。"]
        assert (await reader_at(app, GROUP)).fields == ()
        fake.press(GROUP, "/field storage", who=ADMIN)
        await fake.until(lambda: len(fake.screen(GROUP)) == 2)
    assert (await reader_at(app, GROUP)).fields == ("st",)


async def test_where_members_are_hidden_that_is_said(app: App, fake: FakeTelegram) -> None:
    fake.refuse(400, "Bad Request: CHAT_ADMIN_REQUIRED", method="getChatMember")
    fake.refuse(400, "Bad Request: user not found", method="getChatMember")
    async with chatting(app, fake):
        fake.write(GROUP, "/size 3", who=ADMIN)
        await fake.until(lambda: len(fake.texts(GROUP)) == 1)
        fake.write(GROUP, "/size 4", who=ADMIN)
        await fake.until(lambda: len(fake.texts(GROUP)) == 2)
    assert fake.texts(GROUP) == [
        "I cannot see who is an admin here. Make me one, please, or send it as an anonymous admin.",
        "Only admins of this chat can change that.",
    ]


async def test_other_bots_commands_are_left_to_them(app: App, fake: FakeTelegram) -> None:
    async with chatting(app, fake):
        for text in ("/weather", "/today@weather_bot", "papers are fun", "/roll 3", "/admin"):
            fake.write(GROUP, text, who=GUEST)
        fake.write(GROUP, "/weather@paperboy_bot", who=GUEST)
        await fake.until(lambda: fake.texts(GROUP))
    assert fake.texts(GROUP) == ["There is no command /weather. Send /help to see what there is."]


async def test_a_topic_reads_for_itself_and_is_answered_in_its_place(
    app: App, fake: FakeTelegram
) -> None:
    async with chatting(app, fake):
        fake.write(GROUP, "/field storage", who=ADMIN, topic=TOPIC)
        fake.write(GROUP, "/field databases", who=ADMIN, topic=46)
        await fake.until(lambda: fake.screen(GROUP, TOPIC) and fake.screen(GROUP, 46))
    assert (await reader_at(app, f"{GROUP}/{TOPIC}")).fields == ("st",)
    assert (await reader_at(app, f"{GROUP}/46")).fields == ("db",)
    assert await app.store.subscribers.find("telegram", str(GROUP)) is None


async def test_a_button_in_a_topic_is_answered_there(app: App, fake: FakeTelegram) -> None:
    async with chatting(app, fake):
        fake.write(GROUP, "/filed@paperboy_bot storage", who=ADMIN, topic=TOPIC)
        await fake.until(lambda: fake.screen(GROUP, TOPIC))
        fake.press(GROUP, "/field storage", who=ADMIN)
        await fake.until(lambda: len(fake.screen(GROUP, TOPIC)) == 2)


async def test_a_reply_to_a_message_is_no_topic(app: App, fake: FakeTelegram) -> None:
    async with chatting(app, fake):
        fake.write(GROUP, "/size 3", who=ADMIN, message_thread_id=99)
        await fake.until(lambda: fake.screen(GROUP))
    assert (await reader_at(app, GROUP)).size == 3


async def test_a_topic_that_was_deleted_or_closed_is_paused_and_reopening_takes_it_back(
    app: App, fake: FakeTelegram
) -> None:
    place = f"{GROUP}/{TOPIC}"
    await app.store.subscribers.save(Subscriber("telegram", place))
    fake.refuse(400, "Bad Request: TOPIC_CLOSED", method="sendMessage", chat=GROUP)
    async with chatting(app, fake):
        fake.write(GROUP, "/help", who=GUEST, topic=TOPIC)
        await fake.until(lambda: fake.called("sendMessage"))
        fake.write(GUEST, "/help")
        await fake.until(lambda: fake.texts(GUEST))
        assert (await reader_at(app, place)).state is State.GONE
        reopened = message(GROUP, topic=TOPIC) | {"forum_topic_reopened": {}}
        fake.push({"message": reopened})
        fake.write(GROUP, "/help", who=GUEST, topic=TOPIC)
        await fake.until(lambda: fake.texts(GROUP))
    assert (await reader_at(app, place)).state is State.ACTIVE


async def test_a_group_that_throws_us_out_is_gone_with_all_its_topics(
    app: App, fake: FakeTelegram
) -> None:
    places = (str(GROUP), f"{GROUP}/{TOPIC}", f"{GROUP}1")
    for place in places:
        await app.store.subscribers.save(Subscriber("telegram", place))
    async with chatting(app, fake):
        for status, expected in (("kicked", State.GONE), ("member", State.ACTIVE)):
            fake.block(GROUP, status, "supergroup")
            await seen_to(app, fake, expected)
            states = [(await reader_at(app, place)).state for place in places]
            assert states == [expected, expected, State.ACTIVE]


async def test_a_group_that_becomes_a_supergroup_keeps_what_it_reads(
    app: App, fake: FakeTelegram
) -> None:
    await app.store.subscribers.save(Subscriber("telegram", "-7", fields=("storage",), size=3))
    await app.store.subscribers.save(Subscriber("telegram", "-8", fields=("ai",)))
    moved = message(-7) | {"migrate_to_chat_id": GROUP}
    upgraded = "Bad Request: group chat was upgraded"
    fake.refuse(400, upgraded, chat=-8, method="sendMessage", migrate_to_chat_id=-100300)
    async with chatting(app, fake):
        fake.push({"message": moved})
        fake.write(-8, "/help", who=GUEST)
        await fake.until(lambda: fake.called("sendMessage"))
        fake.write(GROUP, "/help", who=GUEST)
        await fake.until(lambda: fake.texts(GROUP))
    assert (await reader_at(app, GROUP)).size == 3
    assert (await reader_at(app, -100300)).fields == ("ai",)


@pytest.mark.parametrize("lines", [20])
async def test_one_person_cannot_use_up_a_groups_share(
    app: App, fake: FakeTelegram, lines: int
) -> None:
    async with chatting(app, fake):
        for number in range(lines):
            fake.write(GROUP, f"/size {number}", who=GUEST)
        fake.write(GROUP, "/help", who=ADMIN)
        await fake.until(lambda: any("/today" in text for text in fake.texts(GROUP)))
    slow = [text for text in fake.texts(GROUP) if text.startswith("That was a lot")]
    assert len(slow) == 1
    assert len(fake.texts(GROUP)) == 12 + len(slow) + 1


# What is about whoever asks


@dataclass
class Likes:
    """A personal command, as it will be one day."""

    liked: list[str]

    async def answer(self, reader: Subscriber, text: str) -> tuple[Subscriber, Reply]:
        self.liked.append(f"{reader.address} {text}")
        if text == "/saved":
            return reader, Reply(notice("Your saved papers"))
        return reader, Reply((), toast="Liked", in_place=True)

    @staticmethod
    def meant(text: str) -> Command | None:
        async def no_handler(
            _desk: Any, reader: Subscriber, _text: str
        ) -> tuple[Subscriber, Reply]:
            return reader, Reply(())

        word = text.removeprefix("/").partition(" ")[0]
        is_personal = word in {"like", "saved"}
        return Command(word, no_handler, personal=True) if is_personal else meant(text)


async def test_what_is_personal_is_answered_to_whoever_asks_and_not_to_the_group(
    app: App, fake: FakeTelegram
) -> None:
    likes = Likes([])
    await app.store.subscribers.save(Subscriber("telegram", str(GUEST), language="zh"))
    async with chatting(app, fake, meant=likes.meant, answer=likes.answer):
        fake.tap(GROUP, "/like 9913.00412", who=GUEST)
        await fake.until(lambda: fake.toasts(GROUP))
        fake.tap(GROUP, "/saved", who=GUEST)
        await fake.until(lambda: len(fake.toasts(GROUP)) == 2)
        fake.write(GROUP, "/saved", who=GUEST)
        await fake.until(lambda: len(fake.texts(GUEST)) == 2)
    assert likes.liked == [f"{GUEST} /like 9913.00412", f"{GUEST} /saved", f"{GUEST} /saved"]
    assert fake.toasts(GROUP) == ["Liked", "已私聊发给您。"]
    assert fake.texts(GUEST) == ["Your saved papers"] * 2
    assert fake.texts(GROUP) == []


async def test_a_stranger_is_led_to_the_bot(app: App, fake: FakeTelegram) -> None:
    likes = Likes([])
    async with chatting(app, fake, meant=likes.meant, answer=likes.answer):
        fake.tap(GROUP, "/like 2602.09001", who=GUEST)
        await fake.until(lambda: fake.called("answerCallbackQuery"))
        fake.write(GROUP, "/saved", who=GUEST)
        await fake.until(lambda: fake.texts(GROUP))
    opened = fake.called("answerCallbackQuery")[0].params
    assert opened["url"] == "https://t.me/paperboy_bot?start=p_2602-09001"
    assert fake.texts(GROUP) == ["That is yours alone. Please tell me in private."]
    ours = fake.screen(GROUP)[0].button("Open our chat")["url"]
    assert ours == "https://t.me/paperboy_bot?start=hello"
    assert likes.liked == []


async def test_a_tap_in_a_channel_is_answered_in_private(app: App, fake: FakeTelegram) -> None:
    await app.store.subscribers.save(Subscriber("telegram", str(GUEST), language="zh"))
    place = {"id": -300, "type": "channel", "title": "C"}
    below = {"message_id": 7, "date": 1_770_000_000, "chat": place, "text": "A digest"}
    who = {"id": GUEST, "is_bot": False, "first_name": "R"}
    query = {"id": "q", "from": who, "chat_instance": "1", "data": "/help", "message": below}
    async with chatting(app, fake):
        fake.push({"callback_query": query})
        await fake.until(lambda: fake.called("answerCallbackQuery"))
    assert fake.texts(-300) == []
    assert len(fake.texts(GUEST)) == 1
    assert fake.called("answerCallbackQuery")[0].params["text"] == "已私聊发给您。"


def test_each_command_is_for_everybody_for_admins_or_about_whoever_asks() -> None:
    """A new one has to be put somewhere: by default a group's guests may use it."""
    marked = {each.name for each in COMMANDS if each.configures or each.personal or each.for_admins}
    reading = (
        "today fields date calendar rest paper author similar search source again mistake bibtex"
    )
    assert {each.name for each in COMMANDS} - marked == {
        *reading.split(),
        "settings",
        "help",
        "share",
    }

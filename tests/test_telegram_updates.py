"""Conversations on Telegram, as a reader has them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels.telegram import Telegram
from bot.channels.telegram_readers import Newcomers
from bot.channels.telegram_replies import Replies
from bot.channels.telegram_serve import serve
from bot.channels.telegram_updates import Conversations
from bot.commands import Choice, Command, Reply
from digest.errors import PaperNotFound, StoreReadOnly
from digest.models import Subscriber
from digest.render.blocks import Block, bold, line
from digest.render.notices import notice
from digest.summarize.called import understand
from tests.fakes.telegram import TOKEN, FakeTelegram, logged, message, person

if TYPE_CHECKING:
    from digest.store import Store

SECRET_TEXT = "my-very-private-thought"


@dataclass
class Readers:
    """The real store's subscribers; who is active is noted here."""

    store: Store
    active: dict[int, bool] = field(default_factory=dict)
    cannot: bool = False

    async def find(self, channel: str, address: str) -> Subscriber | None:
        if self.cannot:
            raise StoreReadOnly(path="paperboy.db")
        return await self.store.subscribers.find(channel, address)

    async def at(self, channel: str, chat: str) -> tuple[Subscriber, ...]:
        return await self.store.subscribers.at(channel, chat)

    async def move(self, subscriber_id: int, address: str) -> None:
        await self.store.subscribers.move(subscriber_id, address)

    async def save(self, subscriber: Subscriber) -> Subscriber:
        return await self.store.subscribers.save(subscriber)

    async def set_active(self, subscriber_id: int, active: bool, /) -> None:  # noqa: FBT001 - the Protocol's
        self.active[subscriber_id] = active


@dataclass
class Desk:
    """A few commands for the tests; notes what it was asked."""

    readers: Readers
    asked: list[tuple[str, str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: Subscriber, text: str) -> tuple[Subscriber, Reply]:
        self.asked.append((reader.address, text))
        if reader.id is None:
            reader = await self.readers.save(reader)
        word, _, rest = text.partition(" ")
        if word == "/wait":
            await self.gate.wait()
        if word == "/break":
            raise ZeroDivisionError(rest)
        if word == "/headline":
            return reader, Reply((Block((line(bold("A headline")),)),))
        if word == "/lost":
            raise PaperNotFound(id=rest)
        if word == "/many":
            blocks = tuple(
                block for number in range(int(rest)) for block in notice(f"{number} " + "x" * 3000)
            )
            return reader, Reply(blocks, (Choice("More", "/more"),))
        if word == "/pick":
            return reader, Reply(
                notice("Pick"), (Choice("AI", "/say AI"), Choice("long", "/say " + "长" * 40))
            )
        return reader, Reply(notice(rest or f"You said {text}"))


def meant(text: str) -> Command | None:
    """Groups hear known commands only."""
    word = text.removeprefix("/").partition(" ")[0].partition("@")[0]
    return Command(word, no_handler) if word in {"say", "wait"} else None


async def no_handler(_desk: object, reader: Subscriber, _argument: str) -> tuple[Subscriber, Reply]:
    return reader, Reply(())


@dataclass
class Talk:
    """A bot in conversation."""

    telegram: Telegram
    desk: Desk
    readers: Readers
    sleeps: list[float]


Talking = Callable[..., AbstractAsyncContextManager[Talk]]


@pytest.fixture(autouse=True)
def token_and_words_are_kept(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    caplog.set_level("DEBUG", "telegram")
    yield
    shown = capfd.readouterr()
    assert TOKEN not in shown.out + shown.err + logged(caplog)
    assert SECRET_TEXT not in shown.out + shown.err + logged(caplog, logging.INFO)


@pytest.fixture
def talking(fake: FakeTelegram, store: Store) -> Talking:
    @asynccontextmanager
    async def running(
        *, typing_after_s: float = 60, clock: Callable[[], float] = lambda: 0.0, **options: Any
    ) -> AsyncIterator[Talk]:
        async with Telegram(TOKEN, api_url=fake.url) as telegram:
            readers = Readers(store)
            talk = Talk(telegram, Desk(readers), readers, [])

            async def sleep(seconds: float) -> None:
                talk.sleeps.append(seconds)

            replies = Replies(telegram.bot, telegram, typing_after_s, sleep)
            known: dict[str, Any] = {"meant": meant, "clock": clock, "replies": replies}
            conversations = Conversations(
                telegram, talk.readers, talk.desk.answer, **known | options
            )
            serving = asyncio.create_task(serve(telegram, conversations))
            try:
                yield talk
            finally:
                talk.desk.gate.set()
                serving.cancel()
                with suppress(asyncio.CancelledError):
                    await serving

    return running


async def test_a_message_is_answered_and_the_reader_is_known_from_then_on(
    fake: FakeTelegram, talking: Talking, store: Store
) -> None:
    async with talking() as talk:
        fake.write(5, "/start ref-1", language="zh-hans")
        fake.write(6, "hello", language="de")
        await fake.until(lambda: fake.texts(5) and fake.texts(6))
        assert fake.texts(6) == ["You said hello"]
        assert ("5", "/start ref-1") in talk.desk.asked
    chinese = await store.subscribers.find("telegram", "5")
    german = await store.subscribers.find("telegram", "6")
    assert chinese
    assert german
    assert (chinese.language, chinese.timezone, chinese.fields) == ("zh", "Asia/Shanghai", ())
    assert (german.language, german.timezone) == ("en", "UTC")


@pytest.mark.parametrize(
    ("code", "language", "zone"),
    [
        ("zh", "zh", "Asia/Shanghai"),
        ("zh-TW", "zh", "Asia/Shanghai"),
        ("en-US", "en", "UTC"),
        (None, "en", "UTC"),
        ("xx", "en", "UTC"),
        ("", "en", "UTC"),
    ],
)
def test_the_language_of_the_client_decides(code: str | None, language: str, zone: str) -> None:
    reader = Newcomers().subscriber("5", code)
    assert (reader.language, reader.timezone) == (language, zone)


@pytest.mark.parametrize(
    ("code", "language", "zone"),
    [
        ("zh-TW", "zh-Hant", "Asia/Taipei"),
        ("de", "de", "Europe/Berlin"),
        ("es-MX", "es", "UTC"),
        ("tlh", "en", "UTC"),
    ],
)
def test_with_a_model_a_client_may_speak_any_language_of_summaries(
    code: str, language: str, zone: str
) -> None:
    reader = Newcomers(understand=understand).subscriber("5", code)
    assert (reader.language, reader.timezone) == (language, zone)


def test_what_the_operator_chose_is_the_default() -> None:
    reader = Newcomers(language="zh", timezone="Europe/Berlin", size=5).subscriber("5", "de")
    assert (reader.language, reader.timezone, reader.size) == ("zh", "Europe/Berlin", 5)


async def test_settings_chosen_before_are_kept(
    fake: FakeTelegram, talking: Talking, store: Store
) -> None:
    await store.subscribers.save(Subscriber("telegram", "5", language="zh", size=3))
    fake.refuse(429, "Too Many Requests", method="sendMessage", retry_after=1)
    async with talking():
        fake.write(5, "/lost 9913.00412", language="en")
        await fake.until(lambda: fake.texts(5))
    assert fake.texts(5)[0].startswith("arXiv 上没有 9913.00412。")
    known = await store.subscribers.find("telegram", "5")
    assert known
    assert known.size == 3


async def test_a_long_answer_is_several_messages_and_one_notification(
    fake: FakeTelegram, talking: Talking
) -> None:
    async with talking():
        fake.write(5, "/many 3")
        await fake.until(lambda: len(fake.texts(5)) == 3)
    first, second, third = fake.messages(5)
    assert [page.params.get("disable_notification") for page in (first, second, third)] == [
        None,
        True,
        True,
    ]
    assert [page.buttons for page in (first, second)] == [[], []]
    assert third.buttons == [[("More", "/more")]]


async def test_a_tapped_button_is_a_command_and_stops_spinning(
    fake: FakeTelegram, talking: Talking
) -> None:
    async with talking():
        fake.write(5, "/pick")
        await fake.until(lambda: fake.texts(5))
        (((_, short), (_, long)),) = fake.messages(5)[0].buttons
        fake.tap(5, short)
        fake.tap(5, long)
        await fake.until(
            lambda: len(fake.texts(5)) == 3 and len(fake.called("answerCallbackQuery")) == 2
        )
    assert fake.texts(5)[1:] == ["AI", "长" * 40]
    assert [call.params for call in fake.called("answerCallbackQuery")] == [
        {"callback_query_id": "tap-5"}
    ] * 2


async def test_a_stale_or_forged_button_is_answered_politely(
    fake: FakeTelegram, talking: Talking
) -> None:
    async with talking() as talk:
        fake.tap(5, "~forged", language="zh-hans")
        fake.push(
            {
                "callback_query": {
                    "id": "old",
                    "from": person(5),
                    "chat_instance": "1",
                    "data": "/today",
                }
            }
        )
        await fake.until(lambda: len(fake.called("answerCallbackQuery")) == 2)
        assert talk.desk.asked == []
    words = {call.params["text"] for call in fake.called("answerCallbackQuery")}
    assert words == {
        "这个按钮已失效，请重新发送命令。",
        "This button has expired. Please send the command again.",
    }


async def test_a_button_of_a_message_that_is_gone_still_works(
    fake: FakeTelegram, talking: Talking
) -> None:
    gone = {"chat": message(5)["chat"], "message_id": 7, "date": 0}
    async with talking():
        fake.push(
            {
                "callback_query": {
                    "id": "q",
                    "from": person(5),
                    "chat_instance": "1",
                    "data": "/say hi",
                    "message": gone,
                }
            }
        )
        await fake.until(lambda: fake.texts(5) == ["hi"])


async def test_a_tap_that_telegram_no_longer_knows_does_no_harm(
    fake: FakeTelegram, talking: Talking
) -> None:
    fake.refuse(400, "Bad Request: query is too old", method="answerCallbackQuery")
    async with talking():
        fake.tap(5, "/say hi")
        await fake.until(lambda: fake.texts(5) == ["hi"])


async def test_edited_messages_channel_posts_and_unknown_updates_are_left_alone(
    fake: FakeTelegram, talking: Talking
) -> None:
    async with talking() as talk:
        fake.push(
            {"edited_message": message(5) | {"text": "/say edited", "edit_date": 1_770_000_001}}
        )
        fake.push({"channel_post": message(-5) | {"text": "/say post"}})
        fake.push({"message": "what is this?"})
        fake.push({"something_new": {}})
        fake.push({"message": message(5) | {"new_chat_title": "x"}})
        fake.push(
            {"message": message(5) | {"text": "/say bot", "from": person(9) | {"is_bot": True}}}
        )
        fake.write(5, "/say last")
        await fake.until(lambda: fake.texts(5))
        assert talk.desk.asked == [("5", "/say last")]


async def test_a_caption_is_read_and_a_picture_alone_is_answered(
    fake: FakeTelegram, talking: Talking
) -> None:
    photo = {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}
    async with talking() as talk:
        fake.push({"message": message(5) | photo | {"caption": "https://arxiv.org/abs/9913.00412"}})
        await fake.until(lambda: fake.texts(5))
        fake.push({"message": message(5) | photo})
        await fake.until(lambda: len(fake.texts(5)) == 2)
        assert talk.desk.asked == [("5", "https://arxiv.org/abs/9913.00412")]
    assert fake.texts(5)[1].startswith("I can read text only.")


async def test_in_a_group_only_commands_and_mentions_are_heard(
    fake: FakeTelegram, talking: Talking
) -> None:
    heard = (
        "/say one",
        "/say@paperboy_bot two",
        "@Paperboy_Bot, hello",
        "good morning @paperboy_bot",
    )
    unheard = ("hello all", "/say@other_bot three", "hi @somebody", " ")
    async with talking() as talk:
        for text in (*unheard, *heard):
            fake.write(-100, text)
        fake.push(
            {
                "message": message(-100)
                | {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}
            }
        )
        await fake.until(lambda: len(fake.texts(-100)) == len(heard))
        assert [text for _, text in talk.desk.asked] == [
            "/say one",
            "/say@paperboy_bot two",
            "hello",
            "good morning",
        ]


async def test_an_anonymous_administrator_is_heard(fake: FakeTelegram, talking: Talking) -> None:
    anonymous = message(-100, who=1087968824) | {"text": "/say hi"}
    anonymous["from"]["is_bot"] = True
    anonymous["sender_chat"] = anonymous["chat"]
    async with talking():
        fake.push({"message": anonymous})
        await fake.until(lambda: fake.texts(-100) == ["hi"])


async def test_one_chat_waits_for_its_answers_and_the_others_do_not(
    fake: FakeTelegram, talking: Talking
) -> None:
    async with talking() as talk:
        fake.write(5, "/wait")
        fake.tap(5, "/say tapped")
        fake.write(5, "/say at last")
        fake.write(6, "/say quick")
        await fake.until(lambda: fake.texts(6))
        assert fake.texts(5) == []
        talk.desk.gate.set()
        await fake.until(lambda: len(fake.texts(5)) == 3)
    assert fake.texts(5) == ["You said /wait", "tapped", "at last"]


async def test_a_double_tap_is_answered_once(fake: FakeTelegram, talking: Talking) -> None:
    async with talking() as talk:
        for _ in range(3):
            fake.tap(5, "/wait")
        await fake.until(lambda: len(fake.called("answerCallbackQuery")) == 3)
        talk.desk.gate.set()
        await fake.until(lambda: fake.texts(5))
        fake.write(5, "/say done")
        await fake.until(lambda: "done" in fake.texts(5))
        assert talk.desk.asked == [("5", "/wait"), ("5", "/say done")]


async def test_a_flood_of_commands_gets_one_warning_and_then_silence(
    fake: FakeTelegram, talking: Talking
) -> None:
    async with talking() as talk:
        for number in range(40):
            fake.write(5, f"/say {number}", language="zh")
        fake.write(6, "/say me")
        await fake.until(lambda: len(fake.texts(5)) == 31 and fake.texts(6))
        assert len([who for who, _ in talk.desk.asked if who == "5"]) == 30
    assert [text for text in fake.texts(5) if not text.isdecimal()] == [
        "一下子发得有点多，请稍候，一分钟后我继续回复。"
    ]


async def test_typing_is_shown_while_an_answer_takes_long(
    fake: FakeTelegram, talking: Talking
) -> None:
    async with talking(typing_after_s=0) as talk:
        fake.write(5, "/wait")
        await fake.until(lambda: fake.called("sendChatAction"))
        talk.desk.gate.set()
        await fake.until(lambda: fake.texts(5))
    assert fake.called("sendChatAction")[0].params == {"chat_id": 5, "action": "typing"}


async def test_typing_that_fails_spoils_nothing(fake: FakeTelegram, talking: Talking) -> None:
    fake.refuse(500, "Internal Server Error", method="sendChatAction")
    async with talking(typing_after_s=0) as talk:
        fake.write(5, "/wait")
        await fake.until(lambda: fake.called("sendChatAction"))
        talk.desk.gate.set()
        await fake.until(lambda: fake.texts(5))


async def test_our_own_fault_is_answered_and_logged_without_what_was_written(
    fake: FakeTelegram, talking: Talking, capfd: pytest.CaptureFixture[str]
) -> None:
    async with talking():
        fake.write(5, f"/break {SECRET_TEXT}")
        fake.write(6, "/say fine")
        await fake.until(lambda: fake.texts(5) and fake.texts(6))
    assert fake.texts(5) == [
        "Something went wrong on our side. It is noted; please try again in a minute."
    ]
    shown = capfd.readouterr().out
    assert "ZeroDivisionError" in shown
    assert "test_telegram_updates.py" in shown
    assert SECRET_TEXT not in shown


async def test_blocking_pauses_and_unblocking_takes_back(
    fake: FakeTelegram, talking: Talking, store: Store
) -> None:
    reader = await store.subscribers.save(Subscriber("telegram", "5"))
    assert reader.id
    async with talking() as talk:
        fake.block(5)
        fake.block(99)  # nobody we know
        await fake.until(lambda: talk.readers.active == {reader.id: False})
        fake.unblock(5)
        await fake.until(lambda: talk.readers.active == {reader.id: True})
        fake.write(99, "/say again")
        await fake.until(lambda: fake.texts(99))
        assert talk.readers.active == {reader.id: True}


@pytest.mark.parametrize(
    ("status", "more", "active"),
    [
        ("left", {}, False),
        ("administrator", {}, True),
        ("restricted", {"is_member": True}, True),
        ("restricted", {"is_member": False}, False),
    ],
)
async def test_a_group_that_throws_us_out_is_paused(
    fake: FakeTelegram,
    talking: Talking,
    store: Store,
    status: str,
    more: dict[str, Any],
    active: object,
) -> None:
    reader = await store.subscribers.save(Subscriber("telegram", "-100"))
    assert reader.id
    async with talking() as talk:
        fake.block(-100, status, "supergroup", **more)
        await fake.until(lambda: talk.readers.active == {reader.id: active})


async def test_somebody_who_blocks_us_before_the_answer_is_paused(
    fake: FakeTelegram, talking: Talking
) -> None:
    fake.refuse(403, "Forbidden: bot was blocked by the user", method="sendMessage", chat=5)
    async with talking() as talk:
        fake.write(5, "/many 3")
        fake.write(6, "/say next")
        await fake.until(lambda: fake.texts(6) and talk.readers.active)
        assert list(talk.readers.active.values()) == [False]
    assert fake.texts(5) == [], "nothing more is tried"


async def test_a_flood_wait_is_waited_out_and_the_answer_goes_on(
    fake: FakeTelegram, talking: Talking
) -> None:
    fake.refuse(429, "Too Many Requests", method="sendMessage", retry_after=3)
    async with talking() as talk:
        fake.write(5, "/say patience")
        await fake.until(lambda: fake.texts(5))
        assert talk.sleeps == [3]


async def test_a_flood_wait_of_hours_is_not_waited_out(
    fake: FakeTelegram, talking: Talking
) -> None:
    fake.refuse(429, "Too Many Requests", method="sendMessage", chat=5, retry_after=7200)
    async with talking() as talk:
        fake.write(5, "/say lost")
        fake.write(6, "/say next")
        await fake.until(lambda: fake.texts(6) and len(fake.called("sendMessage")) == 2)
        assert (talk.sleeps, fake.texts(5)) == ([], [])


async def test_an_answer_that_may_be_lost_is_sent_again(
    fake: FakeTelegram, talking: Talking
) -> None:
    fake.reset(after=True, method="sendMessage")
    fake.answer("<html>Bad Gateway</html>", status=502, method="sendMessage")
    async with talking():
        fake.write(5, "/say here")
        await fake.until(lambda: len(fake.texts(5)) == 2)
    assert fake.texts(5) == ["here", "here"]


async def test_after_three_tries_the_next_reader_is_answered(
    fake: FakeTelegram, talking: Talking
) -> None:
    fake.reset(method="sendMessage", chat=5, times=3)
    async with talking():
        fake.write(5, "/say lost")
        await fake.until(lambda: len(fake.called("sendMessage")) == 3)
        fake.write(5, "/say next")
        await fake.until(lambda: fake.texts(5) == ["next"])


async def test_what_telegram_cannot_parse_goes_out_plain_once(
    fake: FakeTelegram, talking: Talking
) -> None:
    fake.refuse(400, "Bad Request: can't parse entities", method="sendMessage", chat=5)
    async with talking():
        fake.write(5, "/headline")
        await fake.until(lambda: fake.texts(5))
    refused, plain = fake.called("sendMessage")
    assert "entities" in refused.params
    assert "entities" not in plain.params


async def test_what_telegram_refuses_plain_is_given_up(
    fake: FakeTelegram, talking: Talking
) -> None:
    fake.refuse(400, "Bad Request: text is rude", method="sendMessage", chat=5, times=9)
    async with talking():
        fake.write(5, "/say rude")
        fake.write(6, "/say polite")
        await fake.until(lambda: fake.texts(6) and len(fake.called("sendMessage")) == 2)
    assert fake.texts(5) == []


async def test_a_store_that_fails_while_somebody_leaves_stops_nobody(
    fake: FakeTelegram, talking: Talking
) -> None:
    async with talking() as talk:
        talk.readers.cannot = True
        fake.block(5)
        fake.write(5, "/say one")
        await fake.until(lambda: fake.texts(5))
        talk.readers.cannot = False
        fake.write(5, "/say two")
        await fake.until(lambda: len(fake.texts(5)) == 2)
    refused, answered = fake.texts(5)
    assert "paperboy" in refused
    assert answered == "two"

"""What a command answers, as the chat shows it: messages changed in place, toasts, files, rows."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot.channels.telegram import Telegram
from bot.channels.telegram_replies import Replies
from bot.channels.telegram_serve import serve
from bot.channels.telegram_updates import Conversations
from bot.commands import Attachment, Choice, Reply
from bot.pace import Pace
from bot.paced import Paced
from digest.render.blocks import Block, bold, line
from digest.render.notices import notice
from tests.fakes.phone import Phone
from tests.fakes.telegram import TOKEN, FakeTelegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from digest.models import Subscriber
    from digest.store import Store

BIBTEX = Attachment("saved papers.bib", b"@misc{x}", "application/x-bibtex")
LONG = "/page 1 " + "长" * 40
NEVER_S = 60.0


@dataclass
class Desk:
    """A list of fields that is toggled in place, pages, a file."""

    store: Store
    followed: set[str] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: Subscriber, text: str) -> tuple[Subscriber, Reply]:
        word, _, rest = text.partition(" ")
        if reader.id is None:
            reader = await self.store.subscribers.save(reader)
        answers = {
            "/toggle": self.toggle,
            "/page": self.page,
            "/export": self.export,
            "/like": self.like,
            "/menu": self.menu,
        }
        if word == "/slow":
            await self.gate.wait()
        return reader, answers.get(word, self.said)(rest)

    def said(self, rest: str) -> Reply:
        return Reply(notice("said"), toast="Done" if rest == "toast" else "")

    def toggle(self, rest: str) -> Reply:
        self.followed ^= {rest}
        row = tuple(
            Choice(f"✓ {name}" if name in self.followed else name, f"/toggle {name}")
            for name in ("AI", "Storage")
        )
        return Reply(notice("Pick your fields"), rows=(row,), in_place=True, toast=f"Got {rest}")

    def page(self, rest: str) -> Reply:
        number, length = int(rest.split(maxsplit=1)[0]), 3000 if "long" in rest else 1
        title = Block((line(bold(f"Page {number}")),))
        return Reply(
            (title, *notice("x" * length), *notice("y" * length)),
            (Choice("▶", f"/page {number + 1}"), Choice("long", LONG)),
            in_place=True,
        )

    def export(self, rest: str) -> Reply:
        return Reply(notice(rest or "Your papers"), (Choice("More", "/menu"),), file=BIBTEX)

    def like(self, _rest: str) -> Reply:
        return Reply((), (Choice("👍 ✓", "/like"),), in_place=True, toast="Liked")

    def menu(self, _rest: str) -> Reply:
        return Reply(
            notice("Menu"),
            (
                Choice("PDF", link="https://arxiv.org/pdf/9913.00412"),
                Choice("Cite", copies="@misc{x}"),
                Choice("Share", shares="9913.00412"),
                Choice("👍", "/like"),
            ),
            rows=((Choice("Mo"), Choice("Tu")), (Choice(""), Choice("3", "/page 3"))),
        )


@pytest.fixture
def anna(fake: FakeTelegram) -> Phone:
    return Phone(fake, 5, "en")


@asynccontextmanager
async def talking(
    fake: FakeTelegram, store: Store, *, settled_within_s: float = NEVER_S
) -> AsyncIterator[Desk]:
    async with Telegram(TOKEN, api_url=fake.url, names=store.buttons) as telegram:
        desk, now = Desk(store), [0.0]

        async def sleep(seconds: float) -> None:
            now[0] += seconds

        paced = Paced(telegram, Pace(30, clock=lambda: now[0], sleep=sleep))
        replies = Replies(telegram.bot, paced, NEVER_S, sleep, settled_within_s=settled_within_s)
        conversations = Conversations(telegram, store.subscribers, desk.answer, replies=replies)
        serving = asyncio.create_task(serve(telegram, conversations))
        try:
            yield desk
        finally:
            desk.gate.set()
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving


async def test_a_tap_changes_the_message_it_came_from(
    fake: FakeTelegram, store: Store, anna: Phone
) -> None:
    async with talking(fake, store):
        typed = await anna.says("/toggle AI")
        assert typed.labels == [["✓ AI", "Storage"]]
        assert typed.text == "Got AI\n\nPick your fields", "typed, the toast is a line"
        await anna.taps("Storage")
        await anna.taps("✓ AI")
    (message,) = anna.screen
    assert (message.text, message.edits) == ("Pick your fields", 2)
    assert message.labels == [["AI", "✓ Storage"]]
    assert fake.toasts(5) == ["Got Storage", "Got AI"]


async def test_two_readers_tap_at_once_and_each_sees_their_own(
    fake: FakeTelegram, store: Store, anna: Phone
) -> None:
    async with talking(fake, store):
        await anna.says("/page 1")
        await Phone(fake, 6, "zh-hans").says("/page 1")
        fake.press(5, "▶")
        fake.press(6, "long", language="zh-hans")
        await fake.until(lambda: fake.toasts(5) and fake.toasts(6))
        await fake.until(lambda: fake.screen(5)[0].edits)
    assert fake.screen(5)[0].styled("bold") == ["Page 2"]
    assert fake.screen(6)[0].styled("bold") == ["Page 1"]


async def test_a_message_that_says_so_already_is_left_alone(
    fake: FakeTelegram, store: Store, anna: Phone
) -> None:
    async with talking(fake, store):
        await anna.says("/page 1")
        fake.press(5, "long")
        await fake.until(lambda: fake.called("editMessageText"))
        await anna.says("/said")
    assert [each.edits for each in anna.screen] == [0, 0], "no second copy of the page"


@pytest.mark.parametrize("why", ["message to edit not found", "message can't be edited"])
async def test_where_the_message_cannot_be_changed_a_new_one_comes(
    fake: FakeTelegram, store: Store, anna: Phone, why: str
) -> None:
    fake.refuse(400, f"Bad Request: {why}", method="editMessageText")
    async with talking(fake, store):
        await anna.says("/page 1")
        shown = await anna.taps("▶")
    assert len(anna.screen) == 2
    assert shown.styled("bold") == ["Page 2"]


async def test_a_message_that_is_no_longer_accessible_is_not_changed(
    fake: FakeTelegram, store: Store
) -> None:
    gone = {"chat": {"id": 5, "type": "private"}, "message_id": 7, "date": 0}
    query = {"id": "q", "from": {"id": 5, "is_bot": False, "first_name": "R"}, "chat_instance": "1"}
    async with talking(fake, store):
        fake.push({"callback_query": query | {"data": "/page 2", "message": gone}})
        await fake.until(lambda: fake.screen(5))
    assert not fake.called("editMessageText")


async def test_what_is_longer_than_a_page_comes_as_new_messages(
    fake: FakeTelegram, store: Store, anna: Phone
) -> None:
    async with talking(fake, store):
        await anna.says("/menu")
        fake.tap(5, "/page 2 long")
        await fake.until(lambda: len(fake.screen(5)) == 3)
    assert fake.screen(5)[0].text == "Menu"
    assert [each.silent for each in fake.screen(5)[1:]] == [False, True]


async def test_an_edit_is_tried_again_and_without_what_telegram_cannot_parse(
    fake: FakeTelegram, store: Store, anna: Phone
) -> None:
    fake.reset(method="editMessageText")
    fake.refuse(400, "Bad Request: can't parse entities", method="editMessageText")
    async with talking(fake, store):
        await anna.says("/page 1")
        message = await anna.taps("▶")
    assert anna.screen == [message]
    assert message.text.startswith("Page 2")
    assert message.entities == []


async def test_only_the_keyboard_is_changed_where_a_reply_has_no_words(
    fake: FakeTelegram, store: Store, anna: Phone
) -> None:
    async with talking(fake, store):
        await anna.says("/menu")
        await anna.taps("👍")
        await anna.says("/like")
    menu, typed = anna.screen
    assert (menu.text, menu.labels) == ("Menu", [["👍 ✓"]])
    assert fake.toasts(5) == ["Liked"]
    assert (typed.text, typed.labels) == ("Liked", [["👍 ✓"]])


async def test_the_keyboard_opens_copies_shares_and_keeps_its_rows(
    fake: FakeTelegram, store: Store, anna: Phone
) -> None:
    async with talking(fake, store):
        await anna.says("/menu")
        (menu,) = anna.screen
        await anna.told("Tu")
    assert menu.labels == [["Mo", "Tu"], [" ", "3"], ["PDF", "Cite", "Share"], ["👍"]]
    assert menu.button("PDF")["url"] == "https://arxiv.org/pdf/9913.00412"
    assert menu.button("Cite")["copy_text"] == {"text": "@misc{x}"}
    assert menu.button("Share")["switch_inline_query"] == "9913.00412"
    assert (fake.toasts(5), len(fake.screen(5))) == ([""], 1), "a cell does nothing"


async def test_a_tap_is_answered_in_time_and_its_toast_then_stands_in_the_message(
    fake: FakeTelegram, store: Store
) -> None:
    async with talking(fake, store, settled_within_s=0.0) as desk:
        fake.tap(5, "/slow toast")
        await fake.until(lambda: fake.toasts(5))
        assert (fake.toasts(5), fake.screen(5)) == ([""], [])
        desk.gate.set()
        await fake.until(lambda: fake.screen(5))
    assert fake.screen(5)[0].text == "Done\n\nsaid"


async def test_a_file_comes_with_its_words_below_it(fake: FakeTelegram, store: Store) -> None:
    async with talking(fake, store):
        fake.write(5, "/export")
        fake.write(6, "/export " + "long " * 500)
        await fake.until(lambda: fake.files(5) and fake.files(6))
    (shown,) = fake.screen(5)
    assert (shown.text, shown.labels) == ("Your papers", [["More"]])
    assert shown.file
    assert (shown.file.name, shown.file.content) == ("saved-papers.bib", b"@misc{x}")
    words, file = fake.screen(6)
    assert (words.file, file.text, words.silent, file.silent) == (None, "", False, True)


async def test_a_long_command_works_after_a_restart_and_not_in_another_chat(
    fake: FakeTelegram, store: Store
) -> None:
    async with talking(fake, store):
        fake.write(5, "/page 2")
        fake.write(6, "/menu")
        await fake.until(lambda: fake.screen(5) and fake.screen(6))
    async with talking(fake, store):
        data = fake.screen(5)[0].button("long")["callback_data"]
        fake.tap(6, data, language="zh-hans")
        fake.press(5, "long")
        await fake.until(lambda: fake.screen(5)[0].edits and fake.toasts(6))
    assert fake.screen(5)[0].styled("bold") == ["Page 1"]
    assert fake.toasts(6) == ["这个按钮已失效，请重新发送命令。"]


async def test_whoever_taps_too_much_is_told_over_the_chat(
    fake: FakeTelegram, store: Store
) -> None:
    async with talking(fake, store):
        for number in range(33):
            fake.tap(5, f"/like {number}")
        await fake.until(lambda: len(fake.toasts(5)) == 33)
    told = [each for each in fake.toasts(5) if each not in {"Liked", ""}]
    assert told == ["That was a lot at once. I go on answering in a minute."]

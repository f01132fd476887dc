"""An edition that comes late says whose fault that was, in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.lateness import with_line, with_line_waiting
from bot.watch import Watch
from digest import calendar
from digest.errors import TryLater
from digest.render.entities import TELEGRAM, Limits
from digest.store.looks import ABSENT, DOWN, GATHER, MISSED
from digest.store.outbox import Waiting, Written
from tests.fakes.papers import paper
from tests.test_deliver import MONDAY, TUESDAY, WEDNESDAY, Post, beijing, post
from tests.test_schedule import Clock

if TYPE_CHECKING:
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

__all__ = ["post"]

LATE = {"en": "This digest comes late", "zh": "这期送晚了"}


async def wednesday(post: Post, language: str, made: str) -> str:
    """What a reader gets who was owed Wednesday's at 09:30, and it was made at `made`."""
    await post.join(language=language)
    await post.publish(TUESDAY)
    await post.deliver(beijing(TUESDAY, "09:30"))
    at = beijing(WEDNESDAY, made)
    await post.publish(WEDNESDAY, at=at)
    await post.store.subscribers.wake(WEDNESDAY, at)
    await post.deliver(at)
    return post.channel.texts("1")[-1]


async def test_on_time_or_nearly_nothing_is_said(post: Post) -> None:
    assert LATE["en"] not in await wednesday(post, "en", "10:25")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "because arXiv was late: its batch was due Wednesday 09:00 (Beijing time)."),
        ("zh", "因为 arXiv 晚了：这批论文原定星期三 09:00（北京时间）公布。"),
    ],
)
async def test_arxiv_was_late(post: Post, language: str, words: str) -> None:
    await post.store.looks.note(ABSENT, beijing(WEDNESDAY, "13:30"), WEDNESDAY)
    text = await wednesday(post, language, "13:40")
    assert text.endswith(f"{LATE[language]}{' ' if language == 'en' else '，'}{words}")


@pytest.mark.parametrize("kind", [MISSED, GATHER])
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "because arXiv could not be reached for a while."), ("zh", "有一段时间连不上 arXiv。")],
)
async def test_arxiv_could_not_be_reached(post: Post, kind: str, language: str, words: str) -> None:
    await post.store.looks.note(kind, beijing(WEDNESDAY, "13:30"), WEDNESDAY)
    assert (await wednesday(post, language, "13:40")).endswith(words)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "and that is our own fault: it was not made or sent in time."), ("zh", "是我们的问题")],
)
@pytest.mark.parametrize("look", ["", "09:10", "10:30"])
async def test_we_were_down(post: Post, look: str, language: str, words: str) -> None:
    """Nothing was written down, or arXiv had it hours before we made it."""
    if look:
        await post.store.looks.note(ABSENT, beijing(WEDNESDAY, look), WEDNESDAY)
    assert words in await wednesday(post, language, "13:40")


async def test_what_was_ready_and_not_sent_is_our_fault(post: Post) -> None:
    await post.join()
    await post.publish(TUESDAY)
    await post.store.looks.note(MISSED, beijing(TUESDAY, "09:05"), None)
    await post.deliver(beijing(TUESDAY, "11:00"))
    assert "our own fault" in post.channel.texts("1")[0]


async def test_who_joined_after_it_was_due_is_told_nothing(post: Post) -> None:
    post.now = beijing(TUESDAY, "12:00")
    await post.join(hour="asap")
    await post.publish(TUESDAY, at=beijing(TUESDAY, "13:00"))
    await post.store.subscribers.wake(TUESDAY, beijing(TUESDAY, "13:00"))
    await post.deliver(beijing(TUESDAY, "13:00"))
    [text] = post.channel.texts("1")
    assert LATE["en"] not in text


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_telegram_was_down(post: Post, language: str) -> None:
    await post.join(language=language)
    await post.join(address="2", hour="12:30")
    await post.publish(TUESDAY)
    post.channel.fail(TryLater(retry_after=0), times=10**6)
    for clock in ("09:30", "09:31", "10:45", "12:25"):
        await post.deliver(beijing(TUESDAY, clock))
    assert (await post.store.looks.last())[DOWN].at == beijing(TUESDAY, "12:25")
    post.channel._faults.clear()  # noqa: SLF001 # it is up again
    await post.deliver(beijing(TUESDAY, "12:30"))
    [late], [in_time] = post.channel.texts("1"), post.channel.texts("2")
    words = {"en": "because Telegram took no messages for a while.", "zh": "消息发不到 Telegram"}
    assert LATE[language] in late
    assert words[language] in late
    assert LATE["en"] not in in_time


async def test_telegram_down_for_a_moment_is_not_worth_a_word(post: Post) -> None:
    await post.join()
    await post.publish(TUESDAY)
    post.channel.fail(TryLater(retry_after=0), times=3)
    for clock in ("09:30", "09:31", "09:32"):
        await post.deliver(beijing(TUESDAY, clock))
    [text] = post.channel.texts("1")
    assert LATE["en"] not in text


async def test_we_were_down_between_composing_and_sending(post: Post) -> None:
    await post.join()
    await post.publish(TUESDAY)
    await post.delivery.tick(beijing(TUESDAY, "09:30"))
    await post.deliver(beijing(TUESDAY, "15:30"))
    [text] = post.channel.texts("1")
    assert "our own fault" in text


async def test_the_watch_writes_down_that_arxiv_has_no_batch_yet(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(MONDAY, paper(1))
    arxiv.today = MONDAY
    clock = Clock(calendar.out_at(TUESDAY) + timedelta(hours=3))
    async with opened(clock) as app:
        await Watch(app.morning, clock).run()
        seen = (await app.store.looks.last())[ABSENT]
    assert (seen.at, seen.day) == (clock.now, TUESDAY)


def test_the_line_stands_where_there_is_room() -> None:
    limits, full, short = Limits(10, 5), Written("0123456789"), Written("01")
    assert with_line([full, short], "late", limits) == (full, Written("01\n\nlate"))
    assert with_line([full], "late", limits) == (full, Written("late", silent=True))


def test_in_the_outbox_it_stands_on_its_own_day_or_nowhere() -> None:
    now = beijing(TUESDAY, "09:30")
    old = Waiting(1, 1, "1", MONDAY, 2, 0, now, Written("old"))
    page = replace(old, id=2, day=TUESDAY, page=1, written=Written("new"))
    _, longer = with_line_waiting([old, page], TUESDAY, "late", TELEGRAM)
    assert longer.written.text == "new\n\nlate"
    assert with_line_waiting([old, page], TUESDAY, "late", Limits(3, 5)) == (old, page)

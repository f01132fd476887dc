"""Every answer that Telegram gives to a page, and what becomes of it: docs/delivery.md's table.

A reader has two pages, another one has one. Something befalls the first reader's first page; the
table says what is tried in that round, and what has arrived after all rounds of two days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels.telegram import Telegram
from bot.channels.telegram_http import Timeouts
from bot.pace import Pace
from bot.sending import Sending, Tally
from digest.models import State, Subscriber
from digest.store import Store
from digest.store.outbox import PageState, Written
from tests.fakes.clock import FakeClock
from tests.fakes.stores import fresh
from tests.fakes.telegram import TOKEN, FakeTelegram

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = Path(__file__).parent.parent / "docs" / "delivery.md"
READER = Subscriber("telegram", "5", "en", "UTC", 10, ("ai",), hour="09:30")
OTHER = replace(READER, address="6")
DAY = date(2026, 2, 3)
A_DAY = timedelta(days=1)
HALF_AN_HOUR = timedelta(minutes=30)

GONE: dict[str, Any] = {
    "asked": 1,
    "first": Tally(sent=1, gone=1),
    "seen": [],
    "others": {PageState.REFUSED: 2},
    "reader": State.GONE,
}
REFUSED: dict[str, Any] = {
    "asked": 3,
    "first": Tally(sent=2, dead=1),
    "seen": ["two"],
    "others": {PageState.DEAD: 1},
}
ONCE_MORE: dict[str, Any] = {"asked": 2, "first": Tally(sent=2, later=1), "seen": ["two", "one"]}


@dataclass(frozen=True)
class Row:
    """One answer, and what follows.

    Attributes:
        answer: the row's name in the table.
        befalls: what Telegram does to the first page.
        asked: messages to the first reader in the first round.
        first: what became of the first round's pages.
        seen: what the first reader has seen in the end.
        others: pages that are not sent in the end.
        reader: the state of the first reader in the end.
        at: where they are in the end.
        held_s: so long nothing was sent, to anybody.
    """

    answer: str
    befalls: Callable[[FakeTelegram], object]
    asked: int = 2
    first: Tally | None = None
    seen: tuple[str, ...] | list[str] = ("one", "two")
    others: dict[PageState, int] | None = None
    reader: State = State.ACTIVE
    at: int = 5
    held_s: float = 0.0


def refuses(status: int, words: str, times: int = 1, **parameters: Any) -> Callable[..., None]:
    def refuse(fake: FakeTelegram) -> None:
        fake.refuse(status, words, method="sendMessage", chat=5, times=times, **parameters)

    return refuse


ROWS = [
    Row("200", lambda _: None, first=Tally(sent=3)),
    Row(
        "429, for up to a minute",
        refuses(429, "Too Many Requests: retry after 35", retry_after=35),
        asked=3,
        first=Tally(sent=3),
        held_s=35,
    ),
    Row(
        "429, for longer",
        refuses(429, "Too Many Requests: retry after 7200", retry_after=7200),
        asked=1,
        held_s=7200,
    ),
    Row("403 blocked", refuses(403, "Forbidden: bot was blocked by the user"), **GONE),
    Row("403 kicked", refuses(403, "Forbidden: bot was kicked from the group chat"), **GONE),
    Row("403 deactivated", refuses(403, "Forbidden: user is deactivated"), **GONE),
    Row("400 chat not found", refuses(400, "Bad Request: chat not found"), **GONE),
    Row(
        "400 can't parse, once",
        refuses(400, "Bad Request: can't parse entities: unsupported"),
        asked=3,
        first=Tally(sent=3),
    ),
    Row(
        "400 can't parse",
        refuses(400, "Bad Request: can't parse entities: unsupported", times=2),
        **REFUSED,
    ),
    Row("400 too long", refuses(400, "Bad Request: message is too long", times=2), **REFUSED),
    Row(
        "400 not modified",
        refuses(400, "Bad Request: message is not modified", times=2),
        **REFUSED,
    ),
    Row(
        "400 migrated",
        refuses(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=-1005,
        ),
        asked=1,
        first=Tally(sent=3),
        at=-1005,
    ),
    Row("401", refuses(401, "Unauthorized"), asked=1),
    Row("404", refuses(404, "Not Found"), asked=1),
    Row(
        "409",
        refuses(409, "Conflict: terminated by other getUpdates request"),
        asked=1,
        first=Tally(sent=1, later=1),
    ),
    Row("500", refuses(500, "Internal Server Error"), **ONCE_MORE),
    Row("502", lambda fake: fake.answer("<html>Bad Gateway", status=502, chat=5), **ONCE_MORE),
    Row(
        "5xx, always",
        refuses(502, "Bad Gateway", times=10),
        first=Tally(sent=1, later=2),
        seen=[],
        others={PageState.DEAD: 2},
    ),
    Row("read timeout", lambda fake: fake.hang(chat=5), **ONCE_MORE),
    Row("reset", lambda fake: fake.reset(chat=5), **ONCE_MORE),
    Row(
        "reset, and it had arrived",
        lambda fake: fake.reset(chat=5, after=True),
        first=Tally(sent=2, later=1),
        seen=["one", "two", "one"],
    ),
]


@dataclass
class Round:
    """Rounds of sending to the fake, on a clock that nobody waits for."""

    store: Store
    fake: FakeTelegram
    telegram: Telegram
    clock: FakeClock

    async def freeze(self, reader: Subscriber, *texts: str) -> Subscriber:
        reader = await self.store.subscribers.save(reader)
        pages = [Written(text, (("bold", 0, 1, ""),)) for text in texts]
        now = self.clock.now()
        assert await self.store.outbox.freeze(reader, DAY, pages, now + A_DAY, now)
        return reader

    async def send(self) -> Tally:
        pace = Pace(1000, clock=self.clock, sleep=self.clock.sleep)
        sending = Sending(
            self.store, self.telegram, pace, clock=self.clock.now, at_once=1, settle_within_s=0
        )
        return await sending.send_waiting(self.clock.now())

    async def send_until_done(self) -> None:
        for _ in range(2 * 24 * 2):
            if not (await self.store.outbox.counts())[PageState.WAITING]:
                return
            self.clock.seconds += HALF_AN_HOUR.total_seconds()
            await self.send()


def shorn(text: str) -> str:
    """Without the line that says that it comes late."""
    return text.partition("\n\nThis digest comes late because Telegram")[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.answer)
async def test_what_becomes_of_a_page(row: Row, tmp_path: Path) -> None:
    clock = FakeClock()
    async with (
        FakeTelegram() as fake,
        Store.open(fresh(tmp_path), now=clock.now) as store,
        Telegram(TOKEN, api_url=fake.url, timeouts=Timeouts(read=0.3)) as telegram,
    ):
        round_ = Round(store, fake, telegram, clock)
        reader = await round_.freeze(READER, "one", "two")
        await round_.freeze(OTHER, "other")
        row.befalls(fake)
        tally = await round_.send()
        assert row.first is None or tally == row.first
        asked = [call for call in fake.called("sendMessage") if call.params["chat_id"] == 5]
        assert len(asked) == row.asked
        assert clock.seconds >= row.held_s if row.held_s <= 60 else not fake.messages(6)
        await round_.send_until_done()
        assert clock.seconds >= row.held_s
        assert [shorn(text) for text in fake.texts(row.at)] == list(row.seen)
        assert [shorn(text) for text in fake.texts(6)] == ["other"], "the others lose nothing"
        counts = await store.outbox.counts()
        left = {state: n for state, n in counts.items() if n and state is not PageState.SENT}
        assert left == (row.others or {})
        found = await store.subscribers.get(reader.id or 0)
        assert found is not None
        assert (found.state, found.address) == (row.reader, str(row.at))


async def test_a_connection_that_fails_is_tried_again_at_once_and_costs_no_try(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    async with (
        FakeTelegram() as fake,
        Store.open(fresh(tmp_path), now=clock.now) as store,
        Telegram(TOKEN, api_url=fake.url) as telegram,
    ):
        round_ = Round(store, fake, telegram, clock)
        await round_.freeze(READER, "one", "two")
        await fake.stop()
        assert await round_.send() == Tally(later=1)
        assert clock.seconds < 1, "three times, without a pause"
        await fake.start_again()
        assert await round_.send() == Tally(), "in a minute"
        clock.seconds += 60
        waiting = await store.outbox.waiting("telegram", clock.now())
        assert [page.attempts for page in waiting] == [0, 0]
        assert await round_.send() == Tally(sent=2)
        assert fake.texts(5) == ["one", "two"]


def test_the_table_has_a_row_for_each_of_them() -> None:
    named = [line.split("|")[1].strip() for line in TABLE.read_text().splitlines() if "|" in line]
    assert [row.answer for row in ROWS if row.answer not in named] == []
    assert "connect error" in named

"""/admin: what whoever runs the bot sees, and that nobody else sees that it exists."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot import chart
from bot.bulletins import go_on
from bot.commands.admin import LONGEST
from bot.commands.book import answer
from digest.models import State, Subscriber
from digest.render import plain
from digest.render.entities import TELEGRAM
from digest.store.bulletins import PAGES
from digest.store.outbox import Outcome, PageState, Written
from tests.conftest import NOON
from tests.fakes.papers import DAY, paper

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from bot.commands import Reply
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

BOSS = Subscriber("telegram", "42", language="en", fields=("cs.AI",))
READER = Subscriber("telegram", "7", language="zh", fields=("cs.AI", "storage"), hour="08:30")
LIMITS = {"telegram": TELEGRAM}


@pytest.fixture
async def app(opened: Opened, arxiv: FakeArxiv) -> AsyncIterator[App]:
    arxiv.announce(DAY, paper(1))
    async with opened(lambda: NOON, admins=(42,)) as running:
        yield running


async def says(app: App, reader: Subscriber, text: str) -> Reply:
    return (await answer(app.desk, reader, text))[1]


async def shown(app: App, reader: Subscriber, text: str) -> str:
    return plain.text((await says(app, reader, text)).blocks)


async def test_nobody_else_sees_that_it_exists(app: App) -> None:
    for reader in (READER, replace(BOSS, channel="console"), replace(BOSS, address="-42")):
        for line in ("/admin", "/admin chart", "/admin say Hello", "管理"):
            reply = await says(app, reader, line)
            as_unknown = await says(app, reader, line.replace("admin", "xyzzy"))
            assert plain.text(reply.blocks).replace("admin", "xyzzy") == plain.text(
                as_unknown.blocks
            )
            assert not any("admin" in each.command for each in reply.choices)
    assert "/admin" not in await shown(app, BOSS, "/help")


async def test_the_admin_sees_readers_fields_deliveries_and_cost(app: App) -> None:
    store = app.store
    await store.subscribers.save(BOSS)
    await store.subscribers.save(READER)
    await store.subscribers.save(Subscriber("console", "local"))
    gone = await store.subscribers.save(replace(READER, address="8"))
    assert gone.id is not None
    await store.subscribers.set_active(gone.id, False)  # noqa: FBT003 - its value
    await store.daily.delivered(NOON.date(), sent=31, failed=2)
    await store.daily.delivered(NOON.date() - timedelta(days=3), sent=9, failed=0)
    await app.morning.run(DAY)
    said = await shown(app, BOSS, "/admin")
    assert "2 active, 0 paused, 1 gone or stopped. In 30 days 3 joined and 1 left." in said
    assert "AI" in said.partition("Followed most:")[2]
    assert "Tuesday 3 February, published" in said
    assert "40 sent, 31 of them today; 2 given up; 0 waiting" in said
    assert "The model was not asked" in said


async def test_who_comes_and_goes_is_counted_once(app: App) -> None:
    store, day = app.store, NOON.date()
    saved = await store.subscribers.save(READER)
    assert saved.id is not None
    await store.subscribers.save(replace(saved, size=5))
    await store.subscribers.save(replace(saved, state=State.PAUSED))
    await store.subscribers.save(Subscriber("console", "local"))
    assert (await store.daily.since(day))[day].joined == 1
    await store.subscribers.save(replace(saved, state=State.STOPPED))
    await store.subscribers.save(replace(saved, state=State.ACTIVE))
    await store.subscribers.forget(saved.id)
    counted = (await store.daily.since(day))[day]
    assert (counted.joined, counted.gone) == (2, 2)
    assert await store.daily.since(day + timedelta(days=1)) == {}


async def test_the_chart_is_a_picture(app: App) -> None:
    await app.store.subscribers.save(READER)
    await app.store.daily.delivered(NOON.date(), sent=31, failed=2)
    reply = await says(app, BOSS, "/admin chart")
    assert reply.file is not None
    assert (reply.file.name, reply.file.media_type) == ("paperboy-2026-02-03.png", "image/png")
    with Image.open(io.BytesIO(reply.file.content)) as image:
        assert image.size == (chart.WIDTH, 3 * (chart.HEIGHT + chart.GAP) + chart.GAP)
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 16) or ()}
    assert (0xC0, 0x50, 0x4D) in colours  # what was given up is red
    assert "The last 30 days" in plain.text(reply.blocks)


def test_a_chart_of_nothing_is_drawn() -> None:
    days = [date(2026, 2, 1)]
    assert chart.draw(days, [chart.Panel([0.0]), chart.Panel([0.0], line=True)])
    assert [chart.shown(each) for each in (0, 0.25, 12, 3400, 1.2e6)] == [
        "0",
        "0.25",
        "12",
        "3.4k",
        "1.2M",
    ]


async def test_a_bulletin_is_shown_first_and_reaches_everybody_once(app: App) -> None:
    store = app.store
    for number in range(250):
        await store.subscribers.save(replace(READER, address=str(1000 + number)))
    await store.subscribers.save(BOSS)
    draft = await says(app, BOSS, "/admin say We move house on Friday.\n<b>No</b> digest is lost.")
    preview = plain.text(draft.blocks)
    assert "all active readers (251)" in preview
    assert "A word from whoever runs this bot\nWe move house on Friday.\n<b>No</b>" in preview
    assert await go_on(store, LIMITS, NOON) == 0  # nothing goes out unconfirmed
    send, drop = (each.command for each in draft.choices)
    assert "on its way" in await shown(app, BOSS, send)
    assert await go_on(store, LIMITS, NOON) == 251
    assert await go_on(store, LIMITS, NOON) == 0
    for again in (send, drop, "/admin send 99", "/admin send x", "/admin drop"):
        assert "no such draft" in await shown(app, BOSS, again)
    assert await go_on(store, LIMITS, NOON) == 0
    assert (await store.outbox.counts())[PageState.WAITING] == 251
    first = (await store.outbox.waiting("telegram", NOON, limit=1))[0]
    assert first.written.text.startswith("本机器人运营者的话")
    assert first.page < 0


async def test_a_bulletin_goes_on_where_it_was_broken_off(app: App) -> None:
    store = app.store
    for number in range(150):
        await store.subscribers.save(replace(READER, address=str(1000 + number)))
    await says(app, BOSS, "/admin say Hello")
    await says(app, BOSS, "/admin send 1")
    begun = await store.bulletins.unfinished()
    assert begun is not None
    done = await store.bulletins.go_on(begun, ("telegram",), lambda _: (Written("Hello"),), NOON)
    assert done == 100
    stale = await store.bulletins.go_on(begun, ("telegram",), lambda _: (Written("Hello"),), NOON)
    assert stale == 0  # another process was there
    assert await go_on(store, LIMITS, NOON) == 50
    assert (await store.outbox.counts())[PageState.WAITING] == 150


async def test_a_second_bulletin_of_a_day_is_another(app: App) -> None:
    await app.store.subscribers.save(READER)
    for text in ("First", "Second"):
        reply = await says(app, BOSS, f"/admin say {text}")
        await says(app, BOSS, reply.choices[0].command)
        assert await go_on(app.store, LIMITS, NOON) == 1
    waiting = await app.store.outbox.waiting("telegram", NOON)
    assert abs(waiting[0].page - waiting[1].page) >= PAGES


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/admin say", "Send /admin say and the text"),
        (
            "/admin say " + "x" * (LONGEST + 1),
            "may have 3,000 characters; this one has 3,001",
        ),
        ("/admin launch", "I do not know “/admin launch”"),
        ("/admin dead", "No page was given up."),
    ],
)
async def test_what_cannot_be_done_is_said(app: App, typed: str, words: str) -> None:
    assert words in await shown(app, BOSS, typed)


async def test_why_pages_were_given_up_is_told(app: App) -> None:
    outbox, saved = app.store.outbox, await app.store.subscribers.save(READER)
    await outbox.freeze(saved, DAY, [Written("One"), Written("Two")], NOON, NOON)
    dead = partial(Outcome, state=PageState.DEAD, at=NOON, reason="Bad Request: <b>no</b>")
    await outbox.settle([dead(each.id) for each in await outbox.waiting("telegram", NOON)])
    said = await shown(app, BOSS, "/admin dead")
    assert "2 × Bad Request: <b>no</b> (last " in said


async def test_a_thrown_away_draft_reaches_nobody(app: App) -> None:
    await app.store.subscribers.save(READER)
    reply = await says(app, BOSS, "/admin say Oops")
    assert "nobody got it" in await shown(app, BOSS, reply.choices[1].command)
    assert await go_on(app.store, LIMITS, NOON) == 0

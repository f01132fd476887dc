"""The first minute: from /start to a digest in three taps, and what links bring along."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import deeplinks
from bot.access import Door
from digest import fields, ids
from digest.models import Subscriber
from tests.fakes.papers import DAY, paper
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

NEW = Subscriber("telegram", "7", language="zh", timezone="Asia/Shanghai", hour="09:30")
REAL = replace(paper(1), id="2602.02489")


@pytest.fixture
async def app(arxiv: FakeArxiv, opened: Opened) -> AsyncIterator[App]:
    arxiv.announce(DAY, REAL, *(paper(n) for n in range(2, 9)))
    async with opened() as running:
        await running.gathering.fetch(DAY, ("cs",))
        await running.store.editions.publish(DAY, running.gathering.clock())
        yield running


@pytest.fixture
async def talk(app: App) -> Talk:
    return Talk(app, await app.store.subscribers.save(NEW))


def english(talk: Talk) -> Talk:
    talk.reader = replace(talk.reader, language="en", timezone="UTC", hour="07:00")
    return talk


class TestThreeTaps:
    async def test_lead_from_start_to_a_digest(self, talk: Talk) -> None:
        assert "我是论文报童" in await talk.say("/start")
        assert "看今天的论文" not in talk.labels
        assert "您关注：人工智能。" in await talk.tap("人工智能")
        assert talk.reply is not None
        assert talk.reply.in_place
        assert talk.reply.toast == "✓ 人工智能"
        assert "论文早报 · 2月3日" in await talk.tap("看今天的论文")

    async def test_then_it_asks_for_place_and_time_once(self, talk: Talk) -> None:
        await talk.say("/pick ai")
        said = await talk.say("/today")
        assert "推测您的时区：北京时间 · Asia/Shanghai，早报时间：09:30。" in said
        assert "/timezone Asia/Shanghai" in talk.commands
        assert talk.labels[-5:] == ["08:00", "09:00", "✓ 09:30", "12:30", "一公布就送"]
        assert "早报时间：08:00" in await talk.tap("08:00")
        assert "推测您的时区" not in await talk.say("/today")

    async def test_who_may_be_anywhere_is_offered_likely_places(self, talk: Talk) -> None:
        await english(talk).say("/pick ai")
        assert "you are in: UTC" in await talk.say("/today")
        said = await talk.tap("London")
        assert talk.reader.timezone == "Europe/London"
        assert "Time of your digest" in said
        assert "/time 08:00" in talk.commands
        await talk.say("/timezone")
        assert talk.commands == ["/timezone Europe/London"]

    async def test_a_terminal_is_asked_for_nothing(self, app: App) -> None:
        talk = Talk(app, await app.store.subscribers.save(replace(NEW, channel="console", hour="")))
        await talk.say("/pick ai")
        assert "推测您的时区" not in await talk.say("/today")


class TestTapping:
    async def test_a_second_tap_leaves_the_field(self, talk: Talk) -> None:
        await english(talk).say("/start")
        await talk.tap("Storage")
        assert "✓ Storage" in talk.labels
        await talk.tap("✓ Storage")
        assert talk.reader.fields == ()
        assert talk.reply is not None
        assert talk.reply.toast == "Storage"

    async def test_buttons_stay_where_they_are(self, talk: Talk) -> None:
        await talk.say("/start")
        assert talk.reply is not None
        before = [[each.command for each in row] for row in talk.reply.rows]
        for key in ("ai", "bio", "ag"):
            await talk.say(f"/pick {key}")
            assert [[each.command for each in row] for row in talk.reply.rows][:-1] == before
        assert len(before) <= 7, "they fit a phone's screen"

    async def test_what_is_no_field_changes_nothing(self, talk: Talk) -> None:
        await talk.say("/pick nothing of the kind")
        assert talk.reader.fields == ()
        assert "/pick ai" in talk.commands

    async def test_own_phrases_and_categories_stand_there_too(self, talk: Talk) -> None:
        talk.reader = replace(talk.reader, fields=("cs.DB", '"cold start"'))
        await talk.say("/pick ai")
        assert "✓ cs.DB" in talk.labels
        await talk.tap('✓ "cold start"')
        assert talk.reader.fields == ("cs.DB", "ai")

    async def test_there_is_an_end_to_it(self, talk: Talk) -> None:
        full = tuple(f'"word{n}"' for n in range(50))
        talk.reader = replace(talk.reader, fields=full)
        await talk.say("/pick ai")
        assert talk.reader.fields == full


class TestLinks:
    @pytest.mark.parametrize("payload", ["p_2602.02489", "p_2602-02489", "p_2602_02489v1"])
    async def test_open_a_paper_and_say_where_one_is(self, talk: Talk, payload: str) -> None:
        said = await english(talk).say(f"/start {payload}")
        assert "2602.02489" in said
        assert "This is Paperboy" in said
        assert "Choose fields" in talk.labels
        talk.reader = replace(talk.reader, fields=("ai",))
        assert "This is Paperboy" not in await talk.say(f"/start {payload}")

    @pytest.mark.parametrize(
        ("payload", "key"), [("f_ai", "ai"), ("f_cs_AI", "cs.AI"), ("f_hep-th", "hep-th")]
    )
    async def test_bring_a_field_that_can_be_left_at_once(
        self, talk: Talk, payload: str, key: str
    ) -> None:
        await talk.say(f"/start {payload}")
        assert talk.reader.fields == (key,)
        assert f"/pick {key}" in talk.commands
        assert "看今天的论文" in talk.labels

    async def test_ask_a_reader_who_follows_something_already(self, talk: Talk) -> None:
        talk.reader = replace(english(talk).reader, fields=("ai",))
        payload, carried = deeplinks.of_fields(("ai", "db", "cs.OS", '"cold start"'))
        assert carried == 4
        said = await talk.say(f"/start {payload}")
        assert said == 'Somebody shares these fields with you: Databases, cs.OS and "cold start".'
        assert talk.reader.fields[1:] == ()
        await talk.tap("Follow all 3")
        assert talk.reader.fields[1:] == ("db", "cs.OS", '"cold start"')
        assert "you follow all of them already" in await talk.say(f"/start {payload}")
        await talk.say("/start f_st")
        assert talk.labels == ["Follow Storage"]

    async def test_of_one_s_own_fields_are_given_away_without_one_s_name(self, talk: Talk) -> None:
        talk.reader = replace(english(talk).reader, fields=("ai", "db"))
        talk.desk = replace(talk.desk, bot_name="a_paper_bot")
        said = await talk.say("/share")
        [button] = talk.buttons
        assert button.copies in said
        payload = button.copies.removeprefix("https://t.me/a_paper_bot?start=")
        assert deeplinks.understood(payload) == deeplinks.Linked(fields=("ai", "db"))

    async def test_that_are_too_long_carry_what_fits_and_say_so(self, talk: Talk) -> None:
        long = tuple(f'"a rather long phrase number {n}"' for n in range(3))
        talk.reader = replace(english(talk).reader, fields=("ai", *long))
        assert "It carries 2 of your 4 fields" in await talk.say("/share")
        assert "/start s_" in await talk.say("/share")
        talk.reader = replace(talk.reader, fields=())
        await talk.say("/share")
        assert "/pick ai" in talk.commands

    @pytest.mark.parametrize(
        "payload",
        ["p_", "p_nothing", "f_zzz", 's_"', "s_####", "s_" + "A" * 90, "x_ai", "ref-1", "s_gICA"],
    )
    async def test_that_are_forged_get_the_plain_start(self, talk: Talk, payload: str) -> None:
        assert "我是论文报童" in await talk.say(f"/start {payload}")
        assert talk.reader.fields == ()

    async def test_do_not_let_anybody_in(self, app: App) -> None:
        reader = await app.store.subscribers.save(replace(NEW, language="en"))
        door = Door(app.desk, is_open=False)
        for text, said in (("/start f_ai", "by invitation"), ("/start wrong", "no code")):
            _, reply = await door.answer(reader, text)
            assert said in reply.blocks[0].lines[0].text
        code = await app.store.invitations.make(app.gathering.clock())
        _, reply = await door.answer(reader, f"/start {code}")
        assert "This is Paperboy" in reply.blocks[0].lines[0].text


KEYS = [each.key for each in (*fields.named(), *fields.categories())]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(KEYS), unique=True, max_size=30))
def test_a_shared_set_comes_back_as_it_went(keys: list[str]) -> None:
    payload, carried = deeplinks.of_fields(keys)
    assert re.fullmatch(r"[A-Za-z0-9_-]{2,64}", payload)
    found = deeplinks.understood(payload)
    assert (found.fields if found else ()) == tuple(keys)[:carried] or carried < len(keys)
    assert len(found.fields if found else ()) == carried


@pytest.mark.parametrize("text", ["2602.02489", "2602.02489v3", "0704.0001", "hep-th/9901001v2"])
def test_a_paper_s_link_comes_back_as_it_went(text: str) -> None:
    [wanted] = ids.find(text)
    payload = deeplinks.of_paper(wanted)
    assert re.fullmatch(r"[A-Za-z0-9_-]{2,64}", payload)
    assert deeplinks.understood(payload) == deeplinks.Linked(wanted)


@settings(max_examples=100)
@given(st.text(max_size=70) | st.text("pfs_AZaz09-.", max_size=70))
def test_no_payload_breaks_anything(payload: str) -> None:
    found = deeplinks.understood(payload)
    assert found is None or found.paper or found.fields

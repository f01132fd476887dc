"""Inline mode, as somebody sees it who types `@paperboy_bot …` in another chat."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.access import Door
from bot.channels.telegram_inline import A_MINUTE
from bot.commands.inline import Cards
from digest.models import Subscriber
from tests.fakes.chat import chatting
from tests.fakes.papers import paper

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from tests.conftest import Opened
    from tests.fakes.telegram import FakeTelegram

ONE, TWO = (replace(paper(number), id=f"2602.0900{number}") for number in (1, 2))


@pytest.fixture
async def app(opened: Opened) -> AsyncIterator[App]:
    async with opened() as running:
        await running.store.papers.save([ONE, TWO])
        yield running


async def offered(fake: FakeTelegram, name: str) -> dict[str, Any]:
    await fake.until(lambda: fake.found(name))
    answer = fake.found(name)
    assert answer
    return answer.params


async def test_a_stored_paper_is_offered_as_a_card_with_its_entities(
    app: App, fake: FakeTelegram
) -> None:
    async with chatting(app, fake):
        answer = await offered(fake, fake.query(9, f"https://arxiv.org/abs/{ONE.id}v1"))
    (card,) = answer["results"]
    content = card["input_message_content"]
    assert (card["type"], card["id"], card["title"]) == ("article", ONE.id, ONE.title)
    assert content["message_text"].startswith(ONE.title)
    assert {each["type"] for each in content["entities"]} >= {"bold", "text_link"}
    assert "parse_mode" not in content
    assert content["link_preview_options"] == {"is_disabled": True}
    ((arxiv, pdf),) = card["reply_markup"]["inline_keyboard"]
    assert arxiv["url"] == f"https://arxiv.org/abs/{ONE.id}"
    assert pdf["url"] == f"https://arxiv.org/pdf/{ONE.id}"
    assert (answer["is_personal"], answer["cache_time"]) == (True, 300)
    assert "button" not in answer


async def test_each_asker_is_offered_their_own_language(app: App, fake: FakeTelegram) -> None:
    await app.store.subscribers.save(Subscriber("telegram", "8", language="zh"))
    missing = "2602.09999"
    async with chatting(app, fake):
        names = [fake.query(8, missing), fake.query(9, missing), fake.query(10, "", language="zh")]
        chosen, guessed, hinted = [await offered(fake, name) for name in names]
    asked = {"text": "在私聊中向我要 2602.09999", "start_parameter": "p_2602-09999"}
    assert chosen["button"] == asked
    assert guessed["button"]["text"] == "Ask me for 2602.09999 in our chat"
    assert hinted["button"] == {"text": "请输入关键词或 arXiv 编号", "start_parameter": "hello"}
    assert (chosen["results"], chosen["cache_time"]) == ([], 5)
    assert await app.store.subscribers.find("telegram", "9") is None, "nobody is stored for it"


async def test_several_ids_are_several_cards_and_what_is_not_here_is_said(
    app: App, fake: FakeTelegram
) -> None:
    async with chatting(app, fake):
        answer = await offered(fake, fake.query(9, f"{TWO.id} {ONE.id} 2602.09999 9913.00412"))
    assert [card["id"] for card in answer["results"]] == [TWO.id, ONE.id]
    assert "2602.09999" in answer["button"]["text"]


async def test_words_find_papers_in_any_language(app: App, fake: FakeTelegram) -> None:
    words = " ".join(ONE.title.split()[:3])
    async with chatting(app, fake):
        found = await offered(fake, fake.query(9, words))
        letter = await offered(fake, fake.query(9, "q"))
        nothing = await offered(fake, fake.query(9, "quaternion marzipan"))
    assert ONE.id in [card["id"] for card in found["results"]]
    assert letter["results"] == nothing["results"] == []
    assert nothing["button"]["text"] == "Words or an arXiv id, please"


async def test_of_what_somebody_types_the_last_is_answered(app: App, fake: FakeTelegram) -> None:
    gate, asked = asyncio.Event(), list[str]()

    async def slow(_reader: Subscriber, text: str) -> Cards:
        asked.append(text)
        await gate.wait()
        return Cards()

    async with chatting(app, fake, cards=slow):
        names = [fake.query(9, text) for text in ("d", "di", "diffusion")]
        await fake.until(lambda: len(asked) == len(names))
        gate.set()
        await offered(fake, names[-1])
    assert [call.params["inline_query_id"] for call in fake.called("answerInlineQuery")] == [
        names[-1]
    ]


async def test_where_a_code_is_needed_a_stranger_finds_nothing(
    app: App, fake: FakeTelegram
) -> None:
    closed = Door(app.desk, is_open=False)
    async with chatting(app, fake, cards=closed.cards):
        assert (await offered(fake, fake.query(9, ONE.id)))["results"] == []


async def test_whoever_asks_too_often_is_not_answered_and_the_others_are(
    app: App, fake: FakeTelegram
) -> None:
    async with chatting(app, fake):
        for _ in range(A_MINUTE + 5):
            fake.query(9, "")
        await offered(fake, fake.query(8, ONE.id))
    asked = fake.called("answerInlineQuery")
    assert len(asked) <= A_MINUTE + 1


async def test_a_question_that_telegram_forgot_stops_nobody(app: App, fake: FakeTelegram) -> None:
    fake.refuse(400, "Bad Request: query is too old", method="answerInlineQuery")
    async with chatting(app, fake):
        await offered(fake, fake.query(9, ONE.id))
        assert (await offered(fake, fake.query(8, ONE.id)))["results"]

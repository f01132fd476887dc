"""A summary written anew, and mistakes that readers report."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from bot.commands.corrections import LONGEST, MOST_A_DAY
from digest.models import Subscriber, Summary
from tests.conftest import NOON
from tests.fakes.model import CHINESE, FakeModel
from tests.fakes.papers import DAY, paper
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.app import App
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

REAL = replace(paper(4), id="2602.02489")
READER = Subscriber("telegram", "7", language="zh", fields=("ai",))


class Clock:
    """It stands still until somebody moves it."""

    now = NOON

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def endpoint() -> Iterator[FakeModel]:
    with FakeModel() as running:
        yield running


@pytest.fixture
async def told(
    arxiv: FakeArxiv, opened: Opened, endpoint: FakeModel, clock: Clock
) -> AsyncIterator[Talk]:
    """A reader where a model is configured."""
    arxiv.announce(DAY, REAL, replace(paper(5), id="2602.02490"))
    model = {"openai_base_url": endpoint.url, "openai_api_key": SecretStr("sk"), "model": "m"}
    async with opened(clock, **model, reader_daily_summaries=2) as app:
        yield Talk(app, await app.store.subscribers.save(READER))


@pytest.fixture
async def app(arxiv: FakeArxiv, opened: Opened, clock: Clock) -> AsyncIterator[App]:
    """Without a model."""
    arxiv.announce(DAY, REAL)
    async with opened(clock) as running:
        yield running


def saying(gist: str) -> str:
    return json.dumps(CHINESE | {"gist": gist}, ensure_ascii=False)


async def test_a_summary_is_written_anew_in_place_of_the_old_one(
    told: Talk, endpoint: FakeModel
) -> None:
    assert CHINESE["gist"] in await told.say("/paper 2602.02489")
    endpoint.say(saying("换了一种更清楚的说法。"))
    assert "换了一种更清楚的说法。" in await told.tap("重新生成")
    assert told.reply is not None
    assert told.reply.in_place
    assert told.reply.toast == "已重新生成。"
    assert "换了一种更清楚的说法。" in await told.say("/paper 2602.02489")


async def test_once_a_day_for_each_version_and_reader(told: Talk, clock: Clock) -> None:
    await told.say("/again 2602.02489")
    assert "明天可以再来一次" in await told.say("/again 2602.02489")
    clock.now += timedelta(days=1)
    assert "今天已经" not in await told.say("/again 2602.02489")


async def test_the_old_one_stays_where_the_model_fails_and_another_try_is_free(
    told: Talk, endpoint: FakeModel
) -> None:
    await told.say("/paper 2602.02489")
    endpoint.say("no JSON", times=4)
    assert "先保留原来的" in await told.say("/again 2602.02489")
    endpoint.calm()
    assert CHINESE["gist"] in await told.say("/paper 2602.02489")
    assert CHINESE["gist"] in await told.say("/again 2602.02489")


async def test_a_new_telling_counts_against_the_quota(told: Talk) -> None:
    await told.say("/paper 2602.02489")
    await told.say("/again 2602.02489")
    await told.say("/paper 2602.02490")
    assert "您今天的新摘要额度已用完，先保留原来的摘要" in await told.say("/again 2602.02490")


async def test_without_a_model_or_a_paper_it_says_why_not(app: App) -> None:
    talk = Talk(app, await app.store.subscribers.save(replace(READER, language="en")))
    assert "No model is configured here" in await talk.say("/again 2602.02489")
    assert "written by hand" in await talk.say("/again 9913.00412")
    assert "Which paper?" in await talk.say("/again")


async def test_without_a_model_what_one_wrote_before_stays(app: App, arxiv: FakeArxiv) -> None:
    arxiv.announce(DAY, REAL)
    before = Summary(REAL.id, "zh", "a-model", "标题", "模型写的一句话。", version=1)
    talk = Talk(app, await app.store.subscribers.save(READER))
    await talk.say(f"/paper {REAL.id}")
    await app.store.summaries.save(before, asked="zh", prompt="1", at=NOON)
    assert await talk.say(f"/again {REAL.id}") == "这里没有配置模型，摘要保持原样。"
    assert before.gist in await talk.say(f"/paper {REAL.id}")


async def test_a_mistake_is_stored_and_told_to_the_admins_without_the_reader(app: App) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []

    async def tell(key: str, **params: Any) -> bool:
        heard.append((key, params))
        return True

    reader = await app.store.subscribers.save(replace(READER, language="en"))
    talk = Talk(app, reader, replace(app.desk, tell_admins=tell))
    said = await talk.say("/mistake https://arxiv.org/abs/2602.02489 the 9 ms are 90 ms")
    assert said == "Thank you, it is noted and will be read."
    [(key, params)] = heard
    assert key == "alarms.mistake_in_words"
    assert params == {
        "id": "2602.02489",
        "language": "en",
        "writer": "extract",
        "words": "the 9 ms are 90 ms",
    }
    assert "say what is wrong: /mistake 2602.02489" in await talk.say("/mistake 2602.02489")
    assert heard[1][0] == "alarms.mistake"
    assert await app.store.mistakes.count(reader.id or 0, NOON - timedelta(1)) == 2


async def test_nobody_floods_the_admins(app: App, clock: Clock) -> None:
    talk = Talk(app, await app.store.subscribers.save(replace(READER, language="en")))
    for _ in range(MOST_A_DAY):
        await talk.say(f"/mistake {REAL.id} " + "x" * LONGEST * 2)
    assert "please send more tomorrow" in await talk.say(f"/mistake {REAL.id}")
    clock.now += timedelta(days=1)
    assert "Thank you, it is noted." in await talk.say(f"/mistake {REAL.id}")
    assert "Which paper?" in await talk.say("/mistake")


async def test_nothing_is_noted_of_the_sample(app: App) -> None:
    talk = Talk(app, await app.store.subscribers.save(replace(READER, language="en")))
    assert "are invented, so nothing is noted" in await talk.say("/mistake 9913.00412 wrong")
    assert await app.store.mistakes.count(talk.reader.id or 0, NOON - timedelta(days=1)) == 0


async def test_who_is_forgotten_leaves_no_report(app: App) -> None:
    talk = Talk(app, await app.store.subscribers.save(READER))
    await talk.say(f"/mistake {REAL.id} 错了")
    number = talk.reader.id or 0
    assert await app.store.mistakes.count(number, NOON - timedelta(days=9)) == 1
    await talk.say("/forget yes")
    assert await app.store.mistakes.count(number, NOON - timedelta(days=9)) == 0

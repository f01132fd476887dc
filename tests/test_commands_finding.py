"""/search as a reader meets it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from digest.models import Announcement, Batch, Kind, Source, Subscriber, Summary
from tests.conftest import NOON
from tests.fakes.papers import DAY, paper, papers
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from tests.conftest import Opened

READER = Subscriber("console", "local", fields=("ai",))


@pytest.fixture
async def app(opened: Opened) -> AsyncIterator[App]:
    async with opened() as running:
        batch = tuple(Announcement(each, Kind.NEW) for each in papers(20))
        await running.store.editions.store(Batch("cs", DAY, Source.FEED, batch), (), NOON)
        told = Summary("9913.00004", "zh", "m", "把冷启动降到 4 毫秒", "云上更快。", version=1)
        await running.store.summaries.save(told, asked="zh", prompt="1", at=NOON)
        yield running


@pytest.fixture
def talk(app: App) -> Talk:
    return Talk(app, READER)


async def test_papers_are_listed_and_open_by_number(talk: Talk) -> None:
    said = await talk.say("/search serverless functions")
    assert said.startswith("Search: serverless functions\n5 papers, newest first.")
    assert "1 Cold Starts of Serverless Functions in 20 ms\n2026-02-03 · cs.AI · 9913.00020" in said
    assert talk.rows[0] == {
        str(n): f"/paper {each}"
        for n, each in enumerate(
            ("9913.00020", "9913.00016", "9913.00012", "9913.00008", "9913.00004"), 1
        )
    }
    assert talk.choices == {"Best first": "/search serverless functions by:best page:1"}
    assert not talk.reply.in_place


async def test_pages_are_turned_in_place(talk: Talk) -> None:
    await talk.say("/search example")
    assert talk.rows[1] == {"▶": "/search example page:2"}
    assert "9 Snapshots" in await talk.say(talk.rows[1]["▶"]) or talk.reply.in_place
    assert list(talk.rows[0]) == [str(n) for n in range(9, 17)]
    assert talk.rows[1] == {"◀": "/search example page:1", "▶": "/search example page:3"}
    assert talk.reply.in_place
    await talk.say("/search example page:999")
    assert talk.rows[1] == {"◀": "/search example page:2"}
    assert "best first" in await talk.say(talk.choices["Best first"])
    assert talk.choices == {"Newest first": "/search example page:1"}


async def test_chinese_finds_summaries_and_what_abstracts_say_in_english(talk: Talk) -> None:
    talk.reader = replace(READER, language="zh")
    said = await talk.say("搜 冷启动")
    assert "搜索：冷启动\n共 5 篇，新的在前。“冷启动”同时按 cold start 查找。" in said
    assert "把冷启动降到 4 毫秒" in said
    assert "共 1 篇" in await talk.say("搜索 快")


async def test_nothing_found_offers_searches_with_fewer_words(talk: Talk) -> None:
    said = await talk.say("/search serverless sheep")
    assert said == "No paper has “serverless sheep”. With a word less there are some:"
    assert talk.choices == {"serverless (5)": "/search serverless", "sheep (5)": "/search sheep"}
    assert await talk.say("/search zebrafish") == "No paper has “zebrafish”."


@pytest.mark.parametrize("typed", ["/search", "/search ?!", "/search page:2"])
async def test_a_search_without_words_says_how(talk: Talk, typed: str) -> None:
    assert "What are you looking for?" in await talk.say(typed)


async def test_an_id_alone_is_found(talk: Talk) -> None:
    assert "1 paper." in await talk.say("/search 9913.00007")


async def test_what_is_not_indexed_yet_is_said(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.finding.SOON", 3)
    await talk.app.store.papers.save([paper(99)])
    said = await talk.say("/search serverless")
    assert "42 stored papers are not searched yet" in said


WRITERS = ("Yann A. LeCun", "Ada Example")


@pytest.fixture
async def written(talk: Talk) -> None:
    store = talk.app.store
    told = [
        paper(31, title="One of his", authors=WRITERS),
        paper(32, title="One of hers", authors=("Y. LeCun", "Zoé Wœrner")),
        paper(33, title="No one's", authors=("Yvette Example", "Anna LeCun")),
    ]
    batch = tuple(Announcement(each, Kind.NEW) for each in told)
    await store.editions.store(Batch("cs", DAY, Source.FEED, batch), (), NOON)


@pytest.mark.usefixtures("written")
async def test_the_papers_of_an_author_and_a_button_to_follow(talk: Talk) -> None:
    said = await talk.say("/author LeCun, Yann")
    assert said.startswith("Papers of LeCun Yann\n2 papers, newest first.")
    assert [*talk.rows[0].values()] == ["/paper 9913.00032", "/paper 9913.00031"]
    await talk.say("/author Yann LeCun")
    assert talk.choices == {"Follow Yann LeCun": "/field author:Yann LeCun"}
    said = await talk.say("/field author:Yann LeCun")
    assert "You follow author Yann LeCun now." in said
    assert "author:Yann LeCun" in talk.reader.fields
    assert "author Yann LeCun" in await talk.say("/fields")
    await talk.say("/author Yann LeCun")
    assert talk.choices == {}
    await talk.say("/unfield author:Yann LeCun")
    assert list(talk.reader.fields) == ["ai"]


@pytest.mark.usefixtures("written")
async def test_what_author_cannot_find_is_said(talk: Talk) -> None:
    assert "No stored paper has an author Nobody Known" in await talk.say("/author Nobody Known")
    assert "Latin letters" in await talk.say("作者 张伟")
    assert "Whose papers?" in await talk.say("/author J.")


async def test_a_page_behind_the_last_one_is_the_last(talk: Talk) -> None:
    for command, last in (("/author Ada Example", 3), ("/search serverless", 1)):
        page = await talk.say(f"{command} page:{last}")
        assert await talk.say(f"{command} page:99") == page


async def test_pages_of_a_frequent_author(talk: Talk) -> None:
    assert "More than 15 papers" in await talk.say("/author Ada Example")
    assert "20 papers" in await talk.say(talk.rows[1]["▶"])
    assert "20 papers" in await talk.say(talk.rows[1]["▶"])
    assert list(talk.rows[1]) == ["◀"]


async def test_similar_papers_say_what_they_share(talk: Talk) -> None:
    said = await talk.say("/similar 9913.00004")
    assert said.startswith(
        "Similar to “Cold Starts of Serverless Functions in 4 ms”\n1 Cold Starts"
    )
    assert "9913.00020\nshares: serverless" in said
    assert "/paper 9913.00004" not in talk.rows[0].values()
    assert "Which paper?" in await talk.say("相似")
    assert "is not stored yet" in await talk.say("/similar 2602.02489")
    await talk.app.store.papers.save([paper(77, title="Zebrafish", abstract="", authors=())])
    assert "No stored paper is like" in await talk.say("/similar 9913.00077")


async def test_free_text_may_be_looked_for(talk: Talk) -> None:
    await talk.say("zebrafish in deep water")
    assert talk.choices == {
        "Search for “zebrafish in deep water”": "/search zebrafish in deep water"
    }
    await talk.say("！！")
    assert talk.choices == {}

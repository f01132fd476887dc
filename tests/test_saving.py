"""What a reader keeps: /save, /unsave, /saved and /note, typed or tapped, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands import saving
from digest.models import Subscriber, Summary
from tests.fakes.papers import DAY, paper, papers
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

COLD = replace(paper(4), id="2602.02489", submitted=date(2026, 2, 2))
READER = Subscriber("telegram", "7", "en", "Asia/Shanghai", fields=("ai",))


@pytest.fixture
async def app(arxiv: FakeArxiv, opened: Opened) -> AsyncIterator[App]:
    arxiv.announce(DAY, COLD)
    async with opened() as running:
        yield running


@pytest.fixture
async def talk(app: App) -> Talk:
    return Talk(app, await app.store.subscribers.save(READER))


async def fill(talk: Talk, count: int) -> None:
    """Saves papers, a minute apart."""
    assert talk.reader.id
    at = datetime(2026, 2, 3, 1, tzinfo=UTC)
    for number, one in enumerate(papers(count)):
        await talk.app.store.saved.add(talk.reader.id, one, at + timedelta(minutes=number))


async def test_a_paper_is_saved_by_its_id_and_stands_first_in_the_list(talk: Talk) -> None:
    await fill(talk, 1)
    assert await talk.say("/save 2602.02489") == f"Saved: {COLD.title}"
    assert talk.reply.blocks == (), "whoever tapped gets a toast, and no message"
    assert talk.commands == ["/note 2602.02489", "/unsave 2602.02489", "/saved"]
    listed = await talk.say("/saved")
    assert "Saved papers (2)" in listed
    assert listed.index(COLD.title) < listed.index(paper(1).title)
    assert "saved 4 Feb · https://arxiv.org/abs/2602.02489" in listed, "there it is past midnight"
    assert talk.commands[:2] == ["/paper 2602.02489", "/paper 9913.00001"]


@pytest.mark.parametrize(
    "typed",
    [
        "/save https://arxiv.org/abs/2602.02489v1",
        "save arXiv:2602.02489",
        "收藏2602.02489",
        "／收藏　２６０２.０２４８９",
    ],
)
async def test_ids_are_understood_in_any_form(talk: Talk, typed: str) -> None:
    assert (await talk.say(typed)).startswith("Saved: ")


async def test_saving_again_says_so_and_offers_to_take_it_off(talk: Talk) -> None:
    await talk.say("/save 2602.02489 for the seminar")
    said = await talk.say("/save 2602.02489")
    assert "is saved since 4 Feb." in said
    assert "Note: for the seminar" in said
    assert talk.commands == ["/unsave 2602.02489", "/saved"]
    assert (await talk.say(talk.commands[0])).startswith("Not saved any more: ")
    assert "saved nothing yet" in await talk.say("/saved")
    [again] = talk.commands or ["/save 2602.02489 for the seminar"]
    await talk.say(again)
    assert "Note: for the seminar" in await talk.say("/saved")


async def test_a_note_comes_changes_and_goes(talk: Talk) -> None:
    assert (await talk.say("/save 2602.02489，给组会")).startswith("Saved with your note: ")
    assert "Note: 给组会" in await talk.say("/saved")
    assert (await talk.say("/note 2602.02489 read  it\nagain")).startswith("Note stored: ")
    assert "Note: read it again" in await talk.say("/saved")
    assert (await talk.say("/save 2602.02489 other words")).startswith("Note stored: ")
    assert (await talk.say("/note 2602.02489")).startswith("Note taken away: ")
    assert "Note" not in await talk.say("/saved")


async def test_a_note_saves_the_paper_it_is_about(talk: Talk) -> None:
    assert "has no note of yours" in await talk.say("/note 2602.02489")
    assert (await talk.say("/note 2602.02489 why not?")).startswith("Saved with your note: ")
    assert "Note: why not?" in await talk.say("/saved")


async def test_a_note_that_is_too_long_is_not_cut_in_silence(talk: Talk) -> None:
    said = await talk.say(f"/note 2602.02489 {'ho ' * 300}")
    assert "up to 500 characters; this one has 899" in said
    assert "saved nothing yet" in await talk.say("/saved")


@pytest.mark.parametrize("command", ["/save", "/unsave", "/note"])
async def test_what_is_no_id_is_told_with_an_example(talk: Talk, command: str) -> None:
    assert f"Which paper? For example: {command} 2602.02489" in await talk.say(command)
    said = await talk.say(f"{command} <b>the one on sheep</b>")
    assert "I found no arXiv id in <b>the one on sheep</b>." in said


async def test_a_paper_that_is_not_on_arxiv_is_not_saved(talk: Talk) -> None:
    assert "2602.99999 is not on arXiv." in await talk.say("/save 2602.99999")
    assert "is not among what you saved" in await talk.say("/unsave 2602.99999")
    assert "saved nothing yet" in await talk.say("/saved")


async def test_pages_of_eight_turn_in_place(talk: Talk) -> None:
    await fill(talk, 18)
    first = await talk.say("/saved")
    assert "Saved papers (18) · 1/3" in first
    replaces = [talk.reply.in_place]
    assert [each.label for each in talk.reply.rows[0]] == [str(n) for n in range(1, 9)]
    assert [(each.label, each.command) for each in talk.reply.rows[1]] == [("▶", "/saved 2")]
    await talk.say("/saved 2")
    assert [each.command for each in talk.reply.rows[1]] == ["/saved 1", "/saved 3"]
    last = await talk.say("/saved 999")
    replaces.append(talk.reply.in_place)
    assert replaces == [False, True], "the list itself replaces nothing, its pages each other"
    assert "3/3" in last
    assert "17 " in last
    assert talk.commands == ["/paper 9913.00002", "/paper 9913.00001", "/saved 2", "/export"]


async def test_words_are_looked_for_in_title_summary_and_note(talk: Talk) -> None:
    await fill(talk, 12)
    told = Summary("9913.00003", "zh", "m", "数羊的量子电路", "羊不好数。", version=1)
    at = datetime(2026, 2, 3, tzinfo=UTC)
    await talk.app.store.summaries.save(told, asked="zh", prompt="1", at=at)
    await talk.say("/note 9913.00005 für die GRUPPE")
    assert "(1)" in await talk.say("/saved gruppe FÜR")
    await talk.say("/language 中文")
    assert "数羊的量子电路" in await talk.say("我的收藏 羊 不好")
    assert talk.commands[0] == "/paper 9913.00003"
    assert "收藏中含“serverless”的（3）" in await talk.say("/saved 1 serverless")
    assert "都没有“qwerty”" in await talk.say("/saved qwerty")
    assert talk.commands == ["/saved"]


async def test_a_search_has_pages_too(talk: Talk) -> None:
    await fill(talk, 40)
    await talk.say("/saved recipes cooks")
    assert talk.commands[-1] == "/saved 2 recipes cooks"
    assert "2/2" in await talk.say(talk.commands[-1])


async def test_two_readers_have_two_shelves(talk: Talk, app: App) -> None:
    other = Talk(app, await app.store.subscribers.save(replace(READER, address="8")))
    await talk.say("/save 2602.02489 mine")
    await other.say("/save 2602.02489")
    assert "mine" not in await other.say("/saved")
    await other.say("/unsave 2602.02489")
    assert "Note: mine" in await talk.say("/saved")
    await talk.say("/forget yes")
    assert "saved nothing yet" in await Talk(app, READER).say("/saved")


async def test_who_was_never_stored_can_save(app: App) -> None:
    stranger = Talk(app, READER)
    await stranger.say("/save 2602.02489")
    assert "Saved papers (1)" in await stranger.say("/saved")


async def test_there_is_an_end_to_it(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MOST_SAVED", 2)
    await fill(talk, 2)
    assert "as many as I keep" in await talk.say("/save 2602.02489")


async def test_a_new_version_is_seen_in_the_list(talk: Talk) -> None:
    await talk.say("/save 2602.02489")
    await talk.app.store.papers.save([replace(COLD, version=2, title="Colder")])
    assert "v2 is out" in await talk.say("/saved")


async def test_a_papers_page_shows_the_note_and_whether_it_is_saved(talk: Talk) -> None:
    await talk.say("/paper 2602.02489")
    assert "/save 2602.02489" in talk.commands
    assert talk.reader.id
    assert await talk.app.store.opened.ids(talk.reader.id) == {"2602.02489"}
    await talk.say("/save 2602.02489 mine")
    assert "Note: mine" in await talk.say("2602.02489")
    assert "/unsave 2602.02489" in talk.commands
    assert "/save 2602.02489" not in talk.commands
    assert "Note" not in await Talk(talk.app, replace(READER, address="8")).say("2602.02489")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=60))
async def test_any_words_make_a_note_that_breaks_nothing(talk: Talk, words: str) -> None:
    for line in (f"/save 2602.02489 {words}", f"/note 2602.02489 {words}", f"/saved {words}"):
        assert "went wrong" not in await talk.say(line)

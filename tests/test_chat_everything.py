"""A reader who used everything takes it along (/export all), and leaves nothing (/forget)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from bot.commands.book import COMMANDS
from digest.store.owned import OWNED
from digest.store.tables import metadata
from tests.fakes.model import Asked, FakeModel, tell
from tests.fakes.phone import MONDAY, TUESDAY, WEDNESDAY, Town, at, real, town
from tests.fakes.stores import rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.fakes.arxiv import FakeArxiv

CHAT, OTHER = 471100815, 471100816
PAPER, NEXT = real(1).id, real(2).id
LONG = "robots follow one recipe at a time we present a large language model agent trained"

SAID = (
    "/today",
    "/field AI",
    '/field "quokka taxonomy"',
    "/unfield storage",
    "/fields",
    "/date yesterday",
    "/calendar",
    "/rest",
    f"/paper {PAPER}",
    "/author Ada Example",
    f"/similar {PAPER}",
    f"/search {LONG}",
    f"/search recipes {'page:2'}",
    f"/source {PAPER}",
    f"/again {PAPER}",
    f"/mistake {PAPER} quokkas are no robots",
    "/time 08:15",
    "/timezone Berlin",
    "/pause 3d",
    "/resume",
    "/language English",
    "/size 7",
    "/view full",
    "/notices all",
    f"/save {PAPER} my quokka note",
    f"/save {NEXT}",
    f"/unsave {NEXT}",
    f"/note {PAPER} my other quokka note",
    "/saved",
    "/export csv",
    "/weekly on",
    f"/bibtex {PAPER}",
    f"/like {PAPER}",
    f"/dislike {NEXT}",
    "/taste",
    "/settings",
    "/stop",
    "/help",
    "/admin",
    "/start",
    "/pick rob",
    "/share",
)
LAST = {"forget"}


def answer(asked: Asked) -> dict[str, Any]:
    """The model tells papers, and what a phrase of somebody's own asks for."""
    if "abstract" in asked.paper:
        return dict(tell(asked))
    return {"phrases": ["quokka classification"], "unwanted": [], "categories": ["cs.AI"]}


@pytest.fixture
async def lived(settings: Settings, arxiv: FakeArxiv) -> AsyncIterator[Town]:
    with FakeModel() as model:
        model.write(answer)
        told = {"openai_base_url": model.url, "openai_api_key": SecretStr("sk-fake")}
        chosen = settings.model_copy(update=told | {"model": "fake"})
        async with town(chosen, arxiv, is_open=False) as running:
            await running.publish(MONDAY, real(4))
            await running.publish(TUESDAY, *map(real, range(1, 4)))
            yield running


async def kept(lived: Town, *words: str) -> list[str]:
    """The tables that hold any of these words, anywhere in a row."""
    found = []
    for table in metadata.sorted_tables:
        held = str(await rows(lived.rooms.app.store, f"SELECT * FROM {table.name}"))
        found += [table.name] if any(word in held for word in words) else []
    return found


async def test_whoever_used_everything_can_take_it_along_and_leave_nothing(lived: Town) -> None:
    assert {line[1:].split()[0] for line in SAID} == {each.name for each in COMMANDS} - LAST
    app = lived.rooms.app
    anna, bo = lived.phone(CHAT, "en"), lived.phone(OTHER, "zh-hans")
    for phone in (anna, bo):
        await phone.says(f"/start {await app.store.invitations.make(lived.now[0])}")
    for line in SAID:
        shown = await anna.says(line)
        assert "went wrong" not in shown.text, line
    await bo.says("/field AI")
    await bo.says(f"/save {PAPER} 我的笔记")
    await lived.publish(WEDNESDAY, real(5))
    await lived.deliver(at(WEDNESDAY, 8))

    number = (await lived.reader(CHAT)).id
    await anna.says("/export all")
    told = json.loads(anna.files[-1].content)
    assert anna.files[-1].name == "paperboy-all-2026-02-04.json"
    assert {name for name, mine in told.items() if isinstance(mine, list) and mine} == {
        "subscribers",
        *OWNED,
    }, "there is something of them in every table that has somebody's rows"
    assert "my other quokka note" in json.dumps(told)
    assert "我的笔记" not in json.dumps(told, ensure_ascii=False)
    assert {"saved", "mistakes", "placings", "profiles"} <= set(await kept(lived, "quokka"))

    await anna.says("/forget")
    assert (await anna.taps("Erase everything")).text.startswith("Everything about you is erased.")
    assert await kept(lived, str(CHAT), "quokka") == []
    for table in OWNED:
        query = f"SELECT count(*) FROM {table} WHERE subscriber_id = {number}"
        assert await rows(app.store, query) == [(0,)], table
    assert "我的笔记" in (await bo.says("/saved")).text, "nobody else lost anything"

    assert "by invitation" in (await anna.says("/start")).text, "somebody new"
    again = await anna.says(f"/start {await app.store.invitations.make(lived.now[0])}")
    assert again.styled("bold") == ["Hello! This is Paperboy."]
    newcomer = await lived.reader(CHAT)
    assert newcomer.id != number
    assert (newcomer.fields, newcomer.size, newcomer.weekly) == ((), 10, False)
    assert await app.store.saved.count(newcomer.id or 0) == 0

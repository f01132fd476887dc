"""What a reader takes away: /export of what is saved and of everything, /bibtex of one paper."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from digest.models import Subscriber
from digest.store import Store, migration
from digest.store.tables import metadata
from tests.fakes.papers import DAY, paper
from tests.fakes.stores import upgraded
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.app import App
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

COLD = replace(paper(4), id="2602.02489", categories=("cs.DC",))
READER = Subscriber("telegram", "4711", "en", "Asia/Shanghai", fields=("ai", "own words"))
AT = datetime(2026, 2, 3, 1, 30, tzinfo=UTC)


@pytest.fixture
async def app(arxiv: FakeArxiv, opened: Opened) -> AsyncIterator[App]:
    arxiv.announce(DAY, COLD)
    async with opened() as running:
        yield running


class Taker(Talk):
    """One reader, and the file that they were given."""

    @property
    def file(self) -> tuple[str, str]:
        assert self.reply.file
        return self.reply.file.name, self.reply.file.content.decode("utf-8")

    @property
    def everything(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.file[1])
        return read


@pytest.fixture
async def talk(app: App) -> Taker:
    return Taker(app, await app.store.subscribers.save(READER))


async def test_without_a_format_they_are_offered(talk: Taker) -> None:
    assert "reference managers" in await talk.say("/export")
    offered = [each.command for each in talk.reply.choices]
    assert offered == [f"/export {each}" for each in ("bibtex", "ris", "md", "csv", "all")]
    assert "I cannot write docx." in await talk.say("导出 docx")


@pytest.mark.parametrize(
    ("typed", "name", "begins"),
    [
        ("/export bibtex", "paperboy-2026-02-04.bib", "@misc{example2026cold,"),
        ("export .BIB", "paperboy-2026-02-04.bib", "@misc{example2026cold,"),
        ("导出 ris", "paperboy-2026-02-04.ris", "TY  - UNPB"),
        ("/export Markdown", "paperboy-2026-02-04.md", "# Saved papers (1)"),
        ("/export csv", "paperboy-2026-02-04.csv", "\ufeffid,version,title"),
    ],
)
async def test_what_is_saved_comes_as_a_file(
    talk: Taker, typed: str, name: str, begins: str
) -> None:
    await talk.say("/save 2602.02489 mine")
    assert "One saved paper as " in await talk.say(typed)
    assert talk.file[0] == name
    assert talk.file[1].startswith(begins)
    assert "mine" in talk.file[1]


async def test_an_empty_shelf_makes_no_file(talk: Taker) -> None:
    assert "saved nothing yet" in await talk.say("/export bibtex")
    assert talk.reply.file is None


async def test_one_paper_as_bibtex_to_copy_or_to_keep(talk: Taker) -> None:
    shown = await talk.say("/bibtex 2602.02489")
    assert shown.startswith("@misc{example2026cold,")
    assert talk.file[0] == "example2026cold.bib"
    [copy] = talk.reply.choices
    assert copy.copies.startswith("@misc{example2026cold,title={{Cold")
    assert len(copy.copies) <= 256
    assert "no arXiv id" in await talk.say("/bibtex nothing")
    assert "Which paper?" in await talk.say("/bibtex")


async def test_a_long_entry_is_not_copied_in_part(talk: Taker) -> None:
    long = replace(COLD, id="2602.02490", authors=tuple(f"Ada Example{n}" for n in range(30)))
    await talk.app.store.papers.save([long])
    await talk.say("/bibtex 2602.02490")
    assert talk.reply.choices == ()
    assert "Example29, Ada" in talk.file[1]


async def test_everything_is_one_file_and_nobody_elses(talk: Taker, app: App) -> None:
    other = Taker(app, await app.store.subscribers.save(replace(READER, address="8")))
    await other.say("/save 2602.02489 not yours")
    await talk.say("/save 2602.02489 for the seminar")
    await talk.say("/paper 2602.02489")
    await talk.say("/pause 7d")
    assert "Everything that I keep" in await talk.say("/export all")
    told = talk.everything
    assert told["made_at"].startswith("2026-02-03T17:00")
    [mine] = told["subscribers"]
    assert (mine["address"], mine["timezone"]) == ("4711", "Asia/Shanghai")
    assert mine["state"] == "paused"
    assert [each["field"] for each in told["subscriber_fields"]] == ["ai", "own words"]
    [saved] = told["saved"]
    assert (saved["note"], saved["title"]) == ("for the seminar", COLD.title)
    assert [each["paper_id"] for each in told["opened"]] == ["2602.02489"]
    assert "not yours" not in talk.file[1]
    assert talk.file[0] == "paperboy-all-2026-02-04.json"
    number = talk.reader.id or 0
    await talk.say("/forget yes")
    assert not any((await app.store.owned.of(number)).values()), "what it shows is what goes"


async def test_who_is_not_stored_has_nothing_stored(app: App) -> None:
    stranger = Taker(app, READER)
    assert "nothing about you" in await stranger.say("/export mine")
    assert stranger.reply.file is None


async def test_every_table_of_a_readers_is_in_it(tmp_path: Path) -> None:
    """The stored database has a row in most tables, so a new one with rows is seen at once."""
    async with Store.open(upgraded(tmp_path, migration.HEAD)) as store:
        told = await store.owned.of(7)
        nobody = await store.owned.of(99)
    theirs = {name for name, table in metadata.tables.items() if "subscriber_id" in table.c}
    assert told.keys() == {"subscribers", *theirs}
    assert told["subscribers"][0]["address"] == "12345"
    assert told["saved"][0]["title"] == "A Planner that Reads Recipes"
    assert len(told["pages"]) == 2
    assert not any(nobody.values())
    json.dumps(told)

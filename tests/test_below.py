"""What stands below a digest, and where its buttons lead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.below import A_PAGE, below, numbers
from bot.offers import thawed
from digest.models import Entry, Kind, Section, Source, Subscriber
from digest.render import plain
from digest.render.blocks import Role
from digest.render.digest import blocks
from digest.render.entities import QUOTE, TELEGRAM, pages
from tests.fakes import edition
from tests.fakes.model import Asked, FakeModel, tell
from tests.fakes.papers import DAY, paper, papers
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from digest.models import Digest
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

READER = Subscriber("telegram", "7", fields=("cs.AI",), size=10)
ANNOUNCED = 31


@pytest.fixture
async def talk(arxiv: FakeArxiv, opened: Opened) -> AsyncIterator[Talk]:
    """A reader of a day with 31 papers, of which their digest shows ten."""
    arxiv.announce(DAY, *papers(ANNOUNCED))
    async with opened() as app:
        await app.gathering.fetch(DAY, ("cs",))
        yield Talk(app, await app.store.subscribers.save(READER))


def ids(talk: Talk) -> list[str]:
    return [each.removeprefix("/paper ") for each in talk.commands if each.startswith("/paper")]


async def test_a_digest_s_papers_open_by_number(talk: Talk) -> None:
    await talk.say("/date 2026-02-03")
    assert talk.reply is not None
    assert [[each.label for each in row] for row in talk.reply.rows] == [
        ["1", "2", "3", "4", "5"],
        ["6", "7", "8", "9", "10"],
        ["▶", "The rest of the day (21)"],
        ["Fields", "Settings"],
    ]
    assert not talk.reply.in_place


async def test_one_paper_that_is_left_is_the_last(talk: Talk) -> None:
    await talk.say("/size 14")
    assert "The rest of the day: the last of 31." in await talk.say("/date 2026-02-03 p4")


async def test_the_rest_of_the_day_is_complete(talk: Talk) -> None:
    await talk.say("/date 2026-02-03")
    shown = ids(talk)
    said = await talk.tap("▶")
    assert "The rest of the day: 11 to 18 of 31." in said
    while "▶" in talk.labels:
        assert talk.reply is not None
        assert talk.reply.in_place
        shown += ids(talk)
        await talk.tap("▶")
    shown += ids(talk)
    assert "4/4" in talk.labels
    assert sorted(shown) == [each.id for each in papers(ANNOUNCED)]
    await talk.tap("◀")
    assert "3/4" in talk.labels
    assert talk.labels[0] == "19"


async def test_back_from_the_rest_is_the_digest_in_its_place(talk: Talk) -> None:
    await talk.say("/date 2026-02-03 p2")
    assert "10 shown" in await talk.tap("◀")
    assert talk.reply is not None
    assert talk.reply.in_place


async def test_the_rest_opens_below_the_digest_which_stays(talk: Talk) -> None:
    await talk.say("/today")
    assert "11 to 18 of 31" in await talk.tap("The rest of the day (21)")
    assert talk.reply is not None
    assert not talk.reply.in_place
    talk.reader = replace(talk.reader, language="zh")
    assert "其余论文：第 11 至 18 条，共 31 条。" in await talk.say("其余")


@pytest.mark.parametrize(
    "typed", ["/date 2026-02-03 p3", "2月3日第3页", "/today page 3", "/date 2026-02-03，P3"]
)
async def test_pages_are_typed_as_people_write_them(talk: Talk, typed: str) -> None:
    assert "19 to 26 of 31" in await talk.say(typed)


async def test_beyond_the_last_page_there_is_a_way_back(talk: Talk) -> None:
    assert "That is all" in await talk.say("/date 2026-02-03 p9")
    assert "10 shown" in await talk.tap("◀")


async def test_a_day_that_fits_has_no_rest(talk: Talk) -> None:
    talk.reader = replace(talk.reader, size=50)
    await talk.say("/date 2026-02-03")
    assert not any("rest" in each for each in talk.commands)
    assert talk.reply is not None
    assert [len(row) for row in talk.reply.rows] == [8, 8, 8, 7, 2]


async def test_a_sample_s_rest_is_nobody_s(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.stop()
    async with opened(database_url="sqlite:///:memory:") as app:
        alone = Talk(app, replace(READER, fields=("ai",), size=1))
        assert "sample" in await alone.say("/today")
        assert not any("rest" in each for each in alone.commands)


async def test_what_a_model_takes_out_or_puts_in_makes_nobody_miss_a_paper(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    """The model judges the papers of each page while it tells them, and the order changes."""
    told = [paper(4 * n, categories=("cs.DC",)) for n in range(30)]
    arxiv.announce(DAY, *told)
    titles = {each.title: number for number, each in enumerate(told)}

    def judge(asked: Asked) -> dict[str, str]:
        number = titles[asked.paper["title"]]
        said = "cl 0" if number % 3 == 0 else "cl 2" if number % 5 == 0 else ""
        return tell(asked) | {"fields": said}

    with FakeModel() as endpoint:
        endpoint.write(judge)
        model = {"openai_base_url": endpoint.url, "openai_api_key": SecretStr("sk"), "model": "m"}
        async with opened(**model) as app:
            await app.gathering.fetch(DAY, ("cs",))
            reader = await app.store.subscribers.save(replace(READER, fields=("cl",), size=4))
            talk = Talk(app, reader)
            await talk.say("/date 2026-02-03")
            shown = ids(talk)
            while "▶" in talk.labels:
                await talk.tap("▶")
                shown += ids(talk)
            left = await app.reading.digest(DAY, reader)
    matched = {entry.paper.id for entry in (*left.entries, *left.rest)}
    assert len(matched) > A_PAGE
    assert matched <= set(shown)
    assert len(shown) < len(told), "the model took some out"


def with_rest(digest: Digest) -> Digest:
    more = Entry(paper(99), Kind.NEW, ("cl",), 0.1)
    sections = (Section("cl", 9, digest.sections[0].entries), *digest.sections[1:])
    return replace(digest, sections=sections, rest=(more,))


def test_what_the_outbox_keeps_is_the_same_keyboard() -> None:
    choices, rows = thawed(below(with_rest(edition.of_day("zh"))))
    assert choices == []
    assert [[each.label for each in row] for row in rows] == [
        ["1", "2", "3", "4", "5"],
        ["▶", "其余 7 篇"],
        ["领域", "设置"],
    ]
    sample = replace(edition.of_day("zh"), edition=replace(edition.of_day("zh").edition))
    sampled = replace(sample.edition, source=Source.SAMPLE)
    assert len(thawed(below(replace(with_rest(sample), edition=sampled)))[1]) == 2


def test_numbers_go_on_where_the_page_before_ended() -> None:
    entries = [Entry(each, Kind.NEW, ("ai",), 0.5) for each in papers(A_PAGE)]
    assert [row[0][0] for row in numbers(entries, 11)] == ["11", "16"]


class TestTheFullView:
    def test_brings_what_a_summary_says_in_a_fold(self) -> None:
        full = replace(edition.of_day("en"), view="full")
        roles = [block.role for block in blocks(full)]
        assert roles.count(Role.QUOTE) == 4  # of five entries one has no summary to speak of
        assert Role.QUOTE not in [block.role for block in blocks(edition.of_day("en"))]
        said = plain.text(blocks(full))
        assert "Background: Serverless functions start slowly.\nInnovation: " in said
        kinds = [each.type for page in pages(blocks(full), TELEGRAM) for each in page.entities]
        assert QUOTE in kinds

    async def test_is_for_whoever_chose_it(self, talk: Talk) -> None:
        compact = await talk.say("/date 2026-02-03")
        assert "Now" not in compact
        assert "folded below it" in await talk.say("/view full")
        full = await talk.say("/date 2026-02-03")
        assert len(full) > len(compact)
        assert full.count("Innovation: ") == 2, "what is the gist is not said again"
        await talk.say("/view 简洁")
        assert await talk.say("/date 2026-02-03") == compact

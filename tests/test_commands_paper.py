"""One paper in a chat: what it shows, what can be tapped, and where its summary comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.commands.book import COMMANDS
from digest.models import Subscriber
from tests.fakes.papers import DAY, paper
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

REAL = replace(
    paper(4, comment="Code: https://github.com/example/starts", version=2),
    id="2602.02489",
    submitted=date(2026, 2, 2),
)
READER = Subscriber("telegram", "7", fields=("ai",))


@pytest.fixture
async def talk(arxiv: FakeArxiv, opened: Opened) -> AsyncIterator[Talk]:
    old = replace(REAL, id="hep-th/9901001", version=1, comment="")
    arxiv.announce(DAY, REAL, old, replace(REAL, id="2602.02490", abstract=""))
    async with opened() as running:
        yield Talk(running, READER)


async def test_a_paper_opens_elsewhere_at_pages_that_are_put_together_here(talk: Talk) -> None:
    assert "Code: github.com/example/starts" in await talk.say("/paper 2602.02489")
    assert talk.links == {
        "PDF": "https://arxiv.org/pdf/2602.02489v2",
        "HTML": "https://arxiv.org/html/2602.02489v2",
        "alphaXiv": "https://www.alphaxiv.org/abs/2602.02489",
        "Code": "https://github.com/example/starts",
    }
    assert [each.shares for each in talk.buttons if each.shares] == ["2602.02489"]


async def test_an_old_paper_has_no_html(talk: Talk) -> None:
    await talk.say("/paper hep-th/9901001")
    assert list(talk.links) == ["PDF", "alphaXiv"]


async def test_only_what_there_is_a_command_for_is_offered(talk: Talk) -> None:
    await talk.say("/paper 2602.02489")
    known = {f"/{each.name}" for each in COMMANDS}
    assert "/source 2602.02489" in talk.commands
    assert {each.split()[0] for each in talk.commands} <= known


async def test_an_invented_paper_links_nowhere(talk: Talk) -> None:
    await talk.say("/paper 9913.00412")
    assert talk.commands == ["/source 9913.00412"]
    assert not any(each.link or each.shares for each in talk.buttons)


async def test_a_version_that_there_is_not_is_said_and_another_shown(talk: Talk) -> None:
    said = await talk.say("/paper 2602.02489v9")
    assert said.startswith("There is no v9 of this paper; this is v2.\n\n")
    talk.reader = replace(talk.reader, language="zh")
    assert (await talk.say("论文 2602.02489v9")).startswith("这篇论文没有 v9，这里是 v2。")
    assert "There is no" not in await talk.say("/paper 2602.02489v2")


async def test_a_version_that_is_not_stored_is_not_made_up_without_arxiv(
    talk: Talk, arxiv: FakeArxiv
) -> None:
    await talk.say("/paper 2602.02489")
    arxiv.stop()
    said = await talk.say("/paper 2602.02489v1")
    assert said.startswith("v1 is not stored, and arXiv cannot be reached just now; this is v2.")


async def test_an_earlier_version_that_is_stored_is_shown(talk: Talk) -> None:
    await talk.app.store.papers.save([replace(REAL, version=1, title="Cold Starts, First Try")])
    await talk.app.store.papers.save([REAL])
    assert "Cold Starts, First Try" in await talk.say("/paper 2602.02489v1")


async def test_each_claim_is_shown_over_its_sentence(talk: Talk) -> None:
    said = await talk.say("/source 2602.02489")
    assert said.startswith("Where the summary comes from\n")
    sentence = "The median start falls from 240 ms to 9 ms on three clouds, and memory grows by 4%."
    assert f"\n{sentence}" in said
    assert talk.commands == ["/paper 2602.02489"]
    assert "摘要的依据" in await Talk(talk.app, replace(READER, language="zh")).say(
        "依据 9913.00412"
    )


async def test_without_a_paper_or_an_abstract_there_is_no_source(talk: Talk) -> None:
    assert "Which paper?" in await talk.say("/source")
    assert "no arXiv id" in await talk.say("/source this one")
    assert "There is nothing to compare for 2602.02490" in await talk.say("/source 2602.02490")

"""What somebody meets at a terminal with the bundled sample: arXiv is silent, nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from digest.models import Subscriber
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

READER = Subscriber("console", "local", fields=("ai", "cl"))


@pytest.fixture
async def talk(arxiv: FakeArxiv, opened: Opened) -> AsyncIterator[Talk]:
    arxiv.stop()
    async with opened(database_url="sqlite:///:memory:") as app:
        talk = Talk(app, READER)
        assert "9913.00412" in await talk.say("/today")
        yield talk


@pytest.mark.parametrize(
    "command",
    ["save {}", "note {} well", "like {}", "dislike {}", "bibtex {}", "similar {}"],
)
async def test_an_invented_paper_is_said_to_be_one(talk: Talk, command: str) -> None:
    typed = f"/{command.format('9913.00412')}"
    said = await talk.say(typed)
    assert said.startswith("9913.00412 is not on arXiv: the papers of the sample are invented.")
    talk.reader = replace(talk.reader, language="zh")
    assert "示例里的论文都是虚构的" in await talk.say(typed)
    assert talk.buttons == [], "no way back to the same answer"


async def test_nothing_is_searched_before_anything_is_stored(talk: Talk) -> None:
    for typed in ("/search snapshots", "/author Ada Example"):
        assert "No paper of arXiv is stored here yet" in await talk.say(typed)
    talk.reader = replace(talk.reader, language="zh")
    assert "还没有保存过 arXiv 的论文" in await talk.say("搜 快照")


@pytest.mark.parametrize("typed", ["/rest 2026-02-03", "/rest", "/date 2026-02-03 p2"])
async def test_the_rest_of_the_sample_is_told(talk: Talk, typed: str) -> None:
    talk.reader = replace(talk.reader, size=3)
    await talk.say("/today")
    shown = opened_by(talk)
    said = await talk.say(typed)
    assert "4 to 11 of 12" in said
    assert "shortens transcripts by 19%" in said, "told as the digest is"
    assert len(shown | opened_by(talk)) == 3 + 8, "no paper twice"
    assert "12 are in your fields, 3 shown" in await talk.tap("◀")


def opened_by(talk: Talk) -> set[str]:
    """The papers that the buttons open."""
    return {each for each in talk.commands if each.startswith("/paper ")}


async def test_another_day_is_not_the_sample_s(talk: Talk) -> None:
    assert "arXiv cannot be reached" in await talk.say("/date 2026-01-30")
    assert "arXiv cannot be reached" in await talk.say("/rest 2026-01-30")


async def test_a_terminal_promises_no_digest_and_no_recap(talk: Talk) -> None:
    assert "Time of your digest: whenever you send /today." in await talk.say("/start")
    for typed in ("/weekly", "/weekly on"):
        assert "In this terminal nothing comes by itself" in await talk.say(typed)
    assert talk.buttons == []
    assert not talk.reader.weekly
    talk.reader = replace(talk.reader, language="zh")
    assert "早报时间：发送 /today 时。" in await talk.say("/start")
    assert "在终端里不会自动送达" in await talk.say("/weekly on")

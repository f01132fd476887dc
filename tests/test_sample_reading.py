"""What somebody meets who reads the bundled sample: arXiv is silent, and nothing is stored."""

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

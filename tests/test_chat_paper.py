"""One paper as two phones show it, and what its buttons do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.phone import ABSTRACT, CHINESE, TUESDAY, Town, real, town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from tests.fakes.arxiv import FakeArxiv

KITCHEN = real(
    14,
    abstract="We show a kitchen. The code is at https://github.com/example/kitchen and the project "
    "page is https://example.github.io/kitchen.",
    authors=("Ada Example", "Bo Sample", "Cy Beispiel", "Di Exemple"),
    categories=("cs.AI", "cs.RO"),
)
GIST = CHINESE[1][1]


@pytest.fixture
async def lived(settings: Settings, arxiv: FakeArxiv) -> AsyncIterator[Town]:
    async with town(settings, arxiv) as running:
        await running.publish(TUESDAY, *map(real, range(1, 4)), KITCHEN)
        yield running


async def test_a_paper_in_the_readers_language_with_its_original_below(lived: Town) -> None:
    bo, anna = await lived.join(6, "zh-hans"), await lived.join(5, "en")
    shown = await bo.says(f"论文{real(1).id}")
    assert shown.text == (
        f"{CHINESE[1][0]}\n{real(1).title}\nAda Example, Bo Sample · cs.\u2060AI（人工智能） · "
        f"2026-02-03 公布 · 2602.90001v1\n\n{GIST}\n\n背景：已有的方法不够好。\n"
        f"创新：提出了新的方法。\n结论：实验说明它有效。\n\n原文摘要\n{ABSTRACT.format(n=1)}"
    )
    assert shown.styled("bold")[0] == CHINESE[1][0]
    assert shown.styled("expandable_blockquote") == [ABSTRACT.format(n=1)]
    assert shown.links == {"2602.90001v1": "https://arxiv.org/abs/2602.90001"}
    assert shown.labels == [
        ["PDF", "HTML", "alphaXiv"],
        ["收藏", "相似", "👍", "👎"],
        ["BibTeX", "分享", "依据"],
        ["报告错误"],
    ]
    english = await anna.says("https://arxiv.org/abs/2602.90014v1")
    assert english.text.splitlines()[1].startswith("Ada Example, Bo Sample, Cy Beispiel + 1 · ")
    assert {label: english.button(label)["url"] for label in english.labels[0]} == {
        "PDF": "https://arxiv.org/pdf/2602.90014v1",
        "HTML": "https://arxiv.org/html/2602.90014v1",
        "alphaXiv": "https://www.alphaxiv.org/abs/2602.90014",
        "Code": "https://github.com/example/kitchen",
        "Project page": "https://example.github.io/kitchen",
    }
    assert "https://github.com" not in english.text, "what authors write links nowhere"
    assert english.button("Share")["switch_inline_query"] == KITCHEN.id


async def test_where_from_shows_the_sentence_below_each_claim_and_leads_back(lived: Town) -> None:
    bo = await lived.join(6, "zh-hans")
    page = (await bo.says(real(1).id)).text
    told = await bo.taps("依据")
    assert told.text.startswith(f"摘要的依据\n{CHINESE[1][0]} · 2602.90001v1\n\n一句话：{GIST}\n")
    sentences = ABSTRACT.format(n=1).split(". ")
    assert told.styled("expandable_blockquote")[0] == sentences[2]
    assert set(told.styled("expandable_blockquote")) <= {
        f"{each.removesuffix('.')}." for each in sentences
    }
    assert (await bo.taps("返回论文")).text == page


async def test_each_button_says_one_thing_in_the_language_of_whoever_taps(lived: Town) -> None:
    bo, anna = await lived.join(6, "zh-hans"), await lived.join(5, "en")
    for phone in (bo, anna):
        await phone.says(KITCHEN.id)
    cited = await anna.taps("BibTeX")
    assert anna.files[-1].name == "example2026world.bib"
    assert b"eprint        = {2602.90014}" in anna.files[-1].content
    assert cited.button("Copy")["copy_text"]["text"].startswith("@misc{example2026world,")
    assert (await anna.taps("Similar")).text.startswith(f"Similar to “{KITCHEN.title}”\n1 ")
    assert len(anna.screen) == 3
    assert await bo.told("👍") == f"记下了，这类论文排前一些：{KITCHEN.title}"
    assert await anna.told("👎") == f"Noted, less like this: {KITCHEN.title}"
    assert (await bo.taps("报告错误")).text == (
        "谢谢，已记下。如果方便，请说明哪里不对：/mistake 2602.90014 加几个字。"
    )
    assert (await bo.says("重新生成 2602.90014")).text == "这里没有配置模型，摘要保持原样。"
    missing = await anna.says("/paper 2602.99999")
    assert missing.text.startswith("2602.99999 is not on arXiv.")
    assert (await bo.says("/paper 云计算")).text == (
        "“云计算”里没有 arXiv 编号。编号形如 2602.02489 或 hep-th/9901001，发链接也可以。"
    )

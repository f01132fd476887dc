"""The page of one paper, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from digest.models import Kind, Paper, Summary
from digest.render.blocks import Role
from digest.render.paper import blocks, sources
from digest.render.plain import text
from digest.summarize.sources import Claim

PAPER = Paper(
    id="2602.00412",
    version=2,
    title="Cold Starts of Serverless Functions in 9 ms",
    abstract=r"Starts take $240$ ms. We need $9$ ms.",
    authors=("A. Example", "B. Sample", "C. Beispiel", "D. Ejemplo", "E. Esempio"),
    categories=("cs.DC", "cs.OS", "cs.PF"),
)
TOLD = Summary(
    "2602.00412",
    "zh",
    "model-x",
    "把冷启动降到 9 毫秒",
    "内存只多 4%。",
    "正文。",
    "尾延迟由冷启动主导。",
    "按页去重。",
    "中位数 9 毫秒。",
)
DAYS = ((date(2026, 2, 3), Kind.NEW), (date(2026, 2, 9), Kind.REPLACE))


def test_the_page_in_the_reader_s_language() -> None:
    assert text(blocks(PAPER, "zh", summary=TOLD, announced=DAYS)) == (
        "把冷启动降到 9 毫秒\n"
        "Cold Starts of Serverless Functions in 9 ms\n"
        "A. Example, B. Sample, C. Beispiel + 2"
        " · cs.DC（分布式、并行与集群计算）, cs.OS（操作系统）, cs.PF"
        " · 2026-02-03 公布 · 2026-02-09 更新 · 2602.00412v2 https://arxiv.org/abs/2602.00412\n\n"
        "内存只多 4%。\n\n"
        "背景：尾延迟由冷启动主导。\n创新：按页去重。\n结论：中位数 9 毫秒。\n\n"
        "原文摘要\nStarts take 240 ms. We need 9 ms."
    )


def test_without_a_summary_there_is_the_abstract() -> None:
    shown = blocks(replace(PAPER, version=None, authors=("A. Example",)), "en")
    assert [block.role for block in shown] == [Role.HEADER, Role.HEADING, Role.QUOTE]
    assert shown[0].lines[1].text == (
        "A. Example · cs.DC (Distributed, Parallel, and Cluster Computing),"
        " cs.OS (Operating Systems), cs.PF · 2602.00412"
    )


def test_an_extract_is_labelled_and_says_nothing_twice() -> None:
    extract = Summary(
        PAPER.id, "en", "extract", PAPER.title, "We need 9 ms.", innovation="We need 9 ms."
    )
    shown = text(blocks(PAPER, "zh", summary=extract))
    assert shown.count("9 ms\n") == 1
    assert shown.count("We need 9 ms.") == 2  # as the innovation, and in the abstract
    assert "\n\n摘要取自英文原文（未配置模型）。\n\n原文摘要\n" in shown


def test_an_extract_in_place_of_a_failed_summary_says_so() -> None:
    failed = replace(TOLD, writer="extract", fallback=True)
    shown = text(blocks(PAPER, "en", summary=failed))
    assert "\n\nThe summary failed; this is an extract from the abstract.\n\n" in shown


def test_a_summary_without_parts_shows_its_text() -> None:
    running = replace(TOLD, background="", innovation="", conclusion="")
    assert "内存只多 4%。\n\n正文。" in text(blocks(PAPER, "zh", summary=running))
    bare = replace(running, text="", gist="")
    assert "正文" not in text(blocks(PAPER, "zh", summary=bare))


def test_a_paper_never_announced_here_tells_its_submission() -> None:
    submitted = replace(PAPER, submitted=date(2019, 5, 6))
    assert "submitted 2019-05-06" in text(blocks(submitted, "en"))
    assert "replaced 2026-02-09" in text(blocks(submitted, "en", announced=DAYS[1:]))


def test_the_abstract_stands_at_the_end_where_a_chat_folds_it() -> None:
    page = blocks(replace(PAPER, comment="5 pages"), "zh")
    assert "\n\n作者附注：5 pages\n\n原文摘要\nStarts take" in text(page)
    assert page[-1].role is Role.QUOTE


def test_code_and_project_pages_are_shown_as_plain_text() -> None:
    named = replace(PAPER, abstract="Code: https://github.com/a/b.", comment="See c.github.io/d/")
    page = blocks(named, "en")
    assert "Code: github.com/a/b\nProject page: c.github.io/d\n" in text(page)
    links = [span.link for block in page for line in block.lines for span in line.spans]
    assert {link for link in links if link} == {"https://arxiv.org/abs/2602.00412"}


def test_what_is_to_be_known_first_stands_first() -> None:
    assert text(blocks(PAPER, "en", note="There is no v9.")).startswith("There is no v9.\n\nCold")


def test_each_claim_stands_over_the_sentence_that_it_rests_on() -> None:
    claims = (
        Claim("gist", "启动只要 9 毫秒。", ("We need 9 ms.",), proven=True),
        Claim("background", "启动慢。", ("Starts take 240 ms.",), proven=False),
        Claim("background", "一直如此。", ("Starts take 240 ms.",), proven=True),
        Claim("background", "The end.", ("It is slow.",), proven=False),
    )
    assert text(sources(PAPER, claims, "zh", title="冷启动")) == (
        "摘要的依据\n冷启动 · 2602.00412v2 https://arxiv.org/abs/2602.00412\n\n"
        "一句话：启动只要 9 毫秒。\nWe need 9 ms.\n\n"
        "背景：启动慢。一直如此。\nStarts take 240 ms.\n\n"
        "背景：The end.\n与原文没有共同的数字或名称，这一句按内容位置推断。\nIt is slow."
    )
    assert "Cold Starts" in text(sources(PAPER, claims, "en"))


def test_a_replacement_without_abstract_says_so() -> None:
    assert text(blocks(replace(PAPER, abstract=""), "en")).endswith(
        "arXiv gives no abstract for it."
    )


def test_a_sample_s_page_says_so_first_and_links_nowhere() -> None:
    shown = text(blocks(replace(PAPER, id="9913.00412"), "en", sample=True))
    assert shown.startswith("A sample: this paper is invented")
    assert "https://" not in shown


def test_a_title_told_in_its_own_language_stands_once() -> None:
    english = replace(TOLD, title="Cold starts of serverless functions in 9 ms")
    (head, *_) = blocks(PAPER, "en", summary=english)
    assert [each.text for each in head.lines[:-1]] == [PAPER.title]


def test_what_was_made_readable_once_is_not_read_as_tex_again() -> None:
    told = replace(TOLD, gist="For all {λₖ}ₖ.", background="A C++~x_1 and {0}.")
    shown = text(blocks(PAPER, "en", summary=told))
    assert "{λₖ}ₖ" in shown
    assert "A C++~x_1 and {0}." in shown

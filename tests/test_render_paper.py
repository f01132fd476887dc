"""The page of one paper, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from digest.models import Kind, Paper, Summary
from digest.render.blocks import Role
from digest.render.paper import blocks
from digest.render.plain import text

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
    assert shown.endswith("摘要取自英文原文（未配置模型）。")


def test_an_extract_in_place_of_a_failed_summary_says_so() -> None:
    failed = replace(TOLD, writer="extract", fallback=True)
    assert text(blocks(PAPER, "en", summary=failed)).endswith(
        "The summary failed; this is an extract from the abstract."
    )


def test_a_summary_without_parts_shows_its_text() -> None:
    running = replace(TOLD, background="", innovation="", conclusion="")
    assert "内存只多 4%。\n\n正文。" in text(blocks(PAPER, "zh", summary=running))
    bare = replace(running, text="", gist="")
    assert "正文" not in text(blocks(PAPER, "zh", summary=bare))


def test_a_paper_never_announced_here_tells_its_submission() -> None:
    submitted = replace(PAPER, submitted=date(2019, 5, 6))
    assert "submitted 2019-05-06" in text(blocks(submitted, "en"))
    assert "replaced 2026-02-09" in text(blocks(submitted, "en", announced=DAYS[1:]))


def test_the_authors_comment_stands_at_the_end() -> None:
    page = text(blocks(replace(PAPER, comment="5 pages"), "zh"))
    assert page.endswith("\n\n作者附注：5 pages")


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

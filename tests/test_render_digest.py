"""What the morning's message says, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.models import (
    Digest,
    Edition,
    Entry,
    Kind,
    Paper,
    Receipt,
    Section,
    Source,
    Summary,
)
from digest.render.blocks import Role
from digest.render.digest import blocks, entries, receipt
from digest.render.notices import heading, nothing_announced, notice
from digest.render.plain import text
from tests.fakes.papers import DAY, paper

COLD_STARTS = Paper(
    id="2602.00412",
    version=1,
    title=r"Cold Starts in $O(\log n)$",
    abstract="Slow starts.",
    authors=("A. Example",),
    categories=("cs.DC", "cs.OS", "cs.PF", "cs.AR"),
)
TOLD = Summary("2602.00412", "zh", "model-x", "把冷启动降到 9 毫秒", "内存只多 4%。")
ENTRY = Entry(COLD_STARTS, Kind.NEW, ("cl",), 0.9, TOLD)


def digest_of(
    *shown: Entry, language: str = "en", matched: int | None = None, **values: object
) -> Digest:
    """A digest with one section."""
    count = len(shown) if matched is None else matched
    section = Section(shown[0].fields[0], count, shown) if shown else None
    digest = Digest(
        edition=Edition(DAY),
        language=language,
        sections=(section,) if section else (),
        receipt=Receipt(1062, count, len(shown), empty=() if section else ("cl",)),
        model=True,
    )
    return replace(digest, **values)  # type: ignore[arg-type] # the test's own values


def told(digest: Digest, **changes: object) -> str:
    """The receipt line with some facts changed."""
    return receipt(replace(digest, receipt=replace(digest.receipt, **changes)))  # type: ignore[arg-type] # same


def test_the_morning_message_in_chinese() -> None:
    entry = replace(ENTRY, fields=("cl", '"cold start"'))
    assert text(blocks(digest_of(entry, language="zh", matched=31))) == (
        "论文早报 · 2月3日 星期二\n"
        "arXiv 公布 1,062 篇，与您有关 31 篇，选出 1 篇。\n\n"
        "云计算 1/31\n"
        "1 把冷启动降到 9 毫秒\n"
        "内存只多 4%。\n"
        'cs.DC, cs.OS, cs.PF · 因为您关注 云计算、"cold start" · https://arxiv.org/abs/2602.00412'
    )


def test_the_morning_message_in_english_without_a_summary_keeps_the_title_readable() -> None:
    assert text(blocks(digest_of(replace(ENTRY, summary=None)))) == (
        "Papers · Tuesday 3 February\n"
        "arXiv announced 1,062; 1 is in your fields.\n\n"
        "Cloud computing 1\n"
        "1 Cold Starts in O(log n)\n"
        "cs.DC, cs.OS, cs.PF · https://arxiv.org/abs/2602.00412"
    )


def test_the_year_is_told_when_it_is_another() -> None:
    (header, *_) = blocks(digest_of(ENTRY), today=date(2027, 1, 4))
    assert header.lines[0].text == "Papers · Tuesday 3 February 2026"
    (header, *_) = blocks(digest_of(ENTRY), today=date(2026, 2, 3))
    assert header.lines[0].text == "Papers · Tuesday 3 February"


def test_entries_are_numbered_through_all_sections() -> None:
    digest = digest_of(ENTRY, replace(ENTRY, paper=paper(2)))
    two = replace(digest, sections=(*digest.sections, Section("st", 1, (ENTRY,))))
    shown = blocks(two)
    assert [block.mark for block in shown if block.role is Role.ENTRY] == ["1", "2", "3"]
    assert [block.mark for block in entries((ENTRY,), "en", first=11)] == ["11"]


def test_what_is_special_about_a_paper_stands_in_its_small_print() -> None:
    entry = replace(
        ENTRY,
        kind=Kind.CROSS,
        late=date(2026, 2, 2),
        summary=replace(TOLD, writer="extract", fallback=True),
    )
    (block,) = entries((entry,), "en")
    assert block.lines[-1].text == (
        "cs.DC, cs.OS, cs.PF · cross-list · late, announced Monday 2 February · extract"
        " · 2602.00412"
    )


def test_a_field_for_which_there_was_no_room_is_named_at_the_end() -> None:
    digest = digest_of(ENTRY)
    crowded = replace(digest, sections=(*digest.sections, Section("st", 4, ())))
    assert text(blocks(crowded)).endswith("\n\nAlso in your fields: Storage 4.")


def test_without_a_model_the_digest_says_so_once() -> None:
    extract = replace(ENTRY, summary=replace(TOLD, writer="extract"))
    shown = text(blocks(digest_of(extract, extract, language="zh", model=False)))
    assert shown.count("摘要取自英文原文（未配置模型）。") == 1
    assert shown.endswith("摘要取自英文原文（未配置模型）。")


def test_failed_summaries_are_our_mistake() -> None:
    failed = replace(ENTRY, summary=replace(TOLD, writer="extract", fallback=True))
    assert text(blocks(digest_of(failed, failed, ENTRY))).endswith(
        "Our mistake: the summaries of 2 papers failed;"
        " they carry extracts from their abstracts instead."
    )


def test_a_sample_is_marked_at_the_top_and_at_each_paper() -> None:
    sample = replace(ENTRY, paper=paper(412, categories=("cs.DC",)))
    digest = digest_of(sample, edition=Edition(DAY, source=Source.SAMPLE))
    shown = text(blocks(digest)).split("\n")
    assert shown[0] == "Papers · Tuesday 3 February · Sample"
    assert "invented" in shown[1]
    assert shown[2].startswith("The sample has 1,062 papers;")
    assert shown[-1] == "cs.DC · sample · 9913.00412"


def test_the_receipt_counts_and_names_empty_fields() -> None:
    digest = digest_of(ENTRY, matched=31)
    assert told(digest, shown=10, empty=("st", "qc")) == (
        "arXiv announced 1,062; 31 are in your fields, 10 shown."
        " 0 in Storage and Quantum computing."
    )
    assert told(digest, shown=31) == "arXiv announced 1,062; 31 are in your fields, all shown."


def test_a_digest_with_nothing_says_why() -> None:
    nothing = digest_of()
    assert told(nothing) == "arXiv announced 1,062; none is in your fields."
    assert told(nothing, announced=0) == "arXiv announced nothing."
    assert told(nothing, announced=0, elsewhere=3).startswith("Nothing has arrived yet.")
    assert told(nothing, empty=()) == (
        "arXiv announced 1,062. You follow no field yet: send /field and a name, such as /field AI"
    )


def test_the_receipt_says_what_is_still_on_its_way() -> None:
    digest = digest_of(ENTRY)
    assert told(digest, archives=("cs",), pending=("stat",), elsewhere=17).endswith(
        " cs is here; stat and the rest of arXiv are still on their way."
    )
    assert told(digest, archives=("cs", "stat"), pending=("math",)).endswith(
        " cs and stat are here; math is still on its way."
    )
    assert told(digest, pending=("a", "b", "c", "d")).endswith(
        " Still on the way: a, b, c and the rest of arXiv."
    )
    assert told(replace(digest, language="zh"), archives=("cs",), pending=("stat",)).endswith(
        "cs 已到，还在路上：stat。"
    )


def test_when_nobody_fetches_the_others_the_archives_that_are_here_are_named() -> None:
    digest = digest_of(ENTRY)
    assert "cs" in told(digest, archives=("cs",)).partition(";")[0]
    published = replace(digest, edition=Edition(DAY, published=DUE))
    assert told(published, archives=("cs",)).startswith("arXiv announced 1,062;")


def test_the_receipt_names_what_did_not_arrive() -> None:
    digest = digest_of(ENTRY)
    missing = (("cs", 3), ("math", -1))
    assert told(digest, missing=missing).endswith(" Did not arrive: 3 of cs and all of math.")
    assert told(replace(digest, language="zh"), missing=missing).endswith(
        "未能取到：cs 3 篇、math 全部。"
    )


def test_the_receipt_counts_late_papers() -> None:
    assert told(digest_of(ENTRY), late=1).endswith(" 1 more came late and is marked.")


def test_an_approximate_day_says_so() -> None:
    digest = digest_of(ENTRY, edition=Edition(DAY, approximate=True))
    assert receipt(digest).startswith("About 1,062 papers were submitted for this day; 1 is")
    assert "Approximate: " in receipt(digest)


def test_a_title_cannot_break_the_message() -> None:
    nasty = replace(COLD_STARTS, title="\u202eevil\x1b[31m\n[x](https://example.org)")
    (block,) = entries((replace(ENTRY, paper=nasty, summary=None),), "en")
    assert block.lines[0].text == "evil [31m [x](https://example.org)"


BEIJING = ZoneInfo("Asia/Shanghai")
DUE = datetime(2026, 2, 2, 9, 0, tzinfo=BEIJING)
SUNDAY = date(2026, 2, 1)


@pytest.mark.parametrize(
    ("reason", "holiday", "why"),
    [
        ("weekend", "", ": it does not at weekends."),
        ("holiday", "Juneteenth", ": Juneteenth."),
        (None, "", "."),
    ],
)
def test_no_digest_today_tells_the_reason_apart(reason: str | None, holiday: str, why: str) -> None:
    shown = nothing_announced(SUNDAY, "en", next_at=DUE, reason=reason, holiday=holiday)
    assert text(shown) == (
        f"arXiv announced nothing on Sunday 1 February{why}"
        " The next batch is due Monday 09:00 (Beijing time)."
    )


def test_no_digest_on_a_sunday_in_chinese() -> None:
    assert text(nothing_announced(SUNDAY, "zh", next_at=DUE, reason="weekend")) == (
        "2月1日 星期日 arXiv 没有公布论文（周末不公布），下一批在星期一 09:00（北京时间）。"
    )


def test_a_notice_keeps_its_lines_and_paragraphs() -> None:
    shown = (*heading("Help"), *notice("one\ntwo\n\n\n\nthree"))
    assert text(shown) == "Help\none\ntwo\n\nthree"

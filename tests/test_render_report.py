"""Reports: what they say of a day, and that no author's words can break them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from digest import sample
from digest.compose import unfolded
from digest.models import Digest, Edition, Entry, Kind, Receipt, Section, Summary
from digest.render import notices, report
from digest.render.blocks import abstract_url
from digest.render.report import Shape, entry
from tests.fakes import edition
from tests.fakes.papers import DAY, paper
from tests.fakes.visible import texts, visible

PARSER = MarkdownIt("commonmark").enable("table")
OURS = re.compile(r'<a id="field-\d+">|</a>')
HOSTILE = texts | st.sampled_from(
    (
        "| a | b |\n| --- | --- |",
        "a \\| b \\",
        "[^1]",
        "[^1]: mine",
        "[^9]: <https://example.org>",
        ":-:",
        "</td></tr><script>",
        "eve@example.org www.example.org ftp://example.org",
        "1:100:1 :smile:",
        "[x]: https://example.org 'title'",
        "    code",
        "```",
        "'quoted'",
        '"',
        "(",
    )
)


def pieces(written: str) -> tuple[list[str], list[str], set[str], int, set[str]]:
    """Of a file: headings, all texts, links, rows of tables, and kinds of elements."""
    environment: dict[str, object] = {}
    tokens = PARSER.parse(written, environment)
    assert not environment.get("references"), "something became the target of a link"
    headings = [
        "".join(child.content for child in tokens[at + 1].children or () if child.type == "text")
        for at, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    inner = [child for token in tokens for child in token.children or ()]
    html = [child.content for child in inner if child.type == "html_inline"]
    assert all(OURS.fullmatch(each) for each in html), html
    links = {str(child.attrs["href"]) for child in inner if child.type == "link_open"}
    rows = sum(token.type == "tr_open" for token in tokens)
    shown = [child.content for child in inner if child.type == "text"]
    return headings, shown, links, rows, {token.type for token in (*tokens, *inner)}


def one(*entries: Entry, language: str = "en", **facts: object) -> Digest:
    receipt = Receipt(announced=7, matched=len(entries), shown=len(entries))
    return Digest(
        Edition(DAY, datetime(2026, 2, 3, tzinfo=UTC)),
        language,
        (Section("ai", len(entries), entries),) if entries else (),
        replace(receipt, **facts),  # type: ignore[arg-type]  # a test names them
    )


def told(number: int = 1, **of: str) -> Entry:
    about = paper(number)
    words = {"title": "A title", "gist": "A gist.", **of}
    return Entry(about, Kind.NEW, ("ai",), 0.5, Summary(about.id, "en", "model-a", **words))  # type: ignore[arg-type]  # words of a summary


@pytest.mark.parametrize("shape", Shape)
def test_each_paper_stands_once_with_its_number(shape: Shape) -> None:
    digest = edition.of_field("en") if shape is Shape.FIELD else edition.of_day("en")
    written = report.text(digest, shape)
    marks = re.findall(r"^(?:#+ (\d+)\. |\| \[\^(\d+)\] )", written, re.MULTILINE)
    numbers = [int(a or b) for a, b in marks]
    assert numbers == list(range(1, len(digest.entries) + 1))
    for each in digest.entries:
        assert written.count(each.paper.id) == 1


@pytest.mark.parametrize("shape", [Shape.REPORT, Shape.TABLE, Shape.ANALYSIS])
def test_counts_agree_and_the_contents_lead_to_headings_that_exist_once(shape: Shape) -> None:
    written = report.text(edition.of_day("en"), shape)
    targets = re.findall(r"\[[^]]+\]\(#([\w-]+)\) (\d+)", written)
    headings = re.findall(r'^#+ <a id="([\w-]+)"></a>.* · (\d+)$', written, re.MULTILINE)
    assert targets == headings == [("field-1", "2"), ("field-2", "3")]
    assert "4 are in these fields" in written
    assert "1 more came late and is marked" in written


def test_each_footnote_is_called_once_and_stands_under_its_heading_at_the_end() -> None:
    written = report.text(edition.of_day("zh"), Shape.TABLE)
    above, below = written.split("\n## 详细\n")
    assert re.findall(r"\[\^(\d+)\]", above) == re.findall(r"^\[\^(\d+)\]: ", below, re.MULTILINE)
    assert all(line.startswith(("[^", "    **")) for line in below.splitlines() if line), (
        "a line of a footnote begins with a word of ours"
    )


def test_companions_stand_for_themselves_behind_their_story() -> None:
    first, second = told(1, title="A Story, Part I"), told(2, title="A Story, Part II")
    second = replace(second, fields=("db",))
    folded = one(replace(first, companions=(second,)), told(3), matched=3, shown=3)
    digest = unfolded(folded)
    assert [each.paper.id[-1] for each in digest.entries] == ["1", "2", "3"]
    assert all(not each.companions for each in digest.entries)
    written = report.text(digest, Shape.REPORT)
    assert "3 are in AI, all of them told below." in written
    assert "### 2. A Story, Part II" in written
    assert "also in Databases" in written


def test_a_report_of_one_field_is_named_after_it() -> None:
    for shape in Shape:
        written = report.text(one(told()), shape)
        assert written.splitlines()[0].split(" · ")[1:] == ["AI", "Tuesday 3 February 2026"]
        assert "arXiv announced 7; 1 is in AI and is told below." in written


def test_the_one_field_that_has_papers_is_named_above_them() -> None:
    for shape in (Shape.REPORT, Shape.TABLE, Shape.ANALYSIS):
        written = report.text(one(told(), empty=("st",)), shape)
        assert "</a>AI · 1\n" in written
        assert "0 in Storage." in written


def test_a_category_is_named_in_full_to_readers_who_did_not_choose_it() -> None:
    digest = one(told())
    digest = replace(digest, sections=(replace(digest.sections[0], field="hep-th"),))
    name = "hep-th (High Energy Physics - Theory)"
    assert report.text(digest, Shape.FIELD).startswith(f"# Paper report · {name} · Tuesday")
    assert f"</a>{name} · 1\n" in report.text(digest, Shape.ANALYSIS)


def test_links_lead_to_arxiv_and_to_its_pdf() -> None:
    about = paper(1)
    real = Entry(replace(about, id="hep-th/9901001"), Kind.NEW, ("ai",), 0.5)
    page, pdf = "https://arxiv.org/abs/hep-th/9901001", "https://arxiv.org/pdf/hep-th/9901001"
    for shape in Shape:
        assert pieces(report.text(one(real), shape))[2] == {page, pdf}


def test_a_day_without_papers_of_the_field_says_so_and_shows_no_empty_table() -> None:
    nothing = one(empty=("st",))
    for shape in Shape:
        written = report.text(nothing, shape)
        assert "arXiv announced 7; none is in Storage." in written
        assert "|" not in written
        assert "Details" not in written


def test_a_day_on_which_nothing_came_says_so() -> None:
    written = report.text(one(announced=0), Shape.REPORT)
    assert "arXiv announced nothing." in written


def test_a_day_that_has_no_edition_is_a_file_that_says_why() -> None:
    due = datetime(2026, 2, 9, 1, tzinfo=UTC)
    day = date(2026, 2, 7)
    why = notices.nothing_announced(day, "en", next_at=due, reason="weekend")
    names = {
        Shape.REPORT: "report",
        Shape.FIELD: "report",
        Shape.TABLE: "table",
        Shape.ANALYSIS: "analysis",
    }
    for shape, name in names.items():
        written = report.nothing(day, "en", shape, why)
        assert written.startswith(f"# Paper {name} · Saturday 7 February 2026\n\n")
        assert "it does not at weekends" in written


def test_all_writers_are_named_and_counted() -> None:
    first, second, third = told(1), told(2), told(3)
    assert second.summary
    other = replace(second, summary=replace(second.summary, writer="model_b"))
    assert "Summaries by model-a, made" in report.text(one(first, third), Shape.REPORT)
    both = report.text(one(first, other, third), Shape.REPORT)
    assert "Summaries by model-a (2) and model\\_b (1), made" in both


def test_extracts_alone_are_labelled_once_and_repeat_no_sentence() -> None:
    about = paper(4)
    summary = replace(edition.extract(about), innovation="Serverless functions start slowly.")
    written = report.text(one(Entry(about, Kind.NEW, ("ai",), 0.5, summary)), Shape.REPORT)
    assert "Extracts from the abstracts (no model configured)." in written
    assert "· extract ·" not in written
    assert written.count("start slowly") == 1


def test_a_collaboration_is_counted_beyond_its_first_fifty() -> None:
    many = paper(1, authors=tuple(f"A. Author{number}" for number in range(3000)))
    written = report.text(one(Entry(many, Kind.NEW, ("ai",), 0.5)), Shape.ANALYSIS)
    assert written.count("A. Author") == entry.AUTHORS
    assert "and 2,950 more" in written


def test_an_invented_edition_says_so_at_each_paper_and_thanks_nobody() -> None:
    bundled = sample.load()
    entries = tuple(
        Entry(each.paper, each.kind, ("ai",), 0.5, bundled.told("en")[each.paper.id])
        for each in bundled.announcements[:3]
    )
    digest = replace(one(*entries), edition=bundled.edition)
    for shape in Shape:
        written = report.text(digest, shape)
        assert "· Sample\n" in written
        assert "A sample edition: the papers are invented" in written
        assert written.count("· sample") == 3
        assert "Thank you to arXiv" not in written
        assert "http" not in written


@settings(max_examples=60, deadline=None)
@given(title=HOSTILE, author=HOSTILE, abstract=HOSTILE, gist=HOSTILE, part=HOSTILE)
@pytest.mark.parametrize("shape", Shape)
def test_no_author_s_words_break_a_file(
    shape: Shape, title: str, author: str, abstract: str, gist: str, part: str
) -> None:
    about = replace(
        paper(1, title=title, abstract=abstract, authors=(author, author)), id="2602.02489"
    )
    summary = Summary(
        about.id, "en", "model", title=gist, gist=gist, background=part, conclusion=gist
    )
    page = abstract_url(about.id)
    digest = one(Entry(about, Kind.NEW, ("ai",), 0.5, summary), told(2))
    headings, shown, links, rows, elements = pieces(report.text(digest, shape))
    assert links == {page, page.replace("/abs/", "/pdf/")}
    assert len(headings) == (3 if shape is Shape.FIELD else 4)
    assert rows == (3 if shape is Shape.TABLE else 0)
    wanted = visible(entry.title(digest.entries[0]).replace("\\", ""))
    assert wanted in visible("".join(shown)).replace("\\", "")
    assert not elements & {
        "blockquote_open",
        "bullet_list_open",
        "code_block",
        "code_inline",
        "fence",
        "hr",
        "html_block",
        "image",
        "ordered_list_open",
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_no_title_adds_or_takes_a_footnote(titles: list[str]) -> None:
    entries = [told(number, title=title, gist=title) for number, title in enumerate(titles, 1)]
    lines = report.text(one(*entries), Shape.TABLE).split("\n")
    numbers = [str(number) for number in range(1, len(titles) + 1)]
    called = [found[1] for line in lines if (found := re.match(r"\| \[\^(\d+)\] \| ", line))]
    defined = [found[1] for line in lines if (found := re.match(r"\[\^(\d+)\]: ", line))]
    assert called == defined == numbers
    assert sum(len(re.findall(r"(?<!\\)\[\^", line)) for line in lines) == 2 * len(titles)
    rows = [line for line in lines if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 4 for row in rows)

"""Files for other programs: valid by their own parsers, whatever a title or a name holds."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string

from digest.render.citations import FORMATS, bibtex, facts, tex
from digest.saved import Saved
from tests.fakes.papers import paper

if TYPE_CHECKING:
    from digest.models import Paper

DAY = date(2026, 2, 3)
COLD = replace(paper(4), id="2602.02489", categories=("cs.DC", "cs.OS"))
HARD = st.text(st.characters(codec="utf-8"), max_size=80) | st.text(
    "${}\\%&#_^~\"'@,; abü", max_size=40
)


def kept(one: Paper, note: str = "", told: tuple[str, str] = ("", "")) -> Saved:
    return Saved(one, datetime(2026, 2, 3, 1, 30, tzinfo=UTC), note, 1, told)


def written(form: str, *shelf: Saved) -> str:
    return FORMATS[form].write(shelf, "en", DAY).decode()


class TestBibtex:
    def test_an_entry_is_what_arxiv_asks_for(self) -> None:
        assert written("bibtex", kept(COLD)) == (
            "@misc{example2026cold,\n"
            "  title         = {{Cold Starts of Serverless Functions in 4 ms}},\n"
            "  author        = {Example, Ada and Sample, Bo},\n"
            "  year          = {2026},\n"
            "  eprint        = {2602.02489},\n"
            "  archivePrefix = {arXiv},\n"
            "  primaryClass  = {cs.DC},\n"
            "  url           = {https://arxiv.org/abs/2602.02489}\n"
            "}\n"
        )

    def test_keys_are_unique_and_plain(self) -> None:
        titles = ["Cold", "The Cold", "cold-hearted", "冷", "", "5 of $x$"]
        authors = [("Ada Example",), ("B. Example",), ("C. Example",), ("王小明",), (), ("Ł. Müß",)]
        shelf = [
            replace(COLD, title=title, authors=names)
            for title, names in zip(titles, authors, strict=True)
        ]
        assert bibtex.keys([*shelf, shelf[0]]) == [
            "example2026cold",
            "example2026colda",
            "example2026coldb",
            "arxiv2026",
            "arxiv2026a",
            "muss2026x",
            "example2026coldc",
        ]
        assert len(set(bibtex.keys([COLD] * 800))) == 800

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            (r"$n_{\max}$ Cats in 100% of Boxes", r"$n_{\max}$ Cats in 100\% of Boxes"),
            (r"Schr\"odinger's", r"Schr{\"o}dinger's"),
            ("Größe, “naïve” – Łódź", r"Gr{\"o}{\ss}e, ``na{\"\i}ve'' -- {\L}{\'o}d{\'z}"),
            ("A_B & C#", r"A\_B \& C\#"),
            (r"At $O(\log n)$ for {RL}", r"At $O(\log n)$ for RL"),
            (r"$\frac{a}{b}$", r"$\frac{a}{b}$"),
            (r"On $\input{/etc/passwd}$ and \write18{rm}", "On input/etc/passwd and write18rm"),
            (r"$\{ x$ open", r"\textbraceleft{} x open"),
            ("$5 for a sheep", r"\$5 for a sheep"),
            ("αβ 数羊", "αβ 数羊"),
            (r"$x$ $y$ and $\foo{z}$", "$x$ $y$ and foo z"),
            ("a $}x{$ b", "a x b"),
        ],
    )
    def test_titles_print_what_they_say_and_do_nothing(self, typed: str, told: str) -> None:
        assert tex.title(typed) == told

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("Ada Example", "Example, Ada"),
            ("José Ñandú", r"{\~N}and{\'u}, Jos{\'e}"),
            ("Rick van der Waals III", "van der Waals, III, Rick"),
            ("John Smith, Jr.", "Smith, Jr., John"),
            ("The Sheep Collaboration", "{The Sheep Collaboration}"),
            ("Wolf and Sons", "{Wolf and Sons}"),
            ("others", "{others}"),
            ("王小明", "{王小明}"),
        ],
    )
    def test_names_are_taken_apart_where_that_is_sure(self, name: str, told: str) -> None:
        assert f"author        = {{{told}}}" in written(
            "bibtex", kept(replace(COLD, authors=(name,)))
        )

    @settings(max_examples=30)
    @given(title=HARD, name=HARD, note=HARD)
    def test_any_text_makes_entries_that_a_strict_parser_reads(
        self, title: str, name: str, note: str
    ) -> None:
        one = replace(COLD, title=title, authors=(name, "Ada Example"))
        read = parse_string(written("bibtex", kept(one, note), kept(COLD)), "bibtex", encoding=None)
        assert len(read.entries) == 2
        first, second = read.entries.values()
        assert first.fields["eprint"] == second.fields["eprint"] == "2602.02489"
        assert str(first.persons["author"][-1]) == "Example, Ada"
        assert not re.search(r"\\(?:input|write|include|def|csname|immediate)", str(first.fields))

    def test_the_short_form_says_the_same(self) -> None:
        [entry] = parse_string(bibtex.short(COLD, "k"), "bibtex").entries.values()
        assert entry.fields["title"] == "{Cold Starts of Serverless Functions in 4 ms}"
        assert len(bibtex.short(COLD, "example2026cold")) <= 256


class TestYears:
    @pytest.mark.parametrize(
        ("paper_id", "told"),
        [
            ("2602.02489", 2026),
            ("0704.0001", 2007),
            ("hep-th/9901001", 1999),
            ("math/0309136", 2003),
        ],
    )
    def test_an_id_says_its_year(self, paper_id: str, told: int) -> None:
        assert facts.year(replace(COLD, id=paper_id)) == told

    def test_an_invented_id_says_none_and_a_day_is_better(self) -> None:
        assert facts.year(paper(4)) is None
        assert facts.year(paper(4, submitted=date(2025, 12, 31))) == 2025
        assert "year" not in written("bibtex", kept(paper(4)))


class TestRis:
    def test_a_record_has_a_line_for_each_fact(self) -> None:
        made = written("ris", kept(COLD, "for the\nseminar"))
        assert made.startswith(
            "TY  - UNPB\r\nTI  - Cold Starts of Serverless Functions in 4 ms\r\n"
        )
        assert "\r\nAU  - Example, Ada\r\nAU  - Sample, Bo\r\nPY  - 2026\r\n" in made
        assert (
            "\r\nDO  - 10.48550/arXiv.2602.02489\r\nUR  - https://arxiv.org/abs/2602.02489\r\n"
            in made
        )
        assert made.endswith("\r\nN1  - for the seminar\r\nER  - \r\n")

    def test_an_invented_paper_leads_nowhere(self) -> None:
        made = written("ris", kept(paper(4)))
        assert "DO  -" not in made
        assert "UR  -" not in made

    @settings(max_examples=30)
    @given(title=HARD, name=HARD, note=HARD)
    def test_any_text_stays_on_its_line(self, title: str, name: str, note: str) -> None:
        one = replace(COLD, title=title, abstract=title, authors=(name,))
        lines = written("ris", kept(one, note), kept(COLD)).split("\r\n")
        assert lines.pop() == ""
        assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\r\n\x00-\x1f]*", each) for each in lines)
        assert [each[:2] for each in lines if each[:2] in {"TY", "ER"}] == ["TY", "ER"] * 2


class TestCsv:
    def rows(self, *shelf: Saved) -> list[dict[str, str]]:
        text = FORMATS["csv"].write(shelf, "zh", DAY)
        assert text.startswith(b"\xef\xbb\xbf"), "Excel knows UTF-8 by it"
        return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))

    def test_a_spreadsheet_reads_it(self) -> None:
        [row] = self.rows(kept(COLD, 'say "hi", 组会', ("冷启动", "九毫秒")))
        assert row["title"] == COLD.title
        assert row["authors"] == "Ada Example; Bo Sample"
        assert (row["saved"], row["note"]) == ("2026-02-03 01:30", 'say "hi", 组会')
        assert (row["title_told"], row["gist"]) == ("冷启动", "九毫秒")

    @pytest.mark.parametrize(
        "evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u200b=1", "＝1+1"]
    )
    def test_no_text_is_a_formula(self, evil: str) -> None:
        [row] = self.rows(kept(replace(COLD, title=evil, authors=(evil,)), evil, (evil, evil)))
        for name in ("title", "authors", "note", "title_told", "gist"):
            assert row[name].startswith("'"), name

    @settings(max_examples=30)
    @given(title=HARD, note=HARD)
    def test_any_text_is_one_cell(self, title: str, note: str) -> None:
        rows = self.rows(kept(replace(COLD, title=title), note), kept(COLD))
        assert [row["id"] for row in rows] == ["2602.02489", "2602.02489"]
        assert all(None not in row and not row["note"].startswith(tuple("=+-@")) for row in rows)


class TestMarkdown:
    def test_a_list_has_links_and_notes(self) -> None:
        made = written("md", kept(COLD, "read *this*", ("冷启动", "")), kept(paper(5)))
        assert made.startswith("# Saved papers (2)\n\nTuesday 3 February 2026\n\n")
        assert "**[冷启动](https://arxiv.org/abs/2602.02489)**" in made
        assert "\nCold Starts of Serverless Functions in 4 ms" in made
        assert "> read \\*this\\*" in made
        assert "**A Planner that Reads 5 Recipes before It Cooks**" in made

"""docs/scale.md says what its formulas say."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scale import Scale, Units, main, table

DOCUMENT = (Path(__file__).parent.parent / "docs/scale.md").read_text("utf-8")


def test_the_table_of_the_document_is_the_computed_one() -> None:
    assert "\n".join(table(Units())) in DOCUMENT


def test_a_hundred_thousand_readers_have_theirs_within_the_hour() -> None:
    at_once = Scale(90_000, Units(fullest_hour=1.0))
    assert at_once.free_s == pytest.approx(3600)
    assert at_once.bots == 1
    assert Scale(360_000, Units()).free_s == pytest.approx(3600)


def test_what_leaves_at_thirty_a_second_costs_no_star() -> None:
    assert Scale(100_000, Units()).stars == 0
    assert Scale(1_000_000, Units()).stars == pytest.approx(0.1 * (1_200_000 - 30 * 4 * 3600))


def test_keeping_less_makes_it_smaller(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["scale", "--readers", "1000000", "--keep-days", "90"])
    main()
    printed = capsys.readouterr().out
    assert "| database, a year kept | 15.6 GB |" in printed
    assert "100,000" not in printed

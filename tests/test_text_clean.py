"""What arXiv puts around a paper's own words does not reach a reader."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text import clean


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("arXiv:9913.00412v1 Announce Type: new \nAbstract: We start  fast.", "We start fast."),
        ("arXiv:9913.00412v2 Announce Type: replace-cross  Abstract: We.", "We."),
        ("We study\nhow lines\n  break.", "We study how lines break."),
        ("An Abstract: of sorts.", "An Abstract: of sorts."),
    ],
)
def test_an_abstract_begins_with_its_own_words(raw: str, shown: str) -> None:
    assert clean.abstract(raw) == shown


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("Ann Doe, Bo Roe", ("Ann Doe", "Bo Roe")),
        ("Ann Doe (1,2), Bo Roe (3), ((1) MIT, (2) ETH, Zurich)", ("Ann Doe", "Bo Roe")),
        ("A.L. Doe, S.V. Poe (State U., Fort Example)", ("A.L. Doe", "S.V. Poe")),
        ("Ann Doe (U. A) (for the X Collaboration)", ("Ann Doe",)),
        ("Ann (Annie) Doe", ("Ann (Annie) Doe",)),
        ("J. Doe, Jr., M. Roe, III", ("J. Doe, Jr.", "M. Roe, III")),
        ("Ann Doe,", ("Ann Doe",)),
        ("Ann Doe) (odd", ("Ann Doe) (odd",)),
        ("", ()),
    ],
)
def test_authors_are_names_without_affiliations(raw: str, names: tuple[str, ...]) -> None:
    assert clean.authors(raw) == names


@given(st.text("ab(){},; and&\\'\"", max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_list_of_authors_is_read(text: str) -> None:
    assert all(name == name.strip() and name for name in clean.authors(text))

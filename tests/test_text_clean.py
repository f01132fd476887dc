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
        ("Abstract: We study this.", "We study this."),
        ("We study\nhow lines\n  break.", "We study how lines break."),
        ("An Abstract: of sorts.", "An Abstract: of sorts."),
        ("x &lt; y &amp;&amp; z &#8804; 1; R&D", "x < y && z ≤ 1; R&D"),
    ],
)
def test_an_abstract_begins_with_its_own_words(raw: str, shown: str) -> None:
    assert clean.abstract(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Code is available at this https URL.", "Code is available online."),
        ("Code is available atthis https URL.", "Code is available online."),
        (
            "Code is on {this https URL}.",
            "Code is on {this https URL}.".replace("on {this https URL}", "online"),
        ),
        ("The library is atthis https URLand more.", "The library is online and more."),
        ("Code at this https URL and this http URL.", "Code online."),
        ("Project page: this https URL", "Project page (link on arXiv)"),
        ("(see this https URL)", "(see (link on arXiv)"),
        ("This URL is this one.", "This URL is this one."),
    ],
)
def test_placeholders_for_links_are_words(raw: str, shown: str) -> None:
    assert clean.abstract(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Cold Starts (arXiv:9901.14295v1 [cs.CL] UPDATED)", "Cold Starts"),
        ("Cold Starts. (arXiv:9901.14295v1 [cs.CL])", "Cold Starts."),
        ("Cold\n  Starts (Extended Version)", "Cold Starts (Extended Version)"),
    ],
)
def test_a_title_is_only_a_title(raw: str, shown: str) -> None:
    assert clean.title(raw) == shown


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("Ann Doe, Bo Roe", ("Ann Doe", "Bo Roe")),
        ("Ann Doe and Bo Roe & Cy Poe", ("Ann Doe", "Bo Roe", "Cy Poe")),
        ("Ann Doe (1,2), Bo Roe (3), ((1) MIT, (2) ETH, Zurich, (3) UB)", ("Ann Doe", "Bo Roe")),
        (
            "A.L. Doe, S.G. Roe and S.V. Poe (State U., Fort Example)",
            ("A.L. Doe", "S.G. Roe", "S.V. Poe"),
        ),
        ("D\\'aniel Doe (for the X Collaboration)", ("D\\'aniel Doe",)),
        (
            'J. Doe, Jr., M{\\"u}ller, {The A, B and C Team}',
            ("J. Doe, Jr.", 'M{\\"u}ller', "{The A, B and C Team}"),
        ),
        ("Ann Doe,", ("Ann Doe",)),
        ("Ann Doe) (odd", ("Ann Doe",)),
        ("", ()),
    ],
)
def test_authors_are_names_without_affiliations(raw: str, names: tuple[str, ...]) -> None:
    assert clean.authors(raw) == names


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("J\\'er\\'emi Dard\\'e", "Jérémi Dardé"),
        ("M Doe (GIPSA-INFINITY)", "M Doe"),
        ("(unnamed)", "(unnamed)"),
    ],
)
def test_one_author_as_a_reader_sees_them(raw: str, shown: str) -> None:
    assert clean.author(raw) == shown


@given(st.text("ab(){},; and&\\'\"", max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_list_of_authors_is_read(text: str) -> None:
    assert all(name == name.strip() and name for name in clean.authors(text))

"""Where the sentences of an abstract end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text.sentences import split


@pytest.mark.parametrize(
    "sentences",
    [
        ["Cold starts are slow.", "We make them fast."],
        ["It is 3.14 times faster (p < 0.05).", "See v2.0 at https://a.example/x.y.", "It works."],
        ["See Fig. 3, Sec. IV and Eqs. (2) and (3).", "We differ, e.g. Atari, i.e. games."],
        ["Doe et al. (2019) and Roe et al. [3] agree with A. B. Poe and J. Smith.", "So do we."],
        ["This extends Doe et al.", "We go further."],
        ["Bounds of order K.", "We prove them.", "Take the set X.", "Specifically, it is open."],
        ["Is it robust?", "“Yes!”", "We show why."],
        ['He called it "done."', "Then he left..."],
        ["We compare A vs. B, cf. Dr. Roe, approx. 30 runs, w.r.t. Adam."],
        ["The U.S. Senate met.", "It was in the U.S.", "However, few came."],
        ["There are cats, dogs, etc.", "Mice are rare."],
        ["Costs fell ($x$).", "$O(n)$ is best.", "12 runs agree.", "α is small."],
        ["We do two things.", "(i) This.", "(b) That."],
        ["mRNA is measured.", "mRNA counts are low.", "pH matters."],
        ["Published in Proc. Natl. Acad. Sci. on Oct. 4, 2026, No. 7, pp. 3."],
        ["Aims. We look at stars.", "Methods. We count them.", "We improve our aims.", "So what?"],
        [
            "It holds on the group G.",
            "Let u be its unit.",
            "It extends B.",
            "Building on it, we go.",
        ],
        ["This extends work in Trans. Amer. Math. Soc. and in Nucl. Phys. B."],
        ["It extends Doe et al. (Calc. Var. 12, 2020) a lot.", "We are glad (so.", "Are you?"],
        ["One sentence without an end"],
    ],
)
def test_sentences_are_found_as_their_authors_meant_them(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_line_breaks_and_doubled_spaces_end_nothing() -> None:
    assert split(" We write\nlong  lines. They\n\nbreak. ") == [
        "We write long lines.",
        "They break.",
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert split(text) == []


@given(st.text("ab AB1.?! e.g.,()[]\"'“”$…\n中", max_size=80))
@settings(max_examples=100, deadline=None)
def test_no_character_is_lost(text: str) -> None:
    sentences = split(text)
    assert " ".join(sentences) == " ".join(text.split())
    assert all(sentences)

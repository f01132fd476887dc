"""The offline writer: what a reader gets from the abstract's own sentences."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.summarize.extract import Extract, analysed, tell
from digest.summarize.features import marks, taken_apart
from digest.summarize.roles import chances, likeliest
from digest.summarize.trim import variants, without_filler
from digest.summarize.weights import LANES, ROLES, ZERO, parse, weights
from tests.fakes.papers import paper, papers

if TYPE_CHECKING:
    from digest.models import Paper, Summary

SENTENCES = [
    "Serverless functions are popular, and their tail latency is dominated by cold starts.",
    "However, existing snapshots keep the whole memory of each function.",
    "In this paper, we propose Quilt, a page cache that shares snapshots between functions.",
    "Quilt deduplicates pages by their hashes and prefetches them along traced accesses.",
    "Experiments on three clouds show that Quilt reduces the cold start from 240 ms to 9 ms.",
]
QUILT = paper(7, title="Quilt: Sharing Snapshots of Functions", abstract=" ".join(SENTENCES))


async def test_an_extract_is_english_whatever_was_asked_for() -> None:
    summary = await Extract().write(QUILT, "zh")
    assert (summary.language, summary.writer, summary.fallback) == ("en", "extract", False)
    assert summary.version == 1
    assert Extract().language_for("zh") == "en"


def test_the_gist_says_what_is_proposed_without_filler() -> None:
    assert tell(QUILT).gist.startswith("We propose Quilt, a page cache that shares")


def test_the_parts_are_the_problem_the_idea_and_the_result() -> None:
    summary = tell(QUILT)
    assert "cold starts" in summary.background or "snapshots keep" in summary.background
    assert summary.innovation.startswith("We propose Quilt")
    assert "240 ms to 9 ms" in summary.conclusion


def test_each_sentence_has_a_role() -> None:
    roles = analysed(SENTENCES, QUILT.title, weights()).roles
    assert roles[0] == roles[1] == "background"
    assert roles[2] in {"objective", "method"}
    assert roles[4] == "result"


def test_mathematics_is_made_readable() -> None:
    said = paper(1, title=r"An $O(\log n)$ Index", abstract=r"We propose an index in $O(\log n)$.")
    summary = tell(said)
    assert "$" not in summary.title + summary.gist


def test_a_paper_without_abstract_has_its_title_only() -> None:
    summary = tell(paper(1, title="A Title", abstract=""))
    assert (summary.title, summary.gist, summary.background) == ("A Title", "", "")


@pytest.mark.parametrize("told", papers(4))
def test_every_gist_is_taken_from_the_abstract(told: Paper) -> None:
    words = tell(told).gist.rstrip(".").split()
    assert words
    assert all(
        word.lower().rstrip(".,") in told.abstract.lower() for word in words if "(" not in word
    )


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_nothing_that_an_abstract_holds_breaks_the_extract(text: str) -> None:
    summary = tell(paper(1, title=text, abstract=text))
    assert isinstance(summary.gist, str)


def test_a_hundred_kilobytes_of_noise_are_cut_short() -> None:
    for noise in ("we show a. ", "x", "We show. "):
        gist = tell(paper(1, abstract=noise * 20_000)).gist
        assert 0 < len(gist) <= 500


# Which sentence tells what


def told(*sentences: str) -> Summary:
    return tell(paper(1, title="Counting Sheep", abstract=" ".join(sentences)))


def test_what_the_authors_did_is_never_the_background() -> None:
    summary = told(
        "We study how sheep of many farms are counted by dogs in the rain.",
        "The results show that dogs count 12% faster than shepherds do.",
    )
    assert summary.background == ""
    assert summary.innovation.startswith("We study how sheep")


def test_a_sentence_that_leans_on_another_tells_nothing_alone() -> None:
    summary = told(
        "Sheep are hard to count in the rain on the open hills of Wales.",
        "We propose a counter of sheep for farms in the rain.",
        "It counts sheep in the rain on the farms and in the hills, and we propose it here.",
        "They are faster than all of the dogs, as our experiments on farms show.",
        "Experiments show that the counter is faster than all of the dogs.",
    )
    parts = (summary.gist, summary.background, summary.innovation, summary.conclusion)
    assert not any(part.startswith(("It ", "They ")) for part in parts)


def test_what_was_known_before_is_no_gist() -> None:
    summary = told(
        "Counting sheep on farms is a central and long-standing challenge in biology.",
        "However, existing methods of counting sheep are slow, and rely on many dogs.",
        "Sheep of twelve farms in Wales and Spain are counted by means of their bells.",
        "The bells count 12% more sheep than dogs do.",
    )
    assert not summary.gist.startswith(("Counting sheep on farms", "Existing methods"))


def test_where_the_code_is_is_no_conclusion() -> None:
    summary = told(
        "Sheep are hard to count in the rain.",
        "We propose a counter of sheep for farms.",
        "Experiments show that our counter outperforms all dogs by 12%.",
        "Our code and results are publicly available at https://sheep.example.",
    )
    assert "12%" in summary.conclusion


def test_the_gist_and_the_part_with_its_sentence_say_the_same() -> None:
    summary = tell(QUILT)
    assert summary.gist == summary.innovation


# Filler, and shorter ways


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("In this paper, we study sheep.", "We study sheep."),
        ("However, in this work, we study sheep.", "We study sheep."),
        ("In this paper we study many sheep.", "We study many sheep."),
        ("To address these challenges, we count sheep.", "We count sheep."),
        ("Inspired by this observation, we count sheep.", "We count sheep."),
        ("Here, mRNA is counted by sheep.", "mRNA is counted by sheep."),
        ("Finally, a proof.", "Finally, a proof."),
        ("In theory, sheep can be counted.", "In theory, sheep can be counted."),
        ("Leveraging this finding, we count sheep.", "We count sheep."),
        ("Building on these insights, sheep are counted.", "Sheep are counted."),
        ("Motivated by our observations, we count sheep.", "We count sheep."),
        ("To further bridge this gap, we count sheep.", "We count sheep."),
        ("To bridge the gap, we count sheep.", "We count sheep."),
        ("In this short note, we count sheep.", "We count sheep."),
        ("Methods: We count sheep.", "We count sheep."),
        ("(ii) We count many sheep.", "We count many sheep."),
        ("Here, non-linear sheep are counted.", "Non-linear sheep are counted."),
        ("Here, k-means counts the sheep.", "k-means counts the sheep."),
        ("Using dogs, we count many sheep.", "Using dogs, we count many sheep."),
        ("To count sheep, we use dogs.", "To count sheep, we use dogs."),
        ("Faced with this delay, here we propose stamps.", "We propose stamps."),
        ("In this paper I aim to sort letters.", "I aim to sort letters."),
    ],
)
def test_leading_filler_is_trimmed(sentence: str, told: str) -> None:
    assert without_filler(sentence) == told


def test_no_way_to_say_it_ends_in_the_air() -> None:
    told = variants(
        "We present a way of sending sheep to the hills with the property that, even if it rains "
        "all day, no sheep is lost."
    )
    assert not [text for text, _ in told if text.endswith("that.")]


@pytest.mark.parametrize(
    ("sentence", "shorter"),
    [
        (
            "Our experiments on three farms show that sheep sleep longer than cows do.",
            "Sheep sleep longer than cows do.",
        ),
        (
            "We propose a counter (a new one) of sheep for farms.",
            "We propose a counter of sheep for farms.",
        ),
        (
            "We bound the count f(x) of all sheep on farms (in Wales) for many years.",
            "We bound the count f(x) of all sheep on farms for many years.",
        ),
        (
            "We propose a new counter of sheep for many farms, which is faster than dogs.",
            "We propose a new counter of sheep for many farms.",
        ),
        (
            "We propose a new counter of sheep for farms and show that it is fast.",
            "We propose a new counter of sheep for farms.",
        ),
    ],
)
def test_a_sentence_can_be_said_shorter(sentence: str, shorter: str) -> None:
    assert shorter in [text for text, _ in variants(sentence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "We propose a fast and accurate counter of sheep for farms.",
        "We count all of the sheep on farms in Wales, in Spain, and in Chile.",
        "The new counter of all sheep on farms is based on dogs.",
        "We count (as was always done, which is slow) the sheep.",
    ],
)
def test_no_sentence_is_torn(sentence: str) -> None:
    whole = [text for text, done in variants(sentence) if not any("end" in how for how in done)]
    assert [text for text, _ in variants(sentence)] == whole


@settings(max_examples=60)
@given(st.text(alphabet="abc ,.;:(–)$ ", max_size=120))
def test_a_shorter_way_only_leaves_words_out(sentence: str) -> None:
    for text, _ in variants(sentence):
        assert len(text) <= len(sentence) + 1
        assert set(text.lower()) <= set(sentence.lower()) | {"."}


# Marks and weights


def test_marks_see_the_sentence_its_place_and_its_neighbours() -> None:
    seen = marks(taken_apart(["Methods: we count 12 sheep.", "Results are 9."], "Counting sheep"))
    assert {"sheep", "we count", "^methods", "pos0", "end1", "p0/2", "sec:methods"} <= {*seen[0]}
    assert {"+1^results", "+1^results are", "later:results"} <= {*seen[0]}
    assert {"are 0", "-1^methods", "seen:we ", "sec:results", "sec1"} <= {*seen[1]}


def test_weights_are_read_line_by_line() -> None:
    row = [0.2] * len(ROLES)
    head = {"role_scale": 1.0, "gist_scale": 1.0, "starts": row, "ends": row, "follows": [row] * 5}
    signs = "".join(chr(ZERO + weight) for weight in (1, -2, 0, 0, 46, 7))
    learnt = parse(f"{json.dumps(head)}\nsheep\t{signs}\n")
    assert learnt.total(["sheep", "cow", "sheep"]) == ([2, -4, 0, 0, 92], 14)
    assert learnt.total([]) == ([0] * len(ROLES), 0)


def test_a_role_follows_from_its_neighbours_where_words_say_nothing() -> None:
    stays = [[1.0 if one == two else 0.1 for one in ROLES] for two in ROLES]
    head = {"role_scale": 1.0, "gist_scale": 1.0, "starts": [1] * 5, "ends": [1] * 5}
    learnt = parse(json.dumps({**head, "follows": stays}))
    likely = chances([[0, 0, 0, 5, 0], [0] * 5, [0, 0, 0, 5, 0]], learnt)
    assert [likeliest(one) for one in likely] == ["result"] * 3
    assert all(abs(sum(one) - 1) < 1e-6 for one in likely)


def test_the_weights_that_are_shipped_fit_the_budget_and_the_signs() -> None:
    assert len(weights().marks) > 5000
    assert all(abs(value) < 1 << 32 * LANES for value in weights().marks.values())

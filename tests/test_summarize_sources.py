"""Each claim of a summary beside the sentence of the abstract that it rests on."""

from __future__ import annotations

from dataclasses import replace

from digest import sample
from digest.models import Paper, Summary
from digest.summarize.extract import tell
from digest.summarize.sources import MOST_CLAIMS, claims

PAPER = Paper(
    "2602.00412",
    1,
    "Cold Starts of Serverless Functions in 9 ms",
    "Serverless functions start slowly. We share page-cache snapshots between 40 functions. "
    "The median start falls from 240 ms to 9 ms on three clouds. Memory grows by 4%.",
    ("A. Example",),
    ("cs.DC",),
)
SLOW, SHARED, FALLS, GROWS = (
    "Serverless functions start slowly.",
    "We share page-cache snapshots between 40 functions.",
    "The median start falls from 240 ms to 9 ms on three clouds.",
    "Memory grows by 4%.",
)
TOLD = Summary(
    PAPER.id,
    "zh",
    "model-x",
    "把冷启动降到 9 毫秒",
    "冷启动从 240 毫秒降到 9 毫秒，内存只多 4%。",
    background="函数启动很慢。",
    innovation="在 40 个函数之间共享快照。",
    conclusion="启动中位数 9 毫秒；内存多 4%。",
)


def test_figures_lead_to_the_sentence_across_languages() -> None:
    found = {(each.part, each.said): each for each in claims(TOLD, PAPER)}
    assert found["gist", TOLD.gist].sentences == (FALLS, GROWS)
    assert found["innovation", TOLD.innovation].sentences == (SHARED,)
    assert found["conclusion", "内存多 4%。"].sentences == (GROWS,)
    assert all(each.proven for each in found.values() if each.part != "background")


def test_a_claim_without_figures_and_names_says_that_it_was_guessed() -> None:
    [guessed] = [each for each in claims(TOLD, PAPER) if not each.proven]
    assert (guessed.part, guessed.sentences) == ("background", (SLOW,))


def test_an_extract_rests_on_its_own_sentences() -> None:
    for each in claims(tell(PAPER), PAPER):
        assert each.proven
        assert each.sentences[0] in PAPER.abstract
        assert each.said.rstrip(".")[-12:] in each.sentences[0]


def test_running_text_is_taken_apart() -> None:
    running = replace(TOLD, background="", innovation="", conclusion="", text="It took 9 ms. " * 20)
    assert [each.part for each in claims(running, PAPER)] == ["gist", "text"]
    many = replace(running, text=" ".join(f"We saw {n} of them." for n in range(20)))
    assert len(claims(many, PAPER)) == MOST_CLAIMS


def test_without_an_abstract_nothing_is_proven() -> None:
    bare = claims(TOLD, replace(PAPER, abstract=""))
    assert {each.sentences for each in bare} == {()}
    assert not any(each.proven for each in bare)
    assert claims(replace(TOLD, gist="", background="", innovation="", conclusion=""), PAPER) == ()


def test_nearly_all_of_the_sample_is_traced_by_figures_and_words() -> None:
    bundled = sample.load()
    papers = {each.paper.id: each.paper for each in bundled.announcements}
    found = [each for i, told in bundled.told("en").items() for each in claims(told, papers[i])]
    assert all(each.sentences for each in found)
    assert sum(each.proven for each in found) > 0.97 * len(found)

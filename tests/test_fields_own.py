"""A reader's own phrase or sentence."""

from __future__ import annotations

import pytest

from digest import fields
from digest.fields import own
from tests.fakes.papers import paper

SERVERLESS = paper(
    title="Warm Snapshots",
    abstract="We make serverless functions start faster in the cloud. Cold starts of serverless "
    "functions fall to 9 ms on Kubernetes.",
    categories=("cs.DC",),
)
SHEEP = paper(title="Sheep", abstract="We count sheep in fields.", categories=("q-bio.PE",))


def score(text: str, title: str = "", abstract: str = "") -> float:
    return fields.score(paper(title=title, abstract=abstract), fields.by_key(text))


def test_a_phrase_counts_most_in_the_title_then_in_the_text_then_apart() -> None:
    titled = score('"cold start"', title="Cold Starts in 9 ms")
    twice = score('"cold start"', abstract="A cold start is slow. Cold starts are rare.")
    once = score('"cold start"', abstract="A cold start is slow.")
    apart = score('"cold start"', abstract="It was cold at the start.")
    assert titled > twice > once > apart >= fields.THRESHOLD


def test_words_far_apart_are_no_phrase() -> None:
    far = "Models of sheep are trained on pictures from the real world of farms."
    assert score('"world model"', abstract=far) == 0
    assert score('"world model"', abstract="We learn models of a world.") > 0


def test_words_in_different_sentences_are_no_phrase() -> None:
    assert score('"cold start"', abstract="It was cold. We start.") == 0


def test_an_unwanted_word_leaves_the_paper_out() -> None:
    title = "Diffusion Policies: a Survey"
    assert score("diffusion policy", title=title) == 1
    assert score("diffusion policy -survey", title=title) == 0
    assert score("diffusion policy -surveys", title="Diffusion Policies") == 1


def test_several_quoted_phrases_are_all_wanted() -> None:
    text = '"cold start" "page cache"'
    assert score(text, title="Cold starts", abstract="We share the page cache.") > 0
    assert score(text, title="Cold starts") == 0


@pytest.mark.parametrize(
    "sentence",
    [
        '"papers on making serverless functions start faster in the cloud on kubernetes"',
        '"Serverless. How functions in the cloud start, scale and are billed on Kubernetes"',
    ],
)
def test_a_sentence_prefers_the_paper_that_it_speaks_of(sentence: str) -> None:
    field = fields.by_key(sentence)
    assert fields.score(SERVERLESS, field) > fields.score(SHEEP, field)
    assert not fields.member(SHEEP, field)


def test_a_sentence_knows_words_used_alike_and_where_they_are_at_home() -> None:
    asked = own.profile("Recommender systems for listeners of music and their taste in songs")
    assert any("recommend" in term for term in asked.terms)
    assert asked.alike
    assert max(asked.homes, key=lambda code: asked.homes[code]).startswith(("cs.", "eess."))


def test_a_sentence_of_unknown_words_asks_for_nothing_else() -> None:
    asked = own.profile("zzyzx qwertz foobarbaz plugh xyzzy")
    assert asked.alike == {}
    assert asked.homes == {}
    assert not fields.member(SHEEP, fields.by_key('"zzyzx qwertz foobarbaz plugh xyzzy"'))


def test_a_sentence_of_common_words_brings_nothing() -> None:
    assert not fields.member(SHEEP, fields.by_key('"what is new and used in other papers"'))

"""What is not read for a phrase has nothing to do with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import fields
from digest.fields import own, sieve
from digest.fields.words import read, stems
from tests.fakes.papers import paper

SAID = """
    virtualisation virtualised Virtualizing modelling modelled colour behaviour datacentre
    centres queries classes boxes statuses indices C++ GPUs serverless functions start faster cloud
    the in Kubernetes on papers making snapshots é naïve Ⅳ ﬁle ＧＰＵ x's $n$
    \\emph{so} policies
"""
TEXTS = st.lists(st.one_of(st.sampled_from(SAID.split()), st.text(max_size=8)), max_size=30).map(
    " ".join
)
KEYS = (
    '"virtualized cloud"',
    '"model of behavior"',
    "data center -boxes",
    '"query" "class"',
    '"cold start" +"serverless function" +gpu',
    '"papers on making serverless functions start faster in the cloud on kubernetes"',
    '"snapshots" "papers on making serverless functions start faster in the cloud"',
)


@settings(max_examples=100)
@given(TEXTS)
def test_every_spelling_of_a_stem_begins_with_its_root(text: str) -> None:
    plain = sieve.plain(text)
    assert all(sieve.root(stem) in plain for stem in stems(text))


@settings(max_examples=60)
@given(st.sampled_from(KEYS), TEXTS, TEXTS)
def test_nothing_that_fits_is_held_back(key: str, title: str, abstract: str) -> None:
    field = fields.by_key(key)
    told = paper(1, title=title, abstract=abstract, categories=("cs.DC",))
    if own.fit(read(told), field) >= fields.THRESHOLD:
        assert sieve.of(field).lets_through(told)


@pytest.mark.parametrize("key", KEYS)
def test_what_has_nothing_to_do_with_it_is_not_read(key: str) -> None:
    sheep = paper(1, title="Sheep", abstract="We shear sheep. " * 40, categories=("q-bio.PE",))
    assert not sieve.of(fields.by_key(key)).lets_through(sheep)
    assert fields.score(sheep, fields.by_key(key)) == 0


@pytest.mark.parametrize(
    ("stem", "root"),
    [
        ("virtualization", "virtuali"), ("behavior", "behavi"), ("model", "model"),
        ("modeling", "mode"), ("query", "quer"), ("center", "cent"), ("gpu", "gpu"),
    ],
)  # fmt: skip
def test_roots_are_as_long_as_they_can_be(stem: str, root: str) -> None:
    assert sieve.root(stem) == root

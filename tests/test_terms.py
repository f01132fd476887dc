"""Text as search reads it, and what somebody types."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import postings, query, terms, widening
from digest.models import Summary
from digest.postings import Sets
from tests.fakes.papers import paper


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Virtualised GPU clusters", "virtualized gpu cluster"),
        ("LLMs, C++ and C# in 3D", "llm c++ and c# in 3d"),
        ("pre-training", "pre training pretraining"),
        ("state‑of‑the‑art", "state of the art stateoftheart"),
        ("Schr\\\"odinger's $\\alpha$-decay", "schrodinger α decay αdecay"),
        ("ＡＩ", "ai"),
        ("Größe", "grosse"),
        ("云", "云"),
        ("强化学习", "强化 化学 学习 强 化 学 习"),
        ("用GPU训练", "用 gpu 训练 训 练"),
        ("機器學習", "机器 器学 学习 机 器 学 习"),
        ("_x_ — ", "x"),
        ("", ""),
    ],
)
def test_terms_of_a_text(text: str, said: str) -> None:
    assert terms.read(text).terms == said.split()


def test_a_paper_is_read_whole() -> None:
    told = Summary("9913.00001", "zh", "m", "冷启动", "云上更快。", text="GPU GPU GPU")
    found = terms.of_paper(
        paper(1, title="Cold Starts", abstract="Rice, rice and rice. Cold.", comment="9 pages"),
        [told],
    )
    assert found["start"] == terms.TITLED
    assert found["cold"] == terms.TITLED
    assert found["rice"] == terms.OFTEN
    assert found["gpu"] == terms.OFTEN
    assert found["启动"] == terms.TITLED
    assert {found[each] for each in ("example", "page", "云上", "云")} == {0}
    assert terms.signature("cold", "start") in found
    assert terms.signature("ada", "example") in found


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_any_text_is_read_and_looked_for(text: str) -> None:
    found = terms.read(text).terms
    assert all(found)
    assert not any("\n" in each or each.startswith(terms.SIGN) for each in found)
    asked = widening.widened(query.understand(text))
    assert len(asked.wanted) <= query.MOST_WORDS
    assert all(each.any_of and all(each.any_of) for each in asked.wanted)


@given(st.sets(st.integers(0, 3000), max_size=80))
def test_sets_come_back_from_their_bytes(members: set[int]) -> None:
    bits = postings.of(members)
    assert postings.decode(postings.encode(bits)) == bits
    assert set(postings.members(bits)) == members


def test_dense_sets_are_short() -> None:
    assert len(postings.encode(postings.of(range(1000)))) == 126
    assert len(postings.encode(postings.of([999]))) == 3


PLACES = st.integers(0, 400) | st.integers(0, 9000)  # of a day's volume, and of a year's
HOWS = st.dictionaries(PLACES, st.integers(0, 3), min_size=1, max_size=90)


def numbers(hows: dict[int, int]) -> list[int]:
    return sorted(place * postings.HOWS + how for place, how in hows.items())


def sets(hows: dict[int, int]) -> Sets:
    ways = [
        {place for place, how in hows.items() if how & way == way}
        for way in (0, terms.TITLED, terms.OFTEN)
    ]
    return Sets(*map(postings.of, ways))


@given(HOWS)
def test_what_is_said_comes_back_from_its_bytes(hows: dict[int, int]) -> None:
    said = postings.said(numbers(hows))
    assert postings.sets(said) == sets(hows)
    assert postings.places(said) == sets(hows).places


@given(HOWS, HOWS)
def test_what_several_say_is_put_together(one: dict[int, int], other: dict[int, int]) -> None:
    both = {place: one.get(place, 0) | other.get(place, 0) for place in one | other}
    said = postings.together(postings.said(numbers(each)) for each in (one, other))
    assert said == postings.said(numbers(both))


@given(
    st.dictionaries(
        st.text(alphabet="ab云=", min_size=1, max_size=3),
        st.dictionaries(st.integers(0, 999), st.binary(max_size=90), max_size=4),
        min_size=1,
        max_size=5,
    ),
    st.text(alphabet="ab云=", min_size=1, max_size=3),
)
@settings(max_examples=40)
def test_shelves_come_back_from_their_bytes(shelf: dict[str, dict[int, bytes]], other: str) -> None:
    said = {
        term: {age: (age % 2 == 0, written) for age, written in volumes.items()}
        for term, volumes in shelf.items()
    }
    lists = {term: postings.listed(volumes) for term, volumes in said.items()}
    written = postings.pack(lists)
    assert postings.unpack(written) == lists
    for term in (*said, other):
        found = dict(postings.volumes(postings.look(written, term)))
        assert found == said.get(term, {})


def said(text: str) -> list[str]:
    return [each.said for each in query.understand(text).wanted]


def test_words_phrases_and_what_is_left_out() -> None:
    found = query.understand('world “cold  start” -survey -"as a service" 推理')
    assert [each.said for each in found.wanted] == ["world", '"cold start"', "推理"]
    assert [each.said for each in found.without] == ["survey", '"as a service"']
    assert found.wanted[1].phrase == ("cold", "start")
    assert found.wanted[2].any_of == (("推理",),)


def test_a_hyphen_is_read_in_both_ways() -> None:
    (found,) = query.understand("pre-training").wanted
    assert found.any_of[0] == ("pretraining",)
    assert {"pre", "training"} < set(found.any_of[1])


def test_words_are_counted_once_and_not_without_end() -> None:
    assert said("AI ai Ai") == ["ai"]
    assert len(said(" ".join(f"word{n}" for n in range(99)))) == query.MOST_WORDS


@pytest.mark.parametrize("text", ["", "   ", "?!", '""', "-", "-survey", "🎉", "''"])
def test_what_has_no_word_asks_for_nothing(text: str) -> None:
    assert not query.understand(text)


@pytest.mark.parametrize("text", ["2602.02489", "https://arxiv.org/abs/2602.02489v2"])
def test_an_id_alone_is_that_paper(text: str) -> None:
    assert query.understand(text).paper_id == "2602.02489"


def test_chinese_is_parted_and_widened_where_its_words_are_known() -> None:
    asked = widening.widened(query.understand("大模型推理"))
    assert [each.said for each in asked.wanted] == ["大模型", "推理"]
    assert asked.wanted[1].instead == ("reasoning", "inference")
    assert ("inference",) in asked.wanted[1].any_of
    assert widening.names_of("云计算") == ("cloud computing", "cloud")
    assert widening.names_of("机器人学") == ("Robotics",)
    assert widening.names_of("红薯") == ()
    assert widening.parts("红薯的检索") == ["红薯的", "检索"]

"""A reader's taste: what a few likes and dislikes move, how it fades, is taken back and stored."""

from __future__ import annotations

import base64
import json
import random
import struct
import zlib
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import taste
from digest.models import Paper
from digest.taste import Side, Taste

DAY = date(2026, 2, 3)

POLICIES = [
    "Reinforcement learning with a sparse reward: the policy gradient learns to fold kites.",
    "A reward model for kite policies, by offline reinforcement learning on old flights.",
    "Policy optimization without a simulator: reinforcement learning from one calm afternoon.",
]
PICTURES = [
    "Image segmentation of teapots: pixel masks from a single object detection backbone.",
    "Diffusion for image generation of teapots, with better texture in high resolution images.",
]


def paper(text: str, *categories: str) -> Paper:
    title, _, rest = text.partition(":")
    return Paper("9913.00001", 1, title, rest or text, (), categories or ("cs.LG",))


def liking(*texts: str, day: date = DAY, likes: bool = True, to: Taste | None = None) -> Taste:
    for text in texts:
        to = taste.learnt(to, taste.features(paper(text)), likes=likes, day=day)
    assert to is not None
    return to


def leans(of: Taste, text: str) -> float:
    return taste.leaning(taste.weights(of), taste.features(paper(text)))


def test_what_liked_papers_share_is_preferred() -> None:
    reader = liking(*POLICIES[:2])
    assert leans(reader, POLICIES[2]) > 2 * leans(reader, PICTURES[0]) >= 0


def test_what_is_disliked_is_avoided() -> None:
    reader = liking(*POLICIES[:2], likes=False)
    assert leans(reader, POLICIES[2]) < 0


def test_one_dislike_does_not_bury_a_subject() -> None:
    reader = liking(POLICIES[0], likes=False)
    assert -0.25 < leans(reader, POLICIES[2]) < 0


def test_one_dislike_beside_likes_leaves_the_subject_liked() -> None:
    reader = liking(POLICIES[0], likes=False, to=liking(*POLICIES[1:]))
    assert leans(reader, "Reinforcement learning of reward and policy: a survey of kites.") > 0


def test_nobody_leans_without_likes() -> None:
    assert taste.weights(None) == {}
    assert taste.weights(Taste(DAY)) == {}
    assert taste.leaning({}, taste.features(paper(POLICIES[0]))) == 0


def test_a_paper_moves_within_bounds() -> None:
    assert taste.moved(0.5, 1.0) == 1.0  # just in the field, and all to taste: like a perfect fit
    assert taste.moved(1.0, -1.0) == 0.5
    assert taste.moved(0.7, 0.0) == 0.7


def test_categories_count_where_words_say_nothing() -> None:
    to = taste.learnt(None, taste.features(paper("Qqq", "cs.CV")), likes=True, day=DAY)
    weighed = taste.weights(to)
    seen = taste.leaning(weighed, taste.features(paper("Zzz", "cs.CV")))
    assert seen > 0 == taste.leaning(weighed, taste.features(paper("Zzz", "cs.CR")))


def test_a_like_is_worth_half_after_its_half_life() -> None:
    old = liking(POLICIES[0])
    later = DAY + timedelta(days=taste.HALF_LIFE)
    both = liking(PICTURES[0], day=later, to=old)
    assert both.liked.papers == pytest.approx(1.5)
    together = liking(PICTURES[0], to=old)
    assert leans(both, PICTURES[1]) > leans(both, POLICIES[2])
    assert leans(together, PICTURES[1]) < leans(together, POLICIES[2])


def test_a_clock_that_jumped_back_fades_nothing() -> None:
    back = liking(PICTURES[0], day=DAY - timedelta(days=400), to=liking(POLICIES[0]))
    assert back.day == DAY
    assert back.liked.papers == 2


def test_taking_the_only_like_back_leaves_nothing() -> None:
    of = taste.features(paper(POLICIES[0]))
    gone = taste.unlearnt(liking(POLICIES[0]), of, likes=True, since=DAY, day=DAY)
    assert gone == Taste(DAY)


WORDS = ("reward", "policy", "kite", "image segmentation", "cs.CV", "teapot", "薄")
SHARES = st.dictionaries(st.sampled_from(WORDS), st.floats(0.01, 1), min_size=1)
VOTES = st.lists(st.tuples(SHARES, st.booleans(), st.integers(0, 90)), min_size=1, max_size=6)


@given(VOTES, SHARES, st.booleans(), st.integers(0, 90), st.integers(0, 90))
@settings(max_examples=60, deadline=None)
def test_a_like_taken_back_later_leaves_what_was_there(
    votes: list[tuple[dict[str, float], bool, int]],
    last: dict[str, float],
    likes: bool,  # noqa: FBT001 # Hypothesis gives it
    wait: int,
    until: int,
) -> None:
    day, without = DAY, Taste(DAY)
    for of, liked, days in votes:
        day += timedelta(days=days)
        without = taste.learnt(without, of, likes=liked, day=day)
    since = day + timedelta(days=wait)
    end = since + timedelta(days=until)
    kept = taste.unpack(taste.pack(taste.learnt(without, last, likes=likes, day=since)))
    assert kept is not None
    undone = taste.unlearnt(kept, last, likes=likes, since=since, day=end)
    left = 0.5 ** ((end - day).days / taste.HALF_LIFE)
    for told, expected in zip(_numbers(undone), _numbers(without), strict=True):
        assert told == pytest.approx(left * expected, abs=0.03)


def _numbers(of: Taste) -> list[float]:
    sides = (of.liked, of.disliked)
    return [number for side in sides for word in WORDS for number in side.words.get(word, (0, 0))]


@given(VOTES)
@settings(max_examples=40, deadline=None)
def test_a_taste_is_stored_and_read_again(votes: list[tuple[dict[str, float], bool, int]]) -> None:
    told = None
    for of, liked, days in votes:
        told = taste.learnt(told, of, likes=liked, day=DAY + timedelta(days=days))
    assert told is not None
    again = taste.unpack(taste.pack(told))
    assert again is not None
    assert again.day == told.day
    for side, its in zip((again.liked, again.disliked), (told.liked, told.disliked), strict=True):
        assert side.papers == its.papers
        assert side.words.keys() == its.words.keys()
        for word, numbers in side.words.items():
            assert numbers == pytest.approx(its.words[word], rel=0.002, abs=0.001)


def test_a_taste_stays_within_its_bytes_however_long_the_words() -> None:
    chance = random.Random(0)
    told = Taste(DAY)
    for number in range(200):
        letters = ("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=40)) for _ in range(80))
        told = taste.learnt(
            told, {w: chance.random() for w in letters}, likes=number % 2 > 0, day=DAY
        )
    packed = taste.pack(told)
    assert len(packed.encode()) <= taste.MOST_BYTES
    again = taste.unpack(packed)
    assert again is not None
    assert len(again.liked.words) > 100


def test_the_best_words_stay() -> None:
    told = Taste(DAY)
    for number in range(20):
        others = {f"word {number} {other}": 0.1 for other in range(100)}
        told = taste.learnt(told, {"reward": 0.2, **others}, likes=True, day=DAY)
    assert len(told.liked.words) == taste.MOST_WORDS
    assert told.liked.words["reward"] == pytest.approx((4.0, 20.0))


def _foreign(form: int) -> str:
    text = json.dumps([form, "2026-02-03", 1, 0, ["reward"], []]).encode()
    raw = struct.pack("<I2e", len(text), 0.5, 1.0) + text
    return base64.b64encode(zlib.compress(raw)).decode()


@pytest.mark.parametrize("packed", ["", "?", "eJw=", "薄", _foreign(0), _foreign(99)])
def test_what_is_no_taste_is_none(packed: str) -> None:
    assert taste.unpack(packed) is None


def test_the_form_of_today_is_read() -> None:
    assert taste.unpack(_foreign(taste.FORMAT)) == Taste(DAY, Side(1, {"reward": (0.5, 1.0)}))


def test_a_pair_stands_for_its_words() -> None:
    weighed = {"reinforcement": 0.9, "reinforcement learning": 0.4, "reward": 0.5, "height": 2.0}
    against = {"image": -0.3, "image segmentation": -0.1}
    towards, away = taste.telling(weighed | against)
    assert towards == ["reinforcement learning", "reward"]
    assert away == ["image segmentation"]
    assert taste.telling({"cs.CV": 0.2}) == (["cs.CV"], [])
    assert taste.telling({}) == ([], [])

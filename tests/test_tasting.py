"""/like, /dislike and /taste, and what they do to the papers of a day: for one reader only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from digest import taste, tasting
from digest.compose import composed
from digest.models import Edition, Part, Source, Subscriber, Summary
from digest.reasons import reasons
from digest.render.entities import TELEGRAM
from digest.round import Round
from digest.shelves import Shelves
from digest.store.tastes import Vote
from digest.taste import Verdict
from tests.fakes.papers import DAY, batch, new, paper
from tests.fakes.stores import rows
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from digest.models import Announcement, Digest, Paper
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

AT = datetime(2026, 2, 3, 12, tzinfo=UTC)

KITES = (
    "Reinforcement learning flies kites",
    "We train a policy by reinforcement learning with a sparse reward in flight {n}.",
)
TEAPOTS = (
    "Image segmentation of teapots",
    "We segment images of {n} teapots: object detection first, then image segmentation.",
)


def about(number: int, told: tuple[str, str]) -> Paper:
    title, abstract = told
    return paper(
        number,
        title=f"{title}, as seen by shepherd {number}",
        abstract=abstract.format(n=number),
        categories=("cs.LG",),
    )


PAPERS = tuple(about(n, TEAPOTS) for n in range(1, 9)) + tuple(
    about(n, KITES) for n in range(9, 15)
)
READER = Subscriber("telegram", "7", "en", "Asia/Shanghai", fields=("cs.LG",), size=3)
OTHER = replace(READER, address="8", language="zh")


@pytest.fixture
async def app(arxiv: FakeArxiv, opened: Opened) -> AsyncIterator[App]:
    arxiv.announce(DAY, *PAPERS)
    async with opened() as running:
        yield running


class Taster(Talk):
    """One reader, and the order of their digest."""

    async def shown(self) -> list[str]:
        """The ids of the digest, in order."""
        digest = await self.app.reading.digest(DAY, self.reader)
        return [entry.paper.id for entry in digest.entries]


@pytest.fixture
async def talk(app: App) -> Taster:
    talk = Taster(app, await app.store.subscribers.save(READER))
    await talk.say("/today")
    return talk


async def test_likes_bring_papers_like_these_to_the_top_and_say_why(talk: Taster) -> None:
    assert await talk.shown() == ["9913.00001", "9913.00002", "9913.00003"]
    for number in (9, 10):
        said = await talk.say(f"/like 9913.{number:05d}")
        assert said.startswith("Noted, more like this: Reinforcement learning flies kites")
        assert talk.reply.blocks == (), "whoever tapped gets a toast, and no message"
    assert {int(each[-2:]) for each in await talk.shown()} <= set(range(9, 15))
    said = await talk.say("/today")
    assert "because you liked: reinforcement learning" in said.casefold()


async def test_nothing_is_lost_or_repeated_by_taste(talk: Taster) -> None:
    before = await talk.app.reading.digest(DAY, talk.reader)
    await talk.say("/like 9913.00009")
    await talk.say("/dislike 9913.00001")
    after = await talk.app.reading.digest(DAY, talk.reader)
    assert sorted(_ids(after)) == sorted(_ids(before)) == [each.id for each in PAPERS]
    assert _ids(after) != _ids(before)
    assert after.receipt == before.receipt


def _ids(digest: Digest) -> list[str]:
    return [entry.paper.id for entry in (*digest.entries, *digest.rest)]


async def test_the_other_reader_s_digest_does_not_change_by_a_byte(talk: Taster) -> None:
    other = Taster(talk.app, await talk.app.store.subscribers.save(OTHER))
    before = await other.say("/today")
    assert "9913.00001" in before
    for number in (9, 10, 11):
        await talk.say(f"/like 9913.{number:05d}")
    assert await other.say("/today") == before
    assert (await other.say("/taste")).startswith("您的口味\n我还不了解您的口味")


async def test_a_like_tapped_again_is_taken_back(talk: Taster) -> None:
    before = await talk.say("/today")
    await talk.say("/like 9913.00009")
    assert await talk.say("/today") != before
    assert (await talk.say("/like 9913.00009")).startswith("Taken back: Reinforcement learning")
    assert await talk.say("/today") == before
    assert await talk.app.store.tastes.readers(DAY) == frozenset(), "on the shared path again"


async def test_an_edition_that_was_had_stays_as_it_was_and_the_next_follows_taste(
    talk: Taster,
) -> None:
    store, number = talk.app.store, talk.reader.id or 0
    await store.editions.publish(DAY, AT)
    before = await talk.say("/today")
    rest = await talk.say("/rest")
    await talk.say("/like 9913.00009")
    await talk.say("/like 9913.00010")
    assert await talk.say("/today") == before
    assert await talk.say("/rest") == rest, "what is one tap away neither repeats nor is lost"
    following = DAY + timedelta(days=1)
    tomorrow = batch(*(new(replace(p, id=f"9914.{p.id[5:]}")) for p in PAPERS), day=following)
    await store.editions.store(tomorrow, [Part(following, "cs", Source.FEED, tomorrow.count)], AT)
    await store.editions.publish(following, AT)
    digest = await talk.app.reading.digest(following, talk.reader)
    assert {each.paper.title[:4] for each in digest.entries} == {"Rein"}
    assert all(each.reasons for each in digest.entries)
    assert number in await store.tastes.readers(following)
    await store.subscribers.mark_had(number, following)
    await talk.say("/dislike 9913.00011")
    assert await talk.app.reading.digest(following, talk.reader) == digest
    await talk.say("/taste reset yes")
    assert await store.tastes.readers(following) == frozenset()


async def test_a_dislike_takes_the_place_of_a_like(talk: Taster) -> None:
    await talk.say("/like 9913.00009")
    await talk.say("/dislike 9913.00009")
    said = await talk.say("/taste")
    assert "Learnt from 1 dislike." in said
    assert "away from" in said
    assert "towards" not in said


async def test_taste_is_told_in_words_and_reset_once_that_is_confirmed(talk: Taster) -> None:
    for number in (9, 10, 11):
        await talk.say(f"/like 9913.{number:05d}")
    await talk.say("/dislike 9913.00001")
    said = await talk.say("/taste")
    assert "Learnt from 3 likes and 1 dislike." in said
    assert "reinforcement learning" in said.partition("You lean towards: ")[2]
    assert "image segmentation" in said.partition("away from:")[2]
    assert [each.command for each in talk.reply.choices] == ["/taste reset"]
    assert "3 likes and 1 dislike" in await talk.say("/taste reset")
    assert (await talk.shown())[0] == "9913.00009", "nothing is forgotten yet"
    assert [each.command for each in talk.reply.choices] == ["/taste reset yes"]
    assert "forgotten" in await talk.say("/taste reset yes")
    assert await talk.shown() == ["9913.00001", "9913.00002", "9913.00003"]
    assert "I do not know your taste yet" in await talk.say("/taste")


async def test_it_is_told_in_chinese(app: App) -> None:
    talk = Taster(app, await app.store.subscribers.save(OTHER))
    await talk.say("/today")
    told = Summary("9913.00011", "zh", "a-model", "会放风筝的策略", "它会放风筝。")
    await app.store.summaries.save(told, asked="zh", prompt="2", at=AT)
    assert "排前一些：会放风筝的策略" in await talk.say("喜欢 9913.00011")
    await talk.say("喜欢 9913.00011")
    assert (await talk.say("喜欢 9913.00009")).startswith("记下了，这类论文排前一些：")
    assert (await talk.say("赞9913.00010")).startswith("记下了，这类论文排前一些：")
    assert (await talk.say("踩 9913.00001")).startswith("记下了，这类论文排后一些：")
    assert (await talk.say("不喜欢 9913.00002")).startswith("记下了，这类论文排后一些：")
    said = await talk.say("口味")
    assert "依据：2 次喜欢、2 次不喜欢。" in said
    assert "reinforcement learning" in said.partition("您偏爱：")[2]
    assert "因为您喜欢：" in await talk.say("今天")
    assert "确认" in await _label(talk, "/taste 重置")
    assert "已清除" in await talk.say("/taste 重置 确认")


async def _label(talk: Taster, text: str) -> str:
    await talk.say(text)
    return talk.reply.choices[0].label


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("/like", "Which paper? For example: /like 2602.02489"),
        ("/dislike", "Which paper? For example: /dislike 2602.02489"),
        ("/like kites", "no arXiv id in kites. For example: /like"),
        ("/like 2602.99999", "2602.99999 is not on arXiv"),
    ],
)
async def test_who_names_no_paper_is_told(talk: Taster, typed: str, answered: str) -> None:
    assert answered in await talk.say(typed)
    assert not await talk.app.store.tastes.counts(talk.reader.id or 0)


async def test_a_reader_who_says_only_this_is_stored(app: App) -> None:
    await Taster(app, await app.store.subscribers.save(OTHER)).say("/today")
    stranger = Taster(app, READER)
    await stranger.say("/like 9913.00009")
    assert stranger.reader.id is not None
    votes = await rows(app.store, "SELECT subscriber_id, paper_id, verdict FROM votes")
    assert votes == [(stranger.reader.id, "9913.00009", Verdict.LIKE)]


async def test_what_is_saved_counts_as_liked_once(talk: Taster) -> None:
    await talk.say("/save 9913.00009")
    assert "Learnt from 1 save." in await talk.say("/taste")
    packed = await talk.app.store.tastes.get(talk.reader.id or 0)
    await talk.say("/like 9913.00009")
    assert "Learnt from 1 like." in await talk.say("/taste")
    assert await talk.app.store.tastes.get(talk.reader.id or 0) == packed
    await talk.say("/unsave 9913.00009")
    assert "Learnt from 1 like." in await talk.say("/taste"), "the like stands by itself"
    await talk.say("/save 9913.00010")
    await talk.say("/unsave 9913.00010")
    assert "Learnt from 1 like." in await talk.say("/taste")


async def test_a_dislike_stands_though_the_paper_is_saved(talk: Taster) -> None:
    await talk.say("/dislike 9913.00009")
    await talk.say("/save 9913.00009")
    assert "Learnt from 1 dislike." in await talk.say("/taste")


async def test_who_is_forgotten_leaves_no_taste(talk: Taster) -> None:
    await talk.say("/like 9913.00009")
    number = talk.reader.id or 0
    await talk.say("/forget yes")
    assert await talk.app.store.tastes.readers(DAY) == frozenset()
    assert await talk.app.store.tastes.counts(number) == {}


async def test_a_morning_tells_and_prints_what_each_reader_s_taste_brings(talk: Taster) -> None:
    other = await talk.app.store.subscribers.save(OTHER)
    third = await talk.app.store.subscribers.save(replace(READER, address="9"))
    for number in (9, 10):
        await talk.say(f"/like 9913.{number:05d}")
    begun = await Round.begin(talk.app.store, talk.app.reading.telling, DAY)
    unlike = begun.unlike([talk.reader, other, third, replace(third, id=99)])
    assert [each.id for each in unlike] == [talk.reader.id, other.id, 99]
    pages = [
        await begun.printed(each, TELEGRAM, None, lambda printed: printed.pages[0].text)
        for each in (third, third, talk.reader, third, talk.reader)
    ]
    assert pages[0] == pages[1] == pages[3] != pages[2] == pages[4]
    assert "9913.00009" in pages[2]
    assert "9913.00009" not in pages[0]


async def test_a_taste_of_another_paperboy_s_begins_anew(talk: Taster) -> None:
    number = talk.reader.id or 0
    await talk.app.store.tastes.change(number, "9913.00001", lambda _packed, _vote: ("?", None))
    assert await talk.shown() == ["9913.00001", "9913.00002", "9913.00003"]
    await talk.say("/like 9913.00009")
    assert (await talk.shown())[0] == "9913.00009"


def test_a_like_taken_back_a_year_later_leaves_nothing() -> None:
    of = taste.features(PAPERS[9])
    packed, vote = tasting.decided(None, of, None, Vote(Verdict.LIKE, AT), AT)
    assert packed
    late = AT + timedelta(days=365)
    assert tasting.decided(packed, of, vote, None, late) == (None, None)


# The order alone ----------------------------------------------------------------------------------


def two_fields() -> Shelves:
    """Three papers of one field, all to nobody's taste, and three of another."""
    announced: list[Announcement] = [new(paper(number)) for number in range(1, 7)]
    placed = {paper(n).id: {"cs.AI" if n < 4 else "cs.DC": 0.6 + n / 100} for n in range(1, 7)}
    return Shelves(Edition(DAY), announced, placed)


def test_each_field_still_has_its_share() -> None:
    reader = replace(READER, fields=("cs.AI", "cs.DC"), size=4)
    leans = {paper(n).id: 1.0 for n in range(4, 7)} | {paper(1).id: 0.5}
    digest = composed(two_fields(), reader, leans=leans)
    assert [len(each.entries) for each in digest.sections] == [2, 2]
    assert digest.sections[0].entries[0].paper == paper(1)
    assert digest.sections[0].entries[0].score == 0.61, "what the field says of it stays"


def test_without_leanings_nothing_changes() -> None:
    reader = replace(READER, fields=("cs.AI", "cs.DC"), size=4)
    plain_digest = composed(two_fields(), reader)
    assert composed(two_fields(), reader, leans={}) == plain_digest
    assert composed(two_fields(), reader, leans={"9913.09999": 1.0}) == plain_digest


def test_what_is_disliked_most_comes_last_in_the_rest() -> None:
    reader = replace(READER, fields=("cs.AI", "cs.DC"), size=1)
    digest = composed(two_fields(), reader, leans={paper(6).id: -1.0})
    assert digest.rest[-1].paper == paper(6)


def test_a_story_goes_by_the_best_of_its_papers() -> None:
    told = [paper(n, title=f"Counting sheep at night, Part {'I' * n}") for n in (1, 2)]
    other = paper(3, title="A planner of picnics")
    placed = {each.id: {"cs.AI": 0.6} for each in told} | {other.id: {"cs.AI": 0.7}}
    shelves = Shelves(Edition(DAY), [new(each) for each in (*told, other)], placed)
    reader = replace(READER, fields=("cs.AI",), size=1)
    assert composed(shelves, reader).entries[0].paper == other
    story = composed(shelves, reader, leans={told[1].id: 1.0}).entries[0]
    assert {each.paper.id for each in story.all} == {each.id for each in told}


# Reasons ------------------------------------------------------------------------------------------


def test_a_reason_is_a_phrase_as_the_authors_wrote_it() -> None:
    one = paper(1, title="Kites", abstract="We fly kites by offline Reinforcement-Learning alone.")
    assert reasons(one, {"reinforcement learning": 1.0}) == ("Reinforcement-Learning",)
    weighed = {"reinforcement": 0.5, "learning": 0.4, "reinforcement learning": 1.0, "kite": 0.2}
    assert reasons(one, weighed)[0] == "Reinforcement-Learning"


def test_there_are_two_reasons_at_most_and_none_says_the_same_again() -> None:
    text = "A policy for a reward: policies and rewards, segmentation of images."
    one = paper(1, title="Reward, policy, segmentation", abstract=text)
    found = reasons(one, {"policy": 1.0, "reward": 1.0, "segmentation": 1.0})
    assert len(found) == 2
    assert len({each.casefold().rstrip("s") for each in found}) == 2


def test_without_words_the_category_is_the_reason() -> None:
    one = paper(1, title="Qqq", abstract="Zzz.", categories=("cs.CV", "cs.AI"))
    assert reasons(one, {"cs.CV": 1.0}) == ("cs.CV",)
    assert reasons(one, {"cs.CV": -1.0}) == ()
    assert reasons(one, {}) == ()


def test_the_sign_of_tex_is_no_word() -> None:
    one = paper(1, title=r"On $\alpha$-kites", abstract=r"A \emph{reward} of $2^n$ kites.")
    assert reasons(one, {"reward": 1.0}) == ("reward",)

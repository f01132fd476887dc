"""A reader's own phrase: what a model says that it asks for is shown, shared, kept and editable."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.commands.book import answer
from digest import fields
from digest.models import Count, Part, Profile, Source, Subscriber
from digest.render import plain
from digest.render.entities import pages
from digest.summarize import profile
from digest.summarize.answer import Unusable
from tests.fakes.model import FakeModel
from tests.fakes.papers import DAY, batch, new, paper

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.app import App
    from digest.fields import Field
    from tests.conftest import Opened

NOW = datetime(2026, 2, 3, 17, tzinfo=UTC)
VECTORS = Profile(
    phrases=("approximate nearest neighbour index", "milvus"),
    unwanted=("vector quantization",),
    categories=("cs.DB", "cs.IR"),
)
SAID = {
    "phrases": list(VECTORS.phrases),
    "unwanted": list(VECTORS.unwanted),
    "categories": ["CS.db", "cs.IR", "cs.NOPE"],
}
INDEX = paper(
    1,
    title="Sorting Postcards",
    abstract="An approximate nearest neighbor index holds a million postcards. We sort them.",
    categories=("cs.DB",),
)


@pytest.fixture
def endpoint() -> Iterator[FakeModel]:
    with FakeModel() as running:
        yield running


@pytest.fixture
async def app(opened: Opened, endpoint: FakeModel) -> AsyncIterator[App]:
    asked = {"openai_base_url": endpoint.url, "openai_api_key": SecretStr("sk-none")}
    async with opened(**asked) as running:
        yield running


class Reader:
    """One of several."""

    def __init__(self, app: App, address: str = "local", language: str = "en") -> None:
        self.app = app
        self.subscriber = Subscriber("console", address, language)

    async def say(self, text: str) -> str:
        self.subscriber, reply = await answer(self.app.desk, self.subscriber, text)
        self.blocks = reply.blocks
        return plain.text(reply.blocks)

    async def papers(self) -> list[str]:
        composed = await self.app.reading.digest(DAY, self.subscriber)
        return [entry.paper.id for entry in composed.entries]


async def announce(app: App, *told: Any) -> None:
    part = Part(DAY, "cs", Source.FEED, Count(len(told), 0))
    await app.store.editions.store(batch(*map(new, told)), [part], NOW)


# What a reader sees


async def test_it_is_asked_once_shown_and_shared(app: App, endpoint: FakeModel) -> None:
    endpoint.say(json.dumps(SAID))
    first = await Reader(app).say('/field "Vector Database"')
    assert "I also look for approximate nearest neighbour index, milvus." in first
    assert "Not meant: vector quantization. Mostly in cs.DB and cs.IR." in first
    assert 'send /field "Vector Database" with +word' in first
    second = await Reader(app, "2", "zh").say('/field "vector database" -survey')
    assert "我还会查找：approximate nearest neighbour index、milvus。" in second
    assert len(endpoint.requests) == 1
    asked = endpoint.requests[0]
    assert json.loads(asked.body["messages"][1]["content"]) == {"words": '"vector database"'}
    schema = asked.body["response_format"]["json_schema"]["schema"]
    assert set(schema["properties"]) == {"phrases", "unwanted", "categories"}


async def test_digests_are_composed_with_it(app: App, endpoint: FakeModel) -> None:
    await announce(app, INDEX)
    endpoint.say(json.dumps(SAID))
    reader = Reader(app)
    assert "has 1 (3 Feb)" in await reader.say('/field "vector database"')
    assert await reader.papers() == [INDEX.id]
    brought = await app.reading.lately.brought([fields.by_key('"vector database"')])
    assert brought['"vector database"'].days == ((DAY, 1),)


async def test_it_is_edited_by_plus_and_minus(app: App, endpoint: FakeModel) -> None:
    await announce(app, INDEX, paper(2, title="Milvus and other Birds", categories=("cs.CL",)))
    endpoint.say(json.dumps(SAID))
    reader = Reader(app)
    await reader.say('/field databases, "vector database"')
    shown = await reader.say('/field "vector database" -milvus +"sorting postcards"')
    assert reader.subscriber.fields == (
        "db", '"vector database" +"sorting postcards" -milvus'
    ), "it takes the place of what it edits"  # fmt: skip
    assert "milvus" not in shown.split("I also look for", 1)[1].split(".")[0]
    assert "left out" not in shown, "a phrase that is looked for no longer leaves nothing out"
    reader.subscriber = Subscriber("console", "local", fields=(reader.subscriber.fields[1],))
    assert await reader.papers() == [INDEX.id]


@pytest.mark.parametrize(
    "nonsense", ["no JSON", "{}", '{"phrases": []}', '{"phrases": ["model"]}', "[" * 9999]
)
async def test_a_nonsense_answer_leaves_the_readers_own_words(
    app: App, endpoint: FakeModel, nonsense: str
) -> None:
    endpoint.say(nonsense)
    reader = Reader(app)
    shown = await reader.say('/field "vector database"')
    assert "papers are matched by your own words" in shown
    assert reader.subscriber.fields == ('"vector database"',)
    endpoint.say(json.dumps(SAID))
    assert "I also look for" in await reader.say('/field "vector database"'), "it is asked again"


async def test_a_model_that_is_down_costs_a_sentence(app: App, endpoint: FakeModel) -> None:
    endpoint.stop()
    assert "matched by your own words" in await Reader(app).say('/field "vector database"')
    assert "先按您自己的词语匹配" in await Reader(app, "2", "zh").say('/field "cold start"')


async def test_a_cap_is_told_apart(opened: Opened, endpoint: FakeModel) -> None:
    capped = {"openai_base_url": endpoint.url, "model_daily_calls": 0}
    async with opened(**capped) as app:
        assert "any more today" in await Reader(app).say('/field "vector database"')
    assert endpoint.requests == []


async def test_without_a_model_nothing_is_said_of_one(opened: Opened) -> None:
    async with opened() as app:
        shown = await Reader(app).say('/field "vector database"')
    assert "Your own words" in shown
    assert "model" not in shown


async def test_named_fields_and_categories_are_not_asked_about(
    app: App, endpoint: FakeModel
) -> None:
    await Reader(app).say("/field databases, cs.DC")
    assert endpoint.requests == []


async def test_nothing_that_the_model_says_links_anywhere(app: App, endpoint: FakeModel) -> None:
    evil = ["visit evil.com now", "tg://user?id=7", "mail@evil.com", "[x](https://evil.com)"]
    endpoint.say(json.dumps({"phrases": [*evil, "quiet index"], "categories": []}))
    reader = Reader(app)
    shown = await reader.say('/field "vector database"')
    assert "quiet index" in shown
    assert "evil.com" not in shown
    assert "tg://" not in shown
    [page] = pages(reader.blocks)
    assert all(not each.url for each in page.entities)


# What is believed


def test_a_profile_is_cut_to_size() -> None:
    said = {
        "phrases": [7, None, *(f"word{n} index" for n in range(200))],
        "unwanted": ["w" * 500, *(f"bird{n} song" for n in range(200))],
        "categories": ["cs.DB"] * 30 + list(fields.codes("cs")),
    }
    made = profile.understand(json.dumps(said), ["mine"])
    assert len(made.phrases) == profile.MOST_PHRASES
    assert len(made.unwanted) <= profile.MOST_UNWANTED
    assert len(made.categories) <= profile.MOST_CATEGORIES


def test_what_is_wanted_cannot_be_unwanted() -> None:
    unwanted = ["vector", "index", "database", "vector graphics"]
    said = {"phrases": ["milvus index"], "unwanted": unwanted}
    made = profile.understand(json.dumps(said), ["vector database"])
    assert made.unwanted == ("vector graphics",)


@settings(max_examples=80)
@given(
    st.recursive(
        st.one_of(st.none(), st.text(max_size=80), st.integers(), st.just("cs.DB")),
        lambda inner: st.one_of(
            st.lists(inner, max_size=5),
            st.dictionaries(
                st.sampled_from(("phrases", "unwanted", "categories", "x")), inner, max_size=4
            ),
        ),
        max_leaves=12,
    ),
    st.text(max_size=30),
)
def test_any_answer_is_a_bounded_profile_or_none(said: object, wanted: str) -> None:
    try:
        made = profile.understand(json.dumps(said), [wanted])
    except Unusable:
        return
    assert 0 < len(made.phrases) <= profile.MOST_PHRASES
    assert all(0 < len(each) <= profile.LONGEST for each in (*made.phrases, *made.unwanted))
    assert all(code in (*fields.ARCHIVES, *map(str, _codes())) for code in made.categories)


def _codes() -> list[str]:
    return [each.key for each in fields.categories()]


# How it counts


def with_vectors(key: str = '"vector database"') -> Field:
    return fields.with_profile(fields.by_key(key), VECTORS)


@pytest.mark.parametrize(
    ("told", "is_member"),
    [
        ({"title": "Milvus Revisited"}, True),
        ({"abstract": "We use Milvus. Milvus is fast.", "categories": ("math.GT",)}, True),
        ({"abstract": "We use Milvus.", "categories": ("cs.IR",)}, True),
        ({"abstract": "We use Milvus.", "categories": ("math.GT",)}, False),
        ({"title": "Milvus and Vector Quantization"}, False),
        ({"title": "A Vector Database without Vector Quantization"}, True),
        ({"title": "Sheep"}, False),
    ],
)
def test_hints_speak_for_a_paper_and_masks_against_hints(
    told: dict[str, Any],
    is_member: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    asked = paper(9, **{"title": "Nothing", "abstract": "Nothing.", **told})
    assert fields.member(asked, with_vectors()) is is_member


def test_a_plus_lifts_a_mask_and_a_minus_drops_a_hint() -> None:
    milvus = paper(9, title="Milvus and Vector Quantization", abstract="Nothing.")
    assert fields.member(milvus, with_vectors('"vector database" +"vector quantization"'))
    plain_milvus = paper(9, title="Milvus", abstract="Nothing.")
    assert not fields.member(plain_milvus, with_vectors('"vector database" -milvus'))
    both = paper(9, title="A Vector Database like Milvus", abstract="Nothing.")
    assert fields.member(both, with_vectors('"vector database" -milvus'))
    assert not fields.member(both, with_vectors('"vector database" -like'))


def test_a_word_behind_a_plus_counts_without_a_model() -> None:
    field = fields.by_key('"cold start" +milvus')
    assert field.key == '"cold start" +milvus'
    assert fields.member(paper(9, title="Milvus", abstract="Nothing."), field)
    assert fields.asked(field) == '"cold start"'
    assert fields.only_leaves_out("+milvus")


def test_profiles_make_their_own_placings() -> None:
    plain_field = fields.by_key('"vector database"')
    assert fields.fingerprint(with_vectors()) != fields.fingerprint(plain_field)

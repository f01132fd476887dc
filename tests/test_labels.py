"""A model's word on fields: it comes with the summaries, is stored once, and counts in digests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot import doctor
from digest import fields
from digest.labelling import CANDIDATES, Labelling
from digest.models import Count, Part, Source, Subscriber
from digest.round import WAVES
from digest.store import Store
from digest.store.labels import Agreement
from digest.summarize.answer import PARTS, Answer, understand
from digest.summarize.languages import LANGUAGES
from digest.summarize.model import Model
from digest.summarize.prompt import ask
from tests.fakes.model import FakeModel, tell
from tests.fakes.papers import DAY, batch, new, paper
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from bot.app import App
    from digest.models import Digest, Paper
    from tests.conftest import Opened
    from tests.fakes.model import Asked

NOW = datetime(2026, 2, 3, 17, tzinfo=UTC)
MONDAY = date(2026, 2, 2)


def cold(number: int) -> Paper:
    """A paper of cloud computing, each with a title of its own."""
    return paper(4 * number, categories=("cs.DC",))


PLANNER = paper(1, categories=("cs.RO", "cs.AI"))  # a robot planner: far from cloud computing


@pytest.fixture
def endpoint() -> Iterator[FakeModel]:
    with FakeModel() as running:
        yield running


@pytest.fixture
async def app(opened: Opened, endpoint: FakeModel) -> AsyncIterator[App]:
    asked = {"openai_base_url": endpoint.url, "openai_api_key": SecretStr("sk-none")}
    async with opened(**asked) as running:
        yield running


def judging(labels: Mapping[str, str]) -> object:
    """Tells as ever, and says of papers, by title, which fields they fit."""

    def write(asked: Asked) -> dict[str, str]:
        return tell(asked) | {"fields": labels.get(asked.paper["title"], "")}

    return write


async def announce(app: App, *told: Paper) -> None:
    part = Part(DAY, "cs", Source.FEED, Count(len(told), 0))
    await app.store.editions.store(batch(*map(new, told)), [part], NOW)


async def digest(app: App, *follows: str, size: int = 2, language: str = "en") -> Digest:
    reader = Subscriber("console", "local", language, fields=follows, size=size)
    return await app.reading.digest(DAY, reader)


def shown(composed: Digest) -> list[str]:
    return [entry.paper.id for entry in composed.entries]


# In digests


async def test_a_paper_that_the_model_takes_out_makes_room_for_the_next(
    app: App, endpoint: FakeModel
) -> None:
    papers = [cold(n) for n in range(1, 5)]
    await announce(app, *papers)
    endpoint.write(judging({papers[0].title: "cl 0, ai 0"}))  # type: ignore[arg-type] # see judging
    composed = await digest(app, "cl")
    assert shown(composed) == [papers[1].id, papers[2].id]
    assert composed.receipt.matched == 3
    assert all(entry.summary and entry.summary.writer != "extract" for entry in composed.entries)
    assert len(endpoint.requests) == 3, "the fourth is not asked about: nobody sees it"
    again = await digest(app, "cl")
    assert shown(again) == shown(composed)
    assert len(endpoint.requests) == 3, "nothing is paid twice"


async def test_a_near_miss_that_the_model_wants_is_added(app: App, endpoint: FakeModel) -> None:
    await announce(app, PLANNER)
    light = fields.near(PLANNER)
    [missed, *_] = [key for key, score in light.items() if score < fields.THRESHOLD]
    assert shown(await digest(app, missed)) == []
    assert endpoint.requests == [], "nobody would see it: it is not asked about"
    endpoint.write(judging({PLANNER.title: f"{missed} 2"}))  # type: ignore[arg-type] # see judging
    await digest(app, "cs.RO")
    composed = await digest(app, missed)
    assert shown(composed) == [PLANNER.id], "another reader's summary brought it"
    assert composed.receipt.empty == ()
    assert len(endpoint.requests) == 1


async def test_the_word_stands_for_all_languages_and_is_asked_for_once(
    app: App, endpoint: FakeModel
) -> None:
    await announce(app, cold(1))
    endpoint.write(judging({cold(1).title: "cl=2"}))  # type: ignore[arg-type] # see judging
    await digest(app, "cl")
    await digest(app, "cl", language="zh")
    first, second = endpoint.requests
    assert "cl Cloud computing" in first.paper["fields"]
    assert "cl " not in second.paper.get("fields", "")


async def test_who_composes_first_gets_what_a_later_reader_brings(
    app: App, endpoint: FakeModel, arxiv: object
) -> None:
    arxiv.announce(DAY, PLANNER)  # type: ignore[attr-defined] # a FakeArxiv
    missed = next(k for k, score in fields.near(PLANNER).items() if score < fields.THRESHOLD)
    endpoint.write(judging({PLANNER.title: f"{missed} 2"}))  # type: ignore[arg-type] # see judging
    for number, key in enumerate((missed, "cs.RO")):
        reader = Subscriber("telegram", str(number), "zh" if key == missed else "en", fields=(key,))
        await app.store.subscribers.save(reader)
    await app.morning.run()
    told = await app.store.summaries.get([PLANNER.id], "zh")
    assert told, "by the time of delivery it is told in the first reader's language, too"


async def test_a_model_that_wants_nothing_is_not_asked_about_everything(
    app: App, endpoint: FakeModel
) -> None:
    papers = [cold(n) for n in range(1, 9)]
    await announce(app, *papers)
    endpoint.write(judging({each.title: "cl 0" for each in papers}))  # type: ignore[arg-type] # see judging
    composed = await digest(app, "cl", size=1)
    assert len(endpoint.requests) == WAVES
    assert len(composed.entries) == 1


async def test_doctor_counts_disagreements(app: App, endpoint: FakeModel) -> None:
    await announce(app, cold(1), cold(2))
    endpoint.write(judging({cold(1).title: "cl 0", cold(2).title: "cl 1"}))  # type: ignore[arg-type] # see judging
    assert await doctor._labels(app, "en") == ""  # noqa: SLF001 # one line of doctor's
    await digest(app, "cl")
    line = await doctor._labels(app, "en")  # noqa: SLF001 # same
    assert line.startswith("The model judged 2 pairs of paper and field: it took 1 out")


async def test_what_a_field_brought_follows_the_models_word(app: App) -> None:
    await announce(app, cold(1), cold(2), PLANNER)
    await app.store.labels.save(cold(1), {"cl": 0}, {"cl": 0.9}, model="m", at=NOW)
    await app.store.labels.save(PLANNER, {"cl": 2}, {"cl": 0.2}, model="m", at=NOW)
    brought = (await app.reading.lately.brought([fields.by_key("cl")]))["cl"]
    assert brought.days == ((DAY, 2),)


# What is asked, and what is understood


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_prompt_with_candidates_and_250_words_fits_900_tokens(language: str) -> None:
    told = paper(1, title="Long Words " * 8, abstract="Transformers read the tokens slowly. " * 50)
    named = {each.key: fields.name(each, "en") for each in fields.named()}
    longest = sorted(named, key=lambda key: -len(named[key]))[:CANDIDATES]
    asked = ask(told, language, {key: named[key] for key in longest})
    letters = sum(len(message["content"]) for message in asked)
    assert letters / 3.7 <= 900  # a token is four letters of English and more


def test_the_equal_part_comes_first_whatever_is_asked_about() -> None:
    with_them, without = ask(paper(1), "en", {"cl": "Cloud computing"}), ask(paper(2), "en")
    assert with_them[0] == without[0]


PLAIN = dict.fromkeys(PARTS, "text")


@pytest.mark.parametrize(
    ("said", "labels"),
    [
        ("cl 2, db 0", {"cl": 2, "db": 0}),
        ("cl=2; db: 1", {"cl": 2, "db": 1}),
        ({"cl": 2, "db": 0, "st": 2}, {"cl": 2, "db": 0}),
        ("CL 2.", {"cl": 2}),
        ("cl 2, cl 0", {"cl": 2}),
        ("cl 3, db 0.5, db -1, db 10", {}),
        ("llmcl 2", {}),
        ({"cl": {"cl": 2}}, {"cl": 2}),
        (["cl 2"], {}),
        (None, {}),
        (7, {}),
        ("", {}),
    ],
)
def test_labels_are_understood_and_nonsense_is_none(said: object, labels: dict[str, int]) -> None:
    answer = Answer.model_validate(PLAIN | {"fields": said})
    assert answer.labels(["cl", "db"]) == labels
    assert str(said) not in answer.text or not said


@settings(max_examples=60)
@given(st.one_of(st.text(), st.dictionaries(st.text(), st.integers()), st.none()))
def test_no_label_costs_a_summary(said: object) -> None:
    labels = Answer.model_validate(PLAIN | {"fields": said}).labels(["cl"])
    assert labels.keys() <= {"cl"}
    assert set(labels.values()) <= {0, 1, 2}


def test_an_answer_without_labels_is_an_answer() -> None:
    told = {part: "text" for part in PARTS if part != "fields"}
    assert understand(str(told).replace("'", '"')).labels(["cl"]) == {}


# What is stored


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(fresh(tmp_path, "labels.db")) as opened:
        yield opened


async def test_candidates_are_near_and_not_judged_yet(store: Store) -> None:
    await store.papers.save([cold(1)])
    labelling = Labelling(store, "m", lambda: NOW)
    near = await labelling.candidates(cold(1))
    assert near["cl"] == "Cloud computing"
    assert len(near) <= CANDIDATES
    await labelling.learn(cold(1), {"cl": 2})
    assert "cl" not in await labelling.candidates(cold(1))
    second = paper(4, version=2, categories=("cs.DC",))
    assert "cl" in await labelling.candidates(second), "a new version is judged anew"


async def test_a_paper_that_is_not_stored_has_no_labels(store: Store) -> None:
    await Labelling(store, "m", lambda: NOW).learn(cold(1), {"cl": 2})
    assert await store.labels.agreement() == Agreement(0, 0, 0)


async def test_the_probe_of_doctor_may_be_judged(endpoint: FakeModel, store: Store) -> None:
    labelling = Labelling(store, "m", lambda: NOW)
    model = Model(
        base_url=endpoint.url, api_key="", model="m",
        candidates=labelling.candidates, learn=labelling.learn,
    )  # fmt: skip
    endpoint.write(lambda asked: tell(asked) | {"fields": "ai 2, llm 2, cl 2"})
    assert await model.write(doctor.PROBE, "en")
    await model.close()

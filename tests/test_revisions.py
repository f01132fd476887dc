"""A saved paper has a new version: its readers are told once, with their next digest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from bot import besides
from digest.errors import StoreError
from digest.gathering import Arxiv, Gathering
from digest.models import Part, Source
from digest.render.entities import Limits, units
from digest.render.notices import heading, notice
from digest.store.outbox import Written
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import polite
from tests.fakes.papers import batch, paper, papers, replaced
from tests.fakes.stores import change, fresh
from tests.test_deliver import FRIDAY, MONDAY, TUESDAY, WEDNESDAY, Post, beijing, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import date
    from pathlib import Path

    from digest.models import Paper, Subscriber

COLD = paper(4, abstract="It takes 9 ms on three clouds, which nobody else has shown.")
COLDER = replace(COLD, version=2, abstract="It takes 8 ms on three clouds, which is shown twice.")


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with opened(fresh(tmp_path)) as running:
        yield running


async def revise(post: Post, *newer: Paper, day: date = TUESDAY) -> None:
    """The morning stores replacements."""
    told = batch(*(replaced(each) for each in newer), day=day)
    part = Part(day, "cs", Source.FEED, told.count)
    await post.store.editions.store(told, [part], beijing(day, "09:10"))


async def keep(post: Post, reader: Subscriber, *kept: Paper) -> None:
    for each in kept:
        await post.store.saved.add(reader.id or 0, each, beijing(MONDAY, "12:00"))


def told(post: Post, address: str = "1") -> list[bool]:
    """Which of their messages tell of a new version."""
    return ["Saved papers with a new version" in text for text in post.channel.texts(address)]


async def test_it_stands_in_the_next_digest_and_in_no_later_one(post: Post) -> None:
    reader = await post.join()
    await keep(post, reader, COLD)
    await revise(post, COLDER)
    for day in (TUESDAY, WEDNESDAY):
        await post.publish(day)
        await post.deliver(beijing(day, "09:30"))
    first, second = post.channel.texts("1")
    assert first.endswith(
        "Saved papers with a new version\nCold Starts of Serverless Functions in 4 ms\n"
        "v1 → v2 · 9913.00004\nAbstract: “takes 9 ms” → “takes 8 ms”, "
        "“nobody else has shown.” → “is shown twice.”."
    )
    assert "new version" not in second
    [kept] = await post.store.saved.page(reader.id or 0, "en")
    assert kept.version == 1, "what was saved stays what was saved"
    assert kept.is_revised


async def test_without_a_digest_it_goes_with_the_next_one(post: Post) -> None:
    reader = await post.join(hour="")
    await keep(post, reader, COLD)
    await revise(post, COLDER)
    await post.publish(TUESDAY)
    await post.deliver(beijing(TUESDAY, "09:30"))
    await post.store.subscribers.save(replace(reader, hour="09:30"))
    await post.publish(FRIDAY)
    await post.deliver(beijing(FRIDAY, "09:30"))
    assert told(post) == [True]


async def test_nobody_else_hears_of_it_and_pages_stay_shared(post: Post) -> None:
    await post.join(address="2")
    reader = await post.join()
    await keep(post, reader, COLD)
    await post.join(address="3")
    await revise(post, COLDER)
    await post.publish(TUESDAY)
    await post.deliver(beijing(TUESDAY, "09:30"))
    assert [told(post, address) for address in "123"] == [[True], [False], [False]]


async def test_a_crash_while_its_page_is_frozen_tells_it_once(post: Post) -> None:
    reader = await post.join()
    await keep(post, reader, COLD)
    await revise(post, COLDER)
    await post.publish(TUESDAY)
    await change(post.store, "ALTER TABLE pages RENAME TO away")
    with pytest.raises(StoreError):
        await post.deliver(beijing(TUESDAY, "09:30"))
    await change(post.store, "ALTER TABLE away RENAME TO pages")
    assert await post.store.revisions.news([reader.id or 0]), "page and mark go together"
    await post.deliver(beijing(TUESDAY, "09:40"))
    assert told(post) == [True]
    assert await post.store.revisions.news([reader.id or 0]) == {}


async def test_more_than_a_digest_holds_come_with_the_next(post: Post) -> None:
    reader = await post.join()
    many = papers(7, start=40)
    await keep(post, reader, *many)
    await revise(post, *(replace(each, version=3) for each in many))
    for day in (TUESDAY, WEDNESDAY, FRIDAY):
        await post.publish(day)
        await post.deliver(beijing(day, "09:30"))
    counts = [text.count("v1 → v3") for text in post.channel.texts("1")]
    assert counts == [5, 2, 0]


async def test_what_was_taken_off_or_saved_newer_is_no_news(post: Post) -> None:
    reader = await post.join()
    await keep(post, reader, COLD)
    await revise(post, COLDER)
    await post.store.saved.remove(reader.id or 0, COLD.id)
    await keep(post, reader, COLD)
    assert await post.store.revisions.news([reader.id or 0]) == {}


class TestUnknownNumbers:
    """Listings do not say which version they tell of."""

    async def test_the_second_is_news_for_whoever_saved_the_first(self, post: Post) -> None:
        reader = await post.join()
        await keep(post, reader, replace(COLD, version=None))
        assert await post.store.revisions.news([reader.id or 0]) == {}
        await revise(post, COLDER)
        [[revision]] = (await post.store.revisions.news([reader.id or 0])).values()
        assert revision.before == (COLD.title, COLD.abstract)

    async def test_a_number_that_turns_up_is_no_news(self, post: Post) -> None:
        reader = await post.join()
        await keep(post, reader, replace(COLD, version=None))
        await revise(post, replace(COLD, version=3))
        assert await post.store.revisions.news([reader.id or 0]) == {}

    async def test_arxiv_is_asked_what_the_listing_leaves_out(self, post: Post) -> None:
        reader = await post.join()
        await keep(post, reader, COLD, paper(5))
        await revise(post, replace(COLD, version=None, abstract=""))
        with FakeArxiv() as arxiv:
            arxiv.announce(TUESDAY, COLDER)
            async with polite() as client:
                there = Arxiv(client, arxiv.feed_url, arxiv.api_url, arxiv.site_url)
                gathering = Gathering(post.store, there, ("cs",))
                assert await gathering.renew(WEDNESDAY) == 0
                assert arxiv.paths == [], "nothing was replaced that day"
                arxiv.fail(400)
                assert await gathering.renew(TUESDAY) == 0, "the morning goes on"
                assert await gathering.renew(TUESDAY) == 1
                assert await gathering.renew(TUESDAY) == 0
                await post.publish(TUESDAY)
                assert len(arxiv.paths) == 2, "what is known is not asked for again"
        await post.deliver(beijing(TUESDAY, "09:30"))
        assert told(post) == [True]


async def test_readers_who_saved_nothing_cost_one_look_at_an_index(post: Post) -> None:
    for number in range(30):
        await post.join(address=str(number))
    await post.publish(TUESDAY)
    asked: list[str] = []

    def note(*given: Any) -> None:
        asked.append(given[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await post.deliver(beijing(TUESDAY, "09:30"))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    about = [each for each in asked if "saved" in each]
    assert [each.split()[0] for each in about] == ["SELECT"]


class TestSections:
    SECTION = (*heading("New"), *notice("words " * 20))

    def pages(self, *texts: str, limits: Limits) -> Sequence[Written]:
        before = [
            Written(text, (("bold", 0, 1, ""),), silent=n > 0) for n, text in enumerate(texts)
        ]
        before[-1] = replace(before[-1], choices=(("More", "/rest"),))
        return besides.with_section(before, self.SECTION, limits)

    def test_it_stands_on_the_last_page_where_there_is_room(self) -> None:
        first, last = self.pages("one", "two 🐑", limits=Limits(300, 10))
        assert first.text == "one"
        assert last.text.startswith("two 🐑\n\nNew\nwords ")
        kind, at, length, _ = last.entities[1]
        assert (kind, at, length) == ("bold", units("two 🐑\n\n"), 3)
        assert last.choices == (("More", "/rest"),)

    def test_else_on_pages_of_its_own_that_wake_nobody(self) -> None:
        first, own = self.pages("one " * 40, limits=Limits(200, 10))
        assert (first.choices, own.choices) == ((), (("More", "/rest"),))
        assert (first.silent, own.silent) == (False, True)

    def test_entities_are_counted_too(self) -> None:
        assert len(self.pages("one", limits=Limits(300, 1))) == 2
        assert len(besides.with_section((), self.SECTION, Limits(300, 10))) == 1

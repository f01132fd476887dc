"""What a reader sees of a field when they follow it: what the newest editions have for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from bot.commands.book import answer
from digest import fields
from digest.lately import Lately
from digest.models import Brought, Count, Part, Source, Subscriber
from digest.render import brought as page
from digest.render import markdown, plain
from digest.render.entities import pages
from digest.render.terminal import terminal
from digest.store.placings import SLICE
from tests.fakes.papers import DAY, batch, cross, new, paper, papers, replaced

if TYPE_CHECKING:
    from bot.app import App
    from digest.models import Announcement
    from digest.store import Store
    from tests.conftest import Opened

NOW = datetime(2026, 2, 3, 17, tzinfo=UTC)
CLOUD = fields.by_key("cl")
PHRASE = fields.by_key('"cold start"')
READER = Subscriber("console", "local", fields=("ai",))


async def announce(store: Store, day: date, *told: Announcement) -> None:
    part = Part(day, "cs", Source.FEED, Count(len(told), 0))
    await store.editions.store(batch(*told, day=day), [part], NOW)


async def week(store: Store) -> None:
    """Seven editions; the newest has two papers of cloud computing and one that is replaced."""
    for back in range(7):
        number = 100 * (back + 1)
        cold = new(paper(number, categories=("cs.DC",)))
        others = new(paper(number + 2)), new(paper(number + 3, categories=("math.GT",)))
        await announce(store, DAY - timedelta(days=back), *others, *([] if back % 2 else [cold]))
    more = cross(paper(4, categories=("cs.DC",))), replaced(paper(8, categories=("cs.DC",)))
    await announce(store, DAY, *more)


async def test_each_of_the_last_five_editions_is_counted_newest_first(store: Store) -> None:
    await week(store)
    brought = (await Lately(store).brought([CLOUD, PHRASE]))["cl"]
    assert [count for _, count in brought.days] == [2, 0, 1, 0, 1]
    assert [day for day, _ in brought.days] == [DAY - timedelta(days=back) for back in range(5)]
    assert len(brought.examples) == 2
    assert all("Cold Starts" in each.title for each in brought.examples)


async def test_a_phrase_of_ones_own_is_counted_as_its_digests_will_be(store: Store) -> None:
    await week(store)
    brought = (await Lately(store).brought([PHRASE]))[PHRASE.key]
    assert [count for _, count in brought.days] == [2, 0, 1, 0, 1]


async def test_what_was_counted_is_kept_until_the_day_or_the_scorer_changes(store: Store) -> None:
    await week(store)
    lately = Lately(store)
    await lately.brought([CLOUD])
    [kept] = await store.placings.get([DAY], ["cl"])
    await store.placings.save([replace(kept, found=77)])
    assert (await lately.brought([CLOUD]))["cl"].days[0] == (DAY, 77), "it is not placed again"
    await announce(store, DAY, new(paper(12, categories=("cs.DC",))))
    assert (await lately.brought([CLOUD]))["cl"].days[0] == (DAY, 3)
    [kept] = await store.placings.get([DAY], ["cl"])
    await store.placings.save([replace(kept, found=77, scorer="older")])
    assert (await lately.brought([CLOUD]))["cl"].days[0] == (DAY, 3)


async def test_one_named_field_counts_all_of_them(store: Store) -> None:
    await week(store)
    await Lately(store).brought([CLOUD])
    kept = await store.placings.get([DAY], [each.key for each in fields.named()])
    assert len(kept) == len(fields.named())


async def test_a_waiting_reader_is_shown_the_days_that_are_counted_in_time(store: Store) -> None:
    await week(store)
    passing = iter([0.0, 0.0, 0.0, 90.0])
    lately = Lately(store, lambda: next(passing))
    brought = await lately.brought([PHRASE])
    assert [count for _, count in brought[PHRASE.key].days] == [2, 0]
    await lately.close()
    again = await Lately(store).brought([PHRASE])
    assert len(again[PHRASE.key].days) == 5


async def test_what_takes_too_long_is_there_the_next_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await week(store)
    monkeypatch.setattr("digest.lately.PATIENCE_S", 0.0)
    lately = Lately(store)
    assert (await lately.brought([CLOUD]))["cl"].days == ()
    while lately._going_on:  # noqa: SLF001 # what goes on behind the reader's back
        await asyncio.wait(lately._going_on)  # noqa: SLF001 # same
    assert len((await lately.brought([CLOUD]))["cl"].days) == 5


async def test_leaving_ends_what_is_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await week(store)
    monkeypatch.setattr("digest.lately.PATIENCE_S", 0.0)
    lately = Lately(store)
    await lately.brought([CLOUD])
    await lately.close()
    await asyncio.sleep(0)
    assert not lately._counting  # noqa: SLF001 # nothing goes on
    assert not lately._going_on  # noqa: SLF001 # same


async def test_a_full_day_is_counted_to_its_last_paper(store: Store) -> None:
    await announce(store, DAY, *map(new, papers(SLICE + 3, categories=("cs.DC",))))
    field = fields.by_key("cs.DC")
    assert (await Lately(store).brought([field]))["cs.DC"].days == ((DAY, SLICE + 3),)


async def test_fewer_than_five_editions_are_all_there_is(store: Store) -> None:
    await announce(store, DAY, new(paper(4, categories=("cs.DC",))))
    brought = (await Lately(store).brought([CLOUD]))["cl"]
    assert brought.days == ((DAY, 1),)
    assert not brought.sample


async def test_a_day_whose_archive_is_not_here_yet_is_not_called_empty(store: Store) -> None:
    await announce(store, DAY, new(paper(4, categories=("cs.DC",))))
    found = await Lately(store).brought([CLOUD, fields.by_key("hep-th")])
    assert found["cl"].days == ((DAY, 1),)
    assert found["hep-th"].days == ()
    await store.editions.publish(DAY, NOW)
    assert (await Lately(store).brought([fields.by_key("hep-th")]))["hep-th"].days == ((DAY, 0),)


async def test_a_day_of_long_ago_is_none_of_the_last_editions(store: Store) -> None:
    await announce(store, DAY, new(paper(4, categories=("cs.DC",))))
    await announce(store, date(2024, 5, 6), new(paper(8, categories=("cs.DC",))))
    assert [day for day, _ in (await Lately(store).brought([CLOUD]))["cl"].days] == [DAY]


async def test_without_any_edition_the_sample_shows_what_the_field_brings(store: Store) -> None:
    brought = (await Lately(store).brought([CLOUD]))["cl"]
    assert brought.sample
    assert brought.examples
    shown = plain.text(page.blocks(brought, "en"))
    assert shown.startswith("No edition is stored yet; the bundled sample has ")


async def test_a_paper_that_a_model_takes_out_is_no_example(store: Store) -> None:
    await announce(store, DAY, new(paper(4, categories=("cs.DC",))))
    one = paper(4)
    await store.labels.save(one, {"cl": 0}, {"cl": 0.9}, model="m", at=NOW)
    assert (await Lately(store).brought([CLOUD]))["cl"].examples == ()


BROUGHT = Brought(
    ((DAY, 8), (date(2026, 2, 2), 0), (date(2025, 12, 31), 4)),
    (replace(paper(1, title="Sheep & *Wolves* in $O(n)$ " + "x" * 200), id="2602.00001"),),
)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "The last 3 editions had 8 (3 Feb), 0 (2 Feb) and 4 (31 Dec 2025)."),
        ("zh", "最近 3 期：8 篇（2月3日）、0 篇（2月2日）、4 篇（2025年12月31日）。"),
    ],
)
def test_it_reads_well_in_every_place(language: str, words: str) -> None:
    blocks = page.blocks(BROUGHT, language, today=DAY)
    assert plain.text(blocks).startswith(words)
    assert "https://arxiv.org/abs/2602.00001" in markdown.text(blocks)
    assert "\\*Wolves\\*" in markdown.text(blocks)
    [sent] = pages(blocks)
    assert words in sent.text
    assert [each.url for each in sent.entities if each.url] == ["https://arxiv.org/abs/2602.00001"]
    screen = Console(width=200, file=StringIO(), force_terminal=False)
    screen.print(terminal(blocks))
    assert words in screen.file.getvalue()  # type: ignore[attr-defined] # the StringIO from above


def test_nothing_counted_in_time_is_said() -> None:
    assert "not ready yet" in plain.text(page.blocks(Brought(()), "en"))


async def test_who_follows_a_field_sees_at_once_what_it_brings(opened: Opened) -> None:
    async with opened() as app:
        await week(app.store)
        assert "had 2 (3 Feb), 0 (2 Feb), 1 (1 Feb), 0 (31 Jan) and 1 (30 Jan)." in await said(
            app, "/field 云计算"
        )
        shown = await said(app, '/field "cold start", databases')
        assert shown.count("The last 5 editions had") == 2
        assert "· Cold Starts of Serverless Functions" in shown
        assert "0 (3 Feb), 0 (2 Feb)" in shown, "databases have nothing, and that is said"


async def said(app: App, text: str) -> str:
    _, reply = await answer(app.desk, READER, text)
    return plain.text(reply.blocks)


async def test_a_title_in_the_readers_language_is_shown_where_there_is_one(opened: Opened) -> None:
    async with opened() as app:
        cold = paper(4, categories=("cs.DC",))
        await announce(app.store, DAY, new(cold))
        told = await app.reading.telling.extract.write(cold, "en")
        told = replace(told, title="冷启动", language="zh", writer="m")
        await app.store.summaries.save(told, asked="zh", prompt="", at=NOW)
        _, reply = await answer(app.desk, replace(READER, language="zh"), "/field 云计算")
        assert "· 冷启动 ·" in plain.text(reply.blocks)


async def test_the_samples_titles_are_in_the_readers_language(opened: Opened) -> None:
    async with opened() as app:
        _, reply = await answer(app.desk, replace(READER, language="zh"), "/field 云计算")
    assert "· 把无服务器函数的冷启动降到" in plain.text(reply.blocks)


async def test_each_morning_counts_what_is_followed(opened: Opened, arxiv: object) -> None:
    arxiv.announce(DAY, paper(4, categories=("cs.DC",)))  # type: ignore[attr-defined] # a FakeArxiv
    async with opened() as app:
        await app.store.subscribers.save(replace(READER, fields=('"cold start"', "--")))
        await app.morning.run()
        kept = await app.store.placings.get([DAY], ["cl", PHRASE.key])
        assert {(each.field, each.found) for each in kept} == {("cl", 1), (PHRASE.key, 1)}

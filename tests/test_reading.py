"""What a reader gets at once: today's digest, a past day's, one paper, whatever arXiv does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot import app as building
from digest import ids
from digest.errors import NothingAnnounced, PaperNotFound, Unreachable
from digest.models import Digest, Source, Subscriber
from tests.conftest import NOON, Opened
from tests.fakes.papers import DAY, paper

if TYPE_CHECKING:
    from bot.app import App
    from tests.fakes.arxiv import FakeArxiv

MONDAY = date(2026, 2, 2)
READER = Subscriber("console", "local", fields=("cs.DC",))
CLOUD = paper(4, categories=("cs.DC",))


def shown(digest: Digest) -> list[str]:
    return [entry.paper.id for entry in digest.entries]


def the_id(text: str) -> ids.PaperId:
    [found] = ids.find(text)
    return found


async def settled(app: App) -> None:
    await app.errands.done()


async def test_today_is_the_newest_edition_of_the_readers_fields(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(DAY, CLOUD, paper(2, categories=("hep-th",)))
    async with opened() as app:
        found = await app.reading.today(READER)
    assert shown(found.digest) == [CLOUD.id]
    assert found.digest.receipt.announced == 1
    assert found.notes == ()
    assert arxiv.paths == ["/rss/cs"], "only what the reader needs is waited for"


async def test_papers_already_stored_need_no_arxiv(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, CLOUD)
    async with opened() as app:
        await app.reading.today(READER)
    arxiv.stop()
    async with opened() as app:
        found = await app.reading.today(READER)
    assert shown(found.digest) == [CLOUD.id]


async def test_what_a_hurried_answer_left_out_is_fetched_while_they_read(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(DAY, CLOUD, paper(2, categories=("stat.ME",)), paper(3, categories=("hep-th",)))
    reader = replace(READER, fields=("cs.DC", "stat.ME", "hep-th"))
    async with opened(lambda: datetime(2026, 2, 7, 17, tzinfo=UTC), background=True) as app:
        arxiv.today = date(2026, 2, 6)
        first = await app.reading.on(DAY, replace(reader, fields=("cs.DC",)))
        assert shown(first.digest) == [CLOUD.id]
        await app.reading.on(DAY, reader)
        await settled(app)
        found = await app.reading.on(DAY, reader)
    assert len(found.digest.entries) == 3
    assert found.digest.receipt.pending == ()


async def test_a_new_field_of_another_archive_is_waited_for(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(DAY, CLOUD, paper(3, categories=("hep-th",)))
    async with opened() as app:
        await app.reading.today(READER)
        found = await app.reading.today(replace(READER, fields=("cs.DC", "hep-th")))
    assert len(found.digest.entries) == 2


async def test_where_arxiv_is_silent_the_sample_stands_in_and_says_so(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.stop()
    async with opened() as app:
        found = await app.reading.today(replace(READER, fields=("cl", "st")))
    assert found.digest.edition.source is Source.SAMPLE
    assert found.digest.entries
    assert [note.key for note in found.notes] == ["digest.sample_instead"]


async def test_where_arxiv_is_silent_stored_papers_go_before_the_sample(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(MONDAY, CLOUD)
    arxiv.today = MONDAY
    async with opened(lambda: datetime(2026, 2, 2, 17, tzinfo=UTC)) as app:
        await app.reading.today(READER)
    arxiv.stop()
    async with opened() as app:
        found = await app.reading.today(READER)
    assert found.digest.edition.day == MONDAY
    assert [note.key for note in found.notes] == ["digest.stored_instead"]


async def test_a_batch_that_is_not_out_is_told_from_one_that_is_late(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.announce(MONDAY, CLOUD)
    soon = datetime(2026, 2, 3, 1, 20, tzinfo=UTC)  # 20:20 in New York
    for now, key in ((soon, "digest.not_out_yet"), (NOON, "digest.arxiv_late")):
        async with opened(lambda now=now: now) as app:
            found = await app.reading.today(READER)
        assert found.digest.edition.day == MONDAY
        assert [note.key for note in found.notes] == [key]


async def test_an_unforeseen_holiday_shows_the_day_before(arxiv: FakeArxiv, opened: Opened) -> None:
    friday = date(2026, 2, 6)
    arxiv.announce(date(2026, 2, 5), CLOUD)
    arxiv.today = friday
    async with opened(lambda: datetime(2026, 2, 7, 17, tzinfo=UTC)) as app:
        found = await app.reading.today(READER)
    assert found.digest.edition.day == date(2026, 2, 5)
    assert [note.key for note in found.notes] == ["digest.arxiv_late"]


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(1991, 8, 13), "calendar.before_arxiv"),
        (date(2026, 2, 5), "calendar.future"),
        (date(2026, 1, 31), "errors.nothing_announced"),
    ],
)
async def test_days_that_cannot_have_papers_are_refused_without_asking(
    arxiv: FakeArxiv, opened: Opened, day: date, key: str
) -> None:
    async with opened() as app:
        with pytest.raises(NothingAnnounced) as caught:
            await app.reading.on(day, READER)
    assert caught.value.key == key
    assert arxiv.paths == []


async def test_a_past_day_that_arxiv_does_not_give_is_an_error(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    arxiv.stop()
    async with opened() as app:
        with pytest.raises(Unreachable):
            await app.reading.on(MONDAY, READER)


async def test_a_day_of_long_ago_is_approximate(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, replace(CLOUD, submitted=MONDAY))
    async with opened(lambda: datetime(2026, 11, 20, 17, tzinfo=UTC)) as app:
        found = await app.reading.on(DAY, READER)
    assert shown(found.digest) == [CLOUD.id]
    assert found.digest.edition.approximate


async def test_a_stored_paper_is_told_with_its_days(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1, categories=("cs.DC",)))
    async with opened() as app:
        await app.reading.today(READER)
        stored = replace(the_id("2602.02489"), id="9912.00001")
        await app.store.papers.save([replace(paper(1), id="9912.00001")])
        told = await app.reading.paper(stored, "en")
    assert told.summary.gist
    assert not told.sample


async def test_an_unknown_paper_is_asked_for_and_kept(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, replace(CLOUD, id="2602.02489", submitted=MONDAY))
    async with opened() as app:
        told = await app.reading.paper(the_id("2602.02489"), "zh")
        assert told.paper.submitted == MONDAY
        assert await app.store.papers.get("2602.02489")
    assert arxiv.paths == ["/api/query"]


async def test_a_paper_that_was_asked_for_outlives_its_day(
    arxiv: FakeArxiv, opened: Opened
) -> None:
    wanted, other = replace(CLOUD, id="2602.02489"), paper(2, categories=("cs.DC",))
    arxiv.announce(DAY, wanted, other)
    async with opened() as app:
        await app.morning.run(DAY)
        await app.reading.paper(the_id(wanted.id), "en")
        await app.store.editions.publish(DAY + timedelta(days=400), NOON + timedelta(days=400))
    async with opened(lambda: NOON + timedelta(days=400)) as app:
        await app.keeping.prune()
        assert await app.store.editions.get(DAY) is None
        assert await app.store.papers.get(other.id) is None
        assert await app.store.papers.get(wanted.id)
        assert await app.store.summaries.get([wanted.id], "en")


async def test_a_paper_that_is_not_on_arxiv_is_not_found(opened: Opened) -> None:
    async with opened() as app:
        with pytest.raises(PaperNotFound):
            await app.reading.paper(the_id("2602.99999"), "en")


async def test_a_paper_of_the_sample_needs_no_arxiv(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.stop()
    async with opened() as app:
        told = await app.reading.paper(the_id("9913.00412"), "zh")
        assert told.sample
        assert told.summary.language == "zh"
        with pytest.raises(PaperNotFound):
            await app.reading.paper(the_id("9913.99999"), "zh")
        with pytest.raises(Unreachable):
            await app.reading.paper(the_id("2602.02489"), "zh")


async def test_a_newcomer_reads_ai_in_the_machines_language(opened: Opened) -> None:
    async with opened(language="", timezone="") as app:
        reader = await building.local_reader(app)
        assert (reader.language, reader.timezone, reader.fields) == ("en", "UTC", ("ai",))
        assert await building.local_reader(app) == reader, "they are remembered"


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "fi_FI.UTF-8"}, "en"),
        ({"LANGUAGE": "fi:zh_CN"}, "zh"),
    ],
)
def test_the_machines_language_is_understood(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert building.machine_language() == language


def test_a_zone_that_nobody_knows_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Nowhere/Land")
    assert building.machine_timezone() != "Nowhere/Land"

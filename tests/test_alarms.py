"""What the admins hear: once that something is wrong and what to do, and once that it is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.admins import Admins
from bot.alarms import (
    AGAIN_AFTER,
    BUDGET,
    DIGESTS,
    FAILING_WITHIN,
    INCOMPLETE,
    LATE,
    MODEL,
    PAGES,
    STARTING,
    Alarms,
    Facts,
    Recent,
    is_over,
    troubles,
)
from digest import calendar
from digest.budget import Budget, Caps
from digest.due import LATE_AFTER
from digest.models import Count, Edition, Part, Source, Subscriber, Summary
from digest.store import Store
from digest.store.figures import Queue
from digest.store.looks import LOOK, MISSED, Seen
from digest.store.outbox import Outcome, PageState, Written
from tests.fakes.channel import FakeChannel
from tests.fakes.papers import batch, new, paper
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MONDAY, TUESDAY, WEDNESDAY = date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 4)
DUE = calendar.out_at(TUESDAY)
LATER = DUE + LATE_AFTER + timedelta(minutes=1)
A_MINUTE = timedelta(minutes=1)
ADDRESS = "471100815"


def edition(day: date, *missing: str) -> Edition:
    return Edition(day=day, published=calendar.out_at(day), missing=missing)


WELL = Facts(LATER, DUE, edition(TUESDAY), 0, {}, Queue(0, None, 0))


class TestWhatIsATrouble:
    def test_where_all_is_well_there_is_none(self) -> None:
        assert troubles(WELL) == {}

    def test_a_batch_is_late_two_hours_after_it_was_due(self) -> None:
        facts = replace(WELL, edition=edition(MONDAY))
        assert LATE in troubles(facts)
        assert troubles(facts)[LATE].day == TUESDAY
        assert LATE not in troubles(replace(facts, now=LATER - 2 * A_MINUTE))

    def test_after_a_start_nothing_is_late_yet(self) -> None:
        facts = replace(WELL, edition=None, since=LATER - STARTING + A_MINUTE)
        assert LATE not in troubles(facts)
        assert LATE in troubles(replace(facts, since=LATER - STARTING))

    @pytest.mark.parametrize(
        ("looks", "whose"),
        [
            ({}, "unreachable"),
            ({LOOK: Seen(LATER, MONDAY)}, "arxiv"),
            ({LOOK: Seen(DUE, MONDAY), MISSED: Seen(LATER, None)}, "unreachable"),
            ({LOOK: Seen(LATER, MONDAY), MISSED: Seen(DUE, None)}, "arxiv"),
            ({LOOK: Seen(DUE, TUESDAY), MISSED: Seen(LATER, None)}, "ours"),
        ],
    )
    def test_it_says_whose_fault_it_is(self, looks: dict[str, Seen], whose: str) -> None:
        facts = replace(WELL, edition=edition(MONDAY), looks=looks)
        assert troubles(facts)[LATE].key == f"alarms.late_{whose}"

    def test_missing_archives_and_missing_papers_make_it_incomplete(self) -> None:
        assert INCOMPLETE in troubles(replace(WELL, edition=edition(TUESDAY, "cs")))
        assert INCOMPLETE in troubles(replace(WELL, short=11))
        assert INCOMPLETE not in troubles(replace(WELL, short=10))

    def test_failures_count_from_a_threshold_on(self) -> None:
        few = replace(WELL, queue=Queue(99, DUE, 20), failed_digests=2, failed_summaries=9)
        assert troubles(few) == {}
        many = replace(WELL, queue=Queue(99, DUE, 21), failed_digests=3, failed_summaries=10)
        assert set(troubles(many)) == {PAGES, DIGESTS, MODEL}
        assert set(troubles(replace(WELL, capped_until=LATER))) == {BUDGET}


class TestWhatIsOver:
    def test_a_late_edition_is_over_when_it_or_a_later_one_is_out_and_not_before(self) -> None:
        told = Seen(LATER, TUESDAY)
        evening = calendar.out_at(WEDNESDAY) + A_MINUTE
        waiting = replace(WELL, edition=edition(MONDAY), now=evening)
        assert troubles(waiting) == {}, "tomorrow's batch is due for a minute only"
        assert not is_over(LATE, told, waiting)
        assert not is_over(LATE, told, replace(waiting, edition=None))
        assert is_over(LATE, told, replace(waiting, edition=edition(TUESDAY)))
        assert is_over(LATE, told, replace(waiting, edition=edition(WEDNESDAY)))

    def test_an_incomplete_edition_is_over_with_a_whole_one(self) -> None:
        told = Seen(LATER, MONDAY)
        assert not is_over(INCOMPLETE, told, replace(WELL, edition=edition(TUESDAY, "math")))
        assert not is_over(INCOMPLETE, told, replace(WELL, short=11))
        assert is_over(INCOMPLETE, told, WELL)

    def test_what_only_grew_less_is_not_over(self) -> None:
        told = Seen(DUE, None)
        less = replace(WELL, queue=Queue(9, DUE, 1), failed_digests=1, failed_summaries=1)
        asked = replace(less, answered=LATER)
        assert not any(is_over(kind, told, asked) for kind in (PAGES, DIGESTS, MODEL))
        assert is_over(PAGES, told, WELL)
        assert is_over(DIGESTS, told, WELL)
        assert not is_over(DIGESTS, told, replace(WELL, since=LATER - A_MINUTE)), "a restart"

    def test_a_model_that_nobody_asks_has_not_recovered(self) -> None:
        told = Seen(DUE, None)
        assert not is_over(MODEL, told, WELL)
        assert not is_over(MODEL, told, replace(WELL, answered=DUE))
        assert is_over(MODEL, told, replace(WELL, answered=LATER))

    def test_a_number_that_rises_is_forgotten_after_half_an_hour(self) -> None:
        recent = Recent(FAILING_WITHIN)
        assert recent.rise(DUE, 5) == 0
        assert recent.rise(DUE + A_MINUTE, 7) == 2
        assert recent.rise(DUE + FAILING_WITHIN, 8) == 3
        assert recent.rise(DUE + FAILING_WITHIN + A_MINUTE, 8) == 1
        assert recent.rise(DUE + 3 * FAILING_WITHIN, 8) == 0


@dataclass
class Office:
    """A store, a channel, and an evening that goes wrong."""

    store: Store
    channel: FakeChannel
    admins: tuple[str, ...] = ("1", "2")
    failed: int = 0
    budget: Budget | None = None

    def opened(self) -> Alarms:
        """A process, which asks the store what was told."""
        admins = Admins(self.store, self.channel, self.admins, "en", "Asia/Shanghai")
        return Alarms(self.store, admins, self.budget, lambda: self.failed)

    async def check(self, now: datetime, alarms: Alarms | None = None) -> Alarms:
        if alarms is None:
            alarms = self.opened()
            await alarms.check(DUE)
        await alarms.check(now)
        return alarms

    def said(self) -> list[str]:
        return self.channel.texts("1")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with Store.open(fresh(tmp_path)) as store:
        await store.editions.publish(MONDAY, calendar.out_at(MONDAY))
        await store.looks.note(LOOK, DUE, MONDAY)
        yield Office(store, FakeChannel())


class TestWhatTheyHear:
    async def test_once_that_it_is_late_and_once_that_it_is_out(self, office: Office) -> None:
        await office.check(LATER - 2 * A_MINUTE)
        assert office.said() == []
        for restart in range(3):
            await office.check(LATER + restart * A_MINUTE)
        [late] = office.said()
        assert "The edition of Tuesday 3 February is late" in late
        assert "09:00" in late, "the clock of Shanghai"
        assert "arXiv does not show it yet" in late
        assert "nothing is to be done" in late
        await office.store.editions.publish(TUESDAY, LATER)
        for restart in range(3):
            await office.check(LATER + (5 + restart) * A_MINUTE)
        assert office.said()[1:] == ["It is over: the edition of Tuesday 3 February is out."]
        assert office.channel.texts("2") == office.said()

    async def test_the_next_evening_says_nothing_new_of_a_batch_that_never_came(
        self, office: Office
    ) -> None:
        alarms = await office.check(LATER)
        for minutes in range(0, 60 * 30, 7):
            await office.check(LATER + minutes * A_MINUTE, alarms)
        assert len(office.said()) == 1

    async def test_an_incomplete_edition_and_what_to_do(self, office: Office) -> None:
        part = Part(TUESDAY, "cs", Source.FEED, Count(10, 0), Count(25, 2))
        await office.store.editions.store(batch(new(paper(1)), day=TUESDAY), [part], DUE)
        await office.store.editions.publish(TUESDAY, LATER, missing=("math", "econ"))
        await office.check(LATER)
        await office.check(LATER)
        [incomplete] = office.said()
        assert "Archives that are missing: math, econ;" in incomplete
        assert "do not have: 17." in incomplete
        assert "`paperboy morning --date 2026-02-03`" in incomplete
        await office.store.editions.store(
            batch(new(paper(1)), day=TUESDAY), [replace(part, count=Count(25, 2))], DUE
        )
        await office.store.editions.publish(TUESDAY, LATER)
        await office.check(LATER + A_MINUTE)
        assert office.said()[1].startswith("It is over: the newest edition, of Tuesday")

    async def test_pages_that_wait_for_hours(self, office: Office) -> None:
        await office.store.editions.publish(TUESDAY, DUE)
        reader = await office.store.subscribers.save(
            Subscriber("telegram", ADDRESS, fields=("ai",), hour="09:30")
        )
        pages = [Written("a text of theirs")] * 21
        assert await office.store.outbox.freeze(reader, TUESDAY, pages, LATER, DUE)
        await office.check(DUE + timedelta(minutes=119))
        assert office.said() == []
        await office.check(LATER)
        [waiting] = office.said()
        assert waiting.startswith("21 pages have been waiting")
        assert ADDRESS not in waiting
        assert "a text of theirs" not in waiting

    async def test_a_word_that_a_batch_is_late_is_no_page_that_waited(self, office: Office) -> None:
        reader = await office.store.subscribers.save(
            Subscriber("telegram", ADDRESS, fields=("ai",), hour="09:30")
        )
        outbox = office.store.outbox
        yesterday = DUE - timedelta(days=1)
        assert await outbox.freeze(reader, MONDAY, [Written("a digest")], DUE, yesterday)
        [page] = await outbox.waiting("telegram", LATER)
        await outbox.settle([Outcome(page.id, PageState.SENT, yesterday)])
        assert await outbox.notify(reader, TUESDAY, Written("it is late"), LATER, LATER)
        queue = await office.store.figures.queue(LATER - timedelta(hours=2))
        assert (queue.waiting, queue.stale) == (1, 0)

    async def test_digests_that_fail(self, office: Office) -> None:
        await office.store.editions.publish(TUESDAY, DUE)
        alarms = await office.check(LATER)
        for minute in (5, 10, 15):
            office.failed += 1
            await office.check(LATER + minute * A_MINUTE, alarms)
        [failing] = office.said()
        assert "3 tries failed within half an hour" in failing
        await office.check(LATER + 20 * A_MINUTE, alarms)
        assert len(office.said()) == 1
        await office.check(LATER + timedelta(hours=1), alarms)
        await office.check(LATER + timedelta(hours=2), alarms)
        assert office.said()[1:] == ["It is over: for half an hour no digest has failed."]

    async def test_a_model_that_fails(self, office: Office) -> None:
        office.budget = Budget(office.store, clock=lambda: LATER)
        papers = [paper(number) for number in range(1, 12)]
        await office.store.editions.store(batch(*map(new, papers), day=TUESDAY), [], DUE)
        await office.store.editions.publish(TUESDAY, DUE)
        for each in papers:
            failed = Summary(
                each.id, "en", "extract", each.title, "It works.", fallback=True, reason="failed"
            )
            await office.store.summaries.save(
                failed, asked="en", prompt="", at=LATER, retry_at=LATER + timedelta(hours=1)
            )
        await office.check(LATER)
        [failing] = office.said()
        assert "11 papers were told by extracts" in failing
        assert "`paperboy doctor`" in failing

    async def test_a_day_whose_cap_is_reached_and_the_next(self, office: Office) -> None:
        await office.store.editions.publish(TUESDAY, DUE)
        now = [LATER]
        office.budget = Budget(office.store, caps=Caps(calls=0), clock=lambda: now[0])
        await office.check(LATER)
        await office.check(LATER)
        [capped] = office.said()
        assert "Today's cap for the model is reached" in capped
        assert "08:00" in capped, "midnight UTC, in Shanghai"
        office.budget = Budget(office.store, clock=lambda: now[0])
        await office.check(LATER + A_MINUTE)
        assert office.said()[1:] == ["It is over: the model may be asked again."]

    async def test_whoever_reads_in_chinese_hears_it_in_chinese(self, office: Office) -> None:
        reader = Subscriber("telegram", "1", language="zh", timezone="Europe/Berlin")
        await office.store.subscribers.save(reader)
        await office.check(LATER)
        [late] = office.said()
        assert "这一期晚了" in late
        assert "02:00" in late, "the clock of Berlin"
        assert "is late" in office.channel.texts("2")[0]

    async def test_who_cannot_be_told_is_told_later(self, office: Office) -> None:
        office.admins = ("1",)
        office.channel.block("1")
        alarms = await office.check(LATER)
        office.channel.unblock("1")
        await office.check(LATER + A_MINUTE, alarms)
        assert office.channel.tried == ["1"], "nobody is asked each minute"
        await office.check(LATER + AGAIN_AFTER, alarms)
        await office.check(LATER + AGAIN_AFTER + A_MINUTE, alarms)
        assert len(office.said()) == 1

    async def test_without_admins_nobody_hears_anything(self, office: Office) -> None:
        office.admins = ()
        await office.check(LATER)
        assert office.channel.tried == []
        assert await office.store.looks.last() == {LOOK: Seen(DUE, MONDAY)}

"""The watch over arXiv, minute by minute, and the tick that keeps everything going."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import app as building
from bot.deliver import Delivery
from bot.pace import Pace
from bot.schedule import Schedule, Strand
from bot.sending import Sending
from bot.watch import (
    CrossCheck,
    Gather,
    Known,
    Look,
    Nothing,
    Step,
    Watch,
    looked_at,
    next_step,
)
from digest import calendar
from digest.errors import Unreachable
from digest.store.looks import CHECK, GATHER, LOOK, MISSED, Seen
from tests.fakes.channel import FakeChannel
from tests.fakes.papers import paper

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.app import App
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

A_DAY, AN_HOUR, A_MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 4)
FRIDAY = date(2026, 2, 6)
DUE = calendar.out_at(TUESDAY)
"""20:00 in New York, Monday evening."""


@dataclass
class World:
    """arXiv as it shows its days, and a watch with a store's memory; minute by minute."""

    shows: dict[datetime, date]
    known: Known = field(default_factory=Known)
    steps: list[tuple[datetime, Step]] = field(default_factory=list)

    def live(self, start: datetime, end: datetime, every: timedelta = A_MINUTE) -> None:
        now = start
        while now < end:
            while not isinstance(step := next_step(now, self.known), Nothing):
                self.steps.append((now, step))
                self.take(now, step)
            assert step.until > now
            now += every

    def take(self, now: datetime, step: Step) -> None:
        match step:
            case Look():
                shown = max((day for at, day in self.shows.items() if at <= now), default=None)
                self.known = replace(self.known, look=Seen(now, shown))
            case Gather(day):
                self.known = replace(self.known, published=day, stored=day)
            case CrossCheck(day):
                self.known = replace(self.known, check=Seen(now, day))

    def at(self, kind: type[Step]) -> list[datetime]:
        return [at for at, step in self.steps if isinstance(step, kind)]


def known(published: date | None, look: tuple[datetime, date | None] | None = None) -> Known:
    return Known(published, published, Seen(*look) if look else None)


class TestWhatComesNext:
    def test_a_batch_is_found_and_made_minutes_after_it_appears(self) -> None:
        out = DUE + 7 * A_MINUTE
        world = World({out: TUESDAY}, known(MONDAY, (DUE - A_DAY, MONDAY)))
        world.live(DUE - AN_HOUR, DUE + AN_HOUR)
        assert world.at(Look) == [DUE + n * A_MINUTE for n in (0, 2, 4, 6, 8)]
        assert world.steps[-1] == (DUE + 8 * A_MINUTE, Gather(TUESDAY))

    def test_a_late_batch_is_looked_for_less_and_less_often(self) -> None:
        world = World({}, known(MONDAY, (DUE - A_DAY, MONDAY)))
        world.live(DUE, DUE + 20 * AN_HOUR)
        looks = world.at(Look)
        gaps = [(later - at) // A_MINUTE for at, later in pairwise(looks)]
        assert sorted(set(gaps)) == [2, 5, 15, 60]
        assert gaps == sorted(gaps)
        assert len(looks) < 85

    @pytest.mark.parametrize("evening", [FRIDAY + A_DAY, date(2026, 6, 22)])
    def test_where_none_is_expected_it_still_looks_but_rarely(self, evening: date) -> None:
        assert not calendar.announced_on(evening)
        before = calendar.previous(evening)
        world = World({}, known(before, (calendar.out_at(before), before)))
        world.live(calendar.out_at(evening), calendar.out_at(evening + A_DAY))
        assert len(world.at(Look)) == 2
        assert not world.at(Gather)

    def test_a_batch_that_appears_on_a_holiday_is_an_edition(self) -> None:
        surprise = date(2026, 6, 22)
        due = calendar.out_at(surprise)
        world = World({due + 5 * A_MINUTE: surprise}, known(date(2026, 6, 19)))
        world.live(due, due + AN_HOUR)
        assert world.steps[-1] == (due + 30 * A_MINUTE, Gather(surprise))

    @pytest.mark.parametrize("minutes", [0, 3, 90, 60 * 23])
    def test_an_empty_house_looks_at_once(self, minutes: int) -> None:
        assert next_step(DUE + minutes * A_MINUTE, Known()) == Look()

    def test_on_a_first_saturday_fridays_edition_is_made(self) -> None:
        saturday = calendar.out_at(FRIDAY) + 36 * AN_HOUR
        world = World({calendar.out_at(FRIDAY): FRIDAY})
        world.live(saturday, saturday + A_MINUTE)
        assert [step for _, step in world.steps] == [Look(), Gather(FRIDAY)]

    def test_an_edition_that_was_interrupted_goes_on_at_once(self) -> None:
        seen = Seen(DUE + A_MINUTE, TUESDAY)
        half = Known(published=MONDAY, stored=TUESDAY, look=seen)
        assert next_step(DUE + 2 * A_MINUTE, half) == Gather(TUESDAY)

    def test_what_a_reader_fetched_before_we_looked_is_made_whole(self) -> None:
        half = Known(published=MONDAY, stored=TUESDAY, look=Seen(DUE - A_MINUTE, MONDAY))
        assert next_step(DUE + A_MINUTE, half) == Gather(TUESDAY)

    def test_a_past_day_that_a_reader_asked_for_is_no_edition_to_make(self) -> None:
        now = calendar.out_at(WEDNESDAY) + A_MINUTE
        asked = Known(published=None, stored=MONDAY, look=Seen(now, None))
        assert isinstance(next_step(now, asked), Nothing)

    def test_an_edition_that_is_not_whole_is_tried_again_in_ten_minutes(self) -> None:
        at = DUE + 9 * A_MINUTE
        failed = Known(MONDAY, TUESDAY, Seen(at, TUESDAY), gather=Seen(at, TUESDAY))
        assert next_step(at + A_MINUTE, failed) == Nothing(at + 10 * A_MINUTE)
        assert next_step(at + 10 * A_MINUTE, failed) == Gather(TUESDAY)

    def test_the_feed_is_the_cross_check_after_midnight(self) -> None:
        midnight = calendar.feed_at(TUESDAY)
        world = World({DUE: TUESDAY}, known(TUESDAY, (DUE + 9 * A_MINUTE, TUESDAY)))
        world.live(DUE + AN_HOUR, midnight + A_DAY - 5 * AN_HOUR)
        assert world.at(CrossCheck) == [
            midnight + 15 * A_MINUTE,
            midnight + AN_HOUR,
            midnight + 6 * AN_HOUR,
        ]

    def test_yesterdays_feed_is_not_asked_for(self) -> None:
        now = calendar.feed_at(FRIDAY) + 30 * AN_HOUR
        seen = known(FRIDAY, (now, FRIDAY))
        assert isinstance(next_step(now, seen), Nothing)

    def test_a_clock_that_was_set_back_holds_nothing_up(self) -> None:
        now = DUE + 10 * A_MINUTE
        ahead = now + 5 * AN_HOUR
        step = next_step(now, known(MONDAY, (ahead, MONDAY)))
        assert step == Nothing(now + 2 * A_MINUTE)

    @settings(max_examples=15)
    @given(
        start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001 # made aware below
        slow=st.integers(0, 50),
        sleeps=st.lists(st.integers(0, 60 * 24 * 3), max_size=2),
    )
    def test_over_any_days_each_edition_is_made_soon_and_arxiv_left_in_peace(
        self, start: datetime, slow: int, sleeps: list[int]
    ) -> None:
        start = start.replace(tzinfo=UTC)
        days = [start.date() + n * A_DAY for n in range(-5, 5)]
        shows = {
            calendar.out_at(day) + slow * A_MINUTE: day
            for day in days
            if calendar.announced_on(day)
        }
        world = World(shows)
        now = start
        for minutes in [*sleeps, 0]:
            world.live(now, now + 12 * AN_HOUR, 5 * A_MINUTE)
            now += 12 * AN_HOUR + minutes * A_MINUTE
        world.live(now, now + A_DAY, 5 * A_MINUTE)
        made = [step.day for _, step in world.steps if isinstance(step, Gather)]
        assert made == sorted(set(made))
        newest = max(day for at, day in shows.items() if at <= now + A_DAY - 30 * A_MINUTE)
        assert world.known.published is not None
        assert world.known.published >= newest
        assert len(world.at(Look)) < 40 * (len(sleeps) + 3)


class TestTheWatch:
    """On a real store, and arXiv on loopback."""

    async def test_an_evening_from_the_first_look_to_the_cross_check(
        self, arxiv: FakeArxiv, opened: Opened
    ) -> None:
        arxiv.announce(MONDAY, paper(1))
        arxiv.today = MONDAY
        clock = Clock(DUE + A_MINUTE)
        async with opened(clock) as app:
            told: list[date] = []
            watch = Watch(app.morning, clock, lambda: told.append(TUESDAY))
            waits = await watch.run()
            assert await published(app) == MONDAY, "an empty house takes what is there"
            assert waits.until == clock.now + 2 * A_MINUTE

            arxiv.announce(TUESDAY, paper(2), paper(3, categories=("hep-th",)))
            arxiv.today = TUESDAY
            clock.now += 2 * A_MINUTE
            await watch.run()
            assert await published(app) == TUESDAY
            assert told == [TUESDAY, TUESDAY]
            looks = [path for path in arxiv.paths if path == "/list/cs/new"]
            assert len(looks) == 2, "what a look brings is not fetched again"

            clock.now = calendar.feed_at(TUESDAY) + 20 * A_MINUTE
            waits = await watch.run()
            assert (await app.store.looks.last())[CHECK] == Seen(clock.now, TUESDAY)
            assert waits.until == calendar.feed_at(TUESDAY) + AN_HOUR

    async def test_a_restart_looks_no_sooner(self, arxiv: FakeArxiv, opened: Opened) -> None:
        arxiv.announce(MONDAY, paper(1))
        arxiv.today = MONDAY
        clock = Clock(DUE + A_MINUTE)
        for _ in range(3):
            async with opened(clock) as app:
                await Watch(app.morning, clock).run()
            clock.now += timedelta(seconds=20)
        assert arxiv.paths.count("/list/cs/new") == 1

    async def test_an_arxiv_that_fails_is_asked_again_and_nothing_breaks(
        self, arxiv: FakeArxiv, opened: Opened
    ) -> None:
        arxiv.announce(TUESDAY, paper(2), paper(3, categories=("hep-th",)))
        arxiv.fail(404, path="/list/cs")
        clock = Clock(DUE + A_MINUTE)
        async with opened(clock) as app:
            watch = Watch(app.morning, clock)
            await watch.run()
            looks = await app.store.looks.last()
            assert looks[MISSED] == Seen(clock.now, None)
            assert LOOK not in looks, "what arXiv shows is not known"

            clock.now += 2 * A_MINUTE
            arxiv.fail(404, path="/list/hep-th")
            waits = await watch.run()
            assert await published(app) is None
            assert (await app.store.looks.last())[GATHER] == Seen(clock.now, TUESDAY)
            assert waits.until == clock.now + 10 * A_MINUTE

            clock.now += 10 * A_MINUTE
            await watch.run()
            assert await published(app) == TUESDAY

    async def test_a_cross_check_that_fails_is_left_to_the_next(
        self, arxiv: FakeArxiv, opened: Opened
    ) -> None:
        arxiv.announce(TUESDAY, paper(2))
        arxiv.today = TUESDAY
        clock = Clock(calendar.feed_at(TUESDAY) + A_MINUTE)
        async with opened(clock) as app:
            await app.morning.run(TUESDAY)
            arxiv.fail(404, path="/rss", times=9)
            clock.now += 20 * A_MINUTE
            waits = await Watch(app.morning, clock).run()
            assert (await app.store.looks.last())[CHECK].at == clock.now
            assert waits.until == calendar.feed_at(TUESDAY) + AN_HOUR

    async def test_an_announcement_that_arxiv_takes_back_does_no_harm(
        self, arxiv: FakeArxiv, opened: Opened
    ) -> None:
        arxiv.announce(MONDAY, paper(1))
        arxiv.today = MONDAY
        clock = Clock(DUE + A_MINUTE)
        async with opened(clock) as app:
            await app.store.editions.publish(MONDAY, clock.now)
            await app.store.looks.note(LOOK, clock.now, TUESDAY)
            await Watch(app.morning, clock).run()
            assert (await app.store.looks.last())[GATHER] == Seen(clock.now, TUESDAY)

    def test_it_looks_where_there_are_papers_every_day(self) -> None:
        assert looked_at(("hep-th", "math", "cs")) == "math"
        assert looked_at(("hep-th", "stat")) == "hep-th"


class TestTheTick:
    async def test_from_arxiv_to_the_reader_without_anybodys_help(
        self, arxiv: FakeArxiv, opened: Opened
    ) -> None:
        arxiv.announce(TUESDAY, paper(2))
        clock, channel, beats = Clock(DUE + A_MINUTE), FakeChannel(), list[int]()
        async with opened(clock) as app:
            newcomer = replace(building.newcomer(app.settings), channel="telegram", hour="asap")
            await app.store.subscribers.save(newcomer)
            async with scheduled(app, clock, channel, lambda: beats.append(1)) as schedule:
                await settled(schedule)
                assert len(channel.messages) == 1
                await schedule.tick()
                await settled(schedule)
            assert len(channel.messages) == 1
            assert len(beats) == 2

    async def test_old_things_are_pruned_once_the_edition_has_left(
        self, arxiv: FakeArxiv, opened: Opened
    ) -> None:
        arxiv.announce(TUESDAY, paper(2))
        clock, channel, sent = Clock(DUE + A_MINUTE), FakeChannel(), list[int]()
        old = MONDAY - 400 * A_DAY

        async with opened(clock) as app:
            newcomer = replace(building.newcomer(app.settings), channel="telegram", hour="asap")
            await app.store.subscribers.save(newcomer)
            await app.store.editions.publish(old, clock.now)

            async def prune() -> None:
                sent.append(len(channel.messages))
                await app.keeping.prune()

            async with scheduled(app, clock, channel, prune=prune) as schedule:
                await settled(schedule)
                await schedule.pruning.done()
            assert sent[0] == 1
            assert await app.store.editions.get(old) is None

    async def test_stopping_lets_what_is_in_flight_arrive(
        self, arxiv: FakeArxiv, opened: Opened
    ) -> None:
        arxiv.announce(TUESDAY, paper(2))
        clock, channel = Clock(DUE + A_MINUTE), FakeChannel()
        flying, landing = asyncio.Event(), asyncio.Event()

        async def fly(_address: str) -> None:
            flying.set()
            await landing.wait()

        channel.before = fly
        async with opened(clock) as app:
            for n in range(3):
                newcomer = replace(building.newcomer(app.settings), channel="telegram")
                await app.store.subscribers.save(replace(newcomer, address=str(n), hour="asap"))
            await app.morning.run(TUESDAY)
            async with scheduled(app, clock, channel, at_once=1):
                await flying.wait()
                asyncio.get_running_loop().call_soon(landing.set)
            assert len(channel.messages) == 1
            waiting = await app.store.outbox.waiting("telegram", clock.now)
            assert len(waiting) == 2, "what arrived is settled, the rest waits"

    async def test_a_strand_runs_once_at_a_time_and_once_more_for_those_who_asked(self) -> None:
        gate, running, most = asyncio.Event(), 0, list[int]()

        async def work() -> None:
            nonlocal running
            running += 1
            most.append(running)
            await gate.wait()
            running -= 1

        strand = Strand("work", work)
        await strand.done()
        await strand.end()
        for _ in range(5):
            strand.nudge()
            await asyncio.sleep(0)
        gate.set()
        await strand.done()
        assert most == [1, 1]

    @pytest.mark.parametrize("error", [RuntimeError("bug"), Unreachable(url="x")])
    async def test_what_fails_is_done_again_at_the_next_tick(self, error: Exception) -> None:
        tries: list[int] = []

        async def work() -> None:
            tries.append(1)
            raise error

        strand = Strand("work", work)
        for _ in range(2):
            strand.nudge()
            await strand.done()
        assert len(tries) == 2

    async def test_a_tick_comes_each_minute_and_none_is_dropped(
        self, arxiv: FakeArxiv, opened: Opened
    ) -> None:
        clock = Clock(DUE)
        async with opened(clock) as app, scheduled(app, clock, FakeChannel()) as schedule:
            [job] = schedule._scheduler.get_jobs()  # noqa: SLF001 # APScheduler's defaults drop jobs
            assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
            first = job.trigger.get_next_fire_time(None, datetime(2026, 2, 3, 1, 2, 3, tzinfo=UTC))
            assert first == datetime(2026, 2, 3, 1, 3, tzinfo=UTC)
            await settled(schedule)
        assert arxiv.paths


class Clock:
    """A clock that is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def published(app: App) -> date | None:
    newest = await app.store.editions.newest()
    return newest.day if newest else None


def scheduled(
    app: App,
    clock: Clock,
    channel: FakeChannel,
    beat: Callable[[], object] = lambda: None,
    at_once: int = 4,
    prune: Callable[[], Awaitable[object]] | None = None,
) -> Schedule:
    async def sleep(_seconds: float) -> None:
        await asyncio.sleep(0)

    pace = Pace(1000, clock=iter(range(10**6)).__next__, sleep=sleep)
    sending = Sending(app.store, channel, pace, clock=clock, at_once=at_once)
    delivery = Delivery(app.reading, [sending])
    return Schedule(Watch(app.morning, clock), delivery, clock=clock, beat=beat, prune=prune)


async def settled(schedule: Schedule) -> None:
    """Waits until nothing goes on any more."""
    for _ in range(2):
        for strand in (schedule.watching, schedule.composing, schedule.sending):
            await strand.done()

"""A clock that is set, a machine that sleeps: one digest for each local date, and nobody twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.ticking import TICK_S
from digest import calendar
from tests.fakes.channel import FakeChannel
from tests.fakes.papers import paper
from tests.test_deliver import READER, TUESDAY, WEDNESDAY, Post, beijing, post
from tests.test_schedule import Clock, scheduled, settled

__all__ = ["post"]

if TYPE_CHECKING:
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

AN_HOUR = timedelta(hours=1)
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Adelaide")
DAYS = tuple(date(2026, 2, day) for day in (3, 4, 5))


def days_told(post: Post, address: str) -> list[int]:
    """The days of the digests in a chat."""
    return [
        next(day.day for day in DAYS if f"{day.day} February" in text)
        for text in post.channel.texts(address)
        if "arXiv announced" in text
    ]


class TestAClockThatIsSet:
    async def test_forward_over_the_hour_and_back_it_is_one_digest(self, post: Post) -> None:
        await post.join()
        await post.publish(TUESDAY)
        for clock in ("08:59", "09:59", "09:00", "09:29", "09:30", "09:31", "10:30"):
            await post.deliver(beijing(TUESDAY, clock))
        assert len(post.channel.messages) == 1

    async def test_back_before_the_page_has_left_it_leaves_once(self, post: Post) -> None:
        await post.join()
        await post.publish(TUESDAY)
        await post.delivery.tick(beijing(TUESDAY, "09:31"))
        for clock in ("08:32", "09:30", "09:31", "09:32"):
            await post.deliver(beijing(TUESDAY, clock))
        assert len(post.channel.messages) == 1

    @pytest.mark.parametrize("jumps", [(60, 0, -60), (-60, 0, 0, 60, 0), (-60, 60, -60, 60)])
    async def test_whatever_it_does_each_date_has_its_digest_once(
        self, post: Post, jumps: tuple[int, ...]
    ) -> None:
        """Three days and a bit, on which it is wrong by an hour for some hours now and then."""
        for number, zone in enumerate(ZONES):
            await post.join(address=str(number), timezone=zone, hour="12:30")
        began, left = calendar.out_at(DAYS[0]), list(DAYS)
        for ticks in range(84):
            now = began + ticks * AN_HOUR
            if left and now >= calendar.out_at(left[0]) + AN_HOUR:
                await post.publish(left.pop(0), 1, at=now)
            wrong = jumps[ticks // 4 % len(jumps)]
            await post.deliver(now + timedelta(minutes=wrong))
        for number in range(len(ZONES)):
            assert days_told(post, str(number)) == [day.day for day in DAYS]


class TestAMachineThatSleeps:
    async def test_six_hours_later_the_digest_comes_once_and_says_why(self, post: Post) -> None:
        await post.join()
        await post.publish(TUESDAY)
        await post.deliver(beijing(TUESDAY, "09:29"))
        for clock in ("15:29", "15:30", "15:31"):
            await post.deliver(beijing(TUESDAY, clock))
        [text] = post.channel.texts("1")
        assert "that is our own fault" in text

    async def test_asleep_over_two_editions_it_brings_the_newest(self, post: Post) -> None:
        await post.join(hour="23:00")
        await post.publish(TUESDAY)
        await post.publish(WEDNESDAY)
        await post.deliver(beijing(WEDNESDAY, "23:10"))
        await post.deliver(beijing(WEDNESDAY, "23:11"))
        assert days_told(post, "1") == [WEDNESDAY.day]

    async def test_it_wakes_on_another_date_and_both_dates_have_theirs(self, post: Post) -> None:
        await post.join(hour="23:00")
        await post.publish(TUESDAY)
        await post.deliver(beijing(TUESDAY, "22:59"))
        await post.deliver(beijing(WEDNESDAY, "05:00"))
        await post.publish(WEDNESDAY)
        await post.deliver(beijing(WEDNESDAY, "23:00"))
        assert days_told(post, "1") == [TUESDAY.day, WEDNESDAY.day]

    async def test_after_six_hours_one_tick_does_it_all(
        self, arxiv: FakeArxiv, opened: Opened
    ) -> None:
        clock, channel = Clock(calendar.out_at(TUESDAY) - timedelta(minutes=5)), FakeChannel()
        async with opened(clock) as app:
            reader = replace(READER, fields=("ai",), hour="asap")
            await app.store.subscribers.save(reader)
            async with scheduled(app, clock, channel) as schedule:
                await settled(schedule)
                assert channel.messages == []
                arxiv.announce(TUESDAY, paper(2))
                clock.now += timedelta(hours=6)
                await schedule.tick()
                await settled(schedule)
        assert len(channel.messages) == 1


async def test_a_clock_that_is_set_back_does_not_silence_the_ticks(opened: Opened) -> None:
    clock = Clock(calendar.out_at(TUESDAY))
    async with opened(clock) as app, scheduled(app, clock, FakeChannel()) as schedule:
        job = schedule._job  # noqa: SLF001 # APScheduler's: what it looks like an hour later
        job.modify(next_run_time=datetime.now(UTC) + AN_HOUR)
        schedule.look_at_the_clock()
        assert job.next_run_time - datetime.now(UTC) <= timedelta(seconds=TICK_S)
        await settled(schedule)

"""Delivery as readers see it: at their hour, once, whatever happens on the way."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.deliver import Delivery, deliver_once
from bot.pace import Pace
from bot.sending import Sending
from digest.errors import StoreError
from digest.gathering import Arxiv, Gathering
from digest.models import Part, Source, State, Subscriber
from digest.reading import Reading
from digest.store import Store
from digest.store.looks import LOOK
from digest.store.outbox import PageState
from digest.summarize.extract import Extract
from digest.telling import Telling
from tests.fakes.channel import FakeChannel
from tests.fakes.clock import polite
from tests.fakes.papers import batch, new, paper, papers
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.offers import Kept
    from digest.models import Digest

MONDAY, TUESDAY, WEDNESDAY = date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 4)
FRIDAY = date(2026, 2, 6)
READER = Subscriber("telegram", "1", "en", "Asia/Shanghai", 10, ("cs.AI",), hour="09:30")
A_DAY = timedelta(days=1)


def beijing(day: date, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@dataclass
class Post:
    """A whole delivery on a real store and a channel that behaves."""

    store: Store
    channel: FakeChannel
    delivery: Delivery
    now: datetime

    async def join(self, **changed: Any) -> Subscriber:
        return await self.store.subscribers.save(replace(READER, **changed))

    async def publish(self, day: date, count: int = 3, *, at: datetime | None = None) -> None:
        some = papers(count, start=day.day * 1000, categories=("cs.AI",))
        told = batch(*(new(each) for each in some), day=day)
        part = Part(day, "cs", Source.LISTING, told.count)
        at = at or beijing(day, "09:15")
        await self.store.editions.store(told, [part], at)
        await self.store.editions.publish(day, at)

    async def deliver(self, at: datetime) -> Any:
        self.now = at
        return await deliver_once(self.delivery, at)

    async def state(self, reader: Subscriber) -> State:
        found = await self.store.subscribers.get(reader.id or 0)
        assert found is not None
        return found.state


@asynccontextmanager
async def opened(url: str, below: Any = None, at_once: int = 8) -> AsyncIterator[Post]:
    """All of it; time stands still but for what the pace sleeps."""
    seconds = [0.0]

    async def sleep(wait_s: float) -> None:
        seconds[0] += wait_s

    post: Post
    channel = FakeChannel()
    async with Store.open(url, now=lambda: post.now) as store, polite() as client:
        nowhere = Arxiv(client, "http://127.0.0.1:9", "http://127.0.0.1:9", "http://127.0.0.1:9")
        gathering = Gathering(store, nowhere, ("cs",))
        reading = Reading(gathering, Telling(store, Extract()))
        pace = Pace(1000, clock=lambda: seconds[0], sleep=sleep)
        sending = Sending(store, channel, pace, clock=lambda: post.now, at_once=at_once)
        delivery = Delivery(reading, [sending], *([below] if below else []))
        post = Post(store, channel, delivery, beijing(MONDAY, "20:00"))
        yield post


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with opened(fresh(tmp_path)) as running:
        yield running


class TestDaysOff:
    SATURDAY, SUNDAY = date(2026, 2, 7), date(2026, 2, 8)

    async def week(self, post: Post, **changed: Any) -> list[str]:
        """What they are told from Friday's digest to Sunday evening."""
        await post.join(**changed)
        await post.publish(FRIDAY)
        for day in (FRIDAY, self.SATURDAY, self.SUNDAY):
            for clock in ("09:30", "09:35", "20:00"):
                await post.deliver(beijing(day, clock))
        return post.channel.texts("1")[1:]

    async def test_who_wants_to_know_is_told_once_a_day_at_their_hour(self, post: Post) -> None:
        assert await self.week(post, notices="all") == [
            f"arXiv announced nothing on {day} February: it does not at weekends."
            " The next batch is due Monday 09:00 (Beijing time)."
            for day in ("Saturday 7", "Sunday 8")
        ]
        assert all(message.silent for message in post.channel.messages[1:])

    async def test_others_are_left_alone(self, post: Post) -> None:
        assert await self.week(post) == []

    async def test_a_holiday_is_named(self, post: Post) -> None:
        thursday, friday = date(2026, 11, 26), date(2026, 11, 27)
        await post.join(notices="all", language="zh")
        await post.publish(thursday)
        await post.deliver(beijing(thursday, "09:30"))
        await post.deliver(beijing(friday, "09:30"))
        assert post.channel.texts("1")[1:] == [
            "11月27日 星期五 arXiv 没有公布论文（感恩节），下一批在星期一 09:00（北京时间）。"
        ]

    @pytest.mark.parametrize(("notices", "told"), [("all", 1), ("late", 1), ("none", 0)])
    async def test_a_late_batch_is_told_to_whoever_wants_it(
        self, post: Post, notices: str, told: int
    ) -> None:
        post.now = beijing(MONDAY, "08:00")
        await post.join(notices=notices)
        await post.publish(MONDAY)
        await post.deliver(beijing(MONDAY, "09:30"))
        for clock in ("09:30", "11:05", "11:30"):
            await post.deliver(beijing(TUESDAY, clock))
        assert len(post.channel.texts("1")) == 1 + told

    async def test_the_batch_after_a_day_off_may_be_late_as_well(self, post: Post) -> None:
        await self.week(post, notices="all")
        await post.deliver(beijing(date(2026, 2, 9), "11:05"))
        assert len(post.channel.texts("1")) == 4
        assert "Your digest is late" in post.channel.texts("1")[-1]


class TestAtTheirHour:
    async def test_a_reader_gets_the_edition_at_their_hour_and_once(self, post: Post) -> None:
        await post.join()
        await post.publish(TUESDAY)
        assert (await post.deliver(beijing(TUESDAY, "09:29"))).composed == 0
        assert post.channel.messages == []
        done = await post.deliver(beijing(TUESDAY, "09:30"))
        assert (done.composed, done.pages.sent, done.waiting) == (1, 1, 0)
        [text] = post.channel.texts("1")
        assert "Tuesday 3 February" in text
        assert "arXiv announced 3; 3 are in your fields, all shown." in text
        for later in ("09:30", "09:31", "23:59"):
            await post.deliver(beijing(TUESDAY, later))
        assert len(post.channel.messages) == 1

    async def test_the_next_morning_brings_the_next_edition(self, post: Post) -> None:
        await post.join()
        for day in (TUESDAY, WEDNESDAY):
            await post.publish(day)
            await post.deliver(beijing(day, "09:30"))
        assert ["Tuesday" in text for text in post.channel.texts("1")] == [True, False]

    async def test_as_soon_as_possible_is_when_it_is_published(self, post: Post) -> None:
        await post.join(hour="asap")
        await post.deliver(beijing(TUESDAY, "09:05"))
        assert post.channel.messages == []
        published = beijing(TUESDAY, "09:12")
        await post.publish(TUESDAY, at=published)
        await post.store.subscribers.wake(TUESDAY, published)
        await post.deliver(published)
        assert len(post.channel.messages) == 1

    async def test_at_the_weekend_nothing_is_pushed(self, post: Post) -> None:
        await post.join()
        await post.publish(FRIDAY)
        for day in range(4):
            await post.deliver(beijing(FRIDAY + day * A_DAY, "09:30"))
        assert len(post.channel.messages) == 1

    async def test_a_day_with_nothing_in_their_fields_is_one_silent_line(self, post: Post) -> None:
        await post.join(fields=("hep-th",))
        await post.publish(TUESDAY)
        await post.deliver(beijing(TUESDAY, "09:30"))
        [message] = post.channel.messages
        assert message.page.text.endswith("arXiv announced 3; none is in your fields.")
        assert message.silent

    async def test_who_follows_nothing_is_left_in_peace(self, post: Post) -> None:
        await post.join(fields=())
        await post.publish(TUESDAY)
        assert (await post.deliver(beijing(TUESDAY, "09:30"))).composed == 0
        assert await post.store.subscribers.due(beijing(TUESDAY, "23:59")) == ()

    async def test_readers_of_other_channels_are_passed_over(self, post: Post) -> None:
        await post.join(channel="console")
        await post.publish(TUESDAY)
        await post.deliver(beijing(TUESDAY, "09:30"))
        assert post.channel.messages == []

    async def test_who_read_it_already_is_not_sent_it(self, post: Post) -> None:
        reader = await post.join()
        await post.publish(TUESDAY)
        await post.store.subscribers.mark_had(reader.id or 0, TUESDAY)
        await post.deliver(beijing(TUESDAY, "09:30"))
        assert post.channel.messages == []

    async def test_who_moves_or_changes_fields_is_not_sent_the_day_twice(self, post: Post) -> None:
        reader = await post.join()
        await post.publish(TUESDAY)
        await post.deliver(beijing(TUESDAY, "09:30"))
        await post.store.subscribers.save(
            replace(reader, timezone="America/Los_Angeles", fields=("cs.AI", "storage"))
        )
        for hours in range(23):
            await post.deliver(beijing(TUESDAY, "09:31") + timedelta(hours=hours))
        assert len(post.channel.messages) == 1

    async def test_a_pause_ends_by_itself_without_a_flood(self, post: Post) -> None:
        reader = await post.join()
        until = beijing(FRIDAY, "12:00")
        await post.store.subscribers.save(replace(reader, state=State.PAUSED, paused_until=until))
        for day in (TUESDAY, WEDNESDAY, FRIDAY):
            await post.publish(day)
            await post.deliver(beijing(day, "09:30"))
        await post.deliver(until)
        assert post.channel.messages == []
        assert await post.state(reader) is State.ACTIVE
        await post.deliver(beijing(FRIDAY + A_DAY, "09:30"))
        [text] = post.channel.texts("1")
        assert "Friday" in text

    async def test_readers_who_follow_the_same_get_the_same(self, post: Post) -> None:
        for n in range(30):
            await post.join(address=str(n), language=("en", "zh")[n % 2], size=2)
        await post.publish(TUESDAY, count=5)
        done = await post.deliver(beijing(TUESDAY, "09:30"))
        assert (done.composed, done.pages.sent) == (30, 30)
        assert len({message.page for message in post.channel.messages}) == 2
        assert "2 shown" in post.channel.texts("0")[0]

    async def test_what_fails_for_one_costs_the_others_nothing(self, post: Post) -> None:
        broken = await post.join(address="broken")
        await post.join(address="2")
        await post.publish(TUESDAY)
        damage = f"UPDATE subscribers SET timezone = 'Mars/Olympus' WHERE id = {broken.id}"
        async with post.store._database.write() as connection:  # noqa: SLF001 # a damaged row
            await connection.exec_driver_sql(damage)
        done = await post.deliver(beijing(TUESDAY, "09:30"))
        assert (done.failed, done.composed) == (1, 1)
        assert len(post.channel.texts("2")) == 1
        assert (await post.deliver(beijing(TUESDAY, "09:31"))).failed == 0, "not every minute"
        assert (await post.deliver(beijing(TUESDAY, "09:35"))).failed == 1

    async def test_a_field_that_means_nothing_is_left_out_and_said(self, post: Post) -> None:
        await post.join(address="broken", fields=("cs.AI", "--"))
        await post.join(address="2")
        await post.publish(TUESDAY)
        done = await post.deliver(beijing(TUESDAY, "09:30"))
        assert (done.failed, done.composed) == (0, 2)
        assert "no longer understand your field “--”" in post.channel.texts("broken")[0]
        assert "no longer" not in post.channel.texts("2")[0]

    async def test_a_day_made_from_submission_dates_says_so(self, post: Post) -> None:
        await post.join()
        told = batch(new(paper(1)), day=TUESDAY, source=Source.SEARCH)
        part = Part(TUESDAY, "cs", Source.SEARCH, told.count)
        await post.store.editions.store(told, [part], beijing(TUESDAY, "09:15"))
        await post.store.editions.publish(TUESDAY, beijing(TUESDAY, "09:15"))
        await post.deliver(beijing(TUESDAY, "09:30"))
        assert "Approximate" in post.channel.texts("1")[0]


class TestPages:
    async def test_long_digests_come_in_order_with_one_notification(self, post: Post) -> None:
        await post.join(size=50)
        await post.publish(TUESDAY, count=40)
        done = await post.deliver(beijing(TUESDAY, "09:30"))
        first, *later = post.channel.messages
        assert done.pages.sent == len(later) + 1 > 1
        assert not first.silent
        assert all(message.silent for message in later)
        assert "Tuesday" in first.page.text
        starts = [int(message.page.text.split()[0]) for message in later]
        assert starts == sorted(starts)

    async def test_what_was_frozen_is_what_is_sent_whatever_changes_after(self, post: Post) -> None:
        reader = await post.join()
        await post.publish(TUESDAY)
        await post.delivery.tick(beijing(TUESDAY, "09:30"))
        await post.store.subscribers.save(replace(reader, language="zh", size=1))
        await post.delivery.send_waiting(beijing(TUESDAY, "09:30"))
        assert "3 are in your fields, all shown." in post.channel.texts("1")[0]

    async def test_choices_stand_below_the_last_page(self, tmp_path: Path) -> None:
        def below(digest: Digest) -> Kept:
            return (("More", f"/date {digest.edition.day}"),)

        async with opened(fresh(tmp_path), below) as post:
            await post.join(size=50)
            await post.publish(TUESDAY, count=40)
            await post.deliver(beijing(TUESDAY, "09:30"))
            *first, last = post.channel.messages
            assert last.choices == (("More", "/date 2026-02-03"),)
            assert not any(message.choices for message in first)

    async def test_a_late_paper_goes_out_with_the_next_edition(self, post: Post) -> None:
        await post.join()
        await post.publish(TUESDAY)
        await post.deliver(beijing(TUESDAY, "09:30"))
        late = batch(new(paper(77, title="Late but Here")), day=TUESDAY)
        part = Part(TUESDAY, "cs", Source.FEED, late.count)
        await post.store.editions.store(late, [part], beijing(TUESDAY, "13:10"))
        await post.deliver(beijing(TUESDAY, "14:00"))
        await post.publish(WEDNESDAY)
        await post.deliver(beijing(WEDNESDAY, "09:30"))
        first, second = post.channel.texts("1")
        assert "Late but Here" not in first
        assert "Late but Here" in second


class TestLate:
    async def owed(self, post: Post, **changed: Any) -> Subscriber:
        """A reader who had Tuesday's and waits for Wednesday's."""
        reader = await post.join(**changed)
        await post.publish(TUESDAY)
        await post.deliver(beijing(TUESDAY, "09:30"))
        post.channel.messages.clear()
        return reader

    async def test_two_hours_late_is_said_once_for_each_batch(self, post: Post) -> None:
        await self.owed(post)
        await post.store.looks.note(LOOK, beijing(WEDNESDAY, "10:50"), TUESDAY)
        await post.deliver(beijing(WEDNESDAY, "10:59"))
        assert post.channel.messages == []
        for clock in ("11:00", "11:05", "12:00", "18:00"):
            await post.deliver(beijing(WEDNESDAY, clock))
        [message] = post.channel.messages
        assert message.page.text == (
            "arXiv is late: the batch of Wednesday 4 February was due Wednesday 09:00 "
            "(Beijing time), and arXiv does not show it yet. I keep looking, and your digest "
            "comes as soon as it is there."
        )
        assert message.silent

    async def test_it_comes_when_it_is_there(self, post: Post) -> None:
        await self.owed(post)
        await post.deliver(beijing(WEDNESDAY, "11:00"))
        await post.publish(WEDNESDAY, at=beijing(WEDNESDAY, "13:40"))
        await post.store.subscribers.wake(WEDNESDAY, beijing(WEDNESDAY, "13:40"))
        await post.deliver(beijing(WEDNESDAY, "13:40"))
        assert len(post.channel.messages) == 2
        assert "Wednesday 4 February" in post.channel.texts("1")[1]

    async def test_what_arxiv_shows_and_we_have_not_made_is_our_fault(self, post: Post) -> None:
        await self.owed(post, language="zh")
        await post.store.looks.note(LOOK, beijing(WEDNESDAY, "09:10"), WEDNESDAY)
        await post.deliver(beijing(WEDNESDAY, "11:00"))
        [text] = post.channel.texts("1")
        assert "是我们的问题，不怪 arXiv" in text

    async def test_where_nobody_knows_what_arxiv_shows_it_is_not_blamed(self, post: Post) -> None:
        await self.owed(post)
        await post.store.looks.note(LOOK, beijing(WEDNESDAY, "09:02"), TUESDAY)
        await post.deliver(beijing(WEDNESDAY, "11:00"))
        [text] = post.channel.texts("1")
        assert "I cannot reach arXiv" in text

    async def test_whose_hour_is_not_over_is_told_nothing(self, post: Post) -> None:
        await self.owed(post, hour="08:00")
        post.channel.messages.clear()
        for clock in ("08:00", "11:30", "23:00"):
            await post.deliver(beijing(WEDNESDAY, clock))
        assert [text for text in post.channel.texts("1") if "late" in text] == []


class TestTheOutbox:
    async def test_a_store_that_fails_is_nobodys_digest(self, post: Post) -> None:
        await post.join()
        await post.publish(TUESDAY)
        async with post.store._database.write() as connection:  # noqa: SLF001 # a damaged database
            await connection.exec_driver_sql("ALTER TABLE pages RENAME TO lost")
        with pytest.raises(StoreError):
            await post.deliver(beijing(TUESDAY, "09:30"))

    async def test_nothing_is_counted_twice(self, post: Post) -> None:
        for n in range(5):
            await post.join(address=str(n))
        post.channel.block("3")
        await post.publish(TUESDAY)
        done = await post.deliver(beijing(TUESDAY, "09:30"))
        assert (done.pages.sent, done.pages.gone, done.waiting) == (4, 1, 0)
        counts = await post.store.outbox.counts(TUESDAY)
        assert (counts[PageState.SENT], counts[PageState.REFUSED]) == (4, 1)

"""Sunday's recap as readers see it: what their fields brought and they did not look at, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.commands.book import answer
from digest import recap
from digest.errors import StoreError
from digest.models import Digest, Edition, Entry, Kind, Receipt, Section, State, Subscriber
from digest.recap import week
from digest.render import plain
from digest.store.outbox import Written
from tests.conftest import NOON
from tests.fakes.papers import paper
from tests.fakes.stores import change, fresh
from tests.test_deliver import FRIDAY, MONDAY, TUESDAY, WEDNESDAY, Post, beijing, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.conftest import Opened

SUNDAY = date(2026, 2, 8)
NEXT = SUNDAY + timedelta(days=7)
DAYS = (MONDAY, WEDNESDAY, FRIDAY)


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with opened(fresh(tmp_path)) as running:
        yield running


async def week_of(post: Post, *, deliver: bool = True) -> None:
    """A week's editions of two papers each, delivered at 09:30 in Beijing."""
    for day in DAYS:
        await post.publish(day, 2)
        if deliver:
            await post.deliver(beijing(day, "09:30"))


def recaps(post: Post, address: str = "1") -> list[str]:
    return [text for text in post.channel.texts(address) if "Your week" in text]


async def test_it_comes_on_sunday_at_their_hour_and_once(post: Post) -> None:
    await post.join(weekly=True)
    await week_of(post)
    for clock in ("09:29", "09:30", "09:31", "12:00", "23:00"):
        done = await post.deliver(beijing(SUNDAY, clock))
        assert done.recaps == (clock == "09:30"), clock
    [told] = recaps(post)
    assert told.startswith(
        "Your week · 2 Feb – 8 Feb\nYour fields brought 6 papers. Here are the 6 that fit best of "
        "those you did not save, like or open here."
    )
    assert "\n\n1 " in told
    assert "\n\n6 " in told
    labels = [label for label, *_ in post.channel.messages[-1].choices]
    assert labels == ["1", "2", "3", "4", "5", "6", "No more recaps"]


async def test_what_they_know_is_left_out(post: Post) -> None:
    reader = await post.join(weekly=True)
    await week_of(post)
    assert reader.id
    stored = [paper(day.day * 1000 + n) for day in DAYS for n in (0, 1)]
    await post.store.saved.add(reader.id, stored[0], post.now)
    await post.store.opened.add(reader.id, stored[1].id, post.now)
    vote = f"{reader.id}, '{stored[2].id}', 'like', '2026-02-05 00:00:00'"
    await change(post.store, f"INSERT INTO votes VALUES ({vote})")
    await post.deliver(beijing(SUNDAY, "09:30"))
    [told] = recaps(post)
    assert "brought 6 papers. 3 of them you know. Here are the 3 that fit best" in told
    assert [each.id in told for each in stored] == [False] * 3 + [True] * 3


async def test_a_week_without_anything_unknown_wakes_nobody(post: Post) -> None:
    reader = await post.join(weekly=True)
    await post.deliver(beijing(SUNDAY, "09:30"))
    assert post.channel.messages == []
    standing = await post.store.subscribers.standing(reader.id or 0)
    assert standing
    assert standing.recapped == SUNDAY, "it is not composed again each minute"


@pytest.mark.parametrize(
    ("hour", "before", "at"), [("asap", "09:20", "09:30"), ("", "09:20", "09:30")]
)
async def test_without_an_hour_it_comes_in_the_morning(
    post: Post, hour: str, before: str, at: str
) -> None:
    await post.join(weekly=True, hour=hour)
    await week_of(post)
    had = len(post.channel.messages)
    await post.deliver(beijing(SUNDAY, before))
    assert len(post.channel.messages) == had
    await post.deliver(beijing(SUNDAY, at))
    assert len(recaps(post)) == 1
    for day in (SUNDAY, NEXT):
        await post.deliver(beijing(day, "20:00"))
    assert len(recaps(post)) == 1


async def test_who_did_not_ask_or_asks_no_more_gets_none(post: Post) -> None:
    await post.join(address="2")
    reader = await post.join(weekly=True)
    only = await post.join(address="3", weekly=True, hour="")
    await week_of(post)
    for each in (reader, only):
        await post.store.subscribers.save(replace(each, weekly=False))
    await post.deliver(beijing(SUNDAY, "09:30"))
    assert [recaps(post, address) for address in "123"] == [[], [], []]
    standing = await post.store.subscribers.standing(only.id or 0)
    assert standing
    assert standing.next_at is None


async def test_two_readers_two_languages_two_zones(post: Post) -> None:
    await post.join(weekly=True, language="zh")
    await post.join(weekly=True, address="2", timezone="America/New_York", hour="21:00")
    await week_of(post)
    await post.deliver(beijing(SUNDAY, "09:30"))
    assert "您的领域这一周有 6 篇论文。" in post.channel.texts("1")[-1]
    assert recaps(post, "2") == []
    await post.deliver(beijing(SUNDAY + timedelta(days=1), "10:00"))
    assert len(recaps(post, "2")) == 1


async def test_a_crash_while_it_is_frozen_sends_it_once(post: Post) -> None:
    await post.join(weekly=True)
    await week_of(post)
    await change(post.store, "ALTER TABLE pages RENAME TO away")
    with pytest.raises(StoreError):
        await post.deliver(beijing(SUNDAY, "09:30"))
    await change(post.store, "ALTER TABLE away RENAME TO pages")
    for clock in ("09:40", "09:41"):
        await post.deliver(beijing(SUNDAY, clock))
    assert len(recaps(post)) == 1


async def test_one_that_just_began_to_wait_is_no_alarm(post: Post) -> None:
    reader = await post.join(weekly=True)
    at = beijing(SUNDAY, "09:30")
    assert await post.store.outbox.recap(reader, SUNDAY, [Written("Your week")], at)
    assert not await post.store.outbox.recap(reader, SUNDAY, [Written("Your week")], at)
    queue = await post.store.figures.queue(at - timedelta(hours=2))
    assert (queue.waiting, queue.stale) == (1, 0)


async def test_a_digest_that_is_owed_comes_with_it(post: Post) -> None:
    """Friday's batch came on Sunday: neither takes the other's place."""
    await post.join(weekly=True)
    await week_of(post, deliver=False)
    await post.deliver(beijing(SUNDAY, "09:30"))
    assert len(recaps(post)) == 1
    assert len(post.channel.texts("1")) == 2


async def test_who_sleeps_over_it_gets_it_within_a_day(post: Post) -> None:
    await post.join(weekly=True)
    await week_of(post)
    await post.deliver(beijing(SUNDAY + timedelta(days=1), "09:00"))
    assert len(recaps(post)) == 1


async def test_paused_readers_are_left_alone(post: Post) -> None:
    reader = await post.join(weekly=True)
    await week_of(post)
    await post.store.subscribers.save(replace(reader, state=State.PAUSED))
    await post.deliver(beijing(SUNDAY, "09:30"))
    assert recaps(post) == []


async def test_beginning_on_a_sunday_after_the_hour_waits_for_the_next(post: Post) -> None:
    reader = await post.join()
    await week_of(post)
    post.now = beijing(SUNDAY, "10:00")
    changed = await post.store.subscribers.save(replace(reader, weekly=True))
    await post.deliver(beijing(SUNDAY, "10:01"))
    assert recaps(post) == []
    off = await post.store.subscribers.save(replace(changed, weekly=False, hour="11:00"))
    await post.store.subscribers.save(replace(off, weekly=True))
    await post.deliver(beijing(SUNDAY, "11:00"))
    assert recaps(post) == [], "a Sunday that was missed does not come back"


async def test_beginning_while_a_batch_is_owed_loses_no_digest(post: Post) -> None:
    reader = await post.join()
    await post.publish(TUESDAY, 2)
    await post.deliver(beijing(TUESDAY, "09:30"))
    await post.deliver(beijing(WEDNESDAY, "09:30"))
    post.now = beijing(WEDNESDAY, "09:32")
    await post.store.subscribers.save(replace(reader, weekly=True))
    await post.publish(WEDNESDAY, 2, at=beijing(WEDNESDAY, "09:45"))
    await post.deliver(beijing(WEDNESDAY, "09:46"))
    assert len(post.channel.texts("1")) == 2


class TestTheBest:
    def entry(self, number: int, score: float, **changed: Any) -> Entry:
        return Entry(paper(number), Kind.NEW, ("ai",), score, **changed)

    def digest(self, *entries: Entry, rest: tuple[Entry, ...] = ()) -> Digest:
        section = Section("ai", len(entries), entries)
        return Digest(Edition(MONDAY), "en", (section,), Receipt(1, 1, 1), rest=rest)

    def test_they_come_by_score_each_once_with_the_rest_and_companions(self) -> None:
        companion = self.entry(5, 0.7)
        first = self.digest(self.entry(1, 0.6, companions=(companion,)), rest=(self.entry(2, 0.9),))
        second = self.digest(self.entry(1, 0.8, late=MONDAY), self.entry(3, 0.5))
        found = week([first, second], {"9913.00003"})
        assert [each.paper.id[-1] for each in found.entries] == ["2", "1", "5"]
        assert (found.brought, found.known) == (4, 1)
        assert all(each.companions == () and each.late is None for each in found.entries)

    def test_only_so_many_are_shown(self) -> None:
        many = self.digest(*(self.entry(n, n / 100) for n in range(1, 30)))
        found = week([many], frozenset())
        assert (len(found.entries), found.brought) == (recap.MOST, 29)
        assert found.entries[0].paper.id == "9913.00029"


async def test_the_command_turns_it_on_and_off(opened: Opened) -> None:
    async with opened(lambda: NOON) as app:
        reader = await app.store.subscribers.save(
            Subscriber("telegram", "1", "en", "Asia/Shanghai", fields=("ai",), hour="09:30")
        )

        async def said(text: str) -> str:
            nonlocal reader
            reader, reply = await answer(app.desk, reader, text)
            choices = [each.command for each in reply.choices]
            return f"{plain.text(reply.blocks)} {choices}"

        told = await said("/weekly")
        assert "There is no recap on Sundays." in told
        assert "['/weekly on']" in told
        assert "On Sunday 8 February at 09:30 you get the best" in await said("/weekly on")
        assert reader.weekly
        assert "Recap: on Sundays (/weekly)" in await said("/settings")
        assert "next recap comes on Sunday 8 February" in await said("周报")
        assert "what perhaps means" in await said("/weekly perhaps")
        assert "['/weekly on']" in await said("周报 关")
        stored = await app.store.subscribers.get(reader.id or 0)
        assert stored
        assert not stored.weekly

"""When the digest comes: what readers type about it, and what it means where they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.commands.mornings import pause_days
from digest.models import State, Subscriber
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from tests.conftest import Opened

BEIJING = Subscriber(
    "telegram", "7", timezone="Asia/Shanghai", language="en", hour="09:30", fields=("ai",)
)


class Sleeper(Talk):
    """One reader, whose reply is one line."""

    async def say(self, text: str) -> str:
        return " ".join((await super().say(text)).split())

    def state(self) -> State:
        return self.reader.state

    def until(self) -> datetime | None:
        return self.reader.paused_until


@pytest.fixture
async def app(opened: Opened) -> AsyncIterator[App]:
    async with opened() as running:
        yield running


@pytest.fixture
async def talk(app: App) -> Sleeper:
    return Sleeper(app, await app.store.subscribers.save(BEIJING))


async def test_somebody_new_is_greeted_and_offered_fields(app: App) -> None:
    talk = Sleeper(app, replace(BEIJING, fields=()))
    assert "This is Paperboy" in await talk.say("/start")
    assert talk.reply is not None
    assert "/pick ai" in [each.command for row in talk.reply.rows for each in row]


async def test_somebody_known_is_welcomed_back(talk: Sleeper) -> None:
    talk.reader = replace(talk.reader, state=State.STOPPED)
    assert "Welcome back" in await talk.say("/start")
    assert talk.state() is State.ACTIVE


@pytest.mark.parametrize(
    ("typed", "hour"),
    [
        ("/time 08:30", "08:30"),
        ("/time 8点半", "08:30"),
        ("/time ASAP", "asap"),
        ("时间 7:00", "07:00"),
    ],
)
async def test_the_hour_is_understood(talk: Sleeper, typed: str, hour: str) -> None:
    await talk.say(typed)
    assert talk.reader.hour == hour


async def test_the_hour_is_answered_with_what_it_means_there(talk: Sleeper) -> None:
    said = await talk.say("/time 08:00")
    assert "08:00 your time in summer and 09:00 in winter" in said
    assert "08:00 brings the batch of the evening before, 09:30 the fresh one" in said
    assert "evening before" not in await talk.say("/time 09:30")


async def test_an_hour_that_is_no_time_of_day_reads_as_a_sentence(talk: Sleeper) -> None:
    said = await talk.say("/time asap")
    assert said.startswith("Time of your digest from now on: as soon as arXiv's batch is out.")
    assert "Time of your digest: as soon as" in await talk.say("/timezone Berlin")


async def test_an_hour_that_is_none_is_refused_with_an_example(talk: Sleeper) -> None:
    assert "“25:00” is not a time of day" in await talk.say("/time 25:00")
    assert talk.reader.hour == "09:30"
    assert "Time of your digest: 09:30." in await talk.say("/time")


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("/timezone Berlin", "Europe/Berlin"),
        ("/timezone 北京", "Asia/Shanghai"),
        ("/timezone UTC+8", "Etc/GMT-8"),
        ("/timezone Asia/Kathmandu", "Asia/Kathmandu"),
    ],
)
async def test_the_zone_is_understood(talk: Sleeper, typed: str, zone: str) -> None:
    await talk.say(typed)
    assert talk.reader.timezone == zone


async def test_a_default_hour_moves_with_the_reader_and_a_chosen_one_stays(talk: Sleeper) -> None:
    await talk.say("/timezone London")
    assert talk.reader.hour == "07:00"
    await talk.say("/time 06:15")
    await talk.say("/timezone 北京")
    assert talk.reader.hour == "06:15"


async def test_an_unknown_place_changes_nothing(talk: Sleeper) -> None:
    assert "do not know the place" in await talk.say("/timezone Atlantis City Below")
    assert "Your time zone is" in await talk.say("/timezone")
    assert talk.reader.timezone == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("7d", 7),
        ("2 weeks", 14),
        ("三天", 3),
        ("一周", 7),
        ("1个月", 30),
        ("10", 10),
        ("0d", None),
        ("400d", None),
        ("forever", None),
        ("-3d", None),
        ("3 lightyears", None),
    ],
)
def test_spans_are_understood(text: str, days: int | None) -> None:
    assert pause_days(text) == days


async def test_a_pause_has_an_end_or_waits_for_resume(talk: Sleeper) -> None:
    assert "Paused until Wednesday 11 February" in await talk.say("/pause 7d")
    assert talk.until() == datetime(2026, 2, 10, 17, tzinfo=UTC)
    assert "paused" in await talk.say("/settings")
    assert "until you send /resume" in await talk.say("/pause")
    assert talk.until() is None
    assert "comes again: 09:30" in await talk.say("/resume")
    assert talk.state() is State.ACTIVE
    assert "not a span" in await talk.say("/pause forever")


async def test_stopping_keeps_the_settings(talk: Sleeper) -> None:
    await talk.say("/stop")
    assert talk.reader == replace(talk.reader, state=State.STOPPED, fields=("ai",))
    assert "unsubscribed" in await talk.say("/settings")
    await talk.say("/resume")
    assert talk.state() is State.ACTIVE


async def test_forgetting_asks_first_and_then_leaves_nothing(talk: Sleeper) -> None:
    assert "cannot be undone" in await talk.say("/forget")
    assert talk.commands == ["/forget yes"]
    assert await talk.app.store.subscribers.find("telegram", "7")
    assert "erased" in await talk.say("/forget yes")
    assert await talk.app.store.subscribers.find("telegram", "7") is None
    assert talk.reader.fields == ()


async def test_somebody_without_an_hour_is_told_so(app: App) -> None:
    talk = Sleeper(app, replace(BEIJING, hour=""))
    assert "never" in await talk.say("/settings")

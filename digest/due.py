"""When a subscriber is due, and for which edition: pure, every `now` is an aware datetime.

A reader with an hour gets, at that hour of each local date, the newest published edition that they
have not had. A batch that arXiv owed them by then and that comes later is sent when it is
published. A reader of `asap` gets each edition when it is published.

The hour exists once on every local date, whatever the clocks do: one that is skipped in spring
becomes the first instant after the gap, one that comes twice in autumn is the first of the two, and
a date that a zone skips altogether (Samoa, 2011-12-30) has none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from digest import calendar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.models import Edition

ASAP: Final = "asap"
Hour = time | Literal["asap"]

LATE_AFTER = timedelta(hours=2)  # over arXiv's own schedule, before anybody calls it late
LOOK_AGAIN = timedelta(minutes=5)  # while a batch is owed; publishing wakes readers sooner
READING_TIME = timedelta(minutes=30)  # from 20:00 US Eastern to a published edition, with room
EARLIEST, LATEST = time(7), time(15)  # default hours are chosen in here

_ONE_DAY = timedelta(days=1)
_ONE_MINUTE = timedelta(minutes=1)
_ONE_SECOND = timedelta(seconds=1)
_HALF_HOUR = 30  # minutes


class Reason(StrEnum):
    """Why nothing is sent now."""

    NOT_YET = "not_yet"  # something is there or comes before their hour, which is ahead
    ON_ITS_WAY = "on_its_way"  # the batch is due, and not yet 2 h over
    LATE = "late"  # arXiv has not announced it 2 h after its own schedule
    OURS = "ours"  # arXiv announced it, and no edition is published 2 h later
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    NOTHING_NEW = "nothing_new"  # they have had the newest


@dataclass(frozen=True, slots=True)
class Turn:
    """What decides about one subscriber.

    Attributes:
        at: their local hour, or ASAP.
        timezone: an IANA name.
        had: the newest edition that they were given in any way; None for a reader without one.
        settled: hours up to this instant count no more: when their last digest was sent, or
            when they joined, resumed or chose the hour.
    """

    at: Hour
    timezone: str
    had: date | None = None
    settled: datetime | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Give them the edition of `day`.

    Attributes:
        owed: since when (UTC): their hour, with room to make an edition that came just before; for
            ASAP, when it should have been made. None where nobody was waiting for it then.
    """

    day: date
    owed: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing now.

    Attributes:
        until: when to ask again (UTC).
        reason: why.
        batch: the listing date that they wait for; `calendar.out_at(batch)` says when it is due.
        without: the listing date that arXiv skipped, where the reason is a weekend or a holiday;
            `calendar.holiday_name(without)` names the holiday.
    """

    until: datetime
    reason: Reason
    batch: date
    without: date | None = None


def understood(hour: str) -> Hour | None:
    """The hour that a subscriber stores as "08:30" or "asap"; None for "": nothing is due."""
    if not hour:
        return None
    return ASAP if hour == ASAP else time.fromisoformat(hour)


def decide(
    turn: Turn, editions: Iterable[Edition], now: datetime, *, shown: date | None = None
) -> Send | Wait:
    """What a subscriber is due for at `now`.

    `editions` are the newest ones; unpublished ones and those of the future are passed over.
    `shown` is the newest listing date that arXiv itself showed when it was last asked; without it,
    the newest edition stands for it, and where there is none either, nothing is called late.
    """
    published = {e.day: e.published for e in editions if e.published and e.published <= now}
    hour = _open_hour(turn, now)
    fresh = {day: at for day, at in published.items() if turn.had is None or day > turn.had}
    ready = [day for day, at in fresh.items() if hour and min(at, calendar.out_at(day)) <= hour]
    if ready:
        return Send(max(ready), _owed(turn, max(ready), hour))
    if fresh:
        return Wait(next_at(turn.at, turn.timezone, now), Reason.NOT_YET, max(fresh))
    known = max((*published, turn.had or date.min))
    owed = calendar.newest_expected(hour) if hour else date.min
    if owed > known:
        return _wait_for_batch(turn, owed, now, shown or max(published, default=None))
    return _wait_for_hour(turn, known, now)


def _owed(turn: Turn, day: date, hour: datetime | None) -> datetime | None:
    """When a reader should have had the edition of `day`; see `Send`."""
    made = calendar.out_at(day) + READING_TIME
    if turn.at != ASAP and hour:
        return max(hour.astimezone(UTC), made)
    return made if turn.settled is None or turn.settled < made else None


def _wait_for_batch(turn: Turn, batch: date, now: datetime, shown: date | None) -> Wait:
    until = min(now + LOOK_AGAIN, next_at(turn.at, turn.timezone, now)).astimezone(UTC)
    if shown is None or now - calendar.out_at(batch) < LATE_AFTER:
        return Wait(until, Reason.ON_ITS_WAY, batch)
    return Wait(until, Reason.OURS if shown >= batch else Reason.LATE, batch)


def _wait_for_hour(turn: Turn, known: date, now: datetime) -> Wait:
    until = next_at(turn.at, turn.timezone, now)
    expected = calendar.newest_expected(now)
    if expected > known:
        return Wait(until, Reason.NOT_YET, expected)
    evening = calendar.latest_evening(now)
    why = calendar.why_nothing(evening)
    if why is None or evening <= known:  # a batch that came on a holiday is a batch
        return Wait(until, Reason.NOTHING_NEW, calendar.next_expected(now))
    return Wait(until, Reason(why), calendar.next_expected(now), without=evening)


def next_at(at: Hour, timezone: str, after: datetime) -> datetime:
    """The next time a reader is due, later than `after` (UTC): the column that a tick looks up.

    For ASAP it is when the next batch is expected; publishing an edition makes them due as well.
    """
    if at == ASAP:
        return calendar.out_at(calendar.next_expected(after))
    day = after.astimezone(ZoneInfo(timezone)).date() - _ONE_DAY  # a date can come back at night
    while (hour := digest_hour(day, at, timezone)) is None or hour <= after:
        day += _ONE_DAY
    return hour


@lru_cache(maxsize=8192)  # thousands of readers share an hour and a zone: 28 µs become 2
def digest_hour(day: date, at: time, timezone: str) -> datetime | None:
    """The one instant (UTC) of the local date `day` that counts as `at`; None if it has no `day`.

    Where clocks skip from `at` into the next date (Nuuk, 2026-03-28 23:00 to 24:00), it is the last
    minute of `day`.
    """
    zone = ZoneInfo(timezone)
    wall = datetime.combine(day, at)
    moment = wall.replace(tzinfo=zone).astimezone(UTC)  # of two such times, the first
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    after_gap = _end_of_gap(wall, zone)
    for candidate in (after_gap, after_gap - _ONE_MINUTE):
        if candidate.astimezone(zone).date() == day:
            return candidate
    return None


def batch_hours(timezone: str, on: date) -> BatchHours:
    """What 20:00 US Eastern is in a zone, in the US summer and winter of the year of `on`."""
    (summer, summer_next), (winter, winter_next) = (
        _local_batch(date(on.year, month, 15), ZoneInfo(timezone)) for month in (7, 1)
    )
    return BatchHours(summer, winter, summer_next, winter_next)


@dataclass(frozen=True, slots=True)
class BatchHours:
    """When arXiv's batches are out, in local time.

    Attributes:
        summer, winter: by the seasons of the USA.
        summer_next_day, winter_next_day: whether that is already the day after the US evening:
            the listing's own date.
    """

    summer: time
    winter: time
    summer_next_day: bool
    winter_next_day: bool


def batch_age(at: time, timezone: str, on: date) -> tuple[timedelta, timedelta]:
    """How long a batch has been out when it is read at `at`: (US summer, US winter), under a day.

    Nearly a day means that the hour comes just before the fresh batch.
    """
    hours = batch_hours(timezone, on)
    return (_since(hours.summer, at), _since(hours.winter, at))


def fresh_hour(timezone: str, on: date) -> time:
    """A new subscriber's default hour: in the morning, with a fresh batch all year.

    07:00, unless a batch comes out in the course of the reader's morning at some time of the year:
    then the first half hour that leaves 30 minutes to make the edition (Beijing 09:30, Kathmandu
    07:30, Sydney 12:30), as long as it is not after 15:00. Where batches come in the afternoon or
    evening (New York, Honolulu), the next morning reads them.
    """
    zone = ZoneInfo(timezone)
    evenings = (date(on.year, 1, 1) + timedelta(days=n) for n in range(365))
    latest = max(_local_batch(evening, zone)[0] for evening in evenings)
    ready = _minutes(latest) + _minutes_of(READING_TIME)
    half_hour = -(-ready // _HALF_HOUR) * _HALF_HOUR
    if not _minutes(EARLIEST) < half_hour <= _minutes(LATEST):
        return EARLIEST
    return time(*divmod(half_hour, 60))


def _open_hour(turn: Turn, now: datetime) -> datetime | None:
    """Their last hour up to now, unless it is settled; for ASAP, any time is their hour."""
    if turn.at == ASAP:
        return now
    day = now.astimezone(ZoneInfo(turn.timezone)).date() + _ONE_DAY
    while (hour := digest_hour(day, turn.at, turn.timezone)) is None or hour > now:
        day -= _ONE_DAY
    return None if turn.settled and turn.settled >= hour else hour


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after the gap in which `wall` lies, found by halving (PEP 495)."""
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    while after - before > _ONE_SECOND:
        middle = before + (after - before) // _ONE_SECOND // 2 * _ONE_SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _local_batch(evening: date, zone: ZoneInfo) -> tuple[time, bool]:
    local = calendar.out_at(evening + _ONE_DAY).astimezone(zone)
    return local.time(), local.date() > evening


def _since(batch: time, at: time) -> timedelta:
    return timedelta(minutes=(_minutes(at) - _minutes(batch)) % (24 * 60))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _minutes_of(span: timedelta) -> int:
    return span // _ONE_MINUTE

"""For whom PAPERBOY_ADMINS names: /admin. Anybody else is answered as if it were not there.

It tells of numbers and days, never of readers.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from bot import bulletins, chart
from bot.commands import Attachment, Choice, Reply
from bot.commands.following import short
from digest import fields
from digest.locale import listed, long_date, number, say, separated
from digest.models import State
from digest.render.notices import heading, notice
from digest.store.outbox import PageState
from digest.summarize.prices import NANOS, money

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.commands import Answer, Desk
    from digest.models import Subscriber
    from digest.store.daily import Counted
    from digest.store.ledger import Spent

DAYS = 30
"""So many days are told of and drawn."""

FIELDS = 8
REASONS = 8
"""So many fields that are followed, and reasons why pages were given up, are named."""

LONGEST = 3000
"""Of a bulletin, in characters: it stays one message in any language's frame."""

CHANNELS = ("telegram",)
"""Where a bulletin goes."""


async def admin(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """How the bot does; `chart`, `dead`, `say TEXT`, `send N`, `drop N` say or do more."""
    verb, _, rest = argument.partition(" ")
    if not verb:
        return reader, await _overview(desk, reader.language)
    doing = {"chart": _chart, "dead": _dead, "say": _say, "send": _send, "drop": _drop}
    do = doing.get(verb.casefold())
    if do is None:
        return reader, Reply(notice(say("admin.unknown", reader.language, text=short(argument))))
    return reader, await do(desk, reader.language, rest.strip())


async def _overview(desk: Desk, language: str) -> Reply:
    today = desk.clock().astimezone(UTC).date()
    lines = [
        await _readers(desk, today, language),
        await _followed(desk, language),
        await _edition(desk, language),
        await _delivered(desk, today, language),
        await _cost(desk, today, language),
    ]
    title = say("admin.title", language, day=long_date(today, language))
    choices = (
        Choice(say("admin.choice_chart", language), "/admin chart"),
        Choice(say("admin.choice_dead", language), "/admin dead"),
        Choice(say("admin.choice_say", language), "/admin say"),
    )
    return Reply((*heading(title), *notice("\n".join(filter(None, lines)))), choices)


async def _readers(desk: Desk, today: date, language: str) -> str:
    states = await desk.store.subscribers.counts()
    counted = await desk.store.daily.since(_first(today))
    return say(
        "admin.readers",
        language,
        active=states[State.ACTIVE],
        paused=states[State.PAUSED],
        away=states[State.STOPPED] + states[State.GONE],
        joined=sum(each.joined for each in counted.values()),
        gone=sum(each.gone for each in counted.values()),
    )


async def _followed(desk: Desk, language: str) -> str:
    found = await desk.store.figures.followed(FIELDS)
    each = [f"{short(fields.called(key, language))} {number(n, language)}" for key, n in found]
    return say("admin.fields", language, fields=separated(each, language)) if each else ""


async def _edition(desk: Desk, language: str) -> str:
    newest = await desk.store.editions.newest_stored()
    if newest is None:
        return say("admin.no_edition", language)
    key = "admin.edition_incomplete" if newest.missing else "admin.edition"
    if not newest.published:
        key = "admin.edition_unpublished"
    archives = listed(newest.missing, language)
    return say(key, language, day=newest.day, missing=archives)


async def _delivered(desk: Desk, today: date, language: str) -> str:
    counted = (await desk.store.daily.since(_first(today))).values()
    waiting = (await desk.store.outbox.counts())[PageState.WAITING]
    return say(
        "admin.delivered",
        language,
        sent=sum(each.sent for each in counted),
        today=sum(each.sent for each in counted if each.day == today),
        failed=sum(each.failed for each in counted),
        waiting=waiting,
    )


async def _cost(desk: Desk, today: date, language: str) -> str:
    spent = await desk.store.ledger.spent(_first(today))
    if not spent:
        return say("admin.no_cost", language)
    return say(
        "admin.cost",
        language,
        today=_money([each for each in spent if each.day == today]),
        month=_money(spent),
        calls=sum(each.calls for each in spent),
    )


def _money(spent: Sequence[Spent]) -> str:
    sums: Counter[str] = Counter()
    for each in spent:
        sums[each.currency] += each.nanos
    return " + ".join(money(nanos, currency) for currency, nanos in sorted(sums.items())) or "0"


async def _chart(desk: Desk, language: str, _rest: str) -> Reply:
    """The last days as a picture: readers, pages, cost."""
    today = desk.clock().astimezone(UTC).date()
    days = [_first(today) + timedelta(days=n) for n in range(DAYS)]
    counted = await desk.store.daily.since(days[0])
    spent = await desk.store.ledger.spent(days[0])
    states = await desk.store.subscribers.counts()
    now = states[State.ACTIVE] + states[State.PAUSED]
    panels = (
        chart.Panel(_back(now, days, counted), line=True),
        chart.Panel(
            [float(counted[day].sent) if day in counted else 0.0 for day in days],
            [float(counted[day].failed) if day in counted else 0.0 for day in days],
        ),
        chart.Panel([sum(e.nanos for e in spent if e.day == day) / NANOS for day in days]),
    )
    currencies = sorted({each.currency for each in spent if each.currency})
    words = say("admin.chart", language, days=DAYS, currencies=", ".join(currencies) or "0")
    drawn = await asyncio.to_thread(chart.draw, days, panels)
    file = Attachment(f"paperboy-{today}.png", drawn, "image/png")
    return Reply(notice(words), file=file)


def _back(now: int, days: Sequence[date], counted: dict[date, Counted]) -> list[float]:
    """How many readers there were at the end of each day: from today's number backwards."""
    numbers = [float(now)]
    for day in reversed(days[1:]):
        change = counted[day].joined - counted[day].gone if day in counted else 0
        numbers.append(max(0.0, numbers[-1] - change))
    return numbers[::-1]


async def _dead(desk: Desk, language: str, _rest: str) -> Reply:
    """Why pages were given up."""
    found = await desk.store.figures.given_up(REASONS)
    if not found:
        return Reply(notice(say("admin.none_dead", language)))
    lines = [
        say("admin.dead_line", language, count=n, reason=short(reason or "?"), at=last)
        for reason, n, last in found
    ]
    return Reply((*heading(say("admin.dead_title", language)), *notice("\n".join(lines))))


async def _say(desk: Desk, language: str, text: str) -> Reply:
    """A draft, shown as its readers would see it; sent when it is confirmed."""
    if not text:
        return Reply(notice(say("admin.say_what", language)))
    if len(text) > LONGEST:
        return Reply(notice(say("admin.say_less", language, most=LONGEST, count=len(text))))
    made = await desk.store.bulletins.draft(text, desk.clock())
    count = await desk.store.bulletins.readers(CHANNELS)
    asked = notice(say("admin.say_sure", language, count=count))
    choices = (
        Choice(say("admin.choice_send", language, count=count), f"/admin send {made}"),
        Choice(say("admin.choice_drop", language), f"/admin drop {made}"),
    )
    return Reply((*asked, *bulletins.blocks(text, language)), choices)


async def _send(desk: Desk, language: str, rest: str) -> Reply:
    is_draft = rest.isdecimal() and await desk.store.bulletins.confirm(_number(rest), desk.clock())
    key = "admin.sending" if is_draft else "admin.no_draft"
    return Reply(notice(say(key, language)), in_place=is_draft)


async def _drop(desk: Desk, language: str, rest: str) -> Reply:
    is_draft = rest.isdecimal() and await desk.store.bulletins.drop(_number(rest))
    key = "admin.dropped" if is_draft else "admin.no_draft"
    return Reply(notice(say(key, language)), in_place=is_draft)


def _number(text: str) -> int:
    """A number that any database takes."""
    return int(text[:9])


def _first(today: date) -> date:
    return today - timedelta(days=DAYS - 1)

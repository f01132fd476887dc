"""Sunday's recap on its way: composed for one reader, frozen once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.below import frozen, numbers
from digest import recap, sundays
from digest.locale import say
from digest.render import week as week_page
from digest.render.entities import pages
from digest.store.outbox import Written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from bot.offers import Kept
    from digest.models import Edition, Standing, Subscriber
    from digest.reading import Reading
    from digest.recap import Week
    from digest.render.entities import Limits
    from digest.round import Round

Begun = Callable[["date", "Subscriber"], Awaitable["Round"]]
"""The round of a day, with a reader's fields placed."""


async def serve(
    reading: Reading,
    standing: Standing,
    limits: Limits,
    editions: Sequence[Edition],
    begun: Begun,
    now: datetime,
) -> bool:
    """Freezes the recap that a reader is due for; whether there was one.

    Args:
        reading: tells papers, from a store.
        standing: the reader's.
        limits: of their channel's pages.
        editions: the newest published ones.
        begun: gives rounds.
        now: aware.
    """
    reader = standing.subscriber
    sunday = sundays.due_now(reader.hour, reader.timezone, standing.recapped, now)
    if sunday is None:
        return False
    days = [each.day for each in editions if sunday - sundays.A_WEEK < each.day <= sunday]
    matched = [await (await begun(day, reader)).matched(reader) for day in days]
    known = await reading.store.acquaintances.of(reader.id or 0)
    found = recap.week(matched, known)
    summaries = await reading.telling.tell([each.paper for each in found.entries], reader.language)
    written = _written(recap.told(found, summaries), sunday, reader, limits)
    frozen_now = await reading.store.outbox.recap(reader, sunday, written, now)
    return frozen_now and bool(written)


def _written(found: Week, sunday: date, reader: Subscriber, limits: Limits) -> tuple[Written, ...]:
    """The pages; none of a week that brought nothing, or nothing unknown."""
    if not found.entries:
        return ()
    laid = pages(week_page.blocks(found, sunday, reader.language), limits)
    return tuple(
        Written(
            page.text,
            page.entities,
            _below(found, reader) if number == len(laid) else (),
            number > 1,
        )
        for number, page in enumerate(laid, 1)
    )


def _below(found: Week, reader: Subscriber) -> Kept:
    """The papers by number, and the way out."""
    stop = (say("weekly.choice_off", reader.language), "/weekly off")
    return frozen([*numbers(found.entries), [stop]])

"""A week as blocks: what it brought, and the best of what the reader did not look at."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digest.locale import say, short_date, together
from digest.render.blocks import Block, Role, bold, line
from digest.render.digest import entries

if TYPE_CHECKING:
    from datetime import date

    from digest.recap import Week

_DAYS = timedelta(days=6)


def blocks(week: Week, sunday: date, language: str) -> tuple[Block, ...]:
    """The recap of the week that ends with `sunday`."""
    first, last = (short_date(day, language, sunday) for day in (sunday - _DAYS, sunday))
    title = say("weekly.title", language, first=first, last=last)
    brought = say("weekly.brought", language, count=week.brought)
    known = say("weekly.known", language, count=week.known) if week.known else ""
    best = say("weekly.best", language, shown=len(week.entries))
    said = together((brought, known, best), language)
    head = (line(bold(title)), line(said))
    return (Block(head, Role.HEADER), *entries(week.entries, language))

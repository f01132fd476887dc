"""`paperboy cost`: what the model cost, by day, model and language, and what is left of today."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console

from bot import app as building
from digest.locale import colon, number, say, together
from digest.summarize.called import called
from digest.summarize.prices import NANOS, money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from bot.app import App
    from bot.settings import Settings
    from digest.store.ledger import Spent

COLUMNS = ("day", "model", "language", "calls", "papers", "in", "cached", "out", "money", "each")
WORDS = 3
"""So many columns on the left are words; the others are figures and stand to the right."""

GAP = "  "
UNKNOWN = "?"


async def show(settings: Settings, days: int, clock: Callable[[], datetime]) -> int:
    """Prints the table of the last `days`, today among them."""
    language = settings.language or building.machine_language()
    console = Console()
    async with building.opened(settings, clock) as app:
        today = (await app.budget.standing()).day
        spent = await app.store.ledger.spent(today - timedelta(days=days - 1))
        lines = list(table(spent, language, console.width if console.is_terminal else None))
        if not spent:
            lines = [say("cost.nothing", language, count=days)]
        if settings.has_model:
            lines += ["", await remaining(app, language)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


async def remaining(app: App, language: str) -> str:
    """The price that is counted with, and what today's caps leave; a few sentences."""
    caps, standing, price = app.budget.caps, await app.budget.standing(), app.budget.price
    said = [_price(app, language)]
    if app.budget.is_spent(standing):
        until = standing.until.astimezone(app.budget.zone)
        return together([*said, say("cost.spent", language, until=until)], language)
    if price and price.currency and caps.money is not None:
        whole = int(caps.money * NANOS)
        left, of = (money(each, price.currency) for each in (whole - standing.nanos, whole))
        said.append(say("cost.money_left", language, left=left, of=of))
    if caps.calls is not None:
        left_calls = caps.calls - standing.calls
        said.append(say("cost.calls_left", language, left=left_calls, of=caps.calls))
    return together(said, language)


def _price(app: App, language: str) -> str:
    model, price = app.settings.model, app.budget.price
    if price is None:
        return say("cost.price_unknown", language, model=model)
    if not price.currency:
        return say("cost.price_free", language, model=model)
    listed = f"{price.fresh}/{price.cached}/{price.out} {price.currency}"
    if price.of is None:
        return say("cost.price_stated", language, model=model, price=listed)
    return say("cost.price", language, model=model, price=listed, of=price.of.isoformat())


def table(spent: Sequence[Spent], language: str, width: int | None) -> Iterator[str]:
    """A line for each day, model and language, and the total; None: as wide as it gets.

    Where it is wider than `width`, each row is told one below the other.
    """
    if not spent:
        return
    heads = [say(f"cost.column_{name}", language) for name in COLUMNS]
    rows = [*(_row(each, language) for each in spent), _total(spent, language)]
    widths = [max(map(cell_len, column)) for column in zip(heads, *rows, strict=True)]
    if width is not None and sum(widths) + len(GAP) * (len(widths) - 1) > width:
        yield from _stacked(heads, rows, language)
    else:
        yield from (_aligned(row, widths) for row in (heads, *rows))
    unpriced = sum(each.unpriced for each in spent)
    if unpriced:
        yield say("cost.unpriced", language, count=unpriced)


def _row(spent: Spent, language: str) -> list[str]:
    counts = (spent.calls, _papers(spent), spent.tokens_in, spent.tokens_cached, spent.tokens_out)
    priced = spent.unpriced < spent.calls
    each = money(spent.nanos // max(1, spent.papers), spent.currency) if priced else UNKNOWN
    return [
        spent.day.isoformat(),
        spent.model,
        called(spent.language) if spent.language else say("cost.phrases", language),
        *(number(count, language) for count in counts),
        money(spent.nanos, spent.currency) if priced else UNKNOWN,
        each if spent.language else "",
    ]


def _papers(spent: Spent) -> int:
    """Told in no language was no paper, but a phrase that the model was asked about."""
    return spent.papers if spent.language else 0


def _total(spent: Sequence[Spent], language: str) -> list[str]:
    """Papers are added up, too: one that was told in two languages was told twice."""
    names = ("tokens_in", "tokens_cached", "tokens_out")
    counts = [sum(each.calls for each in spent), sum(map(_papers, spent))]
    counts += [sum(getattr(each, name) for each in spent) for name in names]
    amounts: Counter[str] = Counter()
    told: Counter[str] = Counter()
    papers: Counter[str] = Counter()
    for each in spent:
        if each.unpriced < each.calls:
            amounts[each.currency] += each.nanos
            told[each.currency] += each.nanos if each.language else 0
            papers[each.currency] += _papers(each)
    shown = [money(nanos, currency) for currency, nanos in sorted(amounts.items())]
    single = [money(told[each] // max(1, papers[each]), each) for each in sorted(amounts)]
    return [
        say("cost.total", language),
        *[""] * (WORDS - 1),
        *(number(each, language) for each in counts),
        " + ".join(shown) or UNKNOWN,
        " / ".join(single) or UNKNOWN,
    ]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = []
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        space = " " * (width - cell_len(cell))
        cells.append(f"{cell}{space}" if place < WORDS else f"{space}{cell}")
    return GAP.join(cells).rstrip()


def _stacked(heads: Sequence[str], rows: Sequence[Sequence[str]], language: str) -> Iterator[str]:
    for row in rows:
        yield " · ".join(cell for cell in row[:WORDS] if cell)
        for head, cell in zip(heads[WORDS:], row[WORDS:], strict=True):
            yield f"{GAP}{head}{colon(language)}{cell}"

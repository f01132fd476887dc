"""What the model may cost in a day: hard, whatever is in flight, and never forgotten."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.dialects import sqlite

from digest.budget import Budget, Caps
from digest.errors import StoreError, WriterCapped
from digest.models import Subscriber
from digest.store import Store, summaries
from digest.summarize.prices import NANOS, Usage, stated
from tests.fakes.papers import paper

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)
PRICE = stated("1/1/1 USD")  # a million tokens cost a dollar
USAGE = Usage("9913.00001", "zh", "m", 1, 500, 100, 500, 1, "{…}", "stop")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def budget(store: Store, clock: Clock | None = None, **caps: Any) -> Budget:
    named = {name: caps.pop(name) for name in ("price", "zone", "at_once") if name in caps}
    return Budget(store, **{"price": PRICE, **named}, caps=Caps(**caps), clock=clock or Clock())


async def ask(purse: Budget, number: int = 1, language: str = "zh") -> None:
    """One request of 1000 tokens, a thousandth of a dollar, that might have cost ten times that."""
    told = paper(number)
    async with purse.reserve(told.id, language, 5000, 5000):
        await asyncio.sleep(0)
        await purse.record(replace(USAGE, paper_id=told.id, language=language))


async def asked(purse: Budget, count: int) -> int:
    """How many of so many requests at once were sent."""
    done = await asyncio.gather(*(ask(purse, n) for n in range(count)), return_exceptions=True)
    refused = [each for each in done if isinstance(each, BaseException)]
    assert all(isinstance(each, WriterCapped) for each in refused), refused
    return count - len(refused)


async def test_each_answer_is_on_record_with_what_it_cost(store: Store) -> None:
    purse = budget(store)
    await ask(purse)
    (spent,) = await store.ledger.spent(NOW.date())
    assert (spent.calls, spent.papers, spent.tokens_in, spent.tokens_cached) == (1, 1, 500, 100)
    assert (spent.nanos, spent.currency, spent.unpriced) == (NANOS // 1000, "USD", 0)


async def test_money_is_never_overspent_with_many_in_flight(store: Store) -> None:
    purse = budget(store, money=Decimal("0.05"), at_once=16)
    sent = await asked(purse, 100)
    standing = await purse.standing()
    assert standing.nanos == sent * NANOS // 1000
    assert standing.nanos <= NANOS * 5 // 100
    # The last ones are refused only where their dearest outcome might not fit.
    assert sent == 41


async def test_calls_are_never_exceeded_either(store: Store) -> None:
    purse = budget(store, calls=10, at_once=16)
    assert await asked(purse, 40) == 10


async def test_what_was_sent_in_vain_counts_as_a_call_and_sets_nothing_aside(store: Store) -> None:
    purse = budget(store, calls=2, money=Decimal("0.01"))
    for _ in range(2):
        with pytest.raises(ConnectionError):
            async with purse.reserve("9913.00001", "zh", 5000, 5000):
                raise ConnectionError
    assert (await purse.standing()).calls == 2
    with pytest.raises(WriterCapped):
        await ask(purse)
    assert await store.ledger.spent(NOW.date()) == []


async def test_no_more_than_so_many_are_in_flight(store: Store) -> None:
    purse, three = budget(store, at_once=3), asyncio.Barrier(3)
    now, most = 0, 0

    async def one(number: int) -> None:
        nonlocal now, most
        async with purse.reserve(str(number), "zh", 1, 1):
            now += 1
            most = max(most, now)
            await three.wait()
            now -= 1

    await asyncio.gather(*(one(n) for n in range(12)))
    assert most == 3


async def test_the_cap_says_until_when_in_the_operators_zone(store: Store) -> None:
    purse = budget(store, zone=ZoneInfo("Asia/Shanghai"), calls=0)
    with pytest.raises(WriterCapped) as capped:
        await ask(purse)
    assert capped.value.params["reason"] == "budget"
    assert capped.value.params["until"] == datetime(2026, 2, 3, 16, tzinfo=UTC)


async def test_the_next_day_it_goes_on_by_itself(store: Store) -> None:
    clock = Clock()
    purse = budget(store, clock, calls=1)
    await ask(purse)
    assert await asked(purse, 1) == 0
    clock.now += timedelta(days=1)
    assert await asked(purse, 1) == 1
    assert {each.day for each in await store.ledger.spent(date(2026, 2, 1))} == {
        date(2026, 2, 3),
        date(2026, 2, 4),
    }


async def test_a_restart_forgets_nothing(store: Store) -> None:
    await asked(budget(store), 10)
    assert await asked(budget(store, calls=10), 1) == 0
    assert await asked(budget(store, money=Decimal("0.0100")), 1) == 0


async def test_what_another_process_spends_is_seen_soon(store: Store) -> None:
    clock = Clock()
    purse = budget(store, clock, calls=5)
    await ask(purse)
    await asked(budget(store), 4)
    clock.now += timedelta(minutes=1)
    assert await asked(purse, 1) == 0


async def test_a_model_without_a_known_price_is_counted_in_calls(store: Store) -> None:
    purse = budget(store, price=None, money=Decimal(0), calls=3)
    assert await asked(purse, 5) == 3
    (spent,) = {(each.nanos, each.currency) for each in await store.ledger.spent(NOW.date())}
    assert spent == (0, "")
    assert sum(each.unpriced for each in await store.ledger.spent(NOW.date())) == 3


async def test_a_reader_has_a_quota_of_papers_not_of_requests(store: Store) -> None:
    reader = await store.subscribers.save(Subscriber("telegram", "7"))
    purse = budget(store, quota=2)
    with purse.asked_by(reader.id):
        await ask(purse, 1)
        await ask(purse, 1)  # a repair
        await ask(purse, 2)
        with pytest.raises(WriterCapped) as capped:
            await ask(purse, 3)
    assert capped.value.params["reason"] == "quota"
    await ask(purse, 3)  # the edition's own is no reader's
    restarted = budget(store, quota=2)
    with restarted.asked_by(reader.id), pytest.raises(WriterCapped):
        await ask(restarted, 4)


async def test_who_is_forgotten_leaves_the_cost_and_no_trace(store: Store) -> None:
    reader = await store.subscribers.save(Subscriber("telegram", "7"))
    assert reader.id is not None
    purse = budget(store)
    with purse.asked_by(reader.id):
        await ask(purse)
    assert await store.ledger.asked_for(reader.id, NOW.date()) == {("9913.00001", "zh")}
    await store.subscribers.forget(reader.id)
    assert await store.ledger.asked_for(reader.id, NOW.date()) == set()
    assert len(await store.ledger.spent(NOW.date())) == 1


async def test_what_comes_together_is_one_commit(store: Store) -> None:
    purse = budget(store, at_once=16)
    statements = 0
    written = store.ledger._write  # noqa: SLF001  only it can tell

    async def counted(rows: Any) -> None:
        nonlocal statements
        statements += 1
        await written(rows)

    store.ledger._together._write = counted  # noqa: SLF001  same
    await asked(purse, 16)
    assert (await purse.standing()).calls == 16
    assert statements < 4


async def test_a_ledger_that_cannot_be_written_is_told_to_whoever_asked(store: Store) -> None:
    purse = budget(store)
    await ask(purse)
    await store.close()

    async def full(_rows: Any) -> None:
        raise StoreError(path="x", reason="full")

    store.ledger._together._write = full  # noqa: SLF001  a full disk is not at hand
    with pytest.raises(StoreError):
        await ask(purse)


async def test_an_answer_that_was_paid_for_is_kept_until_there_is_a_summary(store: Store) -> None:
    await ask(budget(store))
    left = await budget(store).recall(paper(1), "zh", "m", 1)
    assert left == [("{…}", "stop")]
    assert await budget(store).recall(paper(1), "en", "m", 1) == []
    assert await budget(store).recall(replace(paper(1), version=2), "zh", "m", 1) == []
    assert await budget(store).recall(paper(1), "zh", "m", 2) == []


@pytest.mark.sqlite("its query plan")
async def test_storing_a_summary_does_not_look_through_all_that_was_ever_paid(
    store: Store, tmp_path: Path
) -> None:
    statement = str(summaries._CLOSE.compile(dialect=sqlite.dialect()))  # noqa: SLF001  it is slow or not
    await store.close()
    with closing(sqlite3.connect(tmp_path / "paperboy.db")) as file:
        plan = file.execute(f"EXPLAIN QUERY PLAN {statement}", [""] * statement.count("?"))
        assert "USING INDEX ix_ledger_open" in plan.fetchone()[-1]

"""When a running Paperboy counts as alive, and how late its loop is."""

from __future__ import annotations

import asyncio

import pytest

from bot.heartbeat import FRESH_S
from bot.lag import Lag
from bot.schedule import Strand
from bot.vitals import FAILURES, NEWS_S, STUCK_S, Pulse, Trouble, Vitals
from digest.errors import StoreFull
from tests.fakes.clock import FakeClock


def test_before_the_first_tick_it_is_starting() -> None:
    assert Vitals().troubles(5.0) == (Trouble("scheduler", "starting"),)


def test_a_scheduler_that_ticks_and_strands_that_end_are_alive() -> None:
    watch = Pulse("watch")
    watch.begin(1.0)
    assert Vitals([watch], ticked=1.0).troubles(FRESH_S) == ()
    watch.end(2.0)
    assert Vitals([watch], ticked=1.0).troubles(FRESH_S) == ()


def test_a_scheduler_that_ticks_no_more_is_silent() -> None:
    [trouble] = Vitals(ticked=10.0).troubles(11.0 + FRESH_S)
    assert (trouble.part, trouble.what, trouble.seconds) == ("scheduler", "silent", FRESH_S + 1)


def test_a_strand_that_fails_again_and_again_is_failing_until_it_ends_well() -> None:
    send = Pulse("send")
    vitals = Vitals([send], ticked=100.0)
    send.end(10.0)
    for failure in range(1, FAILURES + 1):
        assert vitals.troubles(100.0) == ()
        send.end(10.0 + failure, StoreFull(path="/secret/path"))
    assert vitals.troubles(100.0) == (Trouble("send", "failing", 90.0, "StoreFull"),)
    send.end(101.0)
    assert vitals.troubles(102.0) == ()


def test_a_worker_that_is_given_no_such_job_again_is_not_failing_for_ever() -> None:
    deliver = Pulse("deliver")
    for _ in range(FAILURES):  # of jobs side by side
        deliver.end(10.0, StoreFull(path="x"))
    assert Vitals([deliver], ticked=NEWS_S).troubles(10.0 + NEWS_S)
    assert Vitals([deliver], ticked=NEWS_S).troubles(11.0 + NEWS_S) == ()


def test_a_strand_that_does_not_end_is_stuck() -> None:
    watch = Pulse("watch")
    watch.begin(0.0)
    assert Vitals([watch], ticked=STUCK_S).troubles(STUCK_S) == ()
    [trouble] = Vitals([watch], ticked=STUCK_S).troubles(STUCK_S + 1)
    assert (trouble.part, trouble.what) == ("watch", "stuck")


@pytest.mark.parametrize("error", [StoreFull(path="x"), ValueError("words of a reader")])
async def test_a_strand_feels_its_own_pulse(error: Exception) -> None:
    clock, faults = FakeClock(), [error]

    async def work() -> None:
        await clock.sleep(5)
        if faults:
            raise faults.pop()

    strand = Strand("watch", work, clock)
    strand.nudge()
    await strand.done()
    assert (strand.pulse.failures, strand.pulse.error) == (1, type(error).__name__)
    assert strand.pulse.ended is None
    strand.nudge()
    await strand.done()
    assert strand.pulse == Pulse("watch", None, 10.0)


async def test_the_longest_that_the_loop_was_held_within_a_minute() -> None:
    clock, holds = FakeClock(), [0.0] * 5 + [0.7] + [0.1] * 70
    worst = []

    async def sleep(seconds: float) -> None:
        worst.append(lag.worst_s)
        if not holds:
            raise asyncio.CancelledError
        await clock.sleep(seconds + holds.pop(0))

    lag = Lag(sleep, clock)
    with pytest.raises(asyncio.CancelledError):
        await lag.run()
    assert worst[5] == 0.0
    assert max(worst) == pytest.approx(0.7)
    assert worst[-1] == pytest.approx(0.1)

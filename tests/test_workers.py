"""Workers on one PostgreSQL: they share what there is to do, and who dies leaves nothing undone."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.deliver import Delivery
from bot.leased import Leased
from bot.sending import Sending
from bot.watch import Nothing
from bot.watch import Watch as RealWatch
from bot.worker import Worker
from digest.errors import StoreError
from digest.finding import KeepingUp
from digest.models import Part, Source, Subscriber
from digest.store import Store
from digest.store.jobs import Job
from digest.store.outbox import PageState
from digest.store.shards import READERS, Shard
from digest.summarize.extract import Extract
from digest.telling import MANY, Telling
from tests.fakes import postgres
from tests.fakes.channel import FakeChannel
from tests.fakes.papers import batch, new, papers
from tests.fakes.stores import change, rows, url_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from digest.models import Paper, Summary

pytestmark = pytest.mark.postgres

DAY = date(2026, 2, 3)
OUT = datetime(2026, 2, 3, 1, 30, tzinfo=UTC)
NOW = OUT + timedelta(hours=1)
READER = Subscriber("telegram", "1", "en", "UTC", 10, ("cs.AI",), hour="02:00")


@dataclass
class Reading:
    """What a delivery needs of it."""

    store: Store
    telling: Telling


@dataclass
class Making:
    """What a watch needs of the morning."""

    store: Store


@dataclass
class Watch:
    """Counts how often it was asked to look."""

    looks: int = 0

    async def run(self) -> None:
        self.looks += 1


@dataclass
class Site:
    """Processes on one database and one channel."""

    url: str
    store: Store
    channel: FakeChannel = field(default_factory=FakeChannel)
    watch: Watch = field(default_factory=Watch)
    alarms: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def process(
        self, name: str = "", telling: Telling | None = None
    ) -> AsyncIterator[Worker]:
        """One that is ready to work."""
        async with Store.open(self.url, now=lambda: NOW) as store:
            pace = Leased(store.paces, "telegram a bot", 1000)
            sending = Sending(store, self.channel, pace, clock=lambda: NOW, settle_within_s=0)
            told = telling or Telling(store, Extract())
            delivery = Delivery(Reading(store, told), [sending])  # type: ignore[arg-type] # all it needs

            async def alarm(_now: datetime) -> None:
                self.alarms.append(name)

            yield Worker(
                self.watch,  # type: ignore[arg-type] # all it needs
                delivery,
                told,
                clock=lambda: NOW,
                lines=400,
                alarm=alarm,
                dead_after_s=1.0,
            )

    @asynccontextmanager
    async def working(self, *names: str) -> AsyncIterator[list[Worker]]:
        """Some that work until the end, and stop as they should."""
        async with AsyncExitStack() as stack:
            workers = [await stack.enter_async_context(self.process(name)) for name in names]
            tasks = [asyncio.create_task(worker.run()) for worker in workers]
            try:
                yield workers
            finally:
                for worker in workers:
                    worker.stop()
                async with asyncio.timeout(60):
                    await asyncio.gather(*tasks)

    async def readers(self, count: int, apart: int = 1) -> None:
        """So many who are due for an edition, their numbers so far apart."""
        told = batch(*map(new, papers(30, categories=("cs.AI",))), day=DAY)
        await self.store.editions.store(told, [Part(DAY, "cs", Source.LISTING, told.count)], OUT)
        await self.store.editions.publish(DAY, OUT)
        for number in range(count):
            numbers = "pg_get_serial_sequence('subscribers', 'id')"
            await change(self.store, f"SELECT setval({numbers}, {1 + number * apart})")
            await self.store.subscribers.save(replace(READER, address=str(number + 1)))

    async def until(self, is_so: Callable[[], object]) -> None:
        """Waits until something is so, and no page waits."""

        async def both() -> bool:
            return bool(is_so()) and not await self.waiting()

        await soon(both)

    async def waiting(self) -> int:
        return (await self.store.outbox.counts())[PageState.WAITING]

    async def jobs_left(self) -> int:
        [(left,)] = await rows(
            self.store, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'deliver'"
        )
        return int(left)

    def everybody_has(self, count: int) -> Callable[[], bool]:
        return lambda: len({message.address for message in self.channel.messages}) == count


async def soon(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Waits for other processes; a minute would be a failure."""
    async with asyncio.timeout(60):
        while not await is_so():  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.02)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    url = postgres.fresh()
    async with Store.open(url, now=lambda: OUT - timedelta(days=1)) as store:
        yield Site(url, store)


async def test_two_workers_send_everybody_their_digest_once(site: Site) -> None:
    await site.readers(30, apart=READERS // 3)
    async with site.working("one", "two"):
        await site.until(site.everybody_has(30))
    assert len(site.channel.messages) == 30
    assert (await site.store.outbox.counts())[PageState.SENT] == 30


async def test_a_job_that_runs_twice_sends_nothing_twice(site: Site) -> None:
    await site.readers(5)

    async def nothing_is_left() -> bool:
        return not await site.jobs_left()

    async with site.working("one"):
        await site.until(site.everybody_has(5))
        async with site.store.jobs.opened():
            await soon(nothing_is_left)
            await site.store.jobs.put([Job("deliver", "0")])
            await soon(nothing_is_left)
    assert len(site.channel.messages) == 5


async def test_a_shard_that_another_process_sends_waits_for_it(site: Site) -> None:
    await site.readers(3)

    async def they_wait() -> bool:
        return await site.waiting() == 3

    async with site.store.outbox.alone("telegram", Shard(0)), site.working("one"):
        await soon(they_wait)
        assert not site.channel.messages
    async with site.working("two"):
        await site.until(site.everybody_has(3))
    assert len(site.channel.messages) == 3


async def test_who_sends_everything_keeps_workers_out_and_is_kept_out_by_them(site: Site) -> None:
    outbox = site.store.outbox
    async with Store.open(site.url) as other:
        async with outbox.alone("telegram") as one, other.outbox.alone("telegram", Shard(0)) as two:
            assert one
            assert not two
        async with (
            outbox.alone("telegram", Shard(0)) as one,
            other.outbox.alone("telegram", Shard(1)) as two,
            other.outbox.alone("telegram", Shard(0)) as three,
            outbox.alone("telegram", Shard(0)) as four,
            other.outbox.alone("telegram") as five,
        ):
            assert [bool(each) for each in (one, two, three, four, five)] == [1, 1, 0, 0, 0]
        async with outbox.alone("telegram") as whole:
            assert whole, "who did not get a shard holds no part of it"


async def test_what_a_process_held_is_free_once_its_connection_is_gone(site: Site) -> None:
    async with Store.open(site.url) as other, other.outbox.alone("telegram", Shard(0)) as held:
        assert held
        ours = "pid <> pg_backend_pid() AND application_name = 'paperboy-tether'"
        await change(
            site.store, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"
        )
        with pytest.raises(StoreError):
            await other.paces.lease("telegram a bot", 1, 0.1)
        assert not held, "it must not go on sending"
        async with site.store.outbox.alone("telegram", Shard(0)) as ours_now:
            assert ours_now
        assert (await other.paces.lease("telegram a bot", 1, 0.1)).slots == 1


async def test_a_dead_workers_job_is_taken_over(site: Site) -> None:
    await site.readers(3)
    async with site.store.jobs.opened():
        await site.store.jobs.put([Job("deliver", "0")])
    dead = "status = 'picked', queue_manager_id = gen_random_uuid(), heartbeat = now() - interval"
    await change(site.store, f"UPDATE pgqueuer SET {dead} '1 minute'")
    async with site.working("one"):
        await site.until(site.everybody_has(3))
    assert len(site.channel.messages) == 3


async def test_one_watches_and_one_tells_the_admins(site: Site) -> None:
    async with site.working("one", "two") as both:
        pulses = [p for each in both for p in each.ticking.vitals.pulses if p.name == "alarm"]
        await site.until(lambda: site.watch.looks and all(p.ended for p in pulses))
        assert len(site.alarms) == 1
    async with site.working("three"):
        await site.until(lambda: "three" in site.alarms)


async def test_what_the_operator_writes_reaches_those_who_are_due_for_nothing(site: Site) -> None:
    for address in ("1", "2"):
        await site.store.subscribers.save(replace(READER, address=address, hour=""))
    number = await site.store.bulletins.draft("We move house.", OUT)
    assert await site.store.bulletins.confirm(number, OUT)
    async with site.working("one", "two"):
        await site.until(site.everybody_has(2))
    assert len(site.channel.messages) == 2
    assert "We move house." in site.channel.texts("1")[0]


async def test_a_worker_that_stops_leaves_its_jobs_to_others(site: Site) -> None:
    await site.readers(3)
    begun, wait = asyncio.Event(), asyncio.Event()

    async def slowly(_address: str) -> None:
        begun.set()
        await wait.wait()

    site.channel.before = slowly
    async with site.working("one") as [worker]:
        async with asyncio.timeout(60):
            await begun.wait()
        worker.stop()
        await asyncio.sleep(0)
        site.channel.before = None
        wait.set()
    async with site.working("two"):
        await site.until(site.everybody_has(3))
    assert len(site.channel.messages) == 3


@dataclass
class Model:
    """Tells by repeating the title; which papers, and in whose process."""

    name: str
    told: list[str] = field(default_factory=list)

    def language_for(self, language: str) -> str:
        return language

    async def write(self, paper: Paper, language: str) -> Summary:
        self.told.append(paper.id)
        summary = await Extract().write(paper, language)
        return replace(summary, writer="a-model")


async def test_many_papers_are_told_by_all_and_each_once(site: Site) -> None:
    count = 2 * MANY
    told = batch(*map(new, papers(count, categories=("cs.AI",))), day=DAY)
    await site.store.editions.store(told, [Part(DAY, "cs", Source.LISTING, told.count)], OUT)
    wanted = [each.paper for each in told.announcements]
    async with AsyncExitStack() as stack:
        models, tellings, tasks, workers = [], [], [], []
        for name in ("one", "two"):
            store = await stack.enter_async_context(Store.open(site.url))
            models.append(Model(name))
            tellings.append(Telling(store, Extract(), models[-1]))
            worker = await stack.enter_async_context(site.process(name, tellings[-1]))
            workers.append(worker)
            tasks.append(asyncio.create_task(worker.run()))
        await site.until(lambda: site.watch.looks)
        found = await tellings[0].tell(wanted, "en")
        for worker in workers:
            worker.stop()
        await asyncio.gather(*tasks)
    assert len(found) == count
    assert sorted(models[0].told + models[1].told) == sorted(each.id for each in wanted)


class TestItsTables:
    async def test_they_are_made_and_brought_up_to_each_release(self, site: Site) -> None:
        said = "SELECT obj_description('pgqueuer'::regclass, 'pg_class')"
        [(release,)] = await rows(site.store, said)
        assert release.startswith("pgqueuer ")
        await change(site.store, "COMMENT ON TABLE pgqueuer IS 'pgqueuer 0.1'")
        await change(site.store, "ALTER TABLE pgqueuer DROP COLUMN headers")
        async with Store.open(url_of(site.store)) as store, store.jobs.opened():
            await store.jobs.put([Job("plan")])
            assert await store.jobs.left([Job("plan")]) == 1
        assert await rows(site.store, said) == [(release,)]

    async def test_two_who_begin_on_an_empty_server_both_find_them(self) -> None:
        url = postgres.empty()
        async with AsyncExitStack() as stack:
            opening = (stack.enter_async_context(Store.open(url)) for _ in range(2))
            for store in await asyncio.gather(*opening):
                async with store.jobs.opened():
                    await store.jobs.put([Job("plan")])

    async def test_what_was_done_long_ago_is_forgotten(self, site: Site) -> None:
        async with site.store.jobs.opened():
            await site.store.jobs.put([Job("plan")])
            await change(site.store, "UPDATE pgqueuer_log SET created = now() - interval '3 days'")
            await site.store.jobs.put([Job("watch")])
            await site.store.jobs.forget_old()
        assert await rows(site.store, "SELECT entrypoint FROM pgqueuer_log") == [("watch",)]


async def test_where_one_process_watches_another_looks_again_in_a_minute(site: Site) -> None:
    async with Store.open(site.url) as other, other.locks.hold("watch") as held:
        assert held
        watch = RealWatch(Making(site.store), lambda: NOW)  # type: ignore[arg-type] # all it needs
        assert await watch.run() == Nothing(NOW + timedelta(minutes=1))


async def test_of_several_processes_one_keeps_the_index(site: Site) -> None:
    await site.store.papers.save(papers(30))
    async with Store.open(site.url) as other:
        async with other.locks.hold("index") as held:
            assert held
            assert await KeepingUp(site.store).catch_up() == 0
        assert await KeepingUp(site.store).catch_up() == 30


async def test_a_queue_that_goes_away_and_comes_back_is_worked_on_again(site: Site) -> None:
    await site.readers(2)
    async with site.working("one") as [worker]:
        await site.until(site.everybody_has(2))
        await change(site.store, "ALTER TABLE pgqueuer RENAME TO elsewhere")

        async def it_fails() -> bool:
            return any(each.failures for each in worker.ticking.vitals.pulses)

        await soon(it_fails)
        await change(site.store, "ALTER TABLE elsewhere RENAME TO pgqueuer")
        async with site.store.jobs.opened():
            await site.store.jobs.put([Job("watch")])
            looks = site.watch.looks
            await site.until(lambda: site.watch.looks > looks)


async def test_a_worker_whose_connections_were_cut_works_on(site: Site) -> None:
    """As a server does that is restarted; the one that it listened on has to be a new one, too."""
    await site.readers(2)
    async with site.working("one"):
        await site.until(site.everybody_has(2))
        ours = "datname = current_database() AND application_name = 'paperboy-jobs'"
        await change(
            site.store, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"
        )
        async with site.store.jobs.opened():
            await site.store.jobs.put([Job("watch")])
            looks = site.watch.looks
            await site.until(lambda: site.watch.looks > looks)

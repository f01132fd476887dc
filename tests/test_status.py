"""What a watching machine is told: /healthz, /metrics, and the alerts that are made of them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot import metrics, serving
from bot.deliver import Delivered, Delivery
from bot.pace import Pace
from bot.schedule import Schedule
from bot.sending import Sending
from bot.vitals import Pulse, Vitals
from bot.watch import Watch
from digest.errors import SettingsError
from digest.models import State, Subscriber
from digest.store.ledger import Paid
from tests.conftest import NOON
from tests.fakes.channel import FakeChannel
from tests.fakes.papers import DAY, paper
from tests.fakes.telegram import FakeTelegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from bot.settings import Settings
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

ROOT = Path(__file__).parent.parent
ADDRESS, TOKEN, KEY = "471100815", "123456:AAH-made_up-made_up-made_up", "sk-made-up-made-up"
EARLY = datetime(2026, 2, 3, 6, tzinfo=UTC)
Samples = dict[str, float]


def own() -> metrics.Own:
    vitals = Vitals([Pulse("watch", ended=5.0)], ticked=9.0)
    return metrics.Own(vitals, 10.0, 0.25, {"sent": 1}, Delivered(), is_resting=False)


def samples(page: str) -> Samples:
    """`name{label=value}` → number."""
    found = {}
    for family in text_string_to_metric_families(page):
        for each in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(each.labels.items()))
            found[f"{each.name}{{{labels}}}" if labels else each.name] = each.value
    return found


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class House:
    """A running Paperboy, and what is asked of it."""

    clock: Clock

    app: App
    channel: FakeChannel
    delivery: Delivery
    schedule: Schedule
    url: str

    async def reader(self, address: str, hour: str = "asap") -> None:
        """Somebody who came yesterday."""
        self.clock.now = NOON - timedelta(days=1)
        reader = Subscriber("telegram", address, fields=("cs.AI",), hour=hour)
        await self.app.store.subscribers.save(reader)
        self.clock.now = NOON

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def metrics(self) -> Samples:
        return samples((await self.get("/metrics"))[1])


@pytest.fixture
async def house(opened: Opened, unused_tcp_port: int) -> AsyncIterator[House]:
    async with running(opened, unused_tcp_port) as found:
        yield found


@asynccontextmanager
async def running(opened: Opened, port: int) -> AsyncIterator[House]:
    secrets = {"telegram_token": SecretStr(TOKEN), "openai_api_key": SecretStr(KEY)}
    clock = Clock()
    async with opened(clock, http_port=port, **secrets) as app:
        channel = FakeChannel()
        sending = Sending(app.store, channel, Pace(1000), clock=clock, settle_within_s=0)
        delivery = Delivery(app.reading, [sending])
        schedule = Schedule(Watch(app.morning, clock), delivery, clock=clock)
        async with serving.watched(app, sending, delivery, schedule) as bound:
            yield House(clock, app, channel, delivery, schedule, f"http://127.0.0.1:{bound}")


def put_away(file: Path) -> None:
    """A folder where the database was."""
    file.rename(file.with_suffix(".away"))
    file.mkdir()


class TestHealthz:
    async def test_it_is_alive_from_the_first_tick_on(self, house: House) -> None:
        status, words = await house.get("/healthz")
        assert status == 503
        assert '"what": "starting"' in words
        await house.schedule.tick()
        status, words = await house.get("/healthz")
        assert (status, '"status": "ok"' in words) == (200, True)

    async def test_what_does_not_live_is_named_without_anybodys_words(self, house: House) -> None:
        await house.schedule.tick()
        for strand in (house.schedule.watching, house.schedule.composing, house.schedule.sending):
            await strand.done()
        for _ in range(3):
            house.schedule.sending.pulse.end(time.monotonic(), ValueError(f"{ADDRESS} {TOKEN}"))
        status, words = await house.get("/healthz")
        assert status == 503
        assert '"part": "send", "what": "failing"' in words
        assert '"error": "ValueError"' in words
        assert ADDRESS not in words
        assert TOKEN not in words

    async def test_there_is_nothing_else_to_see(self, house: House) -> None:
        for path in ("/", "/metrics/../../etc/passwd", "/telegram"):
            assert (await house.get(path))[0] == 404


class TestMetrics:
    async def test_before_the_first_edition(self, house: House) -> None:
        told = await house.metrics()
        assert told["paperboy_store_up"] == 1
        assert told["paperboy_healthy"] == 0
        assert told["paperboy_edition_late_seconds"] == 16 * 3600
        assert told["paperboy_outbox_pages"] == 0
        assert "paperboy_edition_age_seconds" not in told
        assert told["process_resident_memory_bytes"] > 0

    async def test_a_morning_in_numbers(self, house: House, arxiv: FakeArxiv) -> None:
        arxiv.announce(DAY, paper(1), paper(2), paper(3, categories=("hep-th",)))
        await house.app.morning.run(DAY)
        for number, hour in enumerate(("asap", "asap", "23:00")):
            await house.reader(f"{ADDRESS}{number}", hour)
        house.channel.block(f"{ADDRESS}1")
        await house.delivery.tick(NOON)
        await house.delivery.send_waiting(NOON)
        told = await house.metrics()
        assert told["paperboy_edition_late_seconds"] == 0
        assert told["paperboy_edition_papers{archive=cs,kind=new}"] == 2
        assert told["paperboy_edition_papers{archive=hep-th,kind=new}"] == 1
        assert told["paperboy_edition_missing_archives"] == 0
        assert told["paperboy_readers{state=active}"] == 2
        assert told["paperboy_readers{state=gone}"] == 1
        assert told["paperboy_digests_total{outcome=composed}"] == 2
        assert told["paperboy_deliveries_total{outcome=sent}"] == 1
        assert told["paperboy_deliveries_total{outcome=gone}"] == 1
        assert told["paperboy_outbox_pages"] == 0

    async def test_what_arxiv_counts_stands_beside_what_is_here(
        self, house: House, arxiv: FakeArxiv
    ) -> None:
        arxiv.announce(DAY, paper(1), paper(2))
        await house.app.morning.run(DAY)
        part = (await house.app.store.editions.parts(DAY))["cs"]
        listed = replace(part.count, new=part.count.new + 3)
        await house.app.store.editions.recount(replace(part, listed=listed))
        await house.app.store.editions.publish(DAY, NOON, missing=("stat",))
        told = await house.metrics()
        assert told["paperboy_edition_announced{archive=cs,kind=new}"] == 5
        assert told["paperboy_edition_missing_papers"] == 3
        assert told["paperboy_edition_missing_archives"] == 1

    async def test_the_queue_tells_what_waits_and_since_when(
        self, house: House, arxiv: FakeArxiv
    ) -> None:
        arxiv.announce(DAY, paper(1))
        await house.app.morning.run(DAY)
        await house.reader(ADDRESS)
        await house.delivery.tick(NOON)
        await house.reader("9", "12:00")
        house.clock.now = NOON + timedelta(hours=3)
        told = metrics.families(await metrics.stored(house.app), own())
        found = {each.name: [sample.value for sample in each.samples] for each in told}
        assert found["paperboy_outbox_pages"] == [1]
        assert found["paperboy_outbox_stale_pages"] == [1]
        assert found["paperboy_readers_overdue"] == [1]
        assert found["paperboy_outbox_wait_seconds"] == [3 * 3600]

    async def test_the_models_day(self, house: House) -> None:
        paid = Paid(
            NOON, DAY, "9913.00001", 1, "en", "m", 1, 800, 100, 500, 4_000_000, "USD",
            "reader", None, "", "stop",
        )  # fmt: skip
        for each in (paid, replace(paid, language="zh")):
            await house.app.store.ledger.add(each)
        told = await house.metrics()
        assert told["paperboy_model_calls_today{model=m}"] == 2
        assert told["paperboy_model_tokens_today{kind=in,model=m}"] == 1600
        assert told["paperboy_model_cost_today{currency=USD,model=m}"] == pytest.approx(0.008)
        assert told["paperboy_model_capped"] == 0
        assert told["paperboy_model_failures_today"] == 0

    async def test_no_name_no_address_and_no_secret_is_in_it(
        self, house: House, arxiv: FakeArxiv
    ) -> None:
        arxiv.announce(DAY, paper(1))
        await house.app.morning.run(DAY)
        reader = Subscriber("telegram", ADDRESS, fields=("their own phrase",), hour="asap")
        await house.app.store.subscribers.save(reader)
        await house.delivery.tick(NOON)
        _, page = await house.get("/metrics")
        for hidden in (ADDRESS, TOKEN, KEY, "their own phrase", paper(1).title, paper(1).id):
            assert hidden not in page

    @pytest.mark.sqlite("its file is put away")
    async def test_a_store_that_does_not_answer_is_told(self, house: House) -> None:
        put_away(Path(house.app.store.shown))
        await house.app.store.close()
        told = await house.metrics()
        assert told["paperboy_store_up"] == 0
        assert "paperboy_readers_overdue" not in told
        assert "paperboy_loop_lag_seconds" in told

    async def test_several_who_ask_cost_no_more_than_one(self, house: House) -> None:
        await house.metrics()
        reader = Subscriber("telegram", ADDRESS, state=State.PAUSED)
        await house.app.store.subscribers.save(reader)
        assert "paperboy_readers{state=paused}" not in await house.metrics()

    async def test_every_metric_that_operators_are_told_of_exists_and_the_table_has_all(
        self, house: House
    ) -> None:
        await house.app.store.editions.publish(DAY, NOON)
        told = metrics.families(await metrics.stored(house.app), own())
        names = {each.name + ("_total" if each.type == "counter" else "") for each in told}
        rules = (ROOT / "docs" / "alerts.yml").read_text(encoding="utf-8")
        asked = set(re.findall(r"\bpaperboy_\w+", rules))
        assert len(asked) > 10
        assert asked - names == set()
        guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        assert set(re.findall(r"`(paperboy_\w+)`", guide)) - {"paperboy_"} - names == set()
        table = guide.partition("(each begins with `paperboy_`)")[2].partition("\n\n")[0]
        first_cells = " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE))
        assert {f"paperboy_{name}" for name in re.findall(r"`(\w+)`", first_cells)} == names


class TestThePort:
    async def test_a_bot_that_serves_telegram_answers_there(
        self, settings: Settings, arxiv: FakeArxiv, unused_tcp_port: int
    ) -> None:
        arxiv.announce(DAY, paper(1))
        async with FakeTelegram() as telegram, aiohttp.ClientSession() as session:
            changed = {
                "telegram_token": SecretStr(telegram.token),
                "telegram_api_url": telegram.url,
                "http_port": unused_tcp_port,
            }
            task = asyncio.create_task(
                serving.serve_telegram(settings.model_copy(update=changed), lambda: NOON)
            )
            await telegram.until(lambda: telegram.called("getUpdates"))
            for path in ("healthz", "metrics"):
                async with session.get(f"http://127.0.0.1:{unused_tcp_port}/{path}") as answer:
                    assert answer.status == 200
            os.kill(os.getpid(), signal.SIGTERM)
            assert await task == 0

    async def test_without_a_port_nothing_is_served(self, opened: Opened) -> None:
        async with running(opened, 0) as quiet:
            assert quiet.url.endswith(":0")

    async def test_a_port_that_is_taken_is_a_sentence(self, house: House, opened: Opened) -> None:
        port = int(house.url.rpartition(":")[2])
        with pytest.raises(SettingsError) as refused:
            await running(opened, port).__aenter__()
        assert refused.value.key == "errors.http_port"
        assert refused.value.params["port"] == str(port)

    async def test_the_webhooks_port_is_another_one(self, opened: Opened) -> None:
        nobody: Any = None
        async with opened(http_port=8080, webhook_url="https://example.org/t") as app:
            watched = serving.watched(app, nobody, nobody, nobody)
            with pytest.raises(SettingsError) as refused:
                await watched.__aenter__()
        assert refused.value.key == "settings.needs.http_port"

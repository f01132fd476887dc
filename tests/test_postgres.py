"""On PostgreSQL, what SQLite does not have: many who write at once, a server that goes and comes.

The rest of the suite runs there, too: `make test-postgres`.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import StatementError
from typer.testing import CliRunner

from bot.cli import app as command_line
from digest.errors import (
    StoreBusy,
    StoreError,
    StoreFromFuture,
    StoreFull,
    StoreReadOnly,
)
from digest.locale import languages, say
from digest.models import Subscriber
from digest.store import Store, migration, tables
from digest.store.database import Database
from digest.store.outbox import PageState, Written
from digest.store.refusals import told
from digest.store.shards import Shard
from tests.fakes import postgres
from tests.fakes.papers import paper, papers
from tests.fakes.stores import change, fresh, rows, upgraded, url_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

pytestmark = pytest.mark.postgres

AT = datetime(2026, 2, 3, 1, 30, tzinfo=UTC)
DAY = date(2026, 2, 3)
READER = Subscriber("telegram", "4711", "en", "UTC", 10, fields=("ai",), hour="08:00")
GUARDED = f"guarded_{os.getpid()}"
PASSWORD = "a-word-that-nobody-sees"
MANY = 8
COMPARED = {
    "compare_type": True,  # but for the queue's own tables
    "include_name": lambda name, kind, _: kind != "table" or not name.startswith("pgqueuer"),
}
DEADLOCK = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$"


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with Store.open(postgres.fresh()) as opened:
        yield opened


@pytest.fixture
async def many(store: Store) -> AsyncIterator[list[Store]]:
    """As many processes on one database."""
    stores = [await Store.open(url_of(store)) for _ in range(MANY)]
    yield stores
    for each in stores:
        await each.close()


def said(error: StoreError) -> str:
    in_all = [say(error.key, language, **error.params) for language in languages()]
    assert len(set(in_all)) == len(in_all)
    return in_all[0]


async def refused(url: str, error: type[StoreError] = StoreError) -> str:
    with pytest.raises(error) as raised:
        await Store.open(url, busy_s=0.2)
    return said(raised.value)


def named(url: str) -> str:
    return make_url(url).database or ""


@asynccontextmanager
async def another(store: Store) -> AsyncIterator[Any]:
    """Somebody else's open transaction on the same database."""
    async with Store.open(url_of(store)) as other, other._database.write() as connection:  # noqa: SLF001 # as another process would
        yield connection


class TestOpening:
    async def test_two_that_start_at_once_on_nothing_both_succeed(self) -> None:
        url = postgres.empty()
        stores = await asyncio.gather(*(Store.open(url) for _ in range(4)))
        await asyncio.gather(*(s.papers.save([paper(n)]) for n, s in enumerate(stores)))
        assert len(await stores[0].papers.many(paper(n).id for n in range(4))) == 4
        for each in stores:
            await each.close()

    async def test_the_migrated_tables_are_those_that_the_statements_use(
        self, store: Store
    ) -> None:
        async with store._database.read() as connection:  # noqa: SLF001 # the schema is what is tested
            differences = await connection.run_sync(
                lambda sync: compare_metadata(
                    MigrationContext.configure(sync, opts=COMPARED), tables.metadata
                )
            )
        assert differences == []

    async def test_a_database_from_the_future_is_refused(self, store: Store) -> None:
        await change(store, "UPDATE alembic_version SET version_num = '9999'")
        assert "newer Paperboy" in await refused(url_of(store), StoreFromFuture)

    async def test_somebody_elses_database_is_left_alone(self) -> None:
        url = postgres.empty()
        postgres.run("CREATE TABLE songs (name text)", database=named(url))
        assert "has tables that are not Paperboy's" in await refused(url)

    async def test_a_server_that_does_not_answer(self) -> None:
        server = f"postgresql://me:{PASSWORD}@127.0.0.1:1/papers"
        sentence = await refused(server)
        assert "postgresql://me@127.0.0.1:1/papers does not answer" in sentence
        assert PASSWORD not in sentence

    async def test_a_database_that_is_not_there(self, store: Store) -> None:
        nowhere = make_url(url_of(store)).set(database="nowhere")
        assert "has no database" in await refused(nowhere.render_as_string(hide_password=False))


class TestGuarded:
    """A role of its own, with a password."""

    @pytest.fixture(autouse=True)
    def role(self) -> Iterator[None]:
        postgres.run(f"CREATE ROLE {GUARDED} LOGIN PASSWORD '{PASSWORD}'")
        if postgres.run("SELECT 1 FROM pg_roles WHERE rolname = 'guarded'"):
            postgres.run(f"GRANT guarded TO {GUARDED}")  # has to know its password, see the script
        yield
        postgres.tidy()
        postgres.run(f"DROP ROLE {GUARDED}")

    def url(self, password: str = PASSWORD) -> str:
        url = make_url(postgres.empty()).set(username=GUARDED, password=password)
        return url.render_as_string(hide_password=False)

    async def test_a_wrong_password_is_told_and_shown_to_nobody(self) -> None:
        sentence = await refused(self.url("wrong-" + PASSWORD))
        assert "refuses the user or the password" in sentence
        assert PASSWORD not in sentence

    async def test_who_may_not_make_tables(self) -> None:
        assert "Let that user own the database" in await refused(self.url())

    async def test_who_owns_the_database_may(self) -> None:
        url = self.url()
        postgres.run(f'ALTER DATABASE "{named(url)}" OWNER TO {GUARDED}')
        async with Store.open(url) as store:
            await store.papers.save([paper(1)])
            assert PASSWORD not in store.shown

    async def test_a_server_that_is_crowded(self) -> None:
        postgres.run(f"ALTER ROLE {GUARDED} CONNECTION LIMIT 0")
        assert "takes no more connections" in await refused(self.url())


class TestRefusals:
    async def test_a_database_that_can_only_be_read(self, store: Store) -> None:
        await change(
            store,
            f'ALTER DATABASE "{named(url_of(store))}" SET default_transaction_read_only = on',
        )
        async with Store.open(url_of(store)) as reading:
            assert await reading.papers.get("9913.00001") is None
            with pytest.raises(StoreReadOnly) as read_only:
                await reading.papers.save([paper(1)])
        assert "can only be read" in said(read_only.value)

    async def test_a_row_that_another_holds_is_busy_in_time(self, store: Store) -> None:
        saved = await store.subscribers.save(READER)
        async with Store.open(url_of(store), busy_s=0.2) as impatient:
            async with another(store) as connection:
                await connection.execute(text("SELECT * FROM subscribers FOR UPDATE"))
                found = await impatient.subscribers.find("telegram", "4711")
                assert found == saved, "readers read"
                with pytest.raises(StoreBusy) as busy:
                    await impatient.subscribers.save(replace(saved, size=5))
            assert "Another process" in said(busy.value)
            await impatient.subscribers.save(replace(saved, size=5))

    async def test_a_value_that_is_too_long_is_not_quoted(self, store: Store) -> None:
        with pytest.raises(StoreError) as broken:
            await store.subscribers.save(replace(READER, timezone=PASSWORD * 10))
        assert "StringDataRightTruncation" in said(broken.value)
        assert PASSWORD not in str(broken.value)

    def test_a_full_disk_is_the_servers(self) -> None:
        class Full(Exception):
            sqlstate = "53100"

        with pytest.raises(StoreFull) as full, told("postgresql://here/papers"):
            raise Full("could not extend file")
        assert "disk of the PostgreSQL server" in said(full.value)

    def test_what_is_nobodys_refusal_stays_what_it_is(self) -> None:
        with pytest.raises(KeyError), told("postgresql://here/papers"):
            raise KeyError("a bug")


class TestRestarts:
    async def test_a_server_that_was_restarted_is_asked_again(self, store: Store) -> None:
        await store.papers.save([paper(1)])
        await asyncio.gather(*(store.papers.get(paper(1).id) for _ in range(5)))
        end_all_connections(store)
        assert await store.papers.get(paper(1).id) == paper(1)
        await store.papers.save([paper(2)])

    async def test_whoever_asks_hears_whether_it_is_there(self, store: Store) -> None:
        await store.reach()
        end_all_connections(store)
        await store.reach()
        url = make_url(url_of(store))
        nobody = Database(url.set(query={}, host="127.0.0.1", port=1), busy_s=0.2)
        with pytest.raises(StoreError) as away:
            await nobody.reach()
        assert "does not answer" in said(away.value)

    async def test_in_the_middle_of_a_transaction_nothing_is_half_stored(
        self, store: Store
    ) -> None:
        async def write() -> None:
            async with store._database.write() as connection:  # noqa: SLF001 # between two statements
                await connection.execute(text("INSERT INTO looks VALUES ('a', now())"))
                end_all_connections(store)
                await connection.execute(text("INSERT INTO looks VALUES ('b', now())"))

        with pytest.raises(StoreError) as lost:
            await write()
        assert "does not answer" in said(lost.value)
        assert await store.looks.last() == {}

    async def test_who_sends_alone_is_so_until_the_connection_ends(self, store: Store) -> None:
        async with Store.open(url_of(store)) as other, store.outbox.alone("telegram") as first:
            assert first
            async with other.outbox.alone("telegram") as second:
                assert not second
            [pid] = await store._tether.ask(select(func.pg_backend_pid()))  # noqa: SLF001 # that one
            postgres.run(f"SELECT pg_terminate_backend({pid}, 5000)")
            async with other.outbox.alone("telegram") as now:
                assert now, "as the connections of a killed process end"

    async def test_who_lost_the_connection_at_once_holds_nothing(self, store: Store) -> None:
        lock = store.outbox.alone("telegram", Shard(0))
        taking = asyncio.ensure_future(lock.__aenter__())
        broken = asyncio.ensure_future(store._tether.ask(select(bindparam("unknown"))))  # noqa: SLF001 # the next one who asks
        with pytest.raises(StatementError):
            await broken
        assert not await taking
        await lock.__aexit__(None, None, None)
        async with store.outbox.alone("telegram") as now:
            assert now, "the server has let go of both"

    async def test_who_asks_while_it_closes_leaves_no_connection(self, store: Store) -> None:
        async with Store.open(url_of(store)) as other:
            pass
        [pid] = await other._tether.ask(select(func.pg_backend_pid()))  # noqa: SLF001 # as a cancelled task may
        alive = f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}"
        assert postgres.run(alive) == [[0]]
        async with other.outbox.alone("telegram") as held:
            assert not held


def end_all_connections(store: Store) -> None:
    """What a restart does, and a network that goes."""
    postgres.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{named(url_of(store))}'"
    )


class TestAtOnce:
    """Many processes; what makes a thing once is in the statements and their locks."""

    async def test_a_digest_is_frozen_once(self, store: Store, many: list[Store]) -> None:
        reader = await store.subscribers.save(READER)
        written = [Written("one"), Written("two")]
        for day in (DAY, DAY + timedelta(days=1)):
            froze = await asyncio.gather(
                *(each.outbox.freeze(reader, day, written, AT, AT) for each in many)
            )
            assert sum(froze) == 1
        assert (await store.outbox.counts())[PageState.WAITING] == 4

    async def test_two_first_messages_are_one_reader(self, store: Store, many: list[Store]) -> None:
        saved = await asyncio.gather(
            *(
                each.subscribers.save(replace(READER, fields=(f"own {n}",)))
                for n, each in enumerate(many)
            )
        )
        [reader] = await store.subscribers.all()
        assert {each.id for each in saved} == {reader.id}
        assert set(reader.fields) == {f"own {n}" for n in range(MANY)}

    async def test_each_who_asks_arxiv_has_a_slot_of_its_own(self, many: list[Store]) -> None:
        waits = await asyncio.gather(*(each.manners.reserve("arxiv", 3) for each in many))
        for before, after in zip(sorted(waits), sorted(waits)[1:], strict=False):
            assert after - before > 2

    async def test_an_invitation_lets_one_in(self, store: Store, many: list[Store]) -> None:
        code = await store.invitations.make(AT)
        readers = [
            await store.subscribers.save(replace(READER, address=str(n))) for n in range(MANY)
        ]
        let_in = await asyncio.gather(
            *(
                each.invitations.redeem(code, reader.id or 0, AT)
                for each, reader in zip(many, readers, strict=True)
            )
        )
        assert sum(let_in) == 1

    async def test_the_same_papers_in_other_orders(self, store: Store, many: list[Store]) -> None:
        some = papers(40)
        await asyncio.gather(
            *(each.papers.save(some[n:] + some[:n]) for n, each in enumerate(many))
        )
        assert len(await store.papers.many(p.id for p in some)) == 40

    async def test_settling_begins_anew_where_two_held_each_other_up(self, store: Store) -> None:
        tries: list[int] = []

        def work(connection: Connection) -> None:
            connection.execute(text("INSERT INTO looks VALUES ('look', now())"))
            tries.append(1)
            if len(tries) == 1:
                connection.execute(text(DEADLOCK))

        await store._database.write_durably(work)  # noqa: SLF001 # no two can be made to meet
        assert len(tries) == 2
        assert len(await store.looks.last()) == 1

    async def test_it_does_not_begin_anew_for_ever(self, store: Store) -> None:
        def work(connection: Connection) -> None:
            connection.execute(text(DEADLOCK))

        with pytest.raises(StoreBusy):
            await store._database.write_durably(work)  # noqa: SLF001 # as above


class TestMoving:
    async def test_what_comes_from_sqlite_goes_on_counting(self, tmp_path: Path) -> None:
        lines: list[str] = []
        async with Store.open(upgraded(tmp_path, migration.HEAD)) as full:
            await full.moving.export(lines.append, AT)
        async with Store.open(fresh(tmp_path)) as store:
            await store.moving.take((one.encode() for one in "".join(lines).splitlines()), "all")
            [(before,)] = await rows(store, "SELECT max(id) FROM pages")
            reader = await store.subscribers.save(replace(READER, address="new"))
            assert await store.outbox.freeze(reader, DAY, [Written("new")], AT, AT)
            [(after,)] = await rows(store, "SELECT max(id) FROM pages")
            assert after == before + 1

    async def test_an_export_is_of_one_moment(self, store: Store) -> None:
        await store.papers.save(papers(20))
        written: list[str] = []
        loop = asyncio.get_running_loop()
        saving: list[asyncio.Task[None]] = []

        def write(line: str) -> None:
            written.append(line)
            if not saving:
                saving.append(loop.create_task(store.papers.save(papers(20, start=100))))

        counts = await store.moving.export(write, AT)
        await asyncio.gather(*saving)
        assert counts["papers"] == 20

    def test_a_server_is_not_copied_as_a_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PAPERBOY_DATABASE_URL", postgres.fresh())
        done = CliRunner().invoke(command_line, ["backup", "copy.db"])
        assert done.exit_code == 1, done.output
        assert "pg_dump" in done.stderr

"""Everything out as lines of JSON and into another database: all of it, the same, or nothing."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Boolean, Column, Date, Double, Integer
from typer.testing import CliRunner, Result

from bot.cli import app as command_line
from digest.errors import StoreError
from digest.locale import say
from digest.models import Subscriber
from digest.store import Store, migration
from digest.store.kinds import Moment
from digest.store.moving import TABLES
from digest.store.portable import Broken, decode, encode, line, parse
from tests.fakes import postgres
from tests.fakes.papers import papers
from tests.fakes.stores import fresh, upgraded

if TYPE_CHECKING:
    from pathlib import Path

    from hypothesis.strategies import SearchStrategy

AT = datetime(2026, 2, 3, 1, 30, tzinfo=UTC)


def told(file: Path) -> list[str]:
    """Everything that a database says."""
    with closing(sqlite3.connect(file)) as connection:
        return sorted(connection.iterdump())


async def says_the_same(empty: str, tmp_path: Path) -> bool:
    """Whether nothing was lost on the way into the database that was empty."""
    if not postgres.is_used():
        return told(tmp_path / "other.db") == told(tmp_path / "paperboy.db")
    return await exported(empty) == await exported(f"sqlite:///{tmp_path}/paperboy.db")


async def exported(url: str) -> list[str]:
    """The lines of an export."""
    written: list[str] = []
    async with Store.open(url) as store:
        await store.moving.export(written.append, AT)
    return "".join(written).splitlines(keepends=True)


async def taken(url: str, lines: list[str]) -> dict[str, int]:
    async with Store.open(url) as store:
        return await store.moving.take((each.encode() for each in lines), "all.jsonl")


async def refused(url: str, lines: list[str]) -> str:
    with pytest.raises(StoreError) as raised:
        await taken(url, lines)
    return say(raised.value.key, "en", **raised.value.params)


@pytest.fixture
def full(tmp_path: Path) -> str:
    """A database with something in each table."""
    return upgraded(tmp_path, migration.HEAD)


@pytest.fixture
def empty(tmp_path: Path) -> str:
    return fresh(tmp_path, "other.db")


class TestRoundTrip:
    async def test_all_tables_are_equal(self, full: str, empty: str, tmp_path: Path) -> None:
        lines = await exported(full)
        counts = await taken(empty, lines)
        assert set(counts) == set(TABLES)
        assert min(counts.values()) > 0, "every table has something to lose"
        assert await says_the_same(empty, tmp_path)

    async def test_exported_again_it_is_the_same_file(self, full: str, empty: str) -> None:
        lines = await exported(full)
        await taken(empty, lines)
        assert await exported(empty) == lines

    async def test_many_rows_go_through_in_pieces(
        self, full: str, empty: str, tmp_path: Path
    ) -> None:
        sizes: list[int] = []
        written: list[str] = []

        def write(text: str) -> None:
            sizes.append(text.count("\n"))
            written.append(text)

        async with Store.open(full) as store:
            await store.papers.save(papers(1000, start=100))
            await store.moving.export(write, AT)
        assert max(sizes) <= 400
        await taken(empty, "".join(written).splitlines(keepends=True))
        assert await says_the_same(empty, tmp_path)

    async def test_numbers_of_those_who_left_are_never_given_again(
        self, full: str, empty: str
    ) -> None:
        async with Store.open(full) as store:
            reader = Subscriber("telegram", "9", "en", "UTC", 10)
            left = await store.subscribers.save(reader)
            assert left.id
            await store.subscribers.forget(left.id)
        await taken(empty, await exported(full))
        async with Store.open(empty) as store:
            newcomer = await store.subscribers.save(Subscriber("telegram", "10", "en", "UTC", 10))
        assert newcomer.id == left.id + 1

    async def test_an_empty_house_moves_too(self, empty: str, tmp_path: Path) -> None:
        lines = await exported(fresh(tmp_path))
        assert len(lines) == 2
        assert sum((await taken(empty, lines)).values()) == 0


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LEAVES = TEXTS | st.integers(-(2**63), 2**63) | st.none()
KINDS: tuple[tuple[type, SearchStrategy[Any]], ...] = (
    (Moment, st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=-9))))),
    (Date, st.dates()),
    (JSON, st.lists(LEAVES | st.lists(LEAVES, max_size=3), max_size=3)),
    (Boolean, st.booleans()),
    (Double, st.floats(allow_nan=False, allow_infinity=False)),
    (Integer, st.integers(-(2**63), 2**63 - 1)),
)


def values(column: Column[Any]) -> SearchStrategy[Any]:
    """What a column may hold."""
    known = next((found for kind, found in KINDS if isinstance(column.type, kind)), TEXTS)
    return known | st.none() if column.nullable else known


ROWS = {
    table.name: st.fixed_dictionaries({each.name: values(each) for each in table.columns})
    for table in TABLES.values()
}


class TestValues:
    @given(st.data())
    @settings(max_examples=50)
    def test_whatever_a_row_holds_comes_back(self, data: st.DataObject) -> None:
        table = data.draw(st.sampled_from(list(TABLES.values())))
        row = data.draw(ROWS[table.name])
        written = line({table.name: encode(row)})  # type: ignore[arg-type] # a row by name
        assert len(written.splitlines()) == 1
        assert decode(table, parse(written.encode())[table.name]) == row

    @given(st.binary(max_size=60))
    def test_no_bytes_break_the_reader(self, raw: bytes) -> None:
        with suppress(Broken):
            assert isinstance(parse(raw), dict)

    def test_depth_without_end_is_no_line(self) -> None:
        with pytest.raises(Broken):
            parse(b'{"a":' + b"[" * 100_000)

    def test_half_a_character_is_no_text(self) -> None:
        with pytest.raises(Broken):
            parse(rb'{"papers":{"title":"\ud83d"}}')
        assert parse(rb'{"a":"\ud83d\ude00"}') == {"a": "😀"}


def changed(lines: list[str], table: str, **values_: object) -> tuple[list[str], int]:
    """The first line of a table, with other values."""
    at = next(n for n, each in enumerate(lines) if each.startswith(f'{{"{table}"'))
    content = json.loads(lines[at])
    content[table] |= values_
    return [*lines[:at], json.dumps(content) + "\n", *lines[at + 1 :]], at + 1


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("table", "values_"),
        [
            ("papers", {"title": 5}),
            ("papers", {"title": None}),
            ("papers", {"authors": "Ada"}),
            ("papers", {"submitted": "yesterday"}),
            ("papers", {"version": True}),
            ("papers", {"version": 2**63}),
            ("editions", {"published_at": "2026-02-03T01:30:00"}),
            ("editions", {"approximate": 0}),
            ("manners", {"next_at": "soon"}),
            ("manners", {"next_at": 10**400}),
        ],
    )
    async def test_a_value_of_another_kind(
        self, full: str, empty: str, table: str, values_: dict[str, object]
    ) -> None:
        lines, at = changed(await exported(full), table, **values_)
        said = await refused(empty, lines)
        assert said.startswith(
            f"Line {at} of all.jsonl is broken: its {table}.{next(iter(values_))}"
        )
        await _assert_nothing_is_there(empty)

    @pytest.mark.parametrize(
        ("broken", "why"),
        [
            ("{", "cannot be read"),
            ("[1]", "cannot be read"),
            ('{"papers": NaN}', "cannot be read"),
            ('{"songs": {}}', "no table “songs”"),
            ("{}", "no table “”"),
            ('{"papers": {}, "songs": {}}', "no table “papers”"),
            ('{"papers": {"id": "1"}}', "columns are not those of papers"),
            ('{"papers": 5}', "columns are not those of papers"),
            ('{"kept": {"paper_id": "none", "at": "2026-02-03T01:30:00Z"}}', "this row of kept"),
        ],
    )
    async def test_a_line_that_is_no_row(
        self, full: str, empty: str, broken: str, why: str
    ) -> None:
        lines = await exported(full)
        said = await refused(empty, [*lines[:-1], broken + "\n", lines[-1]])
        assert said.startswith(f"Line {len(lines)} of all.jsonl")
        assert why in said
        await _assert_nothing_is_there(empty)

    async def test_a_row_that_is_there_twice(self, full: str, empty: str) -> None:
        lines = await exported(full)
        at = next(n for n, each in enumerate(lines) if each.startswith('{"papers"'))
        said = await refused(empty, [*lines[: at + 1], lines[at], *lines[at + 1 :]])
        assert said.startswith(f"Line {at + 2} of all.jsonl is broken: this row of papers")
        await _assert_nothing_is_there(empty)

    async def test_a_file_that_was_cut_anywhere(self, full: str, empty: str) -> None:
        lines = await exported(full)
        for cut in range(1, len(lines), 4):
            assert "it was cut" in await refused(empty, lines[:cut])
        half = lines[-1][: len(lines[-1]) // 2]
        assert "cannot be read" in await refused(empty, [*lines[:-1], half])
        await _assert_nothing_is_there(empty)

    @pytest.mark.parametrize(
        "last",
        [
            '{"end": {}, "numbers": {}}',
            '{"end": [], "numbers": {}}',
            '{"end": {"papers": 1.5}, "numbers": {}}',
            '{"end": {}}',
        ],
    )
    async def test_a_last_line_that_does_not_fit(self, full: str, empty: str, last: str) -> None:
        lines = await exported(full)
        assert "does not fit" in await refused(empty, [*lines[:-1], last])
        await _assert_nothing_is_there(empty)

    async def test_lines_missing_or_behind_the_end(self, full: str, empty: str) -> None:
        lines = await exported(full)
        assert "does not fit" in await refused(empty, [*lines[:-2], lines[-1]])
        assert "does not fit" in await refused(empty, [*lines, lines[1]])
        assert await taken(empty, [*lines, "\n"])

    async def test_what_is_no_export_or_of_other_tables(self, full: str, empty: str) -> None:
        lines = await exported(full)
        for first in ("", "Dear reader\n", '{"a": 1}\n', lines[1]):
            assert "is not an export" in await refused(empty, [first, *lines[1:]])
        assert "is not an export" in await refused(empty, [])
        older = lines[0].replace(migration.HEAD, "0003")
        said = await refused(empty, [older, *lines[1:]])
        assert f"revision 0003, and this Paperboy has {migration.HEAD}" in said
        newer = lines[0].replace('"format":1', '"format":2')
        assert "Import it with the version that made it" in await refused(
            empty, [newer, *lines[1:]]
        )

    async def test_a_database_that_is_not_empty_is_left_alone(
        self, full: str, tmp_path: Path
    ) -> None:
        lines, before = await exported(full), told(tmp_path / "paperboy.db")
        assert "is not empty" in await refused(full, lines)
        assert told(tmp_path / "paperboy.db") == before


async def _assert_nothing_is_there(url: str) -> None:
    assert len(await exported(url)) == 2


class TestTheCommands:
    @pytest.fixture(autouse=True)
    def environment(self, full: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PAPERBOY_DATABASE_URL", full)
        monkeypatch.setenv("PAPERBOY_TELEGRAM_TOKEN", "123456:a-token-that-nobody-sees")
        monkeypatch.setenv("OPENAI_API_KEY", "a-key-that-nobody-sees")

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(command_line, arguments)

    def test_out_and_in(self, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        done = self.run("export", "all.jsonl")
        assert done.exit_code == 0
        assert "readers' addresses" in done.stdout
        file = tmp_path / "all.jsonl"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "nobody-sees" not in file.read_text(encoding="utf-8")
        assert self.run("export", "all.jsonl").exit_code == 1
        assert self.run("export", "all.jsonl", "--force").exit_code == 0
        monkeypatch.setenv("PAPERBOY_DATABASE_URL", empty)
        done = self.run("import", "all.jsonl")
        assert done.exit_code == 0, done.output
        assert "subscribers 2" in done.stdout
        assert asyncio.run(says_the_same(empty, tmp_path))

    def test_what_goes_wrong_is_a_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for arguments, why in (
            (("import", "none.jsonl"), "none.jsonl cannot be read"),
            (("import", "paperboy.db"), "is not empty"),
            (("export", "nowhere/all.jsonl"), "cannot be written"),
        ):
            done = self.run(*arguments)
            assert done.exit_code == 1
            assert why in done.stderr
        monkeypatch.setenv("PAPERBOY_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
        assert "no database to copy" in self.run("export", "all.jsonl").stderr
        assert not (tmp_path / "none.db").exists()

"""Databases of earlier Paperboys, as they were left: today's goes on with them, and back again."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from digest.models import Kind, State
from digest.store import Store, migration
from tests.fakes.stores import SCHEMAS, stored, upgraded

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sqlite("files of earlier versions")

REVISIONS = sorted(file.name.partition(".")[0] for file in SCHEMAS.glob("*.db.gz"))
EARLIER = [revision for revision in REVISIONS if revision != migration.HEAD]
DAY, AT = date(2026, 2, 3), datetime(2026, 2, 3, 1, 30, tzinfo=UTC)


def told(file: Path) -> list[str]:
    """Everything that a database says."""
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def test_every_revision_but_the_newest_has_its_file() -> None:
    config = Config()
    config.set_main_option("script_location", str(migration.FOLDER))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    missing = known - set(REVISIONS) - {migration.HEAD}
    assert not missing, "run scripts/make_schemas.py and commit what it makes"


@pytest.mark.parametrize("revision", REVISIONS)
class TestUpgrading:
    async def test_readers_stay_who_they_are(self, tmp_path: Path, revision: str) -> None:
        async with Store.open(upgraded(tmp_path, revision)) as store:
            reader = await store.subscribers.find("telegram", "12345")
            assert reader
            assert (reader.id, reader.fields) == (7, ("storage", "cs.AI"))
            assert (reader.language, reader.timezone) == ("zh", "Asia/Shanghai")
            assert (reader.size, reader.state) == (5, State.ACTIVE)
            standing = await store.subscribers.standing(7)
            assert standing
            had = (None, None) if revision < "0002" else (DAY, AT)
            assert (standing.had, standing.settled) == had
            newcomer = await store.subscribers.save(reader)
            assert newcomer.id == 7

    async def test_papers_and_summaries_stay(self, tmp_path: Path, revision: str) -> None:
        async with Store.open(upgraded(tmp_path, revision)) as store:
            first, second = await store.papers.versions("9913.00001")
            assert (first.title, second.version) == ("A Planner", 2)
            assert second.authors == ("Ada Example", "薄 样本")
            told = await store.summaries.get(["9913.00001"], "zh")
            assert told["9913.00001"].title == "读菜谱的规划器"
            kinds = [each.kind for each in await store.editions.announcements(DAY)]
            assert kinds == [Kind.NEW, Kind.CROSS]
            newest = await store.editions.newest()
            assert newest
            assert (newest.day, newest.published) == (DAY, AT)
            assert (await store.editions.parts(DAY))["cs"].etag == '"abc"'

    async def test_what_waits_still_waits_and_what_was_sent_is_not_sent_again(
        self, tmp_path: Path, revision: str
    ) -> None:
        async with Store.open(upgraded(tmp_path, revision)) as store:
            waiting = await store.outbox.waiting("telegram", datetime(2026, 3, 1, tzinfo=UTC))
            texts = [] if revision < "0002" else ["第二页"]
            assert [each.written.text for each in waiting] == texts

    async def test_what_was_asked_for_is_kept(self, tmp_path: Path, revision: str) -> None:
        """It was not written down at first; what was never announced was asked for."""
        async with Store.open(upgraded(tmp_path, revision)):
            pass
        with closing(sqlite3.connect(tmp_path / "paperboy.db")) as connection:
            kept = connection.execute("SELECT paper_id FROM kept").fetchall()
        assert kept == [("9913.00003",)]


@pytest.mark.parametrize("revision", EARLIER)
async def test_going_back_is_putting_the_copy_in_its_place(tmp_path: Path, revision: str) -> None:
    url = stored(tmp_path, revision)
    file, copy = tmp_path / "paperboy.db", tmp_path / f"paperboy.db.before-{migration.HEAD}"
    before = told(file)
    async with Store.open(url):
        pass
    assert told(file) != before
    shutil.copy(copy, file)
    assert told(file) == before

"""Makes tests/data/schemas/<revision>.db.gz: a small database for each revision of the tables.

    .venv/bin/python scripts/make_schemas.py

tests/test_upgrades.py opens each with the Paperboy of today. A file that is there stays as it is:
after a new migration only the missing ones are made, by the migrations up to theirs, and filled
with as much of `ROWS` as the tables of then have room for. What is in them is invented.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, event, text

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from digest.store.migration import FOLDER  # noqa: E402 # the path comes first

TARGET = ROOT / "tests" / "data" / "schemas"
DAY, AT = date(2026, 2, 3), datetime(2026, 2, 3, 1, 30)  # noqa: DTZ001 # SQLite's are naive

ROWS: dict[str, list[dict[str, Any]]] = {
    "papers": [
        {
            "id": f"9913.0000{number}",
            "version": version,
            "title": title,
            "abstract": f"{title} is told here in one sentence. It needs 31% less rice.",
            "authors": ["Ada Example", "薄 样本"],
            "categories": ["cs.AI", "cs.DC"],
            "comment": "12 pages",
            "submitted": DAY,
        }
        for number, version, title in (
            (1, 2, "A Planner that Reads Recipes"),
            (2, None, "Größe und “Größenwahn”: $O(\\log n)$ Sheep"),
            (3, 1, "Asked For, Never Announced"),
        )
    ],
    "versions": [
        {"paper_id": "9913.00001", "version": 1, "title": "A Planner", "abstract": "It plans."}
    ],
    "editions": [
        {"day": DAY, "published_at": AT, "approximate": False, "missing": [], "source": "feed"}
    ],
    "announcements": [
        {"day": DAY, "paper_id": "9913.00001", "kind": "new", "seen_at": AT},
        {"day": DAY, "paper_id": "9913.00002", "kind": "cross", "seen_at": AT},
    ],
    "parts": [
        {
            "day": DAY,
            "archive": "cs",
            "source": "feed",
            "new": 1,
            "cross": 1,
            "listed_new": 1,
            "listed_cross": 1,
            "etag": '"abc"',
        }
    ],
    "summaries": [
        {
            "paper_id": "9913.00001",
            "asked": "zh",
            "language": "zh",
            "writer": "a-model",
            "prompt": "1",
            "title": "读菜谱的规划器",
            "gist": "先读菜谱再做饭。",
            "text": "这个规划器先读菜谱。",
            "background": "",
            "innovation": "",
            "conclusion": "",
            "fallback": False,
            "version": 2,
            "made_at": AT,
            "retry_at": None,
        }
    ],
    "subscribers": [
        {
            "id": 1,
            "channel": "console",
            "address": "local",
            "language": "en",
            "timezone": "UTC",
            "size": 10,
        },
        {
            "id": 7,
            "channel": "telegram",
            "address": "12345",
            "language": "zh",
            "timezone": "Asia/Shanghai",
            "size": 5,
            "hour": "09:30",
            "state": "active",
            "had": DAY,
            "settled_at": AT,
            "next_at": AT,
            "weekly": True,
            "recapped": date(2026, 2, 1),
        },
    ],
    "subscriber_fields": [
        {"subscriber_id": 7, "position": 0, "field": "storage"},
        {"subscriber_id": 7, "position": 1, "field": "cs.AI"},
    ],
    "pages": [
        {
            "subscriber_id": 7,
            "day": DAY,
            "page": page,
            "text": said,
            "entities": [["bold", 0, 2, ""]] if said else [],
            "choices": [["更多", "/date 2026-02-03"]] if said else [],
            "silent": False,
            "state": state,
            "attempts": 0,
            "try_at": AT,
            "sent_at": None if said else AT,
            "message_id": None if said else "41",
            "reason": "",
        }
        for page, said, state in ((1, "", "sent"), (2, "第二页", "waiting"))
    ],
    "looks": [{"kind": "look", "at": AT, "day": DAY}],
    "manners": [{"lane": "site", "next_at": 1770082215.5, "reserved_at": 1770082200.5}],
    "invitations": [{"code": "abcdefghijklmnop", "made_at": AT}],
    "usage": [{"subscriber_id": 7, "day": DAY, "summaries": 3}],
    "ledger": [
        {
            "at": AT,
            "day": DAY,
            "paper_id": "9913.00001",
            "version": 2,
            "language": "zh",
            "model": "a-model",
            "prompt": 1,
            "tokens_in": 800,
            "tokens_cached": 0,
            "tokens_out": 500,
            "nanos": 1_120_000,
            "currency": "USD",
            "asker": "edition",
            "answer": "",
            "finish": "stop",
        }
    ],
    "labels": [
        {
            "paper_id": "9913.00001",
            "field": "storage",
            "label": 2,
            "score": 0.375,
            "model": "a-model",
            "version": 2,
            "made_at": AT,
        }
    ],
    "profiles": [
        {
            "phrase": "rice cooking",
            "prompt": 1,
            "model": "a-model",
            "phrases": ["steamed rice"],
            "unwanted": [],
            "categories": ["cs.RO"],
            "made_at": AT,
        }
    ],
    "placings": [
        {
            "day": DAY,
            "field": "storage",
            "announced": 2,
            "found": 1,
            "best": [["9913.00001", 0.75]],
            "scorer": "abc",
        }
    ],
    "daily": [{"day": DAY, "joined": 2, "gone": 1, "sent": 40, "failed": 0}],
    "bulletins": [{"text": "We move house on Friday.", "made_at": AT, "at": AT, "upto": 7}],
    "buttons": [
        {
            "subscriber_id": 7,
            "name": "AAAAAAAAAAAAAAAAAAAAAAAA",
            "command": '/field "a phrase that is far longer than any button may carry, and more"',
            "made_at": AT,
        }
    ],
    "search_waiting": [{"paper_id": f"9913.0000{number}", "anew": False} for number in (1, 2, 3)],
    "kept": [{"paper_id": "9913.00003", "at": AT}],
    "saved": [
        {
            "subscriber_id": 7,
            "paper_id": "9913.00001",
            "at": AT,
            "note": "给组会",
            "version": 1,
            "told": 1,
        }
    ],
    "votes": [
        {"subscriber_id": 7, "paper_id": "9913.00001", "verdict": "like", "at": AT},
    ],
    "tastes": [{"subscriber_id": 7, "packed": "not what a Paperboy of today can read", "day": DAY}],
    "opened": [{"subscriber_id": 7, "paper_id": "9913.00002", "at": AT}],
    "retold": [{"subscriber_id": 7, "paper_id": "9913.00001", "version": 2, "day": DAY}],
    "mistakes": [
        {
            "subscriber_id": 7,
            "at": AT,
            "paper_id": "9913.00001",
            "version": 2,
            "language": "zh",
            "writer": "a-model",
            "words": "规划器不会烧饭。",
        }
    ],
}


def config() -> Config:
    """Alembic's, for our migrations."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    return made


def revisions() -> list[str]:
    """Every revision, the oldest first."""
    scripts = ScriptDirectory.from_config(config()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def make(revision: str, file: Path) -> None:
    """A database as Paperboy left it at that revision, with a little of everything."""
    texts = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))  # as the store does
    engine = create_engine(f"sqlite:///{file}", json_serializer=texts)
    event.listen(engine, "connect", lambda made, _: made.execute("PRAGMA page_size = 1024"))
    with engine.begin() as connection:
        chosen = config()
        chosen.attributes["connection"] = connection
        command.upgrade(chosen, revision)
        fill(connection)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA journal_mode = WAL"))
    engine.dispose()


def fill(connection: Connection) -> None:
    """Insert what the tables of this revision have columns for."""
    there = MetaData()
    there.reflect(connection)
    for table in there.sorted_tables:
        for row in ROWS.get(table.name, ()):
            known = {name: value for name, value in row.items() if name in table.c}
            connection.execute(table.insert().values(known))


def main() -> None:
    """Makes what is missing."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for revision in revisions():
        target = TARGET / f"{revision}.db.gz"
        if target.exists():
            continue
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "paperboy.db"
            make(revision, file)
            target.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
        print(f"{target.name}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()

"""The threats of docs/security.md that no other test shows, and that the table names real tests."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import signal
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot import logs
from bot.commands.book import answer
from bot.serving import serve_telegram
from digest.arxiv import feed, search
from digest.errors import BadDocument
from digest.models import Subscriber, Summary
from digest.render.entities import TELEGRAM, pages
from digest.store.outbox import Written
from digest.store.tables import metadata
from tests.conftest import NOON
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.papers import DAY, paper
from tests.fakes.stores import rows
from tests.fakes.telegram import TOKEN, FakeTelegram

if TYPE_CHECKING:
    from bot.app import App
    from bot.settings import Settings
    from digest.store import Store
    from tests.conftest import Opened

ROOT = Path(__file__).parent.parent
READER = Subscriber("telegram", "471100815", fields=("cs.AI",))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


class TestTheTable:
    rows = [line for line in read("docs/security.md").splitlines() if line.startswith("| ")][2:]

    def test_each_threat_has_a_test(self) -> None:
        assert len(self.rows) > 20
        assert [row for row in self.rows if "::test_" not in row] == []

    def test_each_test_that_it_names_exists(self) -> None:
        named = set(re.findall(r"`(test_\w+\.py)::(test_\w+)`", "\n".join(self.rows)))
        there: dict[str, set[str]] = {}
        for file, _ in named:
            tree = ast.parse(read(f"tests/{file}"))
            kinds = ast.FunctionDef | ast.AsyncFunctionDef
            there[file] = {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
        assert sorted(f"{file}::{test}" for file, test in named if test not in there[file]) == []


class TestHostileDocuments:
    LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

    @pytest.mark.parametrize(
        "declared",
        [f'<!ENTITY l0 "ha">{LAUGHS}', '<!ENTITY l9 SYSTEM "file:///etc/hostname">'],
        ids=["a billion laughs", "a file of ours"],
    )
    def test_declared_entities_are_refused_unread(self, declared: str) -> None:
        rss = f"<!DOCTYPE rss [{declared}]><rss version='2.0'><channel>&l9;</channel></rss>"
        for parse in (lambda body: feed.parse(body, "cs"), search.parse):
            with pytest.raises(BadDocument):
                parse(f"<?xml version='1.0'?>{rss}".encode())


class TestHostileReaders:
    @pytest.mark.parametrize(
        "typed",
        [
            "{url}/abs/2602.02489",
            "/paper {url}/pdf/2602.02489v1.pdf",
            "/field {url}",
            "http://169.254.169.254/latest/meta-data",
            "/paper file:///etc/passwd",
            "/date {url}",
            "/start {url}",
        ],
    )
    async def test_nothing_that_a_reader_sends_is_fetched(
        self, opened: Opened, arxiv: FakeArxiv, typed: str
    ) -> None:
        arxiv.announce(DAY, paper(1))
        with FakeArxiv() as elsewhere:
            async with opened() as app:
                reader = await app.store.subscribers.save(READER)
                await answer(app.desk, reader, typed.format(url=elsewhere.url))
            assert elsewhere.paths == []
        for path in arxiv.paths:  # arXiv alone was asked, for an id at most
            assert re.fullmatch(r"/(rss|list|catchup|api)[\w./+-]*", path), path

    @pytest.mark.parametrize(
        "typed", ["/field x'); DROP TABLE pages; --", '/paper " OR 1=1 --', "/field %_\\' NULL"]
    )
    async def test_what_is_typed_is_no_sql(self, opened: Opened, typed: str) -> None:
        async with opened() as app:
            reader = await app.store.subscribers.save(READER)
            await app.store.subscribers.save(replace(READER, address="another"))
            await answer(app.desk, reader, typed)
            assert len(await app.store.subscribers.all()) == 2
            assert sum((await app.store.outbox.counts()).values()) == 0


PRINTED = (
    "<b>bold</b> [tap](https://evil.example/x) *b* `c` &lt;i&gt; https://evil.example "
    "evil.example tg://user?id=7 @everyone /forget"
)
HOSTILE = f"{PRINTED} \x1b[2J\u202edetrevni\x00"


class TestHostileModels:
    async def _digest(self, app: App, *, typed: str) -> tuple[str, set[str]]:
        """What Telegram is given, and where it leads."""
        reader = await app.store.subscribers.save(READER)
        _, reply = await answer(app.desk, reader, typed)
        laid = pages(reply.blocks, TELEGRAM)
        links = {entity.url for page in laid for entity in page.entities if entity.url}
        return "".join(page.text for page in laid), links

    @pytest.mark.parametrize("typed", ["/today", "/paper 2602.02489"])
    async def test_what_a_model_writes_is_text_and_leads_nowhere(
        self, opened: Opened, arxiv: FakeArxiv, typed: str
    ) -> None:
        hostile = replace(paper(1, title=f"A Title {PRINTED}"), id="2602.02489")
        arxiv.announce(DAY, hostile)
        async with opened() as app:
            await app.morning.run(DAY)
            words = (HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
            told = Summary(hostile.id, "en", "m", *words, version=1)
            await app.store.summaries.save(told, asked="en", prompt="2", at=NOON)
            text, links = await self._digest(app, typed=typed)
        assert "<b>bold</b>" in text, "markup is shown, not obeyed"
        assert not {link for link in links if not link.startswith("https://arxiv.org/")}
        assert not {"\x1b", "\u202e", "\x00"} & set(text)
        assert not re.search(r"https://evil\.example|\btg://user|(?<!\w)@everyone", text)


def answered(telegram: FakeTelegram, seen: int) -> bool:
    return len(telegram.texts(471100815)) > seen


class TestPrivacy:
    async def test_no_address_and_no_word_of_a_readers_is_in_the_logs(
        self, settings: Settings, arxiv: FakeArxiv, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arxiv.announce(DAY, paper(1))
        async with FakeTelegram() as telegram:
            changed = {"telegram_token": SecretStr(TOKEN), "telegram_api_url": telegram.url}
            serving = settings.model_copy(update={**changed, "archives": ("cs",)})
            logs.configure("json", level="debug", secrets=serving.secrets)
            task = asyncio.create_task(serve_telegram(serving, lambda: NOON))
            for typed in ("/start", "/field my very own illness", "/paper what I hide", "25:00"):
                seen = len(telegram.texts(471100815))
                telegram.write(471100815, typed)
                await telegram.until(partial(answered, telegram, seen))
            before = len(telegram.called("sendMessage"))
            telegram.refuse(403, "Forbidden: bot was blocked by the user", chat=471100815)
            telegram.write(471100815, "/help")
            await telegram.until(lambda: len(telegram.called("sendMessage")) > before)
            os.kill(os.getpid(), signal.SIGTERM)
            await task
        told = capsys.readouterr()
        assert "arxiv_asked" in told.err, "much was logged"
        for hidden in ("471100815", "illness", "what I hide", TOKEN):
            assert hidden not in told.err + told.out

    async def test_who_is_forgotten_stands_in_no_table(self, opened: Opened) -> None:
        async with opened() as app:
            reader = await app.store.subscribers.save(replace(READER, fields=("an own phrase",)))
            await app.store.outbox.freeze(reader, DAY, [Written("their digest")], NOON, NOON)
            assert READER.address in await everything(app.store)
            await answer(app.desk, reader, "/forget yes")
            left = await everything(app.store)
        for gone in (READER.address, "an own phrase", "their digest"):
            assert gone not in left


async def everything(store: Store) -> str:
    """All rows of all tables."""
    return "".join([str(await rows(store, f'SELECT * FROM "{name}"')) for name in metadata.tables])


class TestSupplyChain:
    @pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
    def test_every_package_is_pinned_and_hashed_and_no_address_is_named(self, name: str) -> None:
        lock = re.sub(r"\\\n\s*", " ", read(name))
        wanted = [line for line in lock.splitlines() if re.match(r"\w", line)]
        assert len(wanted) > 40
        assert [
            w for w in wanted if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+ .*--hash=sha256:", w)
        ] == []
        assert "://" not in lock

    def test_the_workflow_looks_for_known_holes_and_may_write_nothing(self) -> None:
        workflow = read(".github/workflows/ci.yml")
        assert re.search(r"pip-audit .*--require-hashes .*-r requirements\.lock", workflow)
        assert re.findall(r"(?s)^permissions:\n  contents: read\njobs:", workflow, re.MULTILINE)
        assert workflow.count("write") == 0
        assert workflow.count("actions/checkout") == workflow.count("persist-credentials: false")


class TestTheContainer:
    def test_it_is_nobody_and_may_do_nothing(self) -> None:
        users = re.findall(r"^USER (\S+)$", read("Dockerfile"), re.MULTILINE)
        assert users
        assert all(user.isdecimal() and user != "0" for user in users)
        compose = read("compose.yaml")
        for right in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"):
            assert right in compose
        for wrong in ("privileged", "network_mode", "docker.sock", "cap_add", "ports:"):
            assert wrong not in compose

    def test_no_secret_goes_into_an_image(self) -> None:
        copied = re.findall(r"^COPY (.+)$", read("Dockerfile"), re.MULTILINE)
        assert not [line for line in copied if ".env" in line or line.startswith(". ")]

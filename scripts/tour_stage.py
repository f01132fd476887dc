"""The stage of the tour: the real program, arXiv, Telegram and a model on loopback, and a clock.

    async with stage(folder) as play:
        await play.until("2026-02-02 20:00")
        await play.types(ada, "/start")
        await play.taps(ada, "AI")
        play.scenes[ada.name]          what was said there, in order

Time stands still while somebody types, and runs in steps of ten minutes in between.
"""

from __future__ import annotations

import asyncio
import copy
import tomllib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.serving import Rooms, answering, furnished
from bot.settings import Settings
from digest import sample
from digest.models import Kind
from digest.text.tex import readable
from scripts.chat_picture import Bubble
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.model import Asked, FakeModel
from tests.fakes.telegram import TOKEN, FakeTelegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.telegram_screen import Shown

PAPERS = Path(__file__).with_name("tour_papers.toml")
STEP = timedelta(minutes=10)
QUIET_S = 1.2
"""Nothing more is said in a chat after so long a silence."""

PARTS = ("title", "gist", "background", "innovation", "conclusion")


@dataclass(frozen=True)
class Reader:
    """Somebody on the tour."""

    name: str
    chat: int
    language: str
    zone: str


@dataclass(frozen=True)
class Line:
    """Something that is seen in a chat at a moment.

    Attributes:
        at: in the reader's zone.
        edited: it took the place of what stood there before.
        has_same_words: of what stood there before; only the buttons are others.
    """

    at: datetime
    bubble: Bubble
    edited: bool = False
    has_same_words: bool = False


@dataclass
class Clock:
    """A time that stands until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now


@dataclass
class Play:
    """What happens on the stage, and what it looks like."""

    rooms: Rooms
    telegram: FakeTelegram
    arxiv: FakeArxiv
    clock: Clock
    scenes: dict[str, list[Line]] = field(default_factory=dict)
    _seen: dict[int, dict[int, Shown]] = field(default_factory=dict)
    _readers: dict[int, Reader] = field(default_factory=dict)

    async def until(self, moment: datetime) -> None:
        """Lets time pass, with everything that is due."""
        while self.clock.now < moment:
            self.clock.now = min(self.clock.now + STEP, moment)
            self.arxiv.today = _arxivs_day(self.clock.now)
            schedule = self.rooms.schedule
            for strand in (schedule.watching, schedule.composing, schedule.sending):
                strand.nudge()
                await strand.done()
            for reader in self._readers.values():
                self._look(reader)

    async def types(self, reader: Reader, text: str) -> None:
        """The reader writes, and is answered."""
        self._say(reader, Bubble(text, mine=True))
        self.telegram.write(reader.chat, text, language=_tag(reader))
        await self._answered(reader)

    async def taps(self, reader: Reader, label: str) -> None:
        """The reader taps the newest button whose label has these words, and is answered."""
        found = self._label(reader, label)
        self._say(reader, Bubble(f"[ {found} ]", mine=True))
        before = len(self.telegram.toasts(reader.chat))
        self.telegram.press(reader.chat, found, language=_tag(reader))
        await self._answered(reader)
        for toast in filter(None, self.telegram.toasts(reader.chat)[before:]):
            self._say(reader, Bubble(toast, toast=True))

    def labels(self, reader: Reader) -> list[str]:
        """What can be tapped in the newest message."""
        return [label for row in self.telegram.screen(reader.chat)[-1].labels for label in row]

    def _label(self, reader: Reader, words: str) -> str:
        for shown in reversed(self.telegram.screen(reader.chat)):
            for row in shown.labels:
                for label in row:
                    if words == label or (len(words) > 1 and words.casefold() in label.casefold()):
                        return label
        raise LookupError(f"{reader.name} has no button {words!r}: {self.labels(reader)}")

    async def _answered(self, reader: Reader) -> None:
        """Waits until the chat has been quiet for a while, and notes what it shows."""
        self._readers[reader.chat] = reader
        calls = -1
        while calls != len(self.telegram.calls):
            calls = len(self.telegram.calls)
            await asyncio.sleep(QUIET_S)
        self._look(reader)

    def _look(self, reader: Reader) -> None:
        """Notes what is new on the reader's screen, or has changed."""
        seen = self._seen.setdefault(reader.chat, {})
        for shown in self.telegram.screen(reader.chat):
            known = seen.get(shown.message_id)
            if known == shown:
                continue
            seen[shown.message_id] = copy.deepcopy(shown)
            file = shown.file.name if shown.file else ""
            bubble = Bubble(shown.text, tuple(shown.entities), tuple(shown.labels), file=file)
            self._say(reader, bubble, known)

    def _say(self, reader: Reader, bubble: Bubble, before: Shown | None = None) -> None:
        at = self.clock.now.astimezone(ZoneInfo(reader.zone))
        is_same = before is not None and before.text == bubble.text
        line = Line(at, bubble, before is not None, is_same)
        self.scenes.setdefault(reader.name, []).append(line)


@asynccontextmanager
async def stage(folder: Path, begins: datetime) -> AsyncIterator[Play]:
    """The whole program on loopback; its model answers with what the papers' file says."""
    clock = Clock(begins)
    telegram = FakeTelegram()
    with FakeArxiv() as arxiv, FakeModel() as model:
        arxiv.today = _arxivs_day(begins)
        model.write(_announced(arxiv).get)
        async with telegram:
            settings = _settings(folder, arxiv, telegram, model)
            async with furnished(settings, clock, sleep=_at_once) as rooms:
                serving = asyncio.create_task(answering(settings, rooms))
                try:
                    yield Play(rooms, telegram, arxiv, clock)
                finally:
                    serving.cancel()
                    await asyncio.wait({serving})


def _settings(folder: Path, arxiv: FakeArxiv, telegram: FakeTelegram, model: FakeModel) -> Settings:
    return Settings(
        database_url=f"sqlite:///{folder}/paperboy.db",
        arxiv_feed_url=arxiv.feed_url,
        arxiv_api_url=arxiv.api_url,
        arxiv_site_url=arxiv.site_url,
        archives=("cs",),
        telegram_token=SecretStr(TOKEN),
        telegram_api_url=telegram.url,
        model="example-model",
        OPENAI_BASE_URL=model.url,
        OPENAI_API_KEY="sk-of-the-tour",
    )


async def _at_once(_seconds: float) -> None:
    """Nobody waits for arXiv's pauses here: arXiv is on loopback."""
    await asyncio.sleep(0)


def _arxivs_day(now: datetime) -> date:
    """The day whose papers arXiv shows: from 20:00 in New York on it is the next one's."""
    there = now.astimezone(ZoneInfo("America/New_York"))
    return (there + timedelta(hours=4)).date()


@dataclass(frozen=True)
class Texts:
    """What the model of the tour says of each paper."""

    by_title: dict[str, dict[str, Any]]

    def get(self, asked: Asked) -> dict[str, str]:
        """The answer to one request."""
        told = self.by_title[asked.paper["title"]]
        language = "zh" if "Chinese" in asked.system else "en"
        parts: dict[str, str] = {name: told[language][name] for name in PARTS}
        return parts | {"summary": " ".join(parts[name] for name in PARTS[2:])}


def _announced(arxiv: FakeArxiv) -> Texts:
    """Puts the sample edition and its neighbours on loopback."""
    written = [*sample.tables(), *tomllib.loads(PAPERS.read_text(encoding="utf-8"))["papers"]]
    # As a reader sees papers, not samples: under ids that arXiv never gave in February 2026.
    tables = [{**each, "id": each["id"].replace("9913.00", "2602.90")} for each in written]
    for each in tables:
        paper = sample.paper(each)
        day = each.get("day", sample.DAY)
        if each["kind"] == Kind.REPLACE.value:
            arxiv.announce(day, replaced=[paper])
        elif each["kind"] == Kind.CROSS.value:
            arxiv.announce(day, crossed=[paper])
        else:
            arxiv.announce(day, paper)
    return Texts({_read(each): each for each in tables})


def _read(table: dict[str, Any]) -> str:
    """A title as the prompt has it."""
    return readable(str(table["title"]))


def moment(text: str, zone: str = "UTC") -> datetime:
    """`2026-02-02 20:00` on a clock of that zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _tag(reader: Reader) -> str:
    """What their client says of its language."""
    return "zh-hans" if reader.language == "zh" else reader.language

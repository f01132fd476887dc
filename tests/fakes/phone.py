"""A phone: what its owner types and taps, and what their chat shows then; and a town of them.

    async with town(settings, arxiv) as lived:
        await lived.publish(TUESDAY, told_paper(1), told_paper(2))
        anna, bo = lived.phone(5, "en"), lived.phone(6, "zh-hans")
        shown = await anna.says("/today")       the newest message, once it is there: Shown
        shown = await anna.taps("Settings")     the message that changed, or the new one
        anna.toast                              what the last tap was told over the chat
        await lived.deliver(at(TUESDAY, 9))     the real delivery: what is due is frozen and sent

All of Paperboy is real but arXiv and Telegram, which are on loopback, and time.
"""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from bot.access import Door
from bot.channels.telegram_readers import Newcomers
from bot.commands.mornings import fresh_hour
from bot.pace import Pace
from bot.serving import furnished
from digest.models import Summary
from tests.conftest import NOON
from tests.fakes.chat import chatting
from tests.fakes.papers import paper
from tests.fakes.telegram import TOKEN, FakeTelegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.serving import Rooms
    from bot.settings import Settings
    from digest.models import Paper, Subscriber
    from tests.fakes.arxiv import FakeArxiv
    from tests.fakes.telegram_screen import Document, Shown

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 2, day) for day in (2, 3, 4))
"""arXiv announces on each of them."""

TITLES = (
    "A Language Model that Reads {n} Recipes before It Plans",
    "Cooking Agents That Learn from {n} Burnt Dinners",
    "World Models of {n} Kitchens, Learned from Video",
)
ABSTRACT = (
    "Robots follow one recipe at a time. We present a large language model agent, trained with "
    "reinforcement learning, that reads {n} recipes at once. It needs 31% fewer steps than the "
    "best published neural network, and it never burns the rice."
)
CHINESE = {
    1: ("从 1 顿烧糊的晚饭中学习的烹饪智能体", "步骤比已发表的最好方法少 31%，而且不会烧糊米饭。"),
    2: ("从视频学到的 2 间厨房的世界模型", "让机器人先在想象中做饭。"),
    3: ("先读 3 份食谱再计划的语言模型", "一次读完所有食谱。"),
}
"""Title and gist of what `real` makes, by its number."""


def real(number: int, **changed: Any) -> Paper:
    """An invented paper on AI whose id is in arXiv's range, as only tests may have it."""
    title = TITLES[number % len(TITLES)].format(n=number)
    told = {"title": title, "abstract": ABSTRACT.format(n=number), "categories": ("cs.AI",)}
    return replace(paper(number, **(told | changed)), id=f"2602.{90000 + number}")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of that day in UTC."""
    return datetime.combine(day, time(hour, minute), UTC)


@dataclass
class Phone:
    """See the module."""

    telegram: FakeTelegram
    chat: int
    language: str

    @property
    def screen(self) -> list[Shown]:
        return self.telegram.screen(self.chat)

    @property
    def last(self) -> Shown:
        return self.screen[-1]

    @property
    def toast(self) -> str:
        return self.telegram.toasts(self.chat)[-1]

    @property
    def files(self) -> list[Document]:
        return self.telegram.files(self.chat)

    async def says(self, text: str) -> Shown:
        before = len(self.screen)
        self.telegram.write(self.chat, text, language=self.language)
        await self.telegram.until(lambda: len(self.screen) > before)
        return self.last

    async def taps(self, label: str) -> Shown:
        before = [(each.message_id, each.edits) for each in self.screen]
        await self.told(label)
        await self.telegram.until(
            lambda: [(each.message_id, each.edits) for each in self.screen] != before
        )
        known = dict(before)
        return next(e for e in reversed(self.screen) if known.get(e.message_id) != e.edits)

    async def told(self, label: str) -> str:
        """Taps what shows nothing more than a few words over the chat."""
        told = len(self.telegram.toasts(self.chat))
        self.telegram.press(self.chat, label, language=self.language)
        await self.telegram.until(lambda: len(self.telegram.toasts(self.chat)) > told)
        return self.toast


@dataclass
class Town:
    """See the module."""

    telegram: FakeTelegram
    rooms: Rooms
    arxiv: FakeArxiv
    now: list[datetime] = field(default_factory=lambda: [NOON])

    def phone(self, chat: int, language: str) -> Phone:
        return Phone(self.telegram, chat, language)

    async def reader(self, chat: int) -> Subscriber:
        found = await self.rooms.app.store.subscribers.find("telegram", str(chat))
        assert found is not None
        return found

    async def join(self, chat: int, language: str, **chosen: Any) -> Phone:
        """A reader of `ai` who has come through their first minute."""
        app = self.rooms.app
        newcomer = newcomers(self.now).subscriber(str(chat), language)
        await app.store.subscribers.save(replace(newcomer, **({"fields": ("ai",)} | chosen)))
        return self.phone(chat, language)

    async def publish(self, day: date, *papers: Paper, replaced: tuple[Paper, ...] = ()) -> None:
        """An edition of a day, told in Chinese by a model as far as `CHINESE` says."""
        app = self.rooms.app
        self.arxiv.today = day
        self.arxiv.announce(day, *papers, replaced=replaced)
        await app.gathering.fetch(day, ("cs",))
        await app.gathering.renew(day)
        for each in papers:
            if words := CHINESE.get(int(each.id[-5:]) - 90000):
                await app.store.summaries.save(
                    in_chinese(each, *words), asked="zh", prompt="1", at=self.now[0]
                )
        await app.store.editions.publish(day, self.now[0])

    async def deliver(self, when: datetime) -> None:
        """What the clock brings: digests, recaps and bulletins that are due by then."""
        self.now[0] = when
        await self.rooms.delivery.tick(when)
        await self.rooms.delivery.send_waiting(when + timedelta(seconds=1))


def in_chinese(of: Paper, title: str, gist: str) -> Summary:
    return Summary(
        of.id,
        "zh",
        "small-model",
        title=title,
        gist=gist,
        text=gist,
        background="已有的方法不够好。",
        innovation="提出了新的方法。",
        conclusion="实验说明它有效。",
        version=of.version,
    )


def newcomers(now: list[datetime]) -> Newcomers:
    return Newcomers(hour=lambda zone: fresh_hour(zone, now[0].date()))


@asynccontextmanager
async def town(
    settings: Settings,
    arxiv: FakeArxiv,
    *,
    admins: tuple[int, ...] = (),
    is_open: bool = True,
    **options: Any,
) -> AsyncIterator[Town]:
    """Everything, serving; nobody is too quick for it, unless `options` (`chatting`'s) say so."""
    now = [NOON]
    passed = [0.0]

    async def sleep(seconds: float) -> None:
        passed[0] += seconds

    async with FakeTelegram() as telegram:
        chosen = settings.model_copy(
            update={
                "telegram_token": SecretStr(TOKEN),
                "telegram_api_url": telegram.url,
                "archives": ("cs",),
                "admins": admins,
            }
        )
        paced = _pace_of(passed, sleep)
        async with furnished(chosen, lambda: now[0], sleep=sleep, paced=paced) as rooms:
            named = frozenset(map(str, admins))
            desk = replace(rooms.app.desk, bot_name="paperboy_bot", admins=named)
            chosen_here = {"door": Door(desk, is_open, named), "newcomers": newcomers(now)}
            options = chosen_here | {"clock": itertools.count(step=3).__next__} | options
            async with chatting(rooms.app, telegram, **options):
                yield Town(telegram, rooms, arxiv, now)


def _pace_of(passed: list[float], sleep: Any) -> Any:
    def paced(rate: float) -> Pace:
        return Pace(rate, clock=lambda: passed[0], sleep=sleep)

    return paced

"""What a reader likes: /like, /dislike, /taste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Choice, Reply
from bot.commands.following import short
from digest import ids, taste, tasting
from digest.locale import listed, say, separated
from digest.render import found as found_page
from digest.render.notices import heading, notice
from digest.taste import Verdict

if TYPE_CHECKING:
    from collections import Counter

    from bot.commands import Answer, Desk
    from digest.models import Subscriber
    from digest.render.blocks import Block

RESET = frozenset({"reset", "forget", "重置", "清除", "忘记"})
SURE = frozenset({"yes", "是", "确认"})


async def like(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Shows more like a paper; said again, it is taken back."""
    return await _voted(desk, reader, argument, Verdict.LIKE)


async def dislike(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Shows less like a paper; said again, it is taken back."""
    return await _voted(desk, reader, argument, Verdict.DISLIKE)


async def _voted(desk: Desk, reader: Subscriber, argument: str, verdict: Verdict) -> Answer:
    spoken = reader.language
    wanted = ids.find(argument)
    if not wanted:
        key = "saved.not_an_id" if argument else "saved.which"
        words = say(key, spoken, text=short(argument), command=f"/{verdict}")
        return reader, Reply(notice(words))
    paper = await desk.reading.found(wanted[0])
    if reader.id is None:
        reader = await desk.store.subscribers.save(reader)
    assert reader.id is not None
    stands = await tasting.cast(desk.store, reader.id, paper, verdict, desk.clock())
    key = f"taste.{stands}d" if stands else "taste.taken_back"
    told = (await desk.store.summaries.get([paper.id], spoken)).get(paper.id)
    words = say(key, spoken, title=short(found_page.title(paper, told)))
    return reader, Reply((), toast=words)


async def show(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """What was learnt of the reader's taste, in words; `reset` forgets it, once confirmed."""
    spoken, number = reader.language, reader.id or 0
    counts = await desk.store.tastes.counts(number)
    if not counts:
        return reader, Reply((*_heading(spoken), *notice(say("taste.none", spoken))))
    asked = argument.casefold().split()
    if asked and asked[0] in RESET:
        return await _reset(desk, reader, counts, sure=bool(SURE & {*asked[1:]}))
    packed = await desk.store.tastes.get(number)
    told = taste.unpack(packed) if packed else None
    lines = [
        say("taste.learnt_from", spoken, what=_counted(counts, spoken)),
        *_leanings(told, spoken),
        say("taste.order", spoken),
    ]
    choice = Choice(say("taste.choice_reset", spoken), "/taste reset")
    return reader, Reply((*_heading(spoken), *notice("\n".join(lines))), (choice,))


async def _reset(desk: Desk, reader: Subscriber, counts: Counter[Verdict], *, sure: bool) -> Answer:
    spoken = reader.language
    if not sure:
        words = say("taste.reset_asked", spoken, what=_counted(counts, spoken))
        choice = Choice(say("taste.choice_sure", spoken), "/taste reset yes")
        return reader, Reply(notice(words), (choice,))
    await desk.store.tastes.reset(reader.id or 0)
    return reader, Reply(notice(say("taste.reset_done", spoken)))


def _heading(language: str) -> tuple[Block, ...]:
    return heading(say("taste.title", language))


def _counted(counts: Counter[Verdict], language: str) -> str:
    """As in: 7 likes, 1 dislike and 3 saves."""
    each = [say(f"taste.{one}s", language, count=counts[one]) for one in Verdict if counts[one]]
    return listed(each, language)


def _leanings(told: taste.Taste | None, language: str) -> list[str]:
    """What the reader leans towards, and away from, in the words of papers."""
    towards, away = taste.telling(taste.weights(told))
    found = [
        say(key, language, words=separated(words, language))
        for key, words in (("taste.towards", towards), ("taste.away", away))
        if words
    ]
    return found or [say("taste.unclear", language)]

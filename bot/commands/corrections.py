"""A summary that is not good: have it written anew (/again), or say what is wrong (/mistake)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.commands import Reply
from bot.commands.papers import shown, which
from digest import ids
from digest.errors import WriterCapped, WriterError
from digest.ids import PaperId
from digest.locale import say
from digest.render.notices import notice
from digest.store.mistakes import Mistake

if TYPE_CHECKING:
    from bot.commands import Answer, Desk
    from digest.models import Subscriber
    from digest.reading import Told

MOST_A_DAY = 5
"""Reports of one reader that are taken in any 24 hours: admins read them all."""

LONGEST = 500
"""So much of what a reader says is wrong is kept, in characters."""


async def again(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Has a summary written anew, once a day; the old one stays until the new one is good."""
    wanted = ids.find(argument)
    if not wanted:
        return reader, which(reader, argument)
    if wanted[0].is_sample:
        return reader, _said(reader, "paper.again_sample")
    if desk.reading.telling.model is None or reader.id is None:
        return reader, _said(reader, "paper.again_no_model")
    with desk.reading.telling.asked_by(reader.id):
        told = await desk.reading.paper(PaperId(wanted[0].id), reader.language)
    return reader, await _anew(desk, reader, told)


async def _anew(desk: Desk, reader: Subscriber, told: Told) -> Reply:
    """The page with what the model says now; or why the old one stays."""
    assert reader.id is not None
    this = (reader.id, told.paper.id, told.paper.version)
    if not await desk.store.mistakes.told_anew(*this, desk.today(reader)):
        return _said(reader, "paper.again_once")
    telling = desk.reading.telling
    try:
        with telling.asked_by(reader.id, anew=True):
            summary = await telling.again(told.paper, reader.language)
    except WriterError as error:
        await desk.store.mistakes.not_told_anew(*this)
        reason = error.params["reason"] if isinstance(error, WriterCapped) else "failed"
        return _said(reader, f"paper.again_{reason}")
    anew = replace(told, summary=summary)
    page = await shown(desk, reader, anew, PaperId(told.paper.id))
    return replace(page, in_place=True, toast=say("paper.again_done", reader.language))


async def mistake(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Stores what is wrong with a summary, and tells the admins; not who said so."""
    wanted = ids.find(argument)
    if not wanted or reader.id is None:
        return reader, which(reader, argument)
    if wanted[0].is_sample:
        return reader, _said(reader, "paper.mistake_sample")
    since = desk.clock() - timedelta(days=1)
    if await desk.store.mistakes.count(reader.id, since) >= MOST_A_DAY:
        return reader, _said(reader, "paper.mistakes_enough")
    told = await desk.reading.paper(wanted[0], reader.language)
    words = _words(argument)
    reported = Mistake(
        subscriber_id=reader.id,
        at=desk.clock(),
        paper_id=told.paper.id,
        version=told.summary.version,
        language=reader.language,
        writer=told.summary.writer,
        words=words,
    )
    await desk.store.mistakes.add(reported)
    await desk.tell_admins(
        "alarms.mistake_in_words" if words else "alarms.mistake",
        id=reported.paper_id,
        language=reported.language,
        writer=reported.writer,
        words=words,
    )
    return reader, Reply(notice(_thanks(desk, reader, told.paper.id, words)))


def _thanks(desk: Desk, reader: Subscriber, paper_id: str, words: str) -> str:
    """What a reporter hears; what may help them now, too, where it can be done."""
    key = "paper.mistake_thanks" if words else "paper.mistake_noted"
    if words and desk.reading.telling.model is None:
        key = "paper.mistake_thanks_only"
    return say(key, reader.language, id=paper_id)


def _words(argument: str) -> str:
    """What is said beside the paper's id or link."""
    said = [word for word in argument.split() if not ids.find(word)]
    return " ".join(said).strip(" :：,，—-")[:LONGEST]


def _said(reader: Subscriber, key: str) -> Reply:
    return Reply(notice(say(key, reader.language)))

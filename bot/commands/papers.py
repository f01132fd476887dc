"""One paper: /paper, and where its summary comes from: /source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands import Choice, Reply, saving
from bot.commands.following import short
from digest import ids
from digest.locale import say
from digest.render import paper as paper_page
from digest.render.blocks import abstract_url
from digest.render.notices import notice
from digest.summarize import sources
from digest.text import links

if TYPE_CHECKING:
    from bot.commands import Answer, Desk
    from digest.ids import PaperId
    from digest.models import Paper, Subscriber
    from digest.reading import Told

HTML_FROM = "2312"
"""ArXiv makes HTML of what was submitted since December 2023, by the beginning of its id."""

MOST_OTHERS = 5
"""Of several ids in one message so many are offered beside the first."""


async def paper(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """One paper."""
    wanted = ids.find(argument)
    if not wanted:
        return reader, which(reader, argument)
    told = await _told(desk, reader, wanted[0])
    others = tuple(Choice(str(each), f"/paper {each}") for each in wanted[1 : 1 + MOST_OTHERS])
    return reader, replace(await shown(desk, reader, told, wanted[0]), choices=others)


async def shown(desk: Desk, reader: Subscriber, told: Told, wanted: PaperId) -> Reply:
    """A paper's page, and what can be done with it; it counts as opened."""
    page = paper_page.blocks(
        told.paper,
        reader.language,
        summary=told.summary,
        announced=told.days,
        sample=told.sample,
        note=say(told.note.key, reader.language, **dict(told.note.values)) if told.note else "",
    )
    if reader.id is not None and not told.sample:
        await desk.store.opened.add(reader.id, told.paper.id, desk.clock())
    is_saved = await saving.is_saved(desk, reader, told.paper.id)
    page += await saving.note_of(desk, reader, told.paper.id)
    is_told_anew = desk.reading.telling.model is not None
    rows = _rows(told, wanted, reader.language, is_saved=is_saved, is_told_anew=is_told_anew)
    return Reply(page, rows=rows)


async def source(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """For each claim of a summary the sentence of the abstract that it rests on."""
    wanted = ids.find(argument)
    if not wanted:
        return reader, which(reader, argument)
    told = await _told(desk, reader, wanted[0])
    found = [each for each in sources.claims(told.summary, told.paper) if each.sentences]
    if not found:
        return reader, Reply(notice(say("paper.no_sources", reader.language, id=told.paper.id)))
    page = paper_page.sources(told.paper, found, reader.language, title=told.summary.title)
    back = Choice(say("paper.choice_back", reader.language), f"/paper {wanted[0]}")
    return reader, Reply(page, (back,))


async def _told(desk: Desk, reader: Subscriber, wanted: PaperId) -> Told:
    """The paper with its summary, which is on the reader's account."""
    with desk.reading.telling.asked_by(reader.id):
        return await desk.reading.paper(wanted, reader.language)


def which(reader: Subscriber, argument: str) -> Reply:
    """What is said to somebody who names no paper."""
    key = "commands.not_an_id" if argument else "commands.which_paper"
    return Reply(notice(say(key, reader.language, text=short(argument))))


def _rows(
    told: Told, wanted: PaperId, language: str, *, is_saved: bool, is_told_anew: bool
) -> tuple[tuple[Choice, ...], ...]:
    """What can be done with a paper; with an invented one only to look where its summary is from.

    `book` leaves out what there is no command for.
    """
    source = Choice(say("paper.choice_source", language), f"/source {wanted}")
    if told.sample:
        return ((source,),)
    one = told.paper
    return (
        (*_pages(one), *_found(one, language)),
        tuple(
            Choice(say(f"paper.choice_{name}", language), f"/{name} {one.id}")
            for name in ("unsave" if is_saved else "save", "similar", "like", "dislike")
        ),
        (
            Choice(say("paper.choice_bibtex", language), f"/bibtex {one.id}"),
            Choice(say("paper.choice_share", language), shares=one.id),
            source,
        ),
        tuple(
            Choice(say(f"paper.choice_{name}", language), f"/{name} {wanted}")
            for name in (("again", "mistake") if is_told_anew else ("mistake",))
        ),
    )


def _pages(one: Paper) -> tuple[Choice, ...]:
    """The paper itself, as it is read elsewhere."""
    if not abstract_url(one.id):
        return ()
    version = f"v{one.version}" if one.version else ""
    pdf = Choice("PDF", link=f"https://arxiv.org/pdf/{one.id}{version}")
    html = Choice("HTML", link=f"https://arxiv.org/html/{one.id}{version}")
    alphaxiv = Choice("alphaXiv", link=f"https://www.alphaxiv.org/abs/{one.id}")
    return (pdf, html, alphaxiv) if "/" not in one.id and one.id >= HTML_FROM else (pdf, alphaxiv)


def _found(one: Paper, language: str) -> tuple[Choice, ...]:
    """The code and project pages that its authors name."""
    return tuple(
        Choice(say(f"paper.{each.kind}", language), link=each.url)
        for each in links.found(one.abstract, one.comment)
    )

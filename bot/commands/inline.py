"""What is asked from within another chat (`@bot 2602.02489`): papers as cards to share there.

It is asked at every keystroke, so it reads what is stored and nothing else: neither arXiv nor a
model is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.commands import Choice
from digest import finding, ids
from digest.locale import say
from digest.render import paper as paper_page
from digest.render.blocks import abstract_url
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.commands import Desk
    from digest.models import Paper, Summary
    from digest.render.blocks import Block

MOST = 10
"""Cards for one question."""

LONGEST = 256
"""What Telegram hands on, in characters."""


SHORTEST = 2
"""One letter is the beginning of a word; a Chinese character is a word, in characters."""


@dataclass(frozen=True, slots=True)
class Card:
    """One paper to share.

    Attributes:
        id: the paper's.
        title: in the asker's language, where it is told in that.
        about: a line about it, for choosing.
        blocks: what is sent to the chat.
        choices: what stands below it there; they open pages, for whoever reads it there may be
            nobody of ours.
    """

    id: str
    title: str
    about: str
    blocks: tuple[Block, ...]
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """What there is for a question.

    Attributes:
        cards: at most `MOST`.
        missing: the id that was asked for and is not stored: the bot itself can fetch it.
    """

    cards: tuple[Card, ...] = ()
    missing: str = ""


async def cards(desk: Desk, language: str, text: str) -> Cards:
    """Papers for what somebody types: by ids and links, else by words."""
    text = text[:LONGEST].strip()
    wanted = ids.find(text)[:MOST]
    if not wanted:
        return Cards(await _searched(desk, text, language))
    found = await desk.store.papers.many([each.id for each in wanted])
    missing = next(
        (str(each) for each in wanted if each.id not in found and not each.is_sample), ""
    )
    return Cards(await _told(desk, list(found.values()), language), missing)


async def _searched(desk: Desk, text: str, language: str) -> tuple[Card, ...]:
    """The newest papers that have all the words."""
    if len(text) < SHORTEST and text.isascii():
        return ()
    found = await finding.search(desk.store, text, limit=MOST)
    return await _told(desk, [hit.paper for hit in found.hits.hits], language)


async def _told(desk: Desk, papers: Sequence[Paper], language: str) -> tuple[Card, ...]:
    """Papers as cards: with stored summaries, else with extracts, a millisecond each."""
    told = await desk.store.summaries.get([paper.id for paper in papers], language)
    for paper in papers:
        if paper.id not in told:
            told[paper.id] = await desk.reading.telling.extract.write(paper, language)
    return tuple(card(paper, told[paper.id], language) for paper in papers)


def card(paper: Paper, summary: Summary, language: str) -> Card:
    """A paper as it is shared."""
    facts = f"{paper_page.authors(paper)} · {', '.join(paper.categories[:2])} · {paper.id}"
    choices: tuple[Choice, ...] = ()
    if link := abstract_url(paper.id):
        pdf = Choice("PDF", link=link.replace("/abs/", "/pdf/", 1))
        choices = (Choice("arXiv", link=link), pdf)
    return Card(
        paper.id,
        summary.title or readable(paper.title),
        summary.gist or facts,
        paper_page.card(paper, language, summary=summary),
        choices,
    )


def hint(language: str, missing: str) -> str:
    """What stands above the cards where there are none, or where one is missing."""
    if missing:
        return say("inline.missing", language, id=missing)
    return say("inline.how", language)

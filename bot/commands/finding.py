"""Finding papers: /search, /author, /similar."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.commands import Choice, Reply
from bot.commands.following import short
from digest import finding, ids
from digest.errors import PaperInvented
from digest.fields import authors
from digest.locale import number, say, separated, together
from digest.render import found as found_page
from digest.render.notices import heading, notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.commands import Answer, Desk
    from digest.finding import Found
    from digest.models import Subscriber
    from digest.render.blocks import Block
    from digest.store.search import Hit

PAGE = 8
"""Papers on a page: a row of buttons, and one screen of a phone."""

LONGEST = 200
"""So much of what is looked for is kept in buttons, in characters."""

MOST_PAGES = 125  # a thousand papers
_PAGE = re.compile(r"(?<!\S)page[:：](\d{1,4})(?!\S)", re.IGNORECASE)
_RANK = re.compile(r"(?<!\S)by[:：](best|date)(?!\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is typed behind /search: words, and which page in which order.

    Attributes:
        turned: a page or an order was named, as the buttons below results do.
    """

    words: str
    page: int = 1
    by_rank: bool = False
    turned: bool = False

    @property
    def offset(self) -> int:
        """So many papers stand before the page."""
        return (self.page - 1) * PAGE

    def command(self, name: str, page: int = 1, *, by_rank: bool | None = None) -> str:
        """The command for another page, or another order."""
        by_rank = self.by_rank if by_rank is None else by_rank
        order = " by:best" if by_rank else ""
        return f"/{name} {self.words}{order} page:{page}"


def understand(argument: str) -> Asked:
    """`world model by:best page:2`; a page that there cannot be is the first or the last."""
    page, order = _PAGE.search(argument), _RANK.search(argument)
    words = " ".join(_RANK.sub(" ", _PAGE.sub(" ", argument)).split())[:LONGEST].strip()
    return Asked(
        words,
        min(max(1, int(page[1])), MOST_PAGES) if page else 1,
        bool(order and order[1].casefold() == "best"),
        bool(page or order),
    )


def has_word(text: str) -> bool:
    """Whether there is anything in a text that can be looked for."""
    return any(letter.isalnum() for letter in text)


async def search(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Papers that have all words, in any language, the newest first or the best."""
    asked = understand(argument)
    if not has_word(asked.words):
        return reader, Reply(notice(say("search.which", reader.language)))
    found = await finding.search(
        desk.store, asked.words, limit=PAGE, offset=asked.offset, by_rank=asked.by_rank
    )
    if not found.hits.total:
        if await _is_empty(desk):
            return reader, Reply(notice(say("search.nothing_stored", reader.language)))
        return reader, _nothing(found, asked, reader.language)
    if last := _last(found, asked):
        return await search(desk, reader, last)
    said = (_counted(found, asked, reader.language), *_beside(found, reader.language))
    title = say("search.title", reader.language, words=short(asked.words))
    blocks = (*heading(title), *notice(together(said, reader.language)))
    return reader, await _page(desk, reader, blocks, found, asked)


async def author(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Papers of somebody, the newest first, with a button to follow them."""
    asked = understand(argument)
    language, name = reader.language, authors.named(asked.words)
    if not name:
        return reader, Reply(notice(say("search.which_author", language)))
    found = await finding.by_author(desk.store, name, limit=PAGE, offset=asked.offset)
    if last := _last(found, asked):
        return await author(desk, reader, last)
    if not found.hits.hits:
        latin = any(letter.isascii() for letter in name if letter.isalpha())
        key = "search.no_author" if latin else "search.author_latin"
        key = "search.nothing_stored" if await _is_empty(desk) else key
        return reader, Reply(notice(say(key, language, name=short(name))))
    said = (_counted(found, asked, language), *_beside(found, language))
    head = heading(say("search.author_title", language, name=short(name)))
    blocks = (*head, *notice(together(said, language)))
    reply = await _page(desk, reader, blocks, found, asked, "author")
    return reader, replace(reply, choices=_follow(name, reader))


def _follow(name: str, reader: Subscriber) -> tuple[Choice, ...]:
    key = f"{authors.PREFIX}{name}"
    if key in reader.fields:
        return ()
    label = say("search.choice_author", reader.language, name=short(name))
    return (Choice(label, f"/field {key}"),)


async def similar(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """The stored papers that are most like one, and the words that both have."""
    language, wanted = reader.language, ids.find(argument)
    if not wanted:
        return reader, Reply(notice(say("search.which_similar", language)))
    paper = await desk.store.papers.get(wanted[0].id)
    if paper is None:
        if wanted[0].is_sample:
            raise PaperInvented(id=wanted[0].id)
        shown = Choice(wanted[0].id, f"/paper {wanted[0].id}")
        said = say("search.similar_not_stored", language, id=wanted[0].id)
        return reader, Reply(notice(said), (shown,))
    found = await finding.similar(desk.store, paper, limit=PAGE)
    if not found:
        return reader, Reply(notice(say("search.none_similar", language, id=paper.id)))
    hits = [each.hit for each in found]
    told = await desk.store.summaries.get((*(hit.paper.id for hit in hits), paper.id), language)
    why = {
        each.hit.paper.id: say("search.shares", language, words=separated(each.shared, language))
        for each in found
    }
    name = found_page.title(paper, told.get(paper.id))
    head = heading(say("search.similar_title", language, title=short(name)))
    listed = found_page.blocks([(hit.paper, hit.day) for hit in hits], told, why=why)
    return reader, Reply((*head, *listed), rows=(_numbers(hits, 0),))


async def _page(
    desk: Desk,
    reader: Subscriber,
    head: Sequence[Block],
    found: Found,
    asked: Asked,
    name: str = "search",
) -> Reply:
    """A page of papers, with buttons that open them, turn the page and change the order."""
    hits = found.hits.hits
    told = await desk.store.summaries.get((hit.paper.id for hit in hits), reader.language)
    listed = found_page.blocks([(hit.paper, hit.day) for hit in hits], told, first=asked.offset + 1)
    rows = (_numbers(hits, asked.offset), _turns(found, asked, name))
    order = Choice(
        say("search.choice_newest" if asked.by_rank else "search.choice_best", reader.language),
        asked.command("search", by_rank=not asked.by_rank),
    )
    choices = (order,) if found.hits.total > 1 else ()
    return Reply((*head, *listed), choices, rows=tuple(filter(None, rows)), in_place=asked.turned)


def _numbers(hits: Sequence[Hit], offset: int) -> tuple[Choice, ...]:
    return tuple(
        Choice(str(at), f"/paper {hit.paper.id}") for at, hit in enumerate(hits, offset + 1)
    )


def _turns(found: Found, asked: Asked, name: str) -> tuple[Choice, ...]:
    """◀ and ▶, where there is a page on that side."""
    back = (Choice("◀", asked.command(name, asked.page - 1)),) if asked.page > 1 else ()
    behind = found.hits.total + found.hits.more - asked.offset - PAGE
    is_last = behind <= 0 or asked.page >= MOST_PAGES
    return (*back, *(() if is_last else (Choice("▶", asked.command(name, asked.page + 1)),)))


def _last(found: Found, asked: Asked) -> str:
    """The argument for the last page there is, where one behind it was asked for; else nothing."""
    if found.hits.hits or not found.hits.total:
        return ""
    page = min(asked.page - 1, -(-found.hits.total // PAGE))
    return asked.command("", page).removeprefix("/")


def _counted(found: Found, asked: Asked, language: str) -> str:
    count, more = found.hits.total, found.hits.more
    if asked.by_rank:
        return say("search.ranked_of_more" if more else "search.ranked", language, count=count)
    return say("search.newest_of_more" if more else "search.newest", language, count=count)


def _beside(found: Found, language: str) -> tuple[str, ...]:
    """What was looked for besides, and what could not be found yet."""
    said = [
        say("search.widened", language, word=short(word), names=separated(names, language))
        for word, names in found.widened
    ]
    if found.waiting > finding.SOON:
        said.append(say("search.waiting", language, count=found.waiting))
    return tuple(said)


async def _is_empty(desk: Desk) -> bool:
    """Whether there is no edition but the sample, in which nothing is searched."""
    return await desk.store.editions.newest_stored() is None


def _fewer(words: str, total: int, language: str) -> Choice:
    shown = number(total, language)
    label = say("search.choice_fewer", language, words=short(words), number=shown)
    return Choice(label, f"/search {words}")


def _nothing(found: Found, asked: Asked, language: str) -> Reply:
    """Nothing has all of it; searches with fewer words are offered."""
    said = (say("search.nothing", language, words=short(asked.words)), *_beside(found, language))
    offered = tuple(_fewer(words, total, language) for words, total in found.fewer)
    if offered:
        said = (*said, say("search.fewer", language))
    return Reply(notice(together(said, language)), offered)

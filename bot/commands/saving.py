"""What a reader keeps: /save, /unsave, /saved, /note."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.commands import Choice, Reply
from bot.commands.following import short
from digest import ids, tasting
from digest.locale import say, short_date
from digest.render import saved as saved_page
from digest.render.blocks import Block
from digest.render.notices import heading, notice
from digest.render.safe import harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.commands import Answer, Desk
    from digest.ids import PaperId
    from digest.models import Subscriber
    from digest.saved import Saved

MOST_SAVED = 5000
"""More than anybody reads; keeps a search and an export quick."""

LONGEST_NOTE = 500
"""Of a note, in characters."""

ON_A_PAGE = 8
"""A row of Telegram's buttons."""

_PAGED = re.compile(r"(\d{1,3})(?:\s+(.*))?", re.DOTALL)
_GAP = re.compile(r"[\s，；、]+")


async def save(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Keeps a paper, with a note where one is given."""
    wanted, note = _split(argument)
    if refused := _refused(wanted, note, argument, reader):
        return reader, refused
    assert wanted is not None
    reader, number = await _stored(desk, reader)
    before = await desk.store.saved.get(number, wanted.id, reader.language)
    if before is not None:
        if note and note != before.note:
            return await _noted(desk, reader, before, note)
        return reader, _already(desk, reader, before)
    if await desk.store.saved.count(number) >= MOST_SAVED:
        return reader, Reply(notice(say("saved.too_many", reader.language, most=MOST_SAVED)))
    paper = await desk.reading.found(wanted)
    await desk.store.saved.add(number, paper, desk.clock(), note)
    await tasting.saved(desk.store, number, paper, desk.clock())
    kept = await desk.store.saved.get(number, paper.id, reader.language)
    title = short(saved_page.title(kept)) if kept else paper.id
    key = "saved.done_with_note" if note else "saved.done"
    choices = (_add_note(paper.id, reader), *_after(paper.id, reader)) if not note else ()
    words = say(key, reader.language, title=title)
    taken = Choice(say("paper.choice_unsave", reader.language), f"/unsave {paper.id}")
    return reader, Reply((), choices, toast=words, becomes=taken)


async def unsave(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Keeps a paper no more."""
    wanted, _ = _split(argument)
    if wanted is None:
        return reader, _which(argument, reader, "/unsave")
    spoken = reader.language
    kept = await desk.store.saved.get(reader.id or 0, wanted.id, spoken)
    if kept is None:
        return reader, Reply(notice(say("saved.not_saved", spoken, id=wanted.id)))
    await desk.store.saved.remove(reader.id or 0, wanted.id)
    await tasting.unsaved(desk.store, reader.id or 0, kept.paper, desk.clock())
    words = say("saved.removed", spoken, title=short(saved_page.title(kept)))
    again = f"/save {wanted.id} {kept.note}".strip()
    back = Choice(say("saved.choice_again", spoken), again)
    free = Choice(say("paper.choice_save", spoken), again)  # with the note that it had
    return reader, Reply((), (back,), toast=words, becomes=free)


async def note(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Puts a note on a paper, which is saved by that; without words the note is taken away."""
    wanted, words = _split(argument)
    if refused := _refused(wanted, words, argument, reader, "/note"):
        return reader, refused
    assert wanted is not None
    kept = await desk.store.saved.get(reader.id or 0, wanted.id, reader.language)
    if kept is not None:
        return await _noted(desk, reader, kept, words)
    if not words:
        return reader, Reply(notice(say("saved.how_to_note", reader.language, id=wanted.id)))
    return await save(desk, reader, argument)


async def saved(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """What is saved, the newest first, as pages; with words, where these are found."""
    paged = _PAGED.fullmatch(argument)
    page, words = (int(paged[1]), paged[2] or "") if paged else (1, argument)
    number, spoken = reader.id or 0, reader.language
    if words:
        found: Sequence[Saved] = await desk.store.saved.matching(number, spoken, words)
        count = len(found)
    else:
        count = await desk.store.saved.count(number)
    if not count:
        return reader, _none(words, reader)
    pages = -(-count // ON_A_PAGE)
    page = min(max(page, 1), pages)
    skip = (page - 1) * ON_A_PAGE
    if words:
        shown = found[skip : skip + ON_A_PAGE]
    else:
        shown = await desk.store.saved.page(number, spoken, skip=skip, limit=ON_A_PAGE)
    head = heading(_title(words, count, page, pages, reader))
    listed = saved_page.blocks(
        shown, spoken, first=skip + 1, zone=ZoneInfo(reader.timezone), today=desk.today(reader)
    )
    rows = _rows(shown, skip, words, page, pages)
    export = Choice(say("saved.choice_export", spoken), "/export")
    below = (export,) if not words and page == pages else ()
    return reader, Reply((*head, *listed), below, rows=rows, in_place=paged is not None)


async def note_of(desk: Desk, reader: Subscriber, paper_id: str) -> tuple[Block, ...]:
    """That a paper is saved, with its note, as a block for its page; nothing where it is not."""
    kept = await desk.store.saved.get(reader.id or 0, paper_id) if reader.id else None
    return _note(kept, reader) if kept else ()


async def is_saved(desk: Desk, reader: Subscriber, paper_id: str) -> bool:
    """Whether the reader keeps a paper: its page offers to take it off then."""
    return reader.id is not None and bool(await desk.store.saved.ids(reader.id, [paper_id]))


def _split(argument: str) -> tuple[PaperId | None, str]:
    """The paper's id, and the words behind it."""
    whole = ids.parse(argument)
    if whole is not None:
        return whole, ""
    first, gap, rest = argument, "", ""
    if parted := _GAP.search(argument):
        first, gap, rest = argument[: parted.start()], parted[0], argument[parted.end() :]
    return (ids.parse(first) if gap else None), " ".join(harmless(rest).split())


def _refused(
    wanted: PaperId | None, note: str, argument: str, reader: Subscriber, command: str = "/save"
) -> Reply | None:
    """What to say where it cannot be done: no such id, or more words than a note holds."""
    if wanted is None:
        return _which(argument, reader, command)
    if len(note) > LONGEST_NOTE:
        return Reply(
            notice(say("saved.long_note", reader.language, length=len(note), most=LONGEST_NOTE))
        )
    return None


def _which(argument: str, reader: Subscriber, command: str) -> Reply:
    key = "saved.not_an_id" if argument else "saved.which"
    return Reply(notice(say(key, reader.language, text=short(argument), command=command)))


async def _stored(desk: Desk, reader: Subscriber) -> tuple[Subscriber, int]:
    """The reader with their number; who speaks for the first time gets one."""
    if reader.id is None:
        reader = await desk.store.subscribers.save(reader)
    assert reader.id is not None
    return reader, reader.id


async def _noted(desk: Desk, reader: Subscriber, kept: Saved, words: str) -> Answer:
    await desk.store.saved.annotate(reader.id or 0, kept.paper.id, words)
    key = "saved.noted" if words else "saved.note_removed"
    title = short(saved_page.title(kept))
    return reader, Reply((), toast=say(key, reader.language, title=title))


def _already(desk: Desk, reader: Subscriber, kept: Saved) -> Reply:
    """Told to whoever saves a paper again."""
    spoken = reader.language
    saved_on = kept.at.astimezone(ZoneInfo(reader.timezone)).date()
    day = short_date(saved_on, spoken, desk.today(reader))
    words = say("saved.already", spoken, title=short(saved_page.title(kept)), day=day)
    return Reply((*notice(words), *_note(kept, reader)), _after(kept.paper.id, reader))


def _note(kept: Saved, reader: Subscriber) -> tuple[Block, ...]:
    lines = saved_page.note(kept.note, reader.language)
    return (Block(lines),) if lines else ()


def _add_note(paper_id: str, reader: Subscriber) -> Choice:
    return Choice(say("saved.choice_note", reader.language), f"/note {paper_id}")


def _after(paper_id: str, reader: Subscriber) -> tuple[Choice, ...]:
    spoken = reader.language
    return (
        Choice(say("saved.choice_unsave", spoken), f"/unsave {paper_id}"),
        Choice(say("saved.choice_saved", spoken), "/saved"),
    )


def _none(words: str, reader: Subscriber) -> Reply:
    if not words:
        return Reply(notice(say("saved.none", reader.language)))
    choice = Choice(say("saved.choice_saved", reader.language), "/saved")
    return Reply(notice(say("saved.none_with", reader.language, text=short(words))), (choice,))


def _title(words: str, count: int, page: int, pages: int, reader: Subscriber) -> str:
    key = "saved.title_with" if words else "saved.title"
    title = say(key, reader.language, count=count, text=short(words))
    return title if pages == 1 else f"{title} · {page}/{pages}"


def _rows(
    shown: Sequence[Saved], skip: int, words: str, page: int, pages: int
) -> tuple[tuple[Choice, ...], ...]:
    """Numbers that open the papers, and the pages before and behind."""
    numbers = tuple(
        Choice(str(number), f"/paper {each.paper.id}")
        for number, each in enumerate(shown, skip + 1)
    )
    turns = [
        Choice(label, f"/saved {other} {words}".strip())
        for label, other in (("◀", page - 1), ("▶", page + 1))
        if 1 <= other <= pages
    ]
    return (numbers, tuple(turns)) if turns else (numbers,)

"""What a reader takes away with them, as files: /export, /bibtex."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

from bot.commands import Attachment, Choice, Reply
from bot.commands.following import short
from digest import ids
from digest.locale import say
from digest.render.blocks import Block, Role, line
from digest.render.citations import FORMATS, bibtex
from digest.render.notices import notice

if TYPE_CHECKING:
    from bot.commands import Answer, Desk
    from digest.models import Subscriber

ALL = "all"
"""The word for everything that is stored of somebody."""

LONGEST_COPY = 256
"""What a button may put on the clipboard, in characters."""

_WORDS = {"bib": "bibtex", "markdown": "md", "excel": "csv", "endnote": "ris", "zotero": "ris"}
_WORDS |= dict.fromkeys(("mine", "me", "json", "everything", "全部", "所有"), ALL)


async def export(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """What is saved, or everything about the reader, as a file."""
    typed = unicodedata.normalize("NFKC", argument).strip().lstrip(".").casefold()
    word = _WORDS.get(typed, typed)
    if word == ALL:
        return reader, await _everything(desk, reader)
    if word not in FORMATS:
        key = "saved.bad_format" if typed else "saved.which_format"
        words = say(key, reader.language, text=short(argument))
        return reader, Reply(notice(words), _formats(reader))
    shelf = desk.store.saved.all(reader.id or 0, reader.language)
    kept = [each async for each in shelf]
    if not kept:
        return reader, Reply(notice(say("saved.none", reader.language)))
    form, today = FORMATS[word], desk.today(reader)
    name = f"paperboy-{today.isoformat()}.{form.ending}"
    file = Attachment(name, form.write(kept, reader.language, today), form.media_type)
    words = say("saved.exported", reader.language, count=len(kept), format=form.name)
    return reader, Reply(notice(words), file=file)


async def cite(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """One paper as BibTeX."""
    wanted = ids.find(argument)
    if not wanted:
        key = "saved.not_an_id" if argument else "saved.which"
        words = say(key, reader.language, text=short(argument), command="/bibtex")
        return reader, Reply(notice(words))
    paper = await desk.reading.found(wanted[0])
    [key] = bibtex.keys([paper])
    entry, copied = bibtex.entry(paper, key), bibtex.short(paper, key)
    file = Attachment(f"{key}.bib", f"{entry}\n".encode(), FORMATS["bibtex"].media_type)
    copy = Choice(say("saved.choice_copy", reader.language), copies=copied)
    page = Block(tuple(line(row) for row in entry.split("\n")), Role.CODE)
    return reader, Reply((page,), (copy,) if len(copied) <= LONGEST_COPY else (), file=file)


async def _everything(desk: Desk, reader: Subscriber) -> Reply:
    """All rows of the reader's, as one JSON document."""
    if reader.id is None:
        return Reply(notice(say("saved.nothing_stored", reader.language)))
    head = {"paperboy": "one reader", "made_at": desk.clock().isoformat()}
    whole = head | await desk.store.owned.of(reader.id)
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    name = f"paperboy-all-{desk.today(reader).isoformat()}.json"
    # What cannot be encoded was never stored; half a pair in it would cost the whole file.
    file = Attachment(name, text.encode("utf-8", "replace"), "application/json")
    return Reply(notice(say("saved.exported_all", reader.language)), file=file)


def _formats(reader: Subscriber) -> tuple[Choice, ...]:
    files = tuple(Choice(each.name, f"/export {word}") for word, each in FORMATS.items())
    everything = Choice(say("saved.choice_all", reader.language), f"/export {ALL}")
    return (*files, everything)

"""The first minute: /start, its links, fields by tapping (/pick), sharing them (/share)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import deeplinks
from bot.commands import Choice, Reply, papers
from bot.commands.following import MOST_FIELDS
from bot.commands.mornings import hour_words
from digest import fields
from digest.locale import listed, say
from digest.models import State
from digest.render.blocks import Block, Role, line
from digest.render.notices import heading, notice
from digest.text.width import width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.commands import Answer, Desk
    from digest.ids import PaperId
    from digest.models import Subscriber

A_ROW, ROW_COLUMNS = 3, 33  # buttons side by side, and their columns together
TICK = "✓ "


async def start(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Greets, and offers fields by tapping; a link opens its paper, or offers its fields."""
    reader = replace(reader, state=State.ACTIVE, paused_until=None)
    linked = deeplinks.understood(argument.strip())
    if linked and linked.paper:
        return await _paper(desk, reader, linked.paper)
    if linked:
        return _shared(reader, linked.fields)
    if not reader.fields:
        return reader, _picking(reader)
    words = say("commands.welcome_back", reader.language, time=hour_words(reader))
    return reader, Reply(notice(words), (_today(reader),))


async def pick(_desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Follows a field or leaves it, and shows all of them again with their ticks."""
    found = fields.resolve(argument).field if argument else None
    if found is None:
        return reader, _picking(reader)
    is_followed = found.key in reader.fields
    if is_followed:
        kept = tuple(key for key in reader.fields if key != found.key)
        reader = replace(reader, fields=kept)
    elif len(reader.fields) < MOST_FIELDS:
        reader = replace(reader, fields=(*reader.fields, found.key))
    name = fields.name(found, reader.language)
    toast = name if is_followed else TICK + name
    return reader, replace(_picking(reader), in_place=True, toast=toast)


async def share(desk: Desk, reader: Subscriber, _argument: str) -> Answer:
    """A link that offers the reader's fields to somebody else."""
    spoken = reader.language
    if not reader.fields:
        return reader, _picking(reader)
    payload, carried = deeplinks.of_fields(reader.fields)
    link = f"https://t.me/{desk.bot_name}?start={payload}" if desk.bot_name else f"/start {payload}"
    blocks = [*notice(say("commands.share", spoken)), Block((line(link),), Role.CODE)]
    if carried < len(reader.fields):
        blocks += notice(say("commands.share_cut", spoken, count=carried, of=len(reader.fields)))
    copy = Choice(say("commands.choice_copy", spoken), copies=link)
    return reader, Reply(tuple(blocks), (copy,))


async def _paper(desk: Desk, reader: Subscriber, wanted: PaperId) -> Answer:
    """The paper that a link names; somebody new is told where they are."""
    reader, reply = await papers.paper(desk, reader, str(wanted))
    if reader.fields:
        return reader, reply
    told = notice(say("commands.welcome_paper", reader.language))
    begin = Choice(say("commands.choice_begin", reader.language), "/start")
    return reader, replace(reply, blocks=(*reply.blocks, *told), choices=(*reply.choices, begin))


def _shared(reader: Subscriber, keys: Sequence[str]) -> Answer:
    """Fields from a link: somebody new follows them and may change that; others are asked."""
    if not reader.fields:
        reader = replace(reader, fields=tuple(keys))
        return reader, _picking(reader)
    new = [key for key in keys if key not in reader.fields]
    names = [fields.called(key, reader.language) for key in new]
    if not new:
        words = say("commands.shared_known", reader.language)
        return reader, Reply(notice(words), (_today(reader),))
    words = say("commands.shared", reader.language, names=listed(names, reader.language))
    label = say("commands.choice_follow_all", reader.language, count=len(new))
    if len(new) == 1:
        label = say("commands.choice_follow", reader.language, name=names[0])
    return reader, Reply(notice(words), (Choice(label, f"/field {', '.join(new)}"),))


def _picking(reader: Subscriber) -> Reply:
    """What there is to follow, ticked where it is followed, and the way on."""
    spoken = reader.language
    own = [key for key in reader.fields if key not in {each.key for each in fields.named()}]
    cells = [_cell(each.key, reader) for each in fields.named()] + [_cell(k, reader) for k in own]
    words = say("commands.welcome", spoken, time=hour_words(reader))
    blocks = [*heading(say("commands.welcome_title", spoken)), *notice(words)]
    if reader.fields:
        names = [fields.called(key, spoken) for key in reader.fields]
        blocks += notice(say("commands.following", spoken, names=listed(names, spoken)))
    below = ((_today(reader),),) if reader.fields else ()
    return Reply(tuple(blocks), rows=(*_laid(cells), *below))


def _cell(key: str, reader: Subscriber) -> Choice:
    name = fields.called(key, reader.language)
    return Choice(TICK + name if key in reader.fields else name, f"/pick {key}")


def _laid(cells: Iterable[Choice]) -> list[tuple[Choice, ...]]:
    """As many side by side as are readable, ticked or not: nothing moves when one is tapped."""
    rows: list[tuple[Choice, ...]] = []
    for cell in cells:
        row = (*rows[-1], cell) if rows else (cell,)
        widest = max(width(TICK + each.label.removeprefix(TICK)) for each in row)
        if rows and len(row) <= A_ROW and widest * len(row) <= ROW_COLUMNS:
            rows[-1] = row
        else:
            rows.append((cell,))
    return rows


def _today(reader: Subscriber) -> Choice:
    return Choice(say("commands.choice_today", reader.language), "/today")

"""What a reader follows: /field, /unfield, /fields."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands import Choice, Reply
from digest import fields, sample
from digest.locale import listed, say, separated, together
from digest.profiling import Outcome
from digest.render import brought as brought_page
from digest.render.notices import heading, notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.commands import Answer, Desk
    from digest.fields import Field
    from digest.models import Subscriber
    from digest.render.blocks import Block

MOST_FIELDS = 50
"""More than a reader can mean; keeps a digest quick to compose."""

MOST_CHOICES = 6

MOST_SHOWN = 5
"""Fields of one command for which is shown what the newest editions have."""

LONGEST_PHRASE = 240
"""What a field's key holds, in characters."""

SHOWN_OF_TEXT = 60
"""So much of what somebody typed is repeated in an answer, in characters."""


def separate(argument: str) -> list[str]:
    """The names in an argument.

    Commas and semicolons of either width, `、` and line breaks separate; quotes hold together.
    """
    pieces = re.findall(r'(?:"[^"]*"|“[^”]*”|[^,，、;；\n"“]|["“])+', argument)
    return [piece.strip() for piece in pieces if piece.strip()]


def short(text: str) -> str:
    """What somebody typed, as much of it as an answer repeats."""
    folded = " ".join(text.split())
    return folded if len(folded) <= SHOWN_OF_TEXT else folded[: SHOWN_OF_TEXT - 1] + "…"


def bare(text: str) -> str:
    """A text without minus and quotes: what it would be as a phrase."""
    plain = unicodedata.normalize("NFKC", text)
    return " ".join(re.sub(r'["“”„«»「」]|(?<!\S)[-−–]', " ", plain).split())


async def field(desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Follows fields, and shows what the newest editions have; without a name, offers them."""
    if not argument:
        return await show(desk, reader, "")
    blocks: list[tuple[Block, ...]] = []
    choices: list[Choice] = []
    followed: dict[int, Field] = {}
    besides: list[Choice] = []
    before = reader.fields
    for name in separate(argument)[:MOST_FIELDS]:
        found, near = _understood(name)
        if found is None:
            blocks.append(_unknown(name, near, reader.language))
            choices += _instead(name, near, reader)
        elif _is_too_many(found, reader):
            blocks.append(notice(say("commands.too_many_fields", reader.language, n=MOST_FIELDS)))
        else:
            followed[len(blocks)] = found
            blocks.append(())
            reader = replace(reader, fields=_with(reader.fields, found))
            besides += _follow(near, reader)
    asked = await _asked(desk, reader, list(followed.values()))
    brought = await _brought(desk, reader, list(followed.values())[:MOST_SHOWN])
    for at, each in followed.items():
        meant, outcome = asked[each.key]
        said = _followed(meant, reader.language, already=each.key in before)
        blocks[at] = (*said, *_profile(meant, outcome, reader.language), *brought.get(each.key, ()))
    if not choices:
        besides.append(Choice(say("commands.choice_today", reader.language), "/today"))
    return reader, Reply(tuple(block for some in blocks for block in some), (*choices, *besides))


def _understood(name: str) -> tuple[Field | None, tuple[Field, ...]]:
    """The field that a name means, if it is clear, and those that it may mean or speaks of."""
    if fields.only_leaves_out(name):
        return None, ()
    found = fields.resolve(name)
    return found.field or fields.sentence(name), found.choices


def _follow(near: Sequence[Field], reader: Subscriber) -> list[Choice]:
    """The named fields that a sentence speaks of, for a reader who would rather have those.

    Not categories: "graph neural networks" speaks of no cs.NI.
    """
    return [
        Choice(
            say("commands.choice_follow", reader.language, name=fields.name(each, reader.language)),
            f"/field {each.key}",
        )
        for each in near
        if each.kind == "named" and each.key not in reader.fields
    ]


async def _asked(
    desk: Desk, reader: Subscriber, followed: Sequence[Field]
) -> dict[str, tuple[Field, Outcome]]:
    """The fields by key, phrases with what a model says of them, asked side by side."""
    phrases = {each.key: each for each in followed if each.kind == "phrase"}
    with desk.reading.telling.asked_by(reader.id):
        found = await asyncio.gather(
            *(desk.reading.profiling.ask(each) for each in list(phrases.values())[:MOST_SHOWN])
        )
    return {each.key: (each, Outcome.NO_MODEL) for each in followed} | {
        each.key: (each, outcome) for each, outcome in found
    }


def _profile(meant: Field, outcome: Outcome, language: str) -> tuple[Block, ...]:
    """What a model says that a phrase asks for, and how to change it; or why it says nothing."""
    if outcome in {Outcome.FAILED, Outcome.CAPPED}:
        return (
            *notice(say(f"commands.profile_{outcome.value}", language)),
            *_not_english(meant, language),
        )
    if not (meant.hints or meant.masks or meant.homes):
        return _not_english(meant, language)
    said = [say("commands.profile", language, phrases=separated(meant.hints, language))]
    if meant.masks:
        said.append(say("commands.profile_not", language, phrases=separated(meant.masks, language)))
    if meant.homes:
        homes = listed(meant.homes, language)
        said.append(say("commands.profile_homes", language, categories=homes))
    said.append(say("commands.profile_change", language, command=f"/field {meant.key}"))
    return notice(together(said, language))


def _not_english(meant: Field, language: str) -> tuple[Block, ...]:
    """A phrase in Chinese finds nothing by its own words, and its reader is told so."""
    if meant.kind != "phrase" or re.search("[A-Za-z]", " ".join((*meant.wanted, *meant.also))):
        return ()
    return notice(say("commands.phrase_not_english", language))


async def _brought(
    desk: Desk, reader: Subscriber, followed: Sequence[Field]
) -> dict[str, tuple[Block, ...]]:
    """What the newest editions have for fields, by key."""
    if not followed:
        return {}
    found = await desk.reading.lately.brought(followed)
    ids = [paper.id for each in found.values() for paper in each.examples]
    told = await desk.store.summaries.get(ids, reader.language)
    told |= sample.load().told(reader.language)
    today = desk.today(reader)
    return {
        key: brought_page.blocks(each, reader.language, told=told, today=today)
        for key, each in found.items()
    }


async def unfield(_desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Stops following fields."""
    if not argument:
        words = say("commands.which_unfield", reader.language)
        return reader, Reply(notice(words), _followed_choices(reader))
    blocks: list[Block] = []
    for name in separate(argument):
        keys = _meant(name, reader)
        if not keys:
            words = say("commands.not_followed", reader.language, name=short(name))
            blocks += notice(words)
            continue
        reader = replace(reader, fields=tuple(each for each in reader.fields if each not in keys))
        shown = listed(
            [short(fields.called(key, reader.language)) for key in keys], reader.language
        )
        blocks += notice(say("commands.unfollowed", reader.language, name=shown))
    if not reader.fields:
        blocks += notice(say("commands.no_fields", reader.language))
    return reader, Reply(tuple(blocks), _followed_choices(reader) if not reader.fields else ())


async def show(_desk: Desk, reader: Subscriber, _argument: str) -> Answer:
    """What the reader follows, and what else there is."""
    language = reader.language
    blocks = list(heading(say("commands.fields_title", language)))
    if reader.fields:
        names = [fields.called(key, language) for key in reader.fields]
        blocks += notice(say("commands.following", language, names=listed(names, language)))
    else:
        blocks += notice(say("commands.no_fields", language))
    blocks += notice(say("commands.how_to_follow", language))
    share = Choice(say("commands.choice_share", language), "/share")
    return reader, Reply(tuple(blocks), offered(reader), rows=((share,),) if reader.fields else ())


def _is_too_many(found: Field, reader: Subscriber) -> bool:
    return len(_with(reader.fields, found)) > max(MOST_FIELDS, len(reader.fields))


def _with(keys: tuple[str, ...], found: Field) -> tuple[str, ...]:
    """The keys with one more; a phrase takes the place of itself with another plus or minus."""
    if found.key in keys:
        return keys
    if found.kind == "phrase":
        for at, key in enumerate(keys):
            known = fields.known(key)
            if known and known.kind == "phrase" and fields.asked(known) == fields.asked(found):
                return (*keys[:at], found.key, *keys[at + 1 :])
    return (*keys, found.key)


def _followed(found: Field, language: str, *, already: bool) -> tuple[Block, ...]:
    return notice(
        say(
            "commands.followed_already" if already else "commands.followed",
            language,
            name=fields.name(found, language),
            about=fields.describe(found, language),
        )
    )


def _unknown(name: str, near: tuple[Field, ...], language: str) -> tuple[Block, ...]:
    if fields.only_leaves_out(name):
        words = say("commands.field_only_minus", language, name=short(name), word=short(bare(name)))
        return notice(words)
    wordless = not any(letter.isalpha() for letter in name)
    key = "commands.field_no_word" if wordless else "commands.field_unknown"
    if near:
        key = "commands.field_unclear"
    return notice(say(key, language, name=short(name)))


def _instead(name: str, near: tuple[Field, ...], reader: Subscriber) -> list[Choice]:
    """The fields that may be meant, and the text itself as a phrase."""
    if fields.only_leaves_out(name):
        return []
    language = reader.language
    offered = [Choice(_label(each, language), f"/field {each.key}") for each in near[:MOST_CHOICES]]
    phrase = " ".join(name.replace('"', "").split())[:LONGEST_PHRASE]
    if any(letter.isalpha() for letter in phrase):
        label = say("commands.choice_phrase", language, phrase=short(phrase))
        offered.append(Choice(label, f'/field "{phrase}"'))
    return offered


def _label(found: Field, language: str) -> str:
    """A field's name, and what a bare code such as hep-th stands for."""
    if found.kind != "category":
        return fields.name(found, language)
    return say(
        "paper.category",
        language,
        code=found.key,
        name=fields.category_name(found.key, language),
    )


def _meant(name: str, reader: Subscriber) -> tuple[str, ...]:
    """The followed field that `name` means; `?` means all that are understood no longer."""
    if name in reader.fields:
        return (name,)
    if name in {"?", "？"}:
        return tuple(key for key in reader.fields if fields.known(key) is None)
    found = fields.resolve(name)
    asked = [found.field.key] if found.field else [each.key for each in found.choices]
    followed = tuple(key for key in asked if key in reader.fields)
    return followed if len(followed) == 1 else ()


def _followed_choices(reader: Subscriber) -> tuple[Choice, ...]:
    """A choice for each field; one for all that are understood no longer."""
    readable = [key for key in reader.fields if fields.known(key)]
    choices = [Choice(fields.called(key, reader.language), f"/unfield {key}") for key in readable]
    if len(readable) < len(reader.fields):
        choices.append(Choice("?", "/unfield ?"))
    return tuple(choices)


def offered(reader: Subscriber) -> tuple[Choice, ...]:
    """The named fields that the reader does not follow."""
    return tuple(
        Choice(fields.name(each, reader.language), f"/field {each.key}")
        for each in fields.named()
        if each.key not in reader.fields
    )

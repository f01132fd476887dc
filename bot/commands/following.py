"""What a reader follows: /field, /unfield, /fields."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands import Choice, Reply
from digest import fields
from digest.locale import listed, say
from digest.render.notices import heading, notice

if TYPE_CHECKING:
    from bot.commands import Answer, Desk
    from digest.fields import Field
    from digest.models import Subscriber
    from digest.render.blocks import Block

MOST_FIELDS = 50
"""More than a reader can mean; keeps a digest quick to compose."""

MOST_CHOICES = 6

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


async def field(_desk: Desk, reader: Subscriber, argument: str) -> Answer:
    """Follows fields; without an argument, offers them."""
    if not argument:
        return await show(_desk, reader, "")
    blocks: list[Block] = []
    choices: list[Choice] = []
    for name in separate(argument)[:MOST_FIELDS]:
        found = fields.resolve(name)
        if fields.only_leaves_out(name):
            blocks += notice(_only_minus(name, reader.language))
        elif found.field is None:
            blocks += _unknown(name, found.choices, reader.language)
            choices += _instead(name, found.choices, reader)
        elif found.field.key not in reader.fields and len(reader.fields) >= MOST_FIELDS:
            blocks += notice(say("commands.too_many_fields", reader.language, n=MOST_FIELDS))
        else:
            blocks += _followed(found.field, reader)
            reader = replace(reader, fields=_with(reader.fields, found.field.key))
    if not choices:
        choices.append(Choice(say("commands.choice_today", reader.language), "/today"))
    return reader, Reply(tuple(blocks), tuple(choices))


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
    return reader, Reply(tuple(blocks), offered(reader))


def _with(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return keys if key in keys else (*keys, key)


def _followed(found: Field, reader: Subscriber) -> tuple[Block, ...]:
    key = "commands.followed_already" if found.key in reader.fields else "commands.followed"
    return notice(
        say(
            key,
            reader.language,
            name=fields.name(found, reader.language),
            about=fields.describe(found, reader.language),
        )
    )


def _only_minus(name: str, language: str) -> str:
    """What to send instead of words that only leave something out."""
    return say("commands.field_only_minus", language, name=short(name), word=short(bare(name)))


def _unknown(name: str, near: tuple[Field, ...], language: str) -> tuple[Block, ...]:
    wordless = not any(letter.isalpha() for letter in name)
    key = "commands.field_no_word" if wordless else "commands.field_unknown"
    if near:
        key = "commands.field_unclear"
    return notice(say(key, language, name=short(name)))


def _instead(name: str, near: tuple[Field, ...], reader: Subscriber) -> list[Choice]:
    """The fields that may be meant, and the text itself as a phrase."""
    language = reader.language
    offered = [
        Choice(fields.name(each, language), f"/field {each.key}") for each in near[:MOST_CHOICES]
    ]
    phrase = " ".join(name.replace('"', "").split())[:LONGEST_PHRASE]
    if any(letter.isalpha() for letter in phrase):
        label = say("commands.choice_phrase", language, phrase=short(phrase))
        offered.append(Choice(label, f'/field "{phrase}"'))
    return offered


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

"""What there is to follow: arXiv's categories and archives, and the named fields.

`categories.toml` holds arXiv's taxonomy with names in two languages; each file in `named/` is one
named field, and its file name is the field's key. Read at first use.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from digest.fields import authors
from digest.locale import interface, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.models import Profile

ARCHIVES = (
    "cs",
    "stat",
    "eess",
    "math",
    "quant-ph",
    "physics",
    "cond-mat",
    "astro-ph",
    "hep-ph",
    "hep-th",
    "hep-ex",
    "hep-lat",
    "gr-qc",
    "math-ph",
    "nlin",
    "nucl-th",
    "nucl-ex",
    "q-bio",
    "q-fin",
    "econ",
)
"""arXiv's 20 archives. The order is ours: those of the named fields come first."""

PHYSICS = frozenset(
    [
        "astro-ph",
        "cond-mat",
        "gr-qc",
        "hep-ex",
        "hep-lat",
        "hep-ph",
        "hep-th",
        "math-ph",
        "nlin",
        "nucl-ex",
        "nucl-th",
        "physics",
        "quant-ph",
    ]
)
"""The archives of arXiv's physics group, which the catch-up page knows as `grp_physics`."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a reader follows.

    Attributes:
        key: what subscribers store: `ai`, `cs.AI`, `math`, `"vector database" -survey`.
        kind: a named field, one of arXiv's categories (or a whole archive), or the reader's own
            phrase, or an author, whose name is `wanted`.
        categories: arXiv's codes that are the field's own, the closest first; both codes of a
            category that has two (`math.NA` and `cs.NA`); none for a phrase.
        wanted: a phrase field's phrases, all of which are asked for.
        unwanted: a phrase field's words behind a minus: no paper that has one of them.
        also: its words behind a plus: as good as what is wanted.
        hints, masks, homes: what a model's profile adds (see `with_profile`): phrases that speak
            for a paper, phrases that say that those mean something else, and categories.
    """

    key: str
    kind: Literal["named", "category", "phrase", "author"]
    categories: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue says of a named field; see `named/ai.toml` for the meaning of each."""

    key: str
    order: int
    name: Mapping[str, str]
    about: Mapping[str, str]
    aliases: tuple[str, ...]
    broader: tuple[str, ...]
    narrower: tuple[str, ...]
    archives: tuple[str, ...]
    categories: tuple[str, ...]
    strong: tuple[str, ...]
    likely: tuple[str, ...]
    weak: tuple[str, ...]
    masked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """One of arXiv's codes: its names by language, other names, and the code it is the same as."""

    code: str
    name: Mapping[str, str]
    aliases: tuple[str, ...]
    same_as: str


@cache
def entries() -> Mapping[str, Entry]:
    """The named fields by key, in the order of menus."""
    folder = resources.files(__package__).joinpath("named")
    files = [each for each in folder.iterdir() if each.name.endswith(".toml")]
    found = [entry(each.name.removesuffix(".toml"), each.read_text("utf-8")) for each in files]
    return MappingProxyType({e.key: e for e in sorted(found, key=lambda e: (e.order, e.key))})


def entry(key: str, toml: str) -> Entry:
    """One named field from the text of its file."""
    data = tomllib.loads(toml)
    phrases = data["phrases"]
    listed = ("aliases", "broader", "narrower", "archives", "categories")
    return Entry(
        key=key,
        order=data["order"],
        name=data["name"],
        about=data["about"],
        **{each: tuple(data[each]) for each in listed},
        strong=tuple(phrases["strong"]),
        likely=tuple(phrases["likely"]),
        weak=tuple(phrases["weak"]),
        masked=tuple(phrases["not"]),
    )


@cache
def _taxonomy() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("categories.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def codes_known() -> Mapping[str, Category]:
    """All active codes of arXiv, the six second names included."""
    return MappingProxyType(
        {
            code: Category(
                code, {"en": each["en"], "zh": each["zh"]}, tuple(each.get("aliases", ())),
                each.get("same_as", ""),
            )
            for code, each in _taxonomy()["categories"].items()
        }
    )  # fmt: skip


@cache
def _by_folded_code() -> Mapping[str, str]:
    """Every code and archive in lower case → as arXiv writes it."""
    return {code.lower(): code for code in (*ARCHIVES, *codes_known())}


def code_meant(text: str) -> str | None:
    """`CS.ai` → `cs.AI`; a second name → the first one (`cs.NA` → `math.NA`); None: no code."""
    code = _by_folded_code().get(text.strip().lower())
    known = codes_known().get(code or "")
    return known.same_as if known and known.same_as else code


def by_key(key: str) -> Field:
    """The field that a subscriber's stored key means; a key of no catalogue is a phrase.

    Raises:
        ValueError: there is no word in `key`.
    """
    if key in entries():
        return Field(key, "named", entries()[key].categories)
    if code := code_meant(key):
        return _category(code)
    if writer := authors.typed(key):
        return Field(f"{authors.PREFIX}{writer}", "author", wanted=(writer,))
    return phrase(key)


def known(key: str) -> Field | None:
    """`by_key`, and None for a stored key that means nothing (any more)."""
    try:
        return by_key(key)
    except ValueError:
        return None


def called(key: str, language: str) -> str:
    """What a reader calls what is stored as `key`; the key itself where it means no field."""
    field = known(key)
    return name(field, language) if field else key.strip() or "?"


def _category(code: str) -> Field:
    if code in codes_known():
        twins = tuple(c.code for c in codes_known().values() if c.same_as == code)
        return Field(code, "category", (code, *twins))
    return Field(code, "category", codes(code))


def only_leaves_out(text: str) -> bool:
    """Whether a text has words behind a minus or plus, and none that is wanted: `-survey`."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    pieces = [each for each in _PIECE.finditer(plain) if re.search(r"\w", each[0])]
    return bool(pieces) and all(each["sign"] for each in pieces)


_PIECE = re.compile(r'(?P<sign>(?<!\S)[-+])?(?:"(?P<quoted>[^"]*)"|(?P<word>[^\s"]+))')
_QUOTES = str.maketrans("“”„‟«»「」『』＂", '"' * 11)
LONGEST_PHRASE = 240
"""In characters: longer keys are cut; a sentence is well within."""


def phrase(text: str) -> Field:
    """A reader's own phrase: `"vector database" +milvus`, `diffusion policy -survey`, a sentence.

    Words without quotes are one phrase; several quoted phrases are all asked for.

    Raises:
        ValueError: there is no word in `text` that is wanted.
    """
    said: dict[str, list[str]] = {"": [], "+": [], "-": []}
    loose: list[str] = []
    for piece in _PIECE.finditer(" ".join(text.translate(_QUOTES).split())[:LONGEST_PHRASE]):
        words = " ".join((piece["quoted"] or piece["word"] or "").split())
        if not any(letter.isalnum() for letter in words):
            continue
        sign = piece["sign"] or ""
        (loose if not sign and piece["word"] else said[sign]).append(words)
    if loose:
        said[""].append(" ".join(loose))
    if not said[""]:
        raise ValueError(text)
    wanted, also, unwanted = map(tuple, said.values())
    return Field(_key(wanted, also, unwanted), "phrase", (), wanted, unwanted, also)


def _key(wanted: tuple[str, ...], also: tuple[str, ...], unwanted: tuple[str, ...]) -> str:
    shown = [f'"{each}"' for each in wanted]
    shown += [f"+{_quoted(each)}" for each in also]
    return " ".join(shown + [f"-{_quoted(each)}" for each in unwanted])


def _quoted(words: str) -> str:
    return f'"{words}"' if " " in words else words


def asked(field: Field) -> str:
    """What a phrase field asks for, without the reader's plus and minus: what profiles are of."""
    return " ".join(f'"{each.casefold()}"' for each in field.wanted)


def with_profile(field: Field, profile: Profile) -> Field:
    """The phrase field with what a model says of it, as far as its reader leaves it in.

    A phrase of the profile behind the reader's minus is only no longer looked for: papers that
    have it are not left out. One behind their plus masks nothing.
    """
    kept = frozenset(each.casefold() for each in field.also)
    dropped = frozenset(each.casefold() for each in field.unwanted)
    hints = tuple(each for each in profile.phrases if each.casefold() not in dropped)
    theirs = frozenset(each.casefold() for each in profile.phrases)
    return replace(
        field,
        unwanted=tuple(each for each in field.unwanted if each.casefold() not in theirs),
        hints=tuple(each for each in hints if each.casefold() not in kept),
        masks=tuple(each for each in profile.unwanted if each.casefold() not in kept),
        homes=profile.categories,
    )


def named() -> tuple[Field, ...]:
    """The named fields, in the order of menus."""
    return tuple(by_key(key) for key in entries())


def categories() -> tuple[Field, ...]:
    """All of arXiv's categories, each once, by code."""
    return tuple(by_key(code) for code, each in codes_known().items() if not each.same_as)


def codes(archive: str) -> tuple[str, ...]:
    """The category codes of an archive, second names included: `cs` → `cs.AI`, …, `cs.SY`."""
    return tuple(code for code in codes_known() if code.partition(".")[0] == archive)


def category_name(code: str, language: str) -> str:
    """What a code stands for: `cs.AI` → "Artificial Intelligence"; an unknown one as it is."""
    known = codes_known().get(code)
    names = known.name if known else _taxonomy()["archives"].get(code)
    return str(names.get(interface(language), names["en"])) if names else code


def name(field: Field, language: str) -> str:
    """What the field is called: "Cloud computing", "云计算"; `cs.AI`; `"vector database"`."""
    if field.kind == "author":
        return say("fields.author", language, name=field.wanted[0])
    if field.kind != "named":
        return field.key
    names = entries()[field.key].name
    return names.get(interface(language), names["en"])


def describe(field: Field, language: str) -> str:
    """One sentence on what the field brings, in the reader's language."""
    if field.kind == "named":
        about = entries()[field.key].about
        return about.get(interface(language), about["en"])
    if field.kind == "category":
        whole = field.key not in codes_known()
        key = "fields.about_archive" if whole else "fields.about_category"
        return say(key, language, code=field.key, name=category_name(field.key, language))
    if field.kind == "author":
        return say("fields.about_author", language)
    if field.unwanted:
        return say("fields.about_phrase_without", language, unwanted=", ".join(field.unwanted))
    return say("fields.about_phrase", language)


def archives(field: Field) -> tuple[str, ...]:
    """The archives whose announcements hold the field's papers, the most important first.

    A category's own archive announces its cross-lists, too, so it is enough. A phrase may stand
    in any paper.
    """
    if field.kind == "named":
        return entries()[field.key].archives
    if field.kind in {"phrase", "author"}:
        return ARCHIVES
    return tuple(dict.fromkeys(code.partition(".")[0] for code in field.categories[:1]))


def neighbours(field: Field) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """The broader and the narrower fields, to be offered beside `field`."""
    if field.kind == "named":
        own = entries()[field.key]
        return tuple(map(by_key, own.broader)), tuple(map(by_key, own.narrower))
    if field.kind == "phrase":
        return (), ()
    holding = [e.key for e in entries().values() if field.key in (*e.narrower, *e.categories[:2])]
    return tuple(map(by_key, holding)), ()

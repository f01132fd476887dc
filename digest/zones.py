"""What readers say about their time, understood: an hour of the day, and a place or an offset.

Names of places come from `zones.toml` (Chinese and English, answered at once), from the IANA names
themselves and from CLDR (a city for each zone, and the countries, in three scripts), which Babel
brings and which is loaded only for a name that the first two do not have.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from datetime import time
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import available_timezones

from digest.due import ASAP, Hour

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Names = Mapping[str, tuple[str, ...]]  # squeezed name -> IANA names, the likeliest first

LONGEST: Final = 60  # characters; no place and no hour takes more to say

_CLDR_LOCALES = ("en", "zh", "zh_Hant")
_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Europe", "Indian", "Pacific")
_NEAR, _NEAR_SHORT = 82, 66  # of 100: a wrong letter in five or six; one of three characters
_WEST, _EAST = -12 * 60, 14 * 60  # minutes: the offsets that clocks on earth show

_OFFSET = re.compile(
    r"(?:(?:utc|gmt)\s*[+]?|(?:utc|gmt)?\s*(?P<sign>[+-]))\s*"
    r"(?P<hours>\d{1,2})(?:[:.]?(?P<minutes>\d\d)|(?P<half>\.5))?"
)
_SIDE = re.compile(
    r"(?P<side>[东東西])(?P<hours>\d{1,2}|[一二三四五六七八九十]+)(?P<half>\.5)?[时時]?[区區]"
)
_SUFFIX = re.compile(
    r"(?:(?:standard|daylight|summer)?time(?:zone)?|city|(?:标准|標準)?[时時][间間区區]|市|省|州)$"
)

_ASAP_ENGLISH = ("asap", "as soon as possible", "immediately", "at once")
_ASAP_CHINESE = (
    "尽快",
    "盡快",
    "立即",
    "立刻",
    "马上",
    "馬上",
    "即时",
    "实时",
    "越快越好",
    "一出就发",
)
_WORDS = {"noon": time(12), "midday": time(12), "正午": time(12), "中午": time(12)} | dict.fromkeys(
    ("midnight", "午夜", "半夜", "零点"), time(0)
)
_NUMBER = r"\d{1,2}|[零〇一二两兩三四五六七八九十]{1,3}"
_CLOCK = re.compile(
    r"(?:每天|at )?\s*(?P<part>凌晨|清晨|早晨|早上|上午|早|中午|下午|傍晚|晚上|夜里|夜裡|晚)?\s*"
    rf"(?P<hours>{_NUMBER})"
    rf"(?:[:.h](?P<minutes>\d\d)(?::\d\d)?|[点點时時](?:[钟鐘整]|(?P<said>{_NUMBER}|半|[一三]刻)分?)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?"
)
_FOUR_DIGITS = re.compile(r"(?P<hours>[012]\d)(?P<minutes>[0-5]\d)")
_SAID_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}
_DIGITS = {
    **{sign: value for value, sign in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "两": 2,
    "兩": 2,
}
_AFTERNOON = frozenset({"下午", "傍晚", "pm"})
_EVENING = frozenset({"晚上", "晚", "夜里", "夜裡"})


def parse_time(text: str) -> Hour | None:
    """The hour that `text` says (`8:30`, `08：30`, `8点半`, `晚上8点`, `8 pm`, `0830`), or ASAP.

    None where it says none. Twelve hours a day are taken as the words beside them mean: 晚上12点 is
    midnight, 中午1点 is 13:00.
    """
    said = " ".join(_plain(text).split()).rstrip("。.!?") if len(text) <= LONGEST else ""
    if said in _ASAP_ENGLISH + _ASAP_CHINESE:
        return ASAP
    if said in _WORDS:
        return _WORDS[said]
    clock = _FOUR_DIGITS.fullmatch(said) or _CLOCK.fullmatch(said)
    return _time(clock.groupdict()) if clock else None


def _time(clock: Mapping[str, str | None]) -> time | None:
    hours = _number(clock["hours"] or "")
    minutes = _minutes(clock["minutes"] or clock.get("said") or "0")
    part = clock.get("part") or (clock.get("half") or "").replace(".", "")
    if hours is None or minutes is None or (hours, minutes) > (24, 0):
        return None
    hours = _of_day(hours, part) % 24
    return time(hours, minutes) if minutes < 60 else None  # noqa: PLR2004 - minutes in an hour


def _of_day(hours: int, part: str) -> int:
    """The hour of 24 that an hour of 12 means beside a word for the part of the day."""
    noon = 12
    if hours == noon:
        return 0 if part in {"凌晨", "am", *_EVENING} else noon
    if hours > noon:
        return hours
    evening = part in _EVENING and hours >= 5  # noqa: PLR2004 - 夜里2点 is before the morning
    after_noon = part == "中午" and hours <= 3  # noqa: PLR2004 - 中午11点 is before noon
    return hours + noon if part in _AFTERNOON or evening or after_noon else hours


def _minutes(said: str) -> int | None:
    return _SAID_MINUTES.get(said, _number(said))


def _number(said: str) -> int | None:
    """A number below 100 in digits or in Chinese; None where the characters make none."""
    if said.isdecimal():
        return int(said)
    tens, ten, ones = said.lstrip("零〇").rpartition("十")
    if len(tens) > 1 or len(ones) > 1:
        return None
    return (_DIGITS[tens] if tens else 1 if ten else 0) * 10 + _DIGITS.get(ones, 0)


def find_zone(text: str) -> tuple[str, ...]:
    """The IANA zones that `text` may mean: one is certain, several are choices, none is unknown.

    Understood are IANA names (`Asia/Kathmandu`, in any case), cities and countries in English and
    Chinese, `Paris, France`, abbreviations (`EST`), and offsets (`UTC+8`, `GMT+5:45`, `东八区`). An
    offset of whole hours is `Etc/GMT-8` (the sign is POSIX's: east is minus); another one is a
    place whose clocks show it.
    """
    said = _plain(text)
    if len(said) > LONGEST:
        return ()
    offset = _offset(said)
    if offset is not None:
        return _zones_of_offset(offset)
    iana = _iana().get(re.sub(r"\s*/\s*", "/", said).replace(" ", "_"))
    if iana and "/" in iana:
        return (iana,)
    found = _place(said.rpartition("/")[2]) or _qualified(said)
    return found or ((iana,) if iana else ())


def near_zones(text: str, most: int = 3) -> tuple[str, ...]:
    """Zones with a name much like `text`, likeliest first: for "did you mean"."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only a misspelt place needs it

    names = {**_cldr(), **_own()}
    said = _squeeze(_plain(text)[:LONGEST])
    cutoff = _NEAR if said.isascii() else _NEAR_SHORT
    near = process.extract(said, list(names), scorer=fuzz.ratio, score_cutoff=cutoff, limit=most)
    return tuple(dict.fromkeys(zone for name, *_ in near for zone in names[name]))[:most]


def _place(name: str) -> tuple[str, ...]:
    """A city, country or abbreviation; CLDR is asked only where our own list has none."""
    full = _squeeze(name)
    short = _SUFFIX.sub("", full)
    for names in (_own, _cldr):
        found = names().get(full) or names().get(short)
        if found:
            return found
    return ()


def _qualified(said: str) -> tuple[str, ...]:
    """`Paris, France` and 美国纽约: a place, and a country that it is in."""
    first, comma, country = re.sub("[、，]", ",", said).rpartition(",")
    if comma:
        places, within = _place(first), _place(country)
        return _common(places, within) or (places and places + within)
    for cut in range(2, len(said) - 1 if not said.isascii() else 0):
        both = _common(_place(said[cut:]), _place(said[:cut]))
        if both:
            return both
    return ()


def _common(places: tuple[str, ...], country: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(zone for zone in places if zone in country)


def _offset(said: str) -> int | None:
    """Minutes east of Greenwich, where `said` is an offset."""
    offset = _OFFSET.fullmatch(said) or _SIDE.fullmatch(said)
    if offset is None:
        return None
    parts = offset.groupdict()
    minutes = 30 if parts["half"] else int(parts.get("minutes") or 0)
    size = (_number(parts["hours"]) or 0) * 60 + minutes
    return -size if parts.get("sign") == "-" or parts.get("side") == "西" else size


def _zones_of_offset(minutes: int) -> tuple[str, ...]:
    if not _WEST <= minutes <= _EAST:
        return ()
    hours, rest = divmod(abs(minutes), 60)
    east = minutes >= 0
    if rest:
        zone = _data()["offsets"].get(f"{'+' if east else '-'}{hours:02}:{rest:02}")
        return (zone,) if zone else ()
    return (f"Etc/GMT{'-' if east else '+'}{hours}",) if hours else ("UTC",)


def _plain(text: str) -> str:
    """Half-width, small letters, one kind of minus."""
    said = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-")
    return said.replace("\N{EN DASH}", "-").strip().casefold()


def _squeeze(name: str) -> str:
    """A name without accents, spaces and punctuation: `São Paulo` and `Sao_Paulo` are the same."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("digest").joinpath("zones.toml").read_text("utf-8"))


@cache
def _iana() -> dict[str, str]:
    """Every IANA name by its small letters; not those that name no time (`Factory`)."""
    names = available_timezones() - {"Factory", "localtime", "posixrules"}
    return {name.casefold(): name for name in names}


@cache
def _own() -> Names:
    data = _data()
    cities = ((name, zone) for zone, names in data["cities"].items() for name in names)
    countries = (
        (name, zone)
        for code, names in data["country_names"].items()
        for name in names
        for zone in data["countries"][code]
    )
    ambiguous = ((name, zone) for name, zones in data["ambiguous"].items() for zone in zones)
    return _gather((*cities, *countries, *ambiguous))


@cache
def _cldr() -> Names:
    """CLDR's cities and countries, and the IANA names' own last parts, old ones included."""
    from babel import Locale  # noqa: PLC0415 - 0.1 s, for a rare place only

    locales = [Locale.parse(name) for name in _CLDR_LOCALES]
    return _gather(
        (name, zone)
        for names in (_iana_cities(), *map(_cldr_cities, locales), *map(_cldr_countries, locales))
        for name, zone in names
        if zone.casefold() in _iana()
    )


def _iana_cities() -> Iterator[tuple[str, str]]:
    from babel.core import get_global  # noqa: PLC0415 - see _cldr

    for zone in get_global("zone_territories"):
        yield zone.rpartition("/")[2], zone
    for old, zone in get_global("zone_aliases").items():
        if old.startswith(_REGIONS):
            yield old.rpartition("/")[2], zone


def _cldr_cities(locale: Any) -> Iterator[tuple[str, str]]:
    from babel.core import get_global  # noqa: PLC0415 - see _cldr

    modern = get_global("zone_aliases")
    for zone, about in locale.time_zones.items():
        if about.get("city"):
            yield about["city"], modern.get(zone, zone)


def _cldr_countries(locale: Any) -> Iterator[tuple[str, str]]:
    from babel.core import get_global  # noqa: PLC0415 - see _cldr

    peopled = _data()["countries"]
    for zone, code in get_global("zone_territories").items():
        if code in locale.territories and code not in peopled and code.isalpha():
            yield locale.territories[code], zone
    for code, zones in peopled.items():
        for zone in zones:
            yield locale.territories[code], zone


def _gather(pairs: Iterable[tuple[str, str]]) -> Names:
    names: dict[str, dict[str, None]] = {}
    for name, zone in pairs:
        names.setdefault(_squeeze(name), {})[zone] = None
    return {name: tuple(zones) for name, zones in names.items()}

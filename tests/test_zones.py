"""What readers say about their hour and their place, and what is understood."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import zones
from digest.due import ASAP
from digest.zones import find_zone, near_zones, parse_time

KNOWN = available_timezones() - {"Factory", "localtime", "posixrules"}
NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"


@pytest.mark.parametrize(
    ("said", "clock"),
    [
        ("8:30", "08:30"),
        ("08:30", "08:30"),
        (" 08：30 ", "08:30"),
        ("８：３０", "08:30"),
        ("8.30", "08:30"),
        ("8h30", "08:30"),
        ("08:30:00", "08:30"),
        ("0830", "08:30"),
        ("8", "08:00"),
        ("0", "00:00"),
        ("20", "20:00"),
        ("24:00", "00:00"),
        ("at 8", "08:00"),
        ("8 am", "08:00"),
        ("8:30 a.m.", "08:30"),
        ("8PM", "20:00"),
        ("12am", "00:00"),
        ("12 pm", "12:00"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("8点", "08:00"),
        ("8点钟", "08:00"),
        ("8点半", "08:30"),
        ("8点一刻", "08:15"),
        ("十点三刻", "10:45"),
        ("8点05分", "08:05"),
        ("八点零五分", "08:05"),
        ("二十三点五分", "23:05"),
        ("早上8点", "08:00"),
        ("每天早上8点半。", "08:30"),
        ("上午十点", "10:00"),
        ("中午", "12:00"),
        ("中午12点半", "12:30"),
        ("中午1点", "13:00"),
        ("中午11点", "11:00"),
        ("下午3点", "15:00"),
        ("下午15点", "15:00"),
        ("傍晚六点", "18:00"),
        ("晚上8:15", "20:15"),
        ("晚上12点", "00:00"),
        ("凌晨12点", "00:00"),
        ("夜里2点", "02:00"),
    ],
)
def test_an_hour_in_any_way_of_saying_it(said: str, clock: str) -> None:
    assert parse_time(said) == time.fromisoformat(clock)


@pytest.mark.parametrize("said", ["asap", "ASAP", "As soon as possible", "尽快", "立即", "马上"])
def test_as_soon_as_it_is_out(said: str) -> None:
    assert parse_time(said) == ASAP


@pytest.mark.parametrize(
    "said", ["", "25:00", "24:01", "8:60", "8:5", "99", "-1", "一二点", "hello", "🕗", "8" * 1000]
)
def test_what_is_no_hour(said: str) -> None:
    assert parse_time(said) is None


@given(st.times())
@settings(max_examples=60, deadline=None)
def test_every_minute_of_the_day_is_understood_in_digits_and_in_chinese(at: time) -> None:
    minute = at.replace(second=0, microsecond=0)
    assert parse_time(f"{at:%H:%M}") == minute
    assert parse_time(f"{at.hour}点{at.minute}分") == minute
    assert parse_time(f"{at:%I:%M %p}") == minute


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        # IANA's own names, in any case, and the mistake that everybody in Beijing makes
        ("Asia/Kathmandu", "Asia/Kathmandu"),
        ("asia / shanghai", "Asia/Shanghai"),
        ("america/new york", NEW_YORK),
        ("Asia/Beijing", "Asia/Shanghai"),
        ("Etc/GMT-8", "Etc/GMT-8"),
        ("EST5EDT", "EST5EDT"),
        # cities
        ("北京", "Asia/Shanghai"),
        ("北京市", "Asia/Shanghai"),
        ("Beijing", "Asia/Shanghai"),
        ("Beijing time", "Asia/Shanghai"),
        ("北京时间", "Asia/Shanghai"),
        ("上海", "Asia/Shanghai"),
        ("伦敦", "Europe/London"),
        ("倫敦", "Europe/London"),
        ("纽约", NEW_YORK),
        ("ＮＥＷ ＹＯＲＫ", NEW_YORK),
        ("new-york", NEW_YORK),
        ("加德满都", "Asia/Kathmandu"),
        ("São Paulo", "America/Sao_Paulo"),
        ("sao paulo", "America/Sao_Paulo"),
        ("Mexico City", "America/Mexico_City"),
        ("Calcutta", "Asia/Kolkata"),
        # CLDR's cities, the rare ones
        ("亚松森", "America/Asuncion"),
        ("Ouagadougou", "Africa/Ouagadougou"),
        ("雷克雅維克", "Atlantic/Reykjavik"),
        # countries
        ("中国", "Asia/Shanghai"),
        ("Germany", "Europe/Berlin"),
        ("德国", "Europe/Berlin"),
        ("冰岛", "Atlantic/Reykjavik"),
        ("Nepal", "Asia/Kathmandu"),
        ("Japan", "Asia/Tokyo"),
        ("Iran", "Asia/Tehran"),
        # a place in a country
        ("Cambridge, UK", "Europe/London"),
        ("Cambridge, USA", NEW_YORK),
        ("Paris, France", "Europe/Paris"),
        ("Austin, somewhere", "America/Chicago"),
        ("美国纽约", NEW_YORK),
        ("中国香港", "Asia/Hong_Kong"),
        # names of times
        ("Eastern Time", NEW_YORK),
        ("China Standard Time", "Asia/Shanghai"),
        ("EST", NEW_YORK),
        ("JST", "Asia/Tokyo"),
        ("GMT", "UTC"),
        ("W-SU", "W-SU"),
    ],
)
def test_a_place_is_found(said: str, zone: str) -> None:
    assert find_zone(said) == (zone,)


@pytest.mark.parametrize(
    ("said", "choices"),
    [
        ("Cambridge", ("Europe/London", NEW_YORK)),
        ("剑桥", ("Europe/London", NEW_YORK)),
        ("圣地亚哥", (LOS_ANGELES, "America/Santiago")),
        ("Washington", (NEW_YORK, LOS_ANGELES)),
        ("Georgia", (NEW_YORK, "Asia/Tbilisi")),
        ("CST", ("Asia/Shanghai", "America/Chicago")),
        ("Paris, Texas", ("Europe/Paris", "America/Chicago")),
        ("印度尼西亚", ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")),
    ],
)
def test_a_name_of_several_places_is_asked_about(said: str, choices: tuple[str, ...]) -> None:
    assert find_zone(said) == choices


def test_a_country_of_many_zones_offers_those_where_people_live() -> None:
    for said in ("US", "U.S.", "USA", "United States", "美国", "美國"):
        assert find_zone(said)[:2] == (NEW_YORK, "America/Chicago")
        assert len(find_zone(said)) == 7


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("UTC+8", "Etc/GMT-8"),
        ("utc 8", "Etc/GMT-8"),
        ("GMT +08:00", "Etc/GMT-8"),
        ("+8", "Etc/GMT-8"),
        ("+0800", "Etc/GMT-8"),
        ("ＵＴＣ＋８", "Etc/GMT-8"),
        ("东八区", "Etc/GMT-8"),
        ("東8區", "Etc/GMT-8"),
        ("UTC\N{MINUS SIGN}5", "Etc/GMT+5"),
        ("西五区", "Etc/GMT+5"),
        ("东十二区", "Etc/GMT-12"),
        ("UTC+14", "Etc/GMT-14"),
        ("UTC-12", "Etc/GMT+12"),
        ("UTC+0", "UTC"),
        ("UTC", "UTC"),
        ("GMT+5:45", "Asia/Kathmandu"),
        ("UTC+5:30", "Asia/Kolkata"),
        ("UTC+5.5", "Asia/Kolkata"),
        ("东5.5区", "Asia/Kolkata"),
        ("UTC-9:30", "Pacific/Marquesas"),
    ],
)
def test_an_offset_is_a_zone(said: str, zone: str) -> None:
    assert find_zone(said) == (zone,)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "/",
        "🌍",
        "Narnia",
        "UTC+15",
        "UTC-13",
        "UTC+5:15",
        "Factory",
        "../etc/passwd",
        "x" * 999,
    ],
)
def test_what_is_no_place(said: str) -> None:
    assert find_zone(said) == ()


@given(st.integers(-12, 14))
@settings(max_examples=27, deadline=None)
def test_an_offset_shows_the_clock_it_says(hours: int) -> None:
    (zone,) = find_zone(f"UTC{hours:+d}")
    assert datetime(2026, 2, 3, tzinfo=ZoneInfo(zone)).utcoffset() == timedelta(hours=hours)


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_anything_a_reader_types_is_answered(text: str) -> None:
    assert all(zone in KNOWN for zone in (*find_zone(text), *near_zones(text)))
    assert parse_time(text) is None or isinstance(parse_time(text), time | str)


def test_every_iana_name_is_understood() -> None:
    for name in KNOWN:
        assert find_zone(name), name
        if "/" in name:
            assert find_zone(name.lower()) == (name,)


def test_the_data_names_zones_and_offsets_that_exist() -> None:
    path = Path(zones.__file__).with_name("zones.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    named = {*data["cities"], *data["offsets"].values()}
    named |= {z for part in ("countries", "ambiguous") for zs in data[part].values() for z in zs}
    assert named <= KNOWN
    for offset, zone in data["offsets"].items():
        shown = {datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).strftime("%z") for month in (1, 7)}
        assert offset.replace(":", "") in shown, zone


@pytest.mark.parametrize(
    ("typo", "zone"),
    [
        ("Bejing", "Asia/Shanghai"),
        ("Shangai", "Asia/Shanghai"),
        ("Los Angelos", LOS_ANGELES),
        ("San Fransisco", LOS_ANGELES),
        ("加得满都", "Asia/Kathmandu"),
        ("西雅途", LOS_ANGELES),
    ],
)
def test_a_misspelt_place_has_a_near_one(typo: str, zone: str) -> None:
    assert find_zone(typo) == ()
    assert near_zones(typo)[0] == zone
    assert len(near_zones(typo, most=1)) == 1


def test_nothing_is_near_to_nonsense() -> None:
    assert near_zones("wtf") == near_zones("") == ()


def test_a_common_place_is_answered_without_loading_cldr() -> None:
    code = (
        "import sys; from digest.zones import find_zone, parse_time;"
        "assert find_zone('北京') and find_zone('UTC+8') and parse_time('8点半');"
        "assert not {'babel', 'rapidfuzz'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(zones.__file__).parents[1])

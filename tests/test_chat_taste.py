"""Taste: what two readers liked orders their own digests, and is told to them in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.phone import MONDAY, TUESDAY, Phone, Town, at, real, town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from digest.models import Paper
    from tests.fakes.arxiv import FakeArxiv

OCEAN = ("Gliders below Ice", "Salt at Night", "Tides without Moons", "Reefs", "Fjords", "Buoys")
OPERA = ("Arias in Rain", "Duets for One", "Overtures", "Choirs of Nine", "Librettos", "Encores")


def about(number: int) -> Paper:
    """Odd numbers are about the ocean, even ones about opera; no two are alike otherwise."""
    subject = (OCEAN if number % 2 else OPERA)[number // 2 % 6]
    about = "ocean currents and salinity" if number % 2 else "opera singers and librettos"
    abstract = f"Large language model agents learn of {subject.lower()}. They forecast {about}."
    return real(number, title=f"{subject} and {about.title()}", abstract=abstract)


@pytest.fixture
async def lived(settings: Settings, arxiv: FakeArxiv) -> AsyncIterator[Town]:
    async with town(settings, arxiv) as running:
        running.now[0] = at(MONDAY, 12)
        await running.publish(MONDAY, *map(about, range(41, 47)))
        yield running


async def likes(phone: Phone, *numbers: int, thumb: str = "👍") -> None:
    for number in numbers:
        await phone.says(real(number).id)
        await phone.told(thumb)


def order(phone: Phone) -> str:
    """What the digest's first two papers are about."""
    titles = [each for each in phone.last.styled("bold") if each[0] in "12"]
    return " ".join("ocean" if any(word in each for word in OCEAN) else "opera" for each in titles)


async def test_two_readers_of_one_field_get_their_own_order_and_hear_why(lived: Town) -> None:
    anna, bo = await lived.join(5, "en"), await lived.join(6, "zh-hans")
    cy = await lived.join(7, "en")
    await likes(anna, 41, 43, 45)
    await likes(bo, 42, 44, 46)
    await likes(bo, 45, thumb="👎")
    lived.now[0] = at(TUESDAY, 0)
    await lived.publish(TUESDAY, *map(about, range(51, 55)), *map(real, range(61, 66)))
    await lived.deliver(at(TUESDAY, 7))
    assert order(anna) == "ocean ocean"
    assert order(bo) == "opera opera"
    assert "cs.\u2060ai · because you liked: currents" in anna.last.text.casefold()
    assert "cs.\u2060ai · 因为您喜欢：" in bo.last.text.casefold()
    assert "liked" not in cy.last.text, "without likes nothing is said"
    told = await bo.says("/taste")
    assert told.text.splitlines()[:2] == ["您的口味", "依据：3 次喜欢、1 次不喜欢。"]
    assert "您不太感兴趣：current。" in told.text.splitlines()


async def test_taste_is_forgotten_on_demand(lived: Town) -> None:
    anna = await lived.join(5, "en")
    await likes(anna, 41)
    await anna.says("/taste")
    asked = await anna.taps("Forget my taste")
    assert [row[:1] for row in asked.labels] == [["Forget it"]]
    await anna.taps("Forget it")
    assert "like" in (await anna.says("/taste")).text
    assert "Learnt from" not in anna.last.text

"""Choices below a message, as a reader sees and taps them."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.channels import LONGEST_NAME, file_name, opens
from bot.channels.telegram_buttons import (
    INERT,
    LONGEST_DATA,
    MOST_BUTTONS,
    WIDEST_ROW,
    Buttons,
    keyboard,
)
from bot.commands import Choice
from digest.errors import StoreFull
from digest.models import Subscriber
from digest.store import Store
from tests.fakes.stores import fresh

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LONG = '/field "' + "存" * 40 + '"'


def labels(*choices: Choice, rows: Sequence[Sequence[Choice]] = ()) -> list[list[str]]:
    return [[button["text"] for button in row] for row in keyboard(choices, rows)]


async def data(buttons: Buttons, command: str, address: str = "5") -> str:
    shown = await buttons.keyboard(address, [Choice("x", command)])
    assert shown
    return str(shown["inline_keyboard"][0][0]["callback_data"])


def test_short_labels_stand_side_by_side_and_long_ones_alone() -> None:
    names = (
        "AI",
        "存储",
        "数据库",
        "Security",
        "Recommender systems and their friends",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
    )
    shown = labels(*(Choice(name, f"/field {name}") for name in names))
    assert shown == [
        ["AI", "存储", "数据库"],
        ["Security"],
        ["Recommender systems and their fr…"],
        ["1", "2", "3", "4", "5"],
        ["6"],
    ]


async def test_no_choice_is_no_keyboard() -> None:
    assert await Buttons().keyboard("5", ()) is None
    assert await Buttons().keyboard("5", [Choice("  ", "/today"), Choice("nothing")]) is None


def test_no_more_buttons_than_telegram_takes() -> None:
    many = [Choice(str(number), "/today") for number in range(300)]
    assert sum(map(len, labels(*many))) == MOST_BUTTONS
    assert sum(map(len, labels(*many, rows=[many[:99]]))) == MOST_BUTTONS
    assert max(map(len, labels(rows=[many[:99]]))) <= WIDEST_ROW


def test_rows_stand_above_and_their_empty_cells_keep_their_place() -> None:
    week = [Choice("Mo"), Choice(""), Choice("3", "/date 3")]
    assert labels(Choice("Close", "/help"), rows=[week, [Choice(" ")]]) == [
        ["Mo", " ", "3"],
        ["Close"],
    ]
    assert [button["callback_data"] for button in keyboard((), [week])[0]] == ["~", "~", "/date 3"]


def test_a_button_opens_copies_or_shares_where_it_may() -> None:
    choices = (
        Choice("PDF", link="https://arxiv.org/pdf/9913.00412"),
        Choice("BibTeX", "/bibtex 9913.00412", copies="@misc{x}"),
        Choice("Share", shares="9913.00412"),
        Choice("long", "/bibtex 9913.00412", copies="x" * 257),
        Choice("evil", link="https://evil.example/"),
        Choice("evil too", "/paper 9913.00412", link="http://arxiv.org/abs/9913.00412"),
    )
    does = [
        {name: value for name, value in button.items() if name != "text"}
        for row in keyboard(choices)
        for button in row
    ]
    assert does == [
        {"url": "https://arxiv.org/pdf/9913.00412"},
        {"copy_text": {"text": "@misc{x}"}},
        {"switch_inline_query": "9913.00412"},
        {"callback_data": "/bibtex 9913.00412"},
        {"callback_data": "/paper 9913.00412"},
    ]


@pytest.mark.parametrize(
    "link",
    [
        "",
        "http://arxiv.org/abs/9913.00412",
        "https://arxiv.org.evil.example/",
        "https://arxiv.org@evil.example/",
        "https://arxiv.org:8443/",
        "https://evil.example/#arxiv.org",
        "https://evil.example\\@arxiv.org/",
        "javascript:alert(1)//arxiv.org",
        "//arxiv.org/abs/9913.00412",
        "https://arxiv.org/abs/9913 00412",
        "https://аrxiv.org/",
        "https://[arxiv.org/",
        "https://a.b.github.io/",
        "https://a.github.io.evil.example/",
        "https://github.io/",
        "https://arxiv.org/" + "a" * 500,
        "https://arxiv.org/\n",
    ],
)
def test_what_is_not_a_page_of_a_known_site_is_not_opened(link: str) -> None:
    assert not opens(link)


@given(some.text(max_size=200))
def test_a_files_name_is_harmless_whatever_it_was(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.[A-Za-z0-9]{1,8}", file_name(name))
    assert len(file_name(name)) <= LONGEST_NAME


def test_a_files_name_stays_readable() -> None:
    names = ("saved.bib", "../../etc/passwd", "C:\\Röntgen 1.ris", "论文.csv", "", ".env", "a")
    assert [file_name(name) for name in names] == [
        "saved.bib",
        "passwd.txt",
        "Rontgen-1.ris",
        "paperboy.csv",
        "paperboy.txt",
        "paperboy.env",
        "a.txt",
    ]


@given(some.text(some.characters(exclude_categories=["Cs"]), min_size=1, max_size=100))
def test_a_button_says_its_command_whatever_that_is(command: str) -> None:
    async def told() -> tuple[str, str | None]:
        buttons = Buttons()
        carried = await data(buttons, command)
        return carried, await buttons.command("5", carried)

    carried, said = asyncio.run(told())
    assert 0 < len(carried.encode()) <= LONGEST_DATA
    assert said == ("" if command == INERT else command)


async def test_a_short_command_survives_a_restart() -> None:
    assert await Buttons().command("5", await data(Buttons(), "/field ai")) == "/field ai"


async def test_a_long_command_is_known_in_its_own_chat_only() -> None:
    buttons = Buttons()
    carried = await data(buttons, LONG, "5")
    assert "存" not in carried
    assert await buttons.command("5", carried) == LONG
    assert await buttons.command("6", carried) is None
    assert await Buttons().command("5", carried) is None, "nobody else remembers it"


async def test_a_long_command_survives_a_restart_until_its_reader_is_forgotten(
    tmp_path: Path,
) -> None:
    async with Store.open(fresh(tmp_path)) as store:
        reader = await store.subscribers.save(Subscriber("telegram", "5"))
        await store.subscribers.save(Subscriber("telegram", "6"))
        before, after = Buttons(store.buttons), Buttons(store.buttons)
        carried = await data(before, LONG, "5")
        assert await data(before, LONG, "5") == carried, "one row, however often it is sent"
        assert await after.command("5", carried) == LONG
        assert await after.command("6", carried) is None, "it was not offered there"
        assert reader.id
        await store.subscribers.forget(reader.id)
        before.forget("5")
        assert await before.command("5", carried) is None


async def test_a_stranger_and_a_full_disk_cost_no_keyboard(tmp_path: Path) -> None:
    async with Store.open(fresh(tmp_path)) as store:
        strangers = Buttons(store.buttons)
        assert await strangers.command("5", await data(strangers, LONG)) == LONG

    class Full:
        async def keep(self, *_: object) -> None:
            raise StoreFull(path="paperboy.db")

        async def find(self, *_: object) -> str | None:
            return None

    full = Buttons(Full())
    assert await full.command("5", await data(full, LONG)) == LONG


async def test_old_buttons_are_pruned(tmp_path: Path) -> None:
    at = datetime(2026, 2, 3, tzinfo=UTC)
    async with Store.open(fresh(tmp_path), now=lambda: at) as store:
        await store.subscribers.save(Subscriber("telegram", "5"))
        carried = await data(Buttons(store.buttons), LONG)
        for before, known in ((date(2026, 2, 3), LONG), (date(2026, 2, 4), None)):
            _ = [removed async for removed in store.pruning.steps(before)]
            assert await Buttons(store.buttons).command("5", carried) == known


async def test_forged_and_forgotten_buttons_are_told_apart_from_commands() -> None:
    buttons = Buttons(remembered=1)
    oldest = await data(buttons, "/field " + "a" * 80)
    newest = await data(buttons, "/field " + "b" * 80)
    assert await buttons.command("5", oldest) is None
    assert await buttons.command("5", newest) == "/field " + "b" * 80
    assert await buttons.command("5", "~forged") is None
    assert await buttons.command("5", "") is None
    assert await data(buttons, "~/today") != "~/today", "no command can pass for a name"

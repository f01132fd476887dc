"""Choices below a message, as a reader sees and taps them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from bot.channels.telegram_buttons import LONGEST_DATA, MOST_BUTTONS, Buttons
from bot.commands import Choice


def labels(buttons: Buttons, *choices: Choice) -> list[list[str]]:
    keyboard = buttons.keyboard("5", choices) or {"inline_keyboard": []}
    return [[button["text"] for button in row] for row in keyboard["inline_keyboard"]]


def data(buttons: Buttons, command: str, address: str = "5") -> str:
    keyboard = buttons.keyboard(address, [Choice("x", command)])
    assert keyboard
    return str(keyboard["inline_keyboard"][0][0]["callback_data"])


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
    shown = labels(Buttons(), *(Choice(name, f"/field {name}") for name in names))
    assert shown == [
        ["AI", "存储", "数据库"],
        ["Security"],
        ["Recommender systems and their fr…"],
        ["1", "2", "3", "4", "5"],
        ["6"],
    ]


def test_no_choice_is_no_keyboard() -> None:
    assert Buttons().keyboard("5", ()) is None
    assert Buttons().keyboard("5", [Choice("  ", "/today")]) is None


def test_no_more_buttons_than_telegram_takes() -> None:
    shown = labels(Buttons(), *(Choice(str(number), "/today") for number in range(300)))
    assert sum(map(len, shown)) == MOST_BUTTONS


@given(some.text(some.characters(exclude_categories=["Cs"]), min_size=1, max_size=100))
def test_a_button_says_its_command_whatever_that_is(command: str) -> None:
    buttons = Buttons()
    carried = data(buttons, command)
    assert 0 < len(carried.encode()) <= LONGEST_DATA
    assert buttons.command("5", carried) == command


def test_a_short_command_survives_a_restart() -> None:
    assert Buttons().command("5", data(Buttons(), "/field ai")) == "/field ai"


def test_a_long_command_is_known_in_its_own_chat_only() -> None:
    buttons = Buttons()
    command = '/field "' + "存" * 40 + '"'
    carried = data(buttons, command, "5")
    assert "存" not in carried
    assert buttons.command("5", carried) == command
    assert buttons.command("6", carried) is None
    assert Buttons().command("5", carried) is None, "after a restart it is stale"


def test_forged_and_forgotten_buttons_are_told_apart_from_commands() -> None:
    buttons = Buttons(remembered=1)
    oldest = data(buttons, "/field " + "a" * 80)
    newest = data(buttons, "/field " + "b" * 80)
    assert buttons.command("5", oldest) is None
    assert buttons.command("5", newest) == "/field " + "b" * 80
    assert buttons.command("5", "~forged") is None
    assert buttons.command("5", "") is None
    assert data(buttons, "~/today") != "~/today", "no command can pass for a name"

"""What a chat shows: messages with their keyboards and styles, files, toasts, inline results.

    message = telegram.screen(5)[-1]        the newest, as it is after all edits
    message.text, message.labels            "Pick", [["AI", "Storage"], ["More"]]
    message.styled("bold")                  what stands in bold, in order
    message.button("More")                  the button as Telegram has it: text, url, copy_text, …
    telegram.files(5)[-1].name, .content    what was handed over
    telegram.toasts(5)                      what those who tapped there were told, or ""
    telegram.found(query)                   the results of an inline query

`invalid` says what Telegram would refuse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Keyboard = list[list[dict[str, Any]]]

DOES = frozenset({"callback_data", "url", "copy_text", "switch_inline_query"})
"""What a button of ours may do; exactly one of it."""


@dataclass
class Shown:
    """One message on somebody's screen."""

    message_id: int
    text: str
    entities: list[dict[str, Any]] = field(default_factory=list)
    keyboard: Keyboard = field(default_factory=list)
    topic: int | None = None
    file: Document | None = None
    silent: bool = False
    edits: int = 0

    @property
    def labels(self) -> list[list[str]]:
        return [[button["text"] for button in row] for row in self.keyboard]

    def button(self, label: str) -> dict[str, Any]:
        found = [b for row in self.keyboard for b in row if b["text"] == label]
        assert found, f"no button {label!r} among {self.labels}"
        return found[0]

    def styled(self, kind: str) -> list[str]:
        return [self._covered(each) for each in self.entities if each["type"] == kind]

    @property
    def links(self) -> dict[str, str]:
        """What is linked in the text, and to where."""
        linked = [each for each in self.entities if each["type"] == "text_link"]
        return {self._covered(each): each["url"] for each in linked}

    def _covered(self, entity: dict[str, Any]) -> str:
        start, length = 2 * entity["offset"], 2 * entity["length"]
        return self.text.encode("utf-16-le")[start : start + length].decode("utf-16-le")


@dataclass(frozen=True)
class Document:
    """A file as the reader got it; its words are the message's text."""

    name: str
    content: bytes


@dataclass
class Screens:
    """Everybody's."""

    chats: dict[str, list[Shown]] = field(default_factory=dict)

    def of(self, chat: object, topic: int | None = None) -> list[Shown]:
        shown = self.chats.get(str(chat), [])
        return [each for each in shown if topic is None or each.topic == topic]

    def show(self, params: dict[str, Any], number: int, file: Document | None = None) -> None:
        topic = params.get("message_thread_id")
        words = "text" if file is None else "caption"
        entities = params.get("entities" if file is None else "caption_entities")
        self.chats.setdefault(str(params["chat_id"]), []).append(
            Shown(
                number,
                params.get(words, ""),
                entities or [],
                keyboard_of(params),
                int(topic) if topic else None,
                file,
                silent=params.get("disable_notification") in {True, "true"},
            )
        )

    def edit(self, params: dict[str, Any], *, text: bool) -> str | None:
        """Changes a message; why not, where Telegram would not."""
        message = self._find(params)
        if message is None:
            return "message to edit not found"
        if text and message.file:
            return "there is no text in the message to edit"
        before = (message.text, message.entities, message.keyboard)
        words = (params["text"], params.get("entities", [])) if text else before[:2]
        after = (*words, keyboard_of(params))
        if before == after:
            return "message is not modified: specified new message content is exactly the same"
        message.text, message.entities, message.keyboard = after
        message.edits += 1
        return None

    def delete(self, chat: object, number: int) -> None:
        """Somebody deletes a message."""
        shown = self.chats[str(chat)]
        shown[:] = [each for each in shown if each.message_id != number]

    def _find(self, params: dict[str, Any]) -> Shown | None:
        number = int(params["message_id"])
        here = self.of(params["chat_id"])
        return next((each for each in here if each.message_id == number), None)


def keyboard_of(params: dict[str, Any]) -> Keyboard:
    keyboard: Keyboard = (params.get("reply_markup") or {}).get("inline_keyboard", [])
    return keyboard


def invalid(params: dict[str, Any]) -> str | None:
    """Why Telegram would not take this message."""
    if not params["text"].strip():
        return "message text is empty"
    return invalid_text(params["text"], params.get("entities", []), 4096) or invalid_keyboard(
        params
    )


def invalid_text(text: str, entities: list[dict[str, Any]], most: int) -> str | None:
    units = len(text.encode("utf-16-le")) // 2
    if units > most:
        return "message is too long"
    if len(entities) > 100 or any(
        e["offset"] < 0 or e["offset"] + e["length"] > units for e in entities
    ):
        return "can't parse entities"
    return None


def invalid_keyboard(params: dict[str, Any]) -> str | None:
    rows = keyboard_of(params)
    if any(not 0 < len(row) <= 8 for row in rows) or sum(map(len, rows)) > 100:
        return "reply markup is too long"
    return next((why for row in rows for b in row if (why := invalid_button(b))), None)


def invalid_button(button: dict[str, Any]) -> str | None:
    does = DOES & button.keys()
    if len(does) != 1 or not button["text"]:
        return "BUTTON_TYPE_INVALID"
    if "callback_data" in does and not 0 < len(button["callback_data"].encode()) <= 64:
        return "BUTTON_DATA_INVALID"
    if "url" in does and not button["url"].startswith("https://"):
        return "BUTTON_URL_INVALID"
    if "copy_text" in does and not 0 < len(button["copy_text"]["text"]) <= 256:
        return "BUTTON_COPY_TEXT_INVALID"
    return None

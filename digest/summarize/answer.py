"""What a model answered, made into an `Answer` whatever it was wrapped in.

Models wrap JSON in code fences, in sentences and in `<think>` blocks; some write raw line breaks
inside strings. All of that is understood; anything else is `Unusable`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable  # noqa: TC003 - pydantic looks at every annotation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from digest.text.tex import readable

LONGEST = 20_000  # characters; five times what an answer with some thinking needs
_THINKING = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_THOUGHT = re.compile(r"^.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)  # Qwen leaves out the head
_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()]{0,500}\)")
_EMPHASIS = re.compile(r"\*\*|__|`|^#{1,6}\s+|^[-*•]\s+", re.MULTILINE)
_LABEL = re.compile(r"\b([a-z]{2,8})[^a-z0-9-]{1,5}([012])(?!\.?\d)", re.ASCII)
_LONGEST_LABELS = 400  # characters that are looked at
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Unusable(Exception):
    """The text is no answer; its message says in English what is wrong, to the model."""


def plain(text: str) -> str:
    """One line of Unicode text: no Markdown, HTML, TeX, control or direction characters."""
    text = _TAG.sub("", _LINK.sub(r"\1", text))
    text = _EMPHASIS.sub("", _HIDDEN.sub("", text))
    return " ".join(readable(text).split())


def _plain(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value


def _labels(value: Any) -> str:
    """Labels are welcome in any shape, and none is worth losing a summary for."""
    if isinstance(value, dict):
        value = ", ".join(f"{key} {label}" for key, label in value.items())
    return plain(value[:_LONGEST_LABELS]) if isinstance(value, str) else ""


_Line = Annotated[str, BeforeValidator(_plain)]
_Needed = Annotated[str, BeforeValidator(_plain), StringConstraints(min_length=1)]


class Answer(BaseModel):
    """The parts of a summary, each one line of plain text in the reader's language."""

    model_config = ConfigDict(frozen=True)

    title: _Needed
    gist: _Needed
    summary: _Needed
    background: _Line
    innovation: _Line
    conclusion: _Line
    fields: Annotated[str, BeforeValidator(_labels)] = ""

    @property
    def text(self) -> str:
        """All parts that are told, a line each."""
        return "\n".join(self.model_dump(exclude={"fields"}).values())

    def labels(self, candidates: Iterable[str]) -> dict[str, int]:
        """0, 1 or 2 for each candidate field that the model judged; the first word on each."""
        found: dict[str, int] = {}
        wanted = frozenset(candidates)
        for key, label in _LABEL.findall(self.fields.casefold()):
            if key in wanted:
                found.setdefault(key, int(label))
        return found


PARTS = tuple(Answer.model_fields)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {part: {"type": "string"} for part in PARTS},
    "required": list(PARTS),
    "additionalProperties": False,
}
"""The answer's JSON schema, in the strict subset that OpenAI accepts."""


def understand(text: str) -> Answer:
    """The answer in a model's text; `Unusable` if there is none."""
    try:
        return Answer.model_validate(json_in(text))
    except ValidationError as error:
        parts = sorted({str(problem["loc"][0]) for problem in error.errors() if problem["loc"]})
        raise Unusable(f"Missing, empty or not a string: {', '.join(parts) or 'all'}.") from None


def json_in(text: str) -> Any:
    """The JSON in a model's text, whatever it is wrapped in; `Unusable` if there is none."""
    text = without_thinking(text)
    if len(text) > LONGEST:
        raise Unusable("It is far too long.")
    return _json(text)


def without_thinking(text: str) -> str:
    """The text after what the model said to itself; empty where it never stopped thinking."""
    text = _THOUGHT.sub("", _THINKING.sub("", text))
    return text.partition("<think")[0].strip()


def _json(text: str) -> Any:
    fenced = _FENCED.search(text)
    block = fenced[1] if fenced else text[text.find("{") : text.rfind("}") + 1]
    try:
        return json.loads(block, strict=False)
    except (ValueError, RecursionError):
        raise Unusable("It is not one complete JSON object.") from None

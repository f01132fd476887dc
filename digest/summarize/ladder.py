"""What an endpoint can be asked for, best first: a JSON schema, a JSON object, plain text.

Beside it, how thinking is switched off, which every provider calls something else. What an
endpoint refuses is left out from the next request on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from digest.summarize.answer import SCHEMA

_FORMATS: tuple[dict[str, Any], ...] = (
    {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "summary", "strict": True, "schema": SCHEMA},
        }
    },
    {"response_format": {"type": "json_object"}},
    {},
)
FORMATS = ("json_schema", "json_object", "text")

LONGEST = 4000
"""Tokens out; a summary takes 500, a model that cannot stop thinking some thousands."""

_COOL = {"temperature": 0.3, "max_tokens": LONGEST}
_OPENAI = {"max_completion_tokens": LONGEST}
_OFF = {"thinking": {"type": "disabled"}}

# As documented by each provider (2026-11): host, or the end of it -> options to try in turn.
_SWITCHES: tuple[tuple[str, tuple[dict[str, Any], ...]], ...] = (
    (
        "openai.com",
        (
            {**_OPENAI, "reasoning_effort": "none"},
            {**_OPENAI, "reasoning_effort": "minimal"},
            _OPENAI,
        ),
    ),
    ("deepseek.com", ({**_COOL, **_OFF}, _COOL)),
    ("aliyuncs.com", ({**_COOL, "enable_thinking": False}, _COOL)),
    ("siliconflow.cn", ({**_COOL, "enable_thinking": False}, _COOL)),
    ("bigmodel.cn", ({**_COOL, **_OFF}, _COOL)),
    ("z.ai", ({**_COOL, **_OFF}, _COOL)),
    ("moonshot.cn", ({**_COOL, **_OFF}, _COOL)),
    ("volces.com", ({**_COOL, **_OFF}, _COOL)),
)
_ANY: tuple[dict[str, Any], ...] = (  # Ollama, vLLM, SGLang, llama.cpp: the last two ignore one
    {**_COOL, "reasoning_effort": "none", "chat_template_kwargs": {"enable_thinking": False}},
    {**_COOL, "chat_template_kwargs": {"enable_thinking": False}},
    _COOL,
)


@dataclass(frozen=True, slots=True)
class Rung:
    """What is asked for: an index into the formats and one into the endpoint's switches."""

    format: int = 0
    switch: int = 0


def switches(base_url: str) -> tuple[dict[str, Any], ...]:
    """The options to try at an endpoint, beside the format; the last one is always empty."""
    host = urlsplit(base_url).hostname or ""
    known = (options for end, options in _SWITCHES if host == end or host.endswith(f".{end}"))
    return (*next(known, _ANY), {})


def options(rung: Rung, base_url: str) -> dict[str, Any]:
    """What goes into the request besides model and messages."""
    return {**_FORMATS[rung.format], **switches(base_url)[rung.switch]}


def below(rung: Rung, base_url: str, complaint: str) -> Rung | None:
    """What to try after a refusal, from what it complains about; None when nothing is left."""
    offered = switches(base_url)
    blamed = any(name in complaint for name in offered[rung.switch])
    if rung.format + 1 < len(_FORMATS) and not blamed:
        return replace(rung, format=rung.format + 1)
    if rung.switch + 1 < len(offered):
        return replace(rung, switch=rung.switch + 1)
    return None

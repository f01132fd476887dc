"""What an endpoint can be asked for, best first: a JSON schema, a JSON object, plain text.

Beside it, how thinking is switched off, which every provider calls something else. No table of
that is ever right for long: what an endpoint refuses is left out from the next request on.
"""

from __future__ import annotations

import copy
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

_LIMIT = {"max_tokens": LONGEST}
_COOL = {"temperature": 0.3, **_LIMIT}
_OPENAI = {"max_completion_tokens": LONGEST}
_OFF = {"thinking": {"type": "disabled"}}

# Host, or the end of it -> options to try in turn. Where each switch is from, looked up 2026-11:
# - OpenAI: `none` from gpt-5.1 on, `minimal` for gpt-5, neither for gpt-4.1; a model refuses the
#   other, and `max_tokens` where it reasons (developers.openai.com/api/docs/guides/reasoning).
# - DeepSeek: on unless switched off (api-docs.deepseek.com/guides/thinking_mode).
# - Alibaba: hybrid models only; some always think (help.aliyun.com/en/model-studio/deep-thinking).
# - SiliconFlow: most models; `max_tokens` leaves thinking out
#   (docs.siliconflow.cn/docs/api/chat-completions-post).
# - Zhipu, Z.ai: on unless switched off from GLM-4.7 on, and GLM-5.3 is reported to refuse the
#   switch (docs.z.ai/guides/capabilities/thinking-mode).
# - Moonshot: kimi-k2.5 and 2.6; later ones always think, and have their own temperature (told by
#   makers of clients, not read in its documentation).
# - Volcengine: as the others of its kind, not looked up.
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
    ("moonshot.cn", ({**_LIMIT, **_OFF}, _LIMIT)),
    ("moonshot.ai", ({**_LIMIT, **_OFF}, _LIMIT)),
    ("volces.com", ({**_COOL, **_OFF}, _COOL)),
)
# Everybody else, and what runs at home. Ollama's /v1 takes `reasoning_effort` and overlooks its own
# `think` (told by users: github.com/ollama/ollama/issues/14820); llama.cpp the same since July 2026
# (github.com/ggml-org/llama.cpp/pull/26045). vLLM hands `chat_template_kwargs` to the model's
# template, where `enable_thinking` is Qwen's word (docs.vllm.ai, "Reasoning Outputs").
_ANY: tuple[dict[str, Any], ...] = (
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


def options(rung: Rung, base_url: str, schema: dict[str, Any] = SCHEMA) -> dict[str, Any]:
    """What goes into the request besides model and messages; `schema` is the answer's."""
    shape = copy.deepcopy(_FORMATS[rung.format])
    if shape and FORMATS[rung.format] == "json_schema":
        shape["response_format"]["json_schema"]["schema"] = schema
    return {**shape, **switches(base_url)[rung.switch]}


def below(rung: Rung, base_url: str, complaint: str) -> Rung | None:
    """What to try after a refusal, from what it complains about; None when nothing is left."""
    offered = switches(base_url)
    names = (*offered[rung.switch], *map(repr, _texts(offered[rung.switch])))
    blamed = any(name in complaint for name in names)
    if rung.format + 1 < len(_FORMATS) and not blamed:
        return replace(rung, format=rung.format + 1)
    if rung.switch + 1 < len(offered):
        return replace(rung, switch=rung.switch + 1)
    return None


def _texts(wanted: dict[str, Any]) -> tuple[str, ...]:
    """The values that a refusal may quote in the option's place: 'minimal'."""
    return tuple(value for value in wanted.values() if isinstance(value, str))

"""The writer that asks a language model, and believes it only what it can check."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import WriterBusy, WriterError
from digest.models import Summary
from digest.summarize import ladder
from digest.summarize.answer import Answer, Unusable, understand
from digest.summarize.endpoint import Endpoint, Refused, Reply, TooBusy, Unwell
from digest.summarize.grounding import slips
from digest.summarize.languages import LANGUAGES
from digest.summarize.prompt import PROMPT, Message, ask, ask_again
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from digest.models import Paper

__all__ = ["PROMPT", "Model", "Usage"]

TRIES = 4  # of one request, when the endpoint is unwell
_FIRST_WAIT = 2.0  # seconds; doubled at each further try
LONGEST_WAIT = 60.0  # seconds; an endpoint that wants more is left alone


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answered request cost, also if the answer could not be used.

    Attributes:
        tokens_in: of the prompt, `tokens_cached` of them at the cached price.
        tokens_out: of the answer, with the thinking.
    """

    paper_id: str
    language: str
    model: str
    prompt: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int


async def _forget(usage: Usage) -> None:
    """What becomes of a usage that nobody asked for."""


class Model:
    """Writes in any of `LANGUAGES` through an OpenAI-compatible endpoint.

    Every answer is validated and checked against the paper; one that does not hold is sent back
    once with the reasons. `WriterError` says in `reason` why there is no summary; `WriterBusy`
    says in `retry_after` for how many seconds to leave the model alone.

    Args:
        base_url: up to and including `/v1`.
        api_key: may be empty where none is needed.
        model: the model's name there, and the writer's.
        timeout_s: for one request, from first byte sent to last byte read.
        proxy: an http or socks5 URL.
        record: awaited with the usage of each answered request, before the answer is judged.
        sleep, jitter: the clock and the dice; tests bring their own.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        model: str,
        timeout_s: float = 60.0,
        proxy: str | None = None,
        record: Callable[[Usage], Awaitable[None]] = _forget,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name = model
        self._endpoint = Endpoint(
            base_url=base_url, api_key=api_key, timeout_s=timeout_s, proxy=proxy
        )
        self._rung = ladder.Rung()
        self._record = record
        self._sleep = sleep
        self._jitter = jitter

    def __repr__(self) -> str:
        return f"Model({self.name!r} at {self._endpoint.base_url!r})"

    @property
    def format(self) -> str:
        """What the endpoint is asked for: `json_schema`, `json_object` or `text`."""
        return ladder.FORMATS[self._rung.format]

    def language_for(self, language: str) -> str:
        """The language itself, or English where a model is not asked for it."""
        return language if language in LANGUAGES else "en"

    async def write(self, paper: Paper, language: str) -> Summary:
        """The paper's summary; `WriterError` or `WriterBusy` if there is none to be had."""
        language = self.language_for(language)
        messages = ask(paper, language)
        reply = await self._pay(messages, paper, language)
        answer, problems = judge(reply, paper, language)
        if problems:
            messages = ask_again(messages, reply.text, problems)
            reply = await self._pay(messages, paper, language)
            answer, problems = judge(reply, paper, language)
        if answer is None or problems:
            raise WriterError(reason=" ".join(problems))
        return self._summary(paper, language, answer)

    async def close(self) -> None:
        """Close the connections; safe to repeat."""
        await self._endpoint.close()

    def _summary(self, paper: Paper, language: str, answer: Answer) -> Summary:
        return Summary(
            paper_id=paper.id,
            language=language,
            writer=self.name,
            title=readable(paper.title) if language == "en" else answer.title,
            gist=answer.gist,
            text=answer.summary,
            background=answer.background,
            innovation=answer.innovation,
            conclusion=answer.conclusion,
            version=paper.version,
        )

    async def _pay(self, messages: list[Message], paper: Paper, language: str) -> Reply:
        """A reply, with its cost recorded."""
        reply = await self._patiently(messages)
        await self._record(
            Usage(
                paper_id=paper.id,
                language=language,
                model=self.name,
                prompt=PROMPT,
                tokens_in=reply.tokens_in,
                tokens_cached=reply.tokens_cached,
                tokens_out=reply.tokens_out,
            )
        )
        if reply.finish == "content_filter":
            raise WriterError(reason="content filter")
        return reply

    async def _patiently(self, messages: list[Message]) -> Reply:
        """A reply, after a few more tries if the endpoint is unwell."""
        for attempt in range(TRIES - 1):
            try:
                return await self._down_the_ladder(messages)
            except Unwell as error:
                await self._sleep(self._wait(attempt, error))
        return await self._down_the_ladder(messages)

    def _wait(self, attempt: int, error: Unwell) -> float:
        """Seconds before the next try: what the endpoint wants, or ever longer, never in step."""
        asked = error.params.get("retry_after", 0.0) if isinstance(error, TooBusy) else 0.0
        if asked > LONGEST_WAIT:
            raise WriterBusy(reason=error.params["reason"], retry_after=asked) from None
        spread = 1 + self._jitter()
        return float(asked + spread if asked else _FIRST_WAIT * 2**attempt * spread / 2)

    async def _down_the_ladder(self, messages: list[Message]) -> Reply:
        """A reply to the best request that the endpoint takes, which is remembered."""
        rung: ladder.Rung | None = self._rung
        while rung is not None:
            try:
                wanted = ladder.options(rung, self._endpoint.base_url)
                reply = await self._endpoint.ask(self.name, messages, wanted)
            except Refused as error:
                refusal = error
                rung = ladder.below(rung, self._endpoint.base_url, error.params["complaint"])
            else:
                self._rung = rung
                return reply
        raise WriterError(reason=refusal.params["reason"])


def judge(reply: Reply, paper: Paper, language: str) -> tuple[Answer | None, tuple[str, ...]]:
    """The answer in a reply, and what is wrong with it, told to the model (pure)."""
    if reply.finish == "length":
        return None, ("It was cut off: be shorter.",)
    try:
        answer = understand(reply.text)
    except Unusable as error:
        return None, (str(error),)
    return answer, slips(answer, paper, language)

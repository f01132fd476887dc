"""The writer that asks a language model, and believes it only what it can check."""

from __future__ import annotations

import asyncio
import random
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

from digest.errors import WriterBusy, WriterError, WriterSilent
from digest.models import Paper, Profile, Summary
from digest.summarize import ladder, profile
from digest.summarize.answer import SCHEMA, Answer, Unusable, understand
from digest.summarize.endpoint import Endpoint, Refused, Reply, TooBusy, Unwell
from digest.summarize.grounding import slips
from digest.summarize.languages import LANGUAGES
from digest.summarize.prices import Usage
from digest.summarize.prompt import PROMPT, Message, ask, ask_again
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

__all__ = ["PROMPT", "Model", "Usage"]

TRIES = 4  # of one request, when the endpoint is unwell
_FIRST_WAIT = 2.0  # seconds; doubled at each further try
LONGEST_WAIT = 60.0  # seconds; an endpoint that wants more is left alone


_SCHEMA_TOKENS = 400  # what the format and the endpoint's own frame may add to a prompt


_NO_PAPER = Paper("", None, "", "", (), ())


async def _forget(usage: Usage) -> None:
    """What becomes of a usage that nobody asked for."""


def _allow(*_: object) -> AbstractAsyncContextManager[None]:
    """Where nobody counts."""
    return nullcontext()


async def _nothing_left(*_: object) -> list[tuple[str, str]]:
    """Where nothing is remembered."""
    return []


async def _no_field(_paper: Paper) -> Mapping[str, str]:
    """Where no field is to be judged."""
    return {}


async def _forget_labels(_paper: Paper, _labels: Mapping[str, int]) -> None:
    """Where nobody wants them."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked about one paper."""

    paper: Paper
    language: str
    messages: list[Message]
    schema: dict[str, Any] = field(default_factory=lambda: SCHEMA)

    @property
    def most_tokens(self) -> int:
        """More tokens than the prompt can have: no token is less than a byte."""
        text = sum(len(message["content"].encode()) for message in self.messages)
        return text + _SCHEMA_TOKENS


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
        reserve: entered around each request, also a repair or another try, with paper, language
            and the most tokens in and out; raises `WriterCapped` where it may not be sent.
        recall: awaited with paper, language, model and prompt before anything is asked; gives the
            answers, each with why it ended, that were paid for and never made a summary.
        candidates: awaited with the paper; gives the fields, key → name, that the same answer is
            to judge.
        learn: awaited with the paper and its labels, key → 0, 1 or 2, once an answer holds.
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
        reserve: Callable[[str, str, int, int], AbstractAsyncContextManager[None]] = _allow,
        recall: Callable[[Paper, str, str, int], Awaitable[list[tuple[str, str]]]] = _nothing_left,
        candidates: Callable[[Paper], Awaitable[Mapping[str, str]]] = _no_field,
        learn: Callable[[Paper, Mapping[str, int]], Awaitable[None]] = _forget_labels,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name = model
        self._endpoint = Endpoint(
            base_url=base_url, api_key=api_key, timeout_s=timeout_s, proxy=proxy
        )
        self._rung = ladder.Rung()
        self._record = record
        self._reserve = reserve
        self._recall = recall
        self._candidates = candidates
        self._learn = learn
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
        """The paper's summary; a `WriterError` if there is none to be had."""
        language = self.language_for(language)
        left = [Reply(*each) for each in await self._recall(paper, language, self.name, PROMPT)]
        candidates = await self._candidates(paper)
        question = _Question(paper, language, ask(paper, language, candidates))
        reply = await self._pay(question, left)
        answer, problems = judge(reply, paper, language)
        if problems:
            again = ask_again(question.messages, reply.text, problems)
            reply = await self._pay(replace(question, messages=again), left)
            answer, problems = judge(reply, paper, language)
        if answer is None or problems:
            raise WriterError(reason=" ".join(problems))
        if labels := answer.labels(candidates):
            await self._learn(paper, labels)
        return self._summary(paper, language, answer)

    async def profile(self, words: str, wanted: Iterable[str]) -> Profile:
        """What a reader's words ask for; a `WriterError` if it cannot be had.

        Args:
            words: as they were typed, without plus and minus.
            wanted: the phrases in them, which a profile need not repeat.
        """
        # On record it is no paper's, and whoever follows it cannot be told from it.
        subject = replace(_NO_PAPER, id=f"profile:{crc32(words.encode()):08x}")
        question = _Question(subject, "", profile.ask(words), profile.SCHEMA)
        reply = await self._pay(question, [])
        try:
            return profile.understand(reply.text, wanted)
        except Unusable as error:
            raise WriterError(reason=str(error)) from None

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

    async def _pay(self, question: _Question, left: list[Reply]) -> Reply:
        """A reply: one that is paid for already, or a new one."""
        reply = left.pop(0) if left else await self._patiently(question)
        if reply.finish == "content_filter":
            raise WriterError(reason="content filter")
        return reply

    async def _patiently(self, question: _Question) -> Reply:
        """A reply, after a few more tries if the endpoint is unwell."""
        for attempt in range(TRIES - 1):
            try:
                return await self._down_the_ladder(question)
            except Unwell as error:
                await self._sleep(self._wait(attempt, error))
        return await self._down_the_ladder(question)

    def _wait(self, attempt: int, error: Unwell) -> float:
        """Seconds before the next try: what the endpoint wants, or ever longer, never in step."""
        asked = error.params.get("retry_after", 0.0) if isinstance(error, TooBusy) else 0.0
        if asked > LONGEST_WAIT:
            raise WriterBusy(reason=error.params["reason"], retry_after=asked) from None
        spread = 1 + self._jitter()
        return float(asked + spread if asked else _FIRST_WAIT * 2**attempt * spread / 2)

    async def _down_the_ladder(self, question: _Question) -> Reply:
        """A reply to the best request that the endpoint takes, which is remembered."""
        rung: ladder.Rung | None = self._rung
        while rung is not None:
            try:
                wanted = ladder.options(rung, self._endpoint.base_url, question.schema)
                reply = await self._ask(question, wanted)
            except Refused as error:
                refusal = error
                rung = ladder.below(rung, self._endpoint.base_url, error.params["complaint"])
            else:
                self._rung = rung
                return reply
        raise WriterSilent(reason=refusal.params["reason"])

    async def _ask(self, question: _Question, options: dict[str, Any]) -> Reply:
        """A reply to one request, with its cost on record before anybody looks at it."""
        paper, language = question.paper, question.language
        async with self._reserve(paper.id, language, question.most_tokens, ladder.LONGEST):
            reply = await self._endpoint.ask(self.name, question.messages, options)
            await self._record(self._usage(reply, paper, language))
        return reply

    def _usage(self, reply: Reply, paper: Paper, language: str) -> Usage:
        return Usage(
            paper_id=paper.id,
            language=language,
            model=self.name,
            prompt=PROMPT,
            tokens_in=reply.tokens_in,
            tokens_cached=reply.tokens_cached,
            tokens_out=reply.tokens_out,
            version=paper.version,
            answer=reply.text if paper.categories else "",
            finish=reply.finish,
        )


def judge(reply: Reply, paper: Paper, language: str) -> tuple[Answer | None, tuple[str, ...]]:
    """The answer in a reply, and what is wrong with it, told to the model (pure)."""
    if reply.finish == "length":
        return None, ("It was cut off: be shorter.",)
    try:
        answer = understand(reply.text)
    except Unusable as error:
        return None, (str(error),)
    return answer, slips(answer, paper, language)

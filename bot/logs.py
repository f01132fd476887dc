"""Logs: lines for people or JSON for machines, without secrets and without anybody's words.

Everything that is logged goes through one chain: what is known to be secret is veiled wherever it
stands, and of an exception only its kind and its place are told, for its words may be a reader's.
Warnings of libraries take the same way; their own lines may quote addresses, tokens and texts.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from structlog.typing import EventDict, Processor, WrappedLogger

TEXT, JSON = "text", "json"
VEILED = "***"

SHORTEST_SECRET = 6
"""A shorter word is in too many others to be taken out of them, in characters."""

LIKE_SECRETS = (
    re.compile(r"(?<!\d)\d{5,20}:[\w-]{20,}"),  # a token of Telegram's
    re.compile(r"(?<!\w)sk-[\w-]{8,}"),  # a key as most of the models' endpoints give them
    re.compile(r"(?<=://)[^\s/@]*:[^\s/@]*(?=@)"),  # user:password of an address
)

FRAMES = 4
"""So many of an exception's innermost frames are told."""


def configure(kind: str, *, level: str = "", secrets: Iterable[str] = ()) -> None:
    """Begins to log on standard error, in place of what was said before.

    Args:
        kind: `text` or `json`.
        level: of our own lines, `info` or `error`; as it was where empty. Libraries are heard
            from `warning` on.
        secrets: what stands in no line.
    """
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_words,
            Veil(secrets),
            _renderer(kind),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level) if level else before,
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Heard only where nobody installed a handler of their own, as pytest does.
    logging.lastResort = Libraries(logging.WARNING)


def _renderer(kind: str) -> Processor:
    if kind == JSON:
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Puts an exception's kind and place where its words and its traceback would stand."""
    error = event.pop("exc_info", None)
    error = sys.exc_info()[1] if error is True else error
    error = error[1] if isinstance(error, tuple) else error
    if isinstance(error, BaseException):
        event.update(place(error))
    return event


def place(error: BaseException) -> dict[str, str]:
    """What may be logged of an error: its type and where it was raised, never its words."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    where = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return {"error": type(error).__name__, "where": where}


class Veil:
    """Takes secrets out of whatever is logged, however deep they stand."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Knows the secrets; those too short to be told from words are left alone."""
        known = sorted({each for each in secrets if len(each) >= SHORTEST_SECRET}, key=len)
        told = [re.compile("|".join(map(re.escape, reversed(known))))] if known else []
        self._patterns = (*told, *LIKE_SECRETS)

    def __repr__(self) -> str:
        return "Veil()"

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """A processor of structlog's."""
        return {name: self.over(value) for name, value in event.items()}

    def over(self, value: Any) -> Any:
        """The same without secrets; what is no plain value is taken by its words."""
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, dict):
            return {self.over(name): self.over(each) for name, each in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.over(each) for each in value]
        text = str(value)
        for pattern in self._patterns:
            text = pattern.sub(VEILED, text)
        return text


class Libraries(logging.Handler):
    """What libraries warn of, in our own form: the sentence without what was put into it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Logs the first line of the message's pattern, and where an exception came from."""
        words = str(record.msg).partition("\n")[0]
        log = structlog.get_logger()
        tell = log.error if record.levelno >= logging.ERROR else log.warning
        tell("library", of=record.name, says=words, exc_info=record.exc_info)

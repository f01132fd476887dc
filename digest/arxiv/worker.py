"""The worker process of `digest.arxiv.apart`: reads documents until its input ends.

A message is its length in eight bytes and a pickle, on standard input and output: a question is
(function, body, subject), an answer (result, failure).
"""

from __future__ import annotations

import pickle
import sys
from typing import Any, BinaryIO

LENGTH = 8  # bytes


def serve() -> None:
    """Answers on what was standard output; whatever else is printed goes to standard error."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    answer_all(questions, answers)


def answer_all(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answers every question until there are no more."""
    while length := questions.read(LENGTH):
        answer = pickle.dumps(_answer(questions.read(int.from_bytes(length, "big"))))
        answers.write(len(answer).to_bytes(LENGTH, "big") + answer)
        answers.flush()


def _answer(question: bytes) -> tuple[Any, Exception | None]:
    function, body, subject = pickle.loads(question)  # noqa: S301 - from our own process
    try:
        return function(body, subject), None
    except Exception as failure:  # noqa: BLE001 - raised again where it was asked
        return None, failure

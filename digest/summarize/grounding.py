"""Whether an answer holds against its paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.summarize.languages import has_letters_of, is_written_in

if TYPE_CHECKING:
    from digest.models import Paper
    from digest.summarize.answer import Answer


def slips(answer: Answer, paper: Paper, language: str) -> tuple[str, ...]:
    """What is wrong with the answer, a sentence each, as told to the model."""
    del paper
    if not is_written_in(answer.text, language) or not has_letters_of(answer.title, language):
        return ("It is not in the language asked for.",)
    return ()

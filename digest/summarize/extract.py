"""The offline writer: a paper told in sentences of its own abstract, in English."""

from __future__ import annotations

import re

from digest.models import Paper, Summary
from digest.text.sentences import split
from digest.text.tex import readable

NAME = "extract"
_OURS = re.compile(
    r"\b(we|this (paper|work|article|study|letter)|here)\b.{0,40}\b(propos|present|introduc|"
    r"develop|show|study|investigat|prove|describ|demonstrat|report|construct|establish|deriv)",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(results?|experiments?|outperform\w*|achiev\w*|we (find|show|observe|demonstrate)|"
    r"improv\w*|accuracy|state-of-the-art|conclude)\b",
    re.IGNORECASE,
)


class Extract:
    """Chooses sentences; costs less than a millisecond a paper and never fails."""

    name = NAME

    def language_for(self, language: str) -> str:  # noqa: ARG002  the Protocol's signature
        """Always English: the abstract's own."""
        return "en"

    async def write(self, paper: Paper, language: str) -> Summary:  # noqa: ARG002  same
        """The sentences that tell the paper best; all empty if there is no abstract."""
        return tell(paper)


def tell(paper: Paper) -> Summary:
    """The extract of a paper (pure)."""
    sentences = split(readable(paper.abstract))
    innovation = next((s for s in sentences if _OURS.search(s)), sentences[0] if sentences else "")
    after = sentences[sentences.index(innovation) + 1 :] if innovation else []
    conclusion = next((s for s in reversed(after) if _RESULT.search(s)), "")
    background = sentences[0] if sentences and sentences[0] != innovation else ""
    return Summary(
        paper_id=paper.id,
        language="en",
        writer=NAME,
        title=readable(paper.title),
        gist=innovation,
        background=background,
        innovation=innovation,
        conclusion=conclusion,
        version=paper.version,
    )

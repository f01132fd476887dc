"""The offline writer: a paper told in sentences of its own abstract, in English.

A small linear model, trained by `scripts/train_extract.py`, says which role each sentence plays and
which one, said how, tells the paper best. `benchmarks/extract.py` says how well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.models import Paper, Summary
from digest.summarize import features
from digest.summarize.roles import chances, likeliest
from digest.summarize.trim import variants, without_filler
from digest.summarize.weights import ROLES, Weights, weights
from digest.text.sentences import split
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "extract"
_MOST_SENTENCES = 40  # of a text that is looked at; an abstract has 7, a hostile one thousands
_FINALISTS = 3  # sentences whose shorter ways are looked at
_LONGEST_PART = 500  # characters; the longest sentences of real abstracts have as many
_LONGEST = 12_000  # characters, the same


class Extract:
    """Chooses sentences; costs less than a millisecond a paper and never fails."""

    name = NAME

    def language_for(self, language: str) -> str:  # noqa: ARG002  the Protocol's signature
        """Always English: the abstract's own."""
        return "en"

    async def write(self, paper: Paper, language: str) -> Summary:  # noqa: ARG002  same
        """The sentences that tell the paper best; all empty if there is no abstract."""
        return tell(paper)


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the model sees in an abstract: for each sentence its marks, sum and chances of roles."""

    abstract: features.Abstract
    marks: list[list[str]]
    sums: list[int]
    chances: list[list[float]]

    @property
    def roles(self) -> list[str]:
        """The likeliest role of each sentence."""
        return [likeliest(chance) for chance in self.chances]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to say one sentence; `sentence` is its place."""

    sentence: int
    text: str
    marks: list[str]


def tell(paper: Paper) -> Summary:
    """The extract of a paper (pure)."""
    title = readable(paper.title)
    sentences = split(readable(paper.abstract[:_LONGEST]))[:_MOST_SENTENCES]
    analysis = analysed(sentences, title, weights())
    told = {role: _tellers(role, analysis) for role in ROLES}
    return Summary(
        paper_id=paper.id,
        language="en",
        writer=NAME,
        title=title,
        gist=_cut(gist(analysis, weights())),
        background=_cut(_best(told["background"], analysis)),
        innovation=_cut(_best([*told["objective"], *told["method"]], analysis)),
        conclusion=_cut(_best(told["result"], analysis)),
        version=paper.version,
    )


def analysed(sentences: list[str], title: str, learnt: Weights) -> Analysis:
    """The sentences as the model sees them (pure)."""
    abstract = features.taken_apart(sentences, title)
    marks = features.marks(abstract)
    totals = [learnt.total(own) for own in marks]
    likely = chances([roles for roles, _ in totals], learnt) if totals else []
    sums = []
    for own, chance, (_, total) in zip(marks, likely, totals, strict=True):
        own.append(f"role:{likeliest(chance)}")
        sums.append(total + learnt.total(own[-1:])[1])
    return Analysis(abstract, marks, sums, likely)


def candidates(analysis: Analysis, places: Iterable[int]) -> Iterator[Candidate]:
    """Every way to say the sentences at these places."""
    for at in places:
        for text, done in variants(analysis.abstract.sentences[at]):
            marks = features.marks_of_variant(text, done, analysis.abstract, at)
            yield Candidate(at, text, marks)


def gist(analysis: Analysis, learnt: Weights) -> str:
    """The sentence that tells the paper best, in its best form; empty if there is none."""
    places = sorted(range(len(analysis.sums)), key=lambda at: (-analysis.sums[at], at))
    scored = (
        (analysis.sums[one.sentence] + learnt.total(one.marks)[1], -one.sentence, one.text)
        for one in candidates(analysis, places[:_FINALISTS])
    )
    return max(scored, default=(0, 0, ""))[2]


def _tellers(role: str, analysis: Analysis) -> list[int]:
    """The places of the sentences that play a role."""
    return [at for at, one in enumerate(analysis.roles) if one == role]


def _best(places: Iterable[int], analysis: Analysis) -> str:
    """Of the sentences at these places the one most like a gist, without its filler."""
    best = max(places, key=lambda at: (analysis.sums[at], -at), default=None)
    return "" if best is None else without_filler(analysis.abstract.sentences[best])


def _cut(text: str) -> str:
    """The text, or as many whole words of it as a reader may be asked to read."""
    if len(text) <= _LONGEST_PART:
        return text
    head = text[: _LONGEST_PART - 1]
    return f"{head.rsplit(' ', 1)[0] if ' ' in head else head}…"

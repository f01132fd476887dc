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
from digest.summarize.trim import (
    is_release,
    speaks_of_itself,
    stands_alone,
    variants,
    without_filler,
)
from digest.summarize.weights import ROLES, Weights, weights
from digest.text.sentences import split
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NAME = "extract"
_MOST_SENTENCES = 40  # of a text that is looked at; an abstract has 7, a hostile one thousands
_FINALISTS = 3  # sentences at most whose shorter ways are looked at
_BEHIND = 0.35  # what a sentence can make up for when it is said shorter; few gain as much
_KNOWN = 0.9  # how surely background a sentence is that is no gist if there is another
_SURE = 4.0  # what a sure role counts beside being like a gist, where a part is chosen
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
    """What the model makes of an abstract.

    Attributes:
        roles: each sentence's likeliest role, and how likely it is (`sure`).
        worths: how much each is a gist (a logarithm of odds).
    """

    abstract: features.Abstract
    roles: list[str]
    sure: list[float]
    worths: list[float]


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
    told = gist(analysis, weights())
    background, innovation, conclusion = parts(analysis, told)
    return Summary(
        paper_id=paper.id,
        language="en",
        writer=NAME,
        title=title,
        gist=_cut(told.text),
        background=_cut(background),
        innovation=_cut(innovation),
        conclusion=_cut(conclusion),
        version=paper.version,
    )


def analysed(sentences: list[str], title: str, learnt: Weights) -> Analysis:
    """The sentences as the model sees them (pure)."""
    abstract = features.taken_apart(sentences, title)
    totals = list(map(learnt.total, features.marks(abstract)))
    likely = chances([own for own, _ in totals], learnt)
    roles = list(map(likeliest, likely))
    worths = [
        (total + learnt.total([f"role:{role}"])[1]) * learnt.gist_scale
        for (_, total), role in zip(totals, roles, strict=True)
    ]
    return Analysis(abstract, roles, list(map(max, likely)), worths)


def candidates(analysis: Analysis, places: Iterable[int]) -> Iterator[Candidate]:
    """Every way to say the sentences at these places."""
    for at in places:
        for text, done in variants(analysis.abstract.sentences[at]):
            marks = features.marks_of_variant(text, done, analysis.abstract, at)
            yield Candidate(at, text, marks)


def gist(analysis: Analysis, learnt: Weights) -> Candidate:
    """The sentence that tells the paper best, in its best form; empty if there is none."""
    worths = analysis.worths
    everywhere = range(len(worths))
    news = [at for at in everywhere if analysis.sure[at] < _KNOWN or not _is_known(at, analysis)]
    alone = _alone(news or everywhere, analysis)
    places = sorted(alone, key=lambda at: (-worths[at], at))[:_FINALISTS]
    finalists = [at for at in places if worths[at] >= worths[places[0]] - _BEHIND]
    scored = (
        (worths[one.sentence] + learnt.total(one.marks)[1] * learnt.gist_scale, -one.sentence, one)
        for one in candidates(analysis, finalists)
    )
    best = max(scored, default=None, key=lambda one: one[:2])
    return best[2] if best else Candidate(-1, "", [])


def parts(analysis: Analysis, told: Candidate) -> tuple[str, str, str]:
    """Background, innovation and conclusion.

    Background comes first, and is not what the authors say of themselves; where the code is, is no
    conclusion if there is another. What is the gist's own sentence is told in the gist's words.
    """
    sentences = analysis.abstract.sentences
    of = {role: [at for at, one in enumerate(analysis.roles) if one == role] for role in ROLES}
    known = [at for at in of["background"] if _is_known(at, analysis)]
    ours = [at for at in of["background"] if at not in known]
    innovation = _best([*of["objective"], *of["method"], *ours], analysis)
    first = len(sentences) if innovation is None else innovation
    background = _best([at for at in known if at < first], analysis)
    results = [at for at in of["result"] if at != innovation]
    found = [at for at in results if not is_release(sentences[at])]
    places = background, innovation, _best(found or results, analysis)
    said = [told.text if at == told.sentence else _said(at, analysis) for at in places]
    return said[0], said[1], said[2]


def _best(places: Sequence[int], analysis: Analysis) -> int | None:
    """The place of the sentence most like a gist and most surely of its role."""

    def worth(at: int) -> tuple[float, int]:
        return analysis.worths[at] + _SURE * analysis.sure[at], -at

    return max(_alone(places, analysis), key=worth, default=None)


def _is_known(place: int, analysis: Analysis) -> bool:
    """Whether it is background; what the authors say of their own work never is."""
    if analysis.roles[place] != "background":
        return False
    return not speaks_of_itself(analysis.abstract.sentences[place])


def _alone(places: Sequence[int], analysis: Analysis) -> Sequence[int]:
    """Those of the sentences that do not begin with "It …" or "They …", if there are any."""
    return [at for at in places if stands_alone(analysis.abstract.sentences[at])] or places


def _said(place: int | None, analysis: Analysis) -> str:
    return "" if place is None else without_filler(analysis.abstract.sentences[place])


def _cut(text: str) -> str:
    """The text, or as many whole words of it as a reader may be asked to read."""
    if len(text) <= _LONGEST_PART:
        return text
    head = text[: _LONGEST_PART - 1]
    return f"{head.rsplit(' ', 1)[0] if ' ' in head else head}…"

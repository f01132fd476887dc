"""Sentences of scientific English.

A full stop ends a sentence when what follows can begin one and what stands before it is no
abbreviation. After an initial or "et al." only a word that usually begins a sentence does: "J. Doe"
is a name, "order K. We" are two sentences. Punctuation without a space ends nothing.
"""

from __future__ import annotations

import re

from digest.text.marks import evenly_spaced

# Anything that can begin a sentence: a capital, a digit, a formula, (ii), mRNA; not a small word.
_END = re.compile(
    r"[.!?…](?:[\"”’)\]}*]|'')* "
    r"(?=[\"'“‘(\[{`]*(?:[A-Z0-9$\\©•]|[^\x00-\x7f]|[a-z]{1,3}[A-Z]|(?<=\()(?:[ivx]{1,4}|[a-z])\)))"
)
_LONGEST_ASIDE = 120  # characters in brackets that may hold full stops
_OPENING = "([{“‘\"'`"
_NEXT = re.compile(r"[^\w]*([\w'’-]*)")
_INITIALS = re.compile(r"(?:[A-Z]\.-?)*[A-Z]|[A-Z][a-z]?\.[A-Z]|(?:[a-z]\.){1,3}[a-z]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Never the end of a sentence.
_NEVER = _words("""
    e.g i.e eg ie cf Cf vs Vs viz resp approx ca w.r.t a.k.a Dr Prof Mr Mrs Ms St Mt Ph.D incl excl
    esp versus. Yahoo
""")
# The end only before a word that begins sentences: names follow the first, numbers the second.
_SELDOM = _words("""
    al Jr Sr Univ Dept Inst Proc Conf Trans Int Natl Acad Sci Lett Phys Rev Math Soc Am Assoc
    Fig Figs fig figs Eq Eqs eq eqs Sec Secs Sect sec Ref Refs ref refs Tab Tabs Thm Lem Prop Def
    Amer Ann Comm Appl Bull Nucl Astron Astrophys Eur Theor Comput Statist Ser Suppl Inc Ltd Co
    Cor Alg App Appx Ch Chap Vol vol No no Nos nos pp p pt Pt Nr ver Ver
    Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec
""")
_STARTERS = _words("""
    A All Although Among An And Another As At Based Because Both But By Code Compared Current Data
    Despite Due During Each Empirical Even Evaluation Existing Experiment Experimental Experiments
    Extensive First Firstly For From Furthermore Given Here Hence How However If Importantly In
    Indeed Instead Inspired Into It Its Many More Moreover Most Motivated Next No Nevertheless
    Not Note Numerical On Once One Our Out Over Overall Prior Previous Recent Results Second
    Let Suppose Assume Consider Denote Recall Throughout Beyond Across Between Along
    Building Leveraging Combining Applying Considering Assuming Taking Following Together
    Secondly Several She Show Similarly Since Simulations So Some Such That The Their Then There
    Therefore These They Third This Those Though Three Through Thus To Two Under Unlike Until Using
    Via We What When Where Whereas Whether Which While Why With Within Without Yet You
""")
# Headings of structured abstracts ("Aims. We look …"), which begin a sentence.
_HEADINGS = _words("""
    Abstract Background Introduction Context Motivation Objective Objectives Aim Aims Purpose
    Method Methods Methodology Result Results Findings Conclusion Conclusions Discussion
""")


def split(text: str) -> list[str]:
    """The sentences in order; joined by a space they are the text with single spaces."""
    text = evenly_spaced(text)
    sentences, start = [], 0
    for end in _END.finditer(text):
        if text[end.start()] == "." and _continues(text, start, end):
            continue
        sentences.append(text[start : end.end() - 1])
        start = end.end()
    if start < len(text):
        sentences.append(text[start:])
    return sentences


def _continues(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether the full stop belongs to an abbreviation in the middle of a sentence."""
    at = end.start()
    if _is_aside(text, start, at):
        return True
    word = text[max(start, text.rfind(" ", start, at) + 1) : at].lstrip(_OPENING)
    if word in _NEVER or text[start:at] in _HEADINGS:
        return True
    if len(word) > 1 and word not in _SELDOM and "." not in word:
        return False
    if word in _SELDOM or _INITIALS.fullmatch(word):
        found = _NEXT.match(text, end.end())
        return found is None or not _begins(found[1])
    return False


def _is_aside(text: str, start: int, at: int) -> bool:
    """Whether a bracket is open that may close soon, as in "(Calc. Var. 12)"."""
    opened = text.rfind("(", max(start, at - _LONGEST_ASIDE), at)
    if opened < 0 or text.rfind(")", opened, at) > 0:
        return False
    return text.find(")", at, opened + _LONGEST_ASIDE) > 0


def _begins(word: str) -> bool:
    return word in _STARTERS or (word.endswith("ly") and word[:1].isupper())

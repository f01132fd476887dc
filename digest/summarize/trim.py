"""Shorter ways to say a sentence of an abstract, without writing a word of our own.

Every way is the sentence less its filler ("In this paper, …"), less an aside in brackets, less a
clause at its end, or only what it says was shown. Which one is best, the extract's model decides.
"""

from __future__ import annotations

import re

_SHORTEST_CLAUSE = 3  # words that may be left when filler goes
_SHORTEST = 6  # words of a gist
_SHORTEST_HEAD = 8  # words left of a sentence whose end is cut off
_HEADING = re.compile(  # of a structured abstract ("Methods: ", "Aims. "), or a number
    r"(?:(?:Abstract|Background|Introduction|Context|Motivation|Problem|Objectives?|Aims?|Purpose|"
    r"Goals?|Methods?|Methodology|Approach|Results?|Findings?|Conclusions?|Discussion|Significance|"
    r"Summary)(?: and \w+)?\s?[:.—–]|\((?:[ivx]{1,4}|\d|[a-e])\)|\d[.)])\s+(?=[\"“]?[A-Z])",
    re.IGNORECASE,
)
_THIS = r"(?:this|our|the present|the current|the following)"
_WORK = (
    r"(?:(?:\w+\s)?(?:paper|work|article|study|letter|research|thesis|dissertation|report|"
    r"manuscript|survey|review|note|contribution|chapter|essay|preprint|tutorial|project))"
)
_THAT = (
    r"(?:this|these|that|those|such|it|them|"
    r"the(?:se)?\ (?:above|aforementioned|former|latter|"
    r"gaps?|challenges?|issues?|problems?|limitations?))"
)
_LEADING = re.compile(
    rf"""(?:(?:
    (?:in|with|through|throughout)\ {_THIS}\ {_WORK}|here|herein|
    in\ this\ (?:context|setting|regard|respect|vein|direction|spirit|light)|
    however|therefore|thus|hence|moreover|furthermore|further|additionally|in\ addition|besides|
    also|yet|still|
    finally|lastly|first|firstly|second|secondly|third|thirdly|fourth|next|then|subsequently|
    first\ of\ all|to\ begin\ with|as\ a\ first\ step|
    specifically|more\ specifically|in\ particular|particularly|concretely|more\ precisely|
    consequently|as\ a\ (?:result|consequence|by-?product|corollary)|accordingly|
    to(?:wards?)?\ (?:this|that)\ (?:end|aim|goal)|for\ (?:this|these)\ (?:purpose|reason)s?|
    overall|in\ (?:summary|conclusion|sum|short|brief|fact|essence)|to\ (?:conclude|summari[sz]e)|
    notably|importantly|interestingly|remarkably|surprisingly|crucially|critically|strikingly|
    intriguingly|unexpectedly|of\ note|mo(?:re|st)\ (?:notably|importantly)|
    meanwhile|indeed|instead|similarly|likewise|ultimately|altogether|taken\ together|collectively|
    nevertheless|nonetheless|that\ said|conversely|(?:by|in)\ contrast|on\ the\ other\ hand|
    (?:in|by)\ (?:so\ doing|doing\ (?:so|this))|to\ do\ (?:so|this|that)|
    (?:to|in\ order\ to)\ (?:(?:\w+ly|further|better|also)\ )?\w+(?:\ and\ \w+)?\ {_THAT}
        \b[^,]{{0,60}}|
    (?:(?:motivated|inspired|guided|driven|prompted|encouraged|informed)\ by|given|leveraging|
        using|exploiting|(?:capitali[sz]ing|building|drawing|based)\ (?:up)?on|grounded\ in|
        armed\ with|equipped\ with|in\ (?:light|view|response|contrast)\ (?:of|to)|following|
        combining|applying|faced\ with|with)\ (?:all\ (?:of\ )?)?{_THAT}\b[^,]{{0,60}}|
    (?:motivated|inspired)\ by\ (?:our|the)\ (?:findings?|observations?|insights?)|
    in\ response
    )\s*,\s*)+""",
    re.IGNORECASE | re.VERBOSE,
)
_LEADING_BARE = re.compile(
    rf"(?:in {_THIS} {_WORK}|here|therefore|thus|hence|finally|then)\s+(?=(?:we|I)\s)",
    re.IGNORECASE,
)
_LEANING = re.compile(
    r"(?:It|They|Its|Their|He|She|(?:This|These|That|Those|Such|Both|The (?:former|latter))"
    r"(?! (?:paper|work|article|study|letter|research|thesis|report|manuscript|survey|review|"
    r"note|contribution)\b))\s"
)
_OURS = re.compile(
    rf"^(?:we|our)\b|\bwe\ (?:\w+ly\ )?(?:propose|present|introduce|develop|prove|show|study|"
    r"investigate|establish|describe|report|derive|construct|provide|give|obtain|analy[sz]e|"
    rf"examine|explore|consider|address|demonstrate)\b|\b(?:this|our|the\ present)\ {_WORK}\b",
    re.IGNORECASE,
)
_OURS_HINTS = ("we ", "We ", "Our ", "our ", "this ", "This ", "present ")
_RELEASE = re.compile(
    r"https?://|\b(?:available (?:at|on|online|via|from|here)|(?:publicly|openly|freely) available|"
    r"open-?sourced?|publicly released|be released|release (?:our|the|all))\b"
)
_RELEASE_HINTS = ("http", "availab", "open", "releas")
_ADVERB = r"(?: (?:also|further|then|clearly|empirically|theoretically|experimentally))?"
_SHOWN = re.compile(
    r"(?:(?:the |our |extensive |empirical |experimental |numerical |simulation |theoretical |"
    r"qualitative |quantitative |comprehensive |and )*"
    r"(?:experiments?|results?|evaluations?|analys[ie]s|findings|simulations?|study|studies)"
    r"(?: (?:on|in|with|across|over|from|of) [^,]{3,80})?"
    rf"|we{_ADVERB}|it is|this {_WORK}){_ADVERB} "
    r"(?:shows?|demonstrates?|indicates?|suggests?|reveals?|find|found|observe|shown|showed|"
    rf"demonstrated|confirm|prove|argue){_ADVERB} that,?\s+",
    re.IGNORECASE,
)
_HANGING = re.compile(  # "with the property that", before ", even if"
    r"\b(?:that|which|whose|when|where|if|and|or|but|of|to|by|for|with|in|on|at|from|as|than|the|an?|"
    r"is|are|was|were)$",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s+\([^()]{1,80}\)(?=[\s.,;:]|$)")
_SHOW = (
    r"(?:show|demonstrate|evaluate|prove|validate|provide|discuss|apply|study|analy[sz]e|verify|"
    r"illustrate|find|compare|report|establish|derive|test|release|highlight|conduct)s?"
)
_ENDINGS = (
    re.compile(rf", (?:and|which) (?:we )?(?:further |also |then )?{_SHOW}\b.*$"),
    re.compile(rf" and (?:we|also|further|then|{_SHOW} (?:that|how))\b.*$"),
    re.compile(r",? (?:which|where|whose) .*$"),
    re.compile(
        r", (?:while|thus|thereby|hence|leading|allowing|enabling|making|resulting|achieving|"
        r"showing|improving|outperforming|reducing|providing|yielding|without|with|including|"
        r"such as|especially|particularly|e\.g\.|i\.e\.|for example|using|by|based on|even|"
        r"as well as|but|so|in|on|for|and (?:it|that|they|this|these))\b.*$"
    ),
    re.compile(r",? such as .*$"),
    re.compile(r"(?:[;:]| [–—]) .*$"),
    re.compile(
        r" (?<! is )(?<! are )(?<! be )(?<! been )(?<! was )(?<! were )"
        r"(?:by|using|via|through|based on|in order to|so that|without) .*$"
    ),
)
_LISTED = re.compile(r", (?:and|or) ")


def variants(sentence: str) -> list[tuple[str, tuple[str, ...]]]:
    """Ways to say the sentence, the whole one first, each with the names of what was done."""
    whole = without_filler(sentence)
    found: dict[str, tuple[str, ...]] = {whole: ("lead",) if whole != sentence else ()}
    shown = _SHOWN.match(whole)
    heads = [(whole, found[whole])]
    if shown and _is_long(whole[shown.end() :], _SHORTEST):
        heads.append((_capital(whole[shown.end() :]), ("shown",)))
    for text, done in heads:
        for shorter, how in _shortened(text, done):
            found.setdefault(shorter, how)
    return list(found.items())


def without_filler(sentence: str) -> str:
    """The sentence without "However, in this paper, " and the like at its head."""
    text = sentence
    for filler in (_HEADING, _LEADING, _LEADING_BARE):
        head = filler.match(text)
        text = text[head.end() :] if head else text
    return _capital(text) if _is_long(text, _SHORTEST_CLAUSE) else sentence


def _shortened(text: str, done: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    bare = _ASIDE.sub("", text)
    found = [(text, done), (bare, (*done, "aside"))]
    for number, ending in enumerate(_ENDINGS):
        cut = ending.search(bare)
        head = bare[: cut.start()].rstrip(",;: ") if cut else ""
        if cut and _stands(head, cut[0]):
            found.append((f"{head}.", (*done, f"end{number}")))
    return [(shorter, how) for shorter, how in found if _is_long(shorter, _SHORTEST)]


def _stands(head: str, tail: str) -> bool:
    """Whether what is left is a sentence of its own: long enough, no bracket or list torn."""
    torn = head.count("(") != head.count(")") or head.count("$") % 2 or _LISTED.search(tail[1:])
    torn = torn or _HANGING.search(head)
    return _is_long(head, _SHORTEST_HEAD) and not torn


def _is_long(text: str, words: int) -> bool:
    return len(text.split()) >= words


def speaks_of_itself(sentence: str) -> bool:
    """Whether the authors speak of what they did: "we prove", "this paper"."""
    hinted = any(hint in sentence for hint in _OURS_HINTS)  # which is fast
    return hinted and _OURS.search(sentence) is not None


def is_release(sentence: str) -> bool:
    """Whether it says no more than where the code or the data are."""
    hinted = any(hint in sentence for hint in _RELEASE_HINTS)
    return hinted and _RELEASE.search(sentence) is not None


def stands_alone(sentence: str) -> bool:
    """Whether it says of itself what it speaks of: not "It does …", "These are …"."""
    return not _LEANING.match(sentence)


def _capital(text: str) -> str:
    """With a capital at the head, unless the word is written its own way (mRNA, k-means)."""
    head = text.split(" ", 1)[0].rstrip(",")
    own_way = not head.islower() or head[1:2] == "-" or not head.replace("-", "").isalpha()
    return text if own_way else text[:1].upper() + text[1:]

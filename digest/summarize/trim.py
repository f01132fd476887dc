"""Shorter ways to say a sentence of an abstract, without writing a word of our own.

Every way is the sentence less its filler ("In this paper, …"), less an aside in brackets, less a
clause at its end, or only what it says was shown. Which one is best, the extract's model decides.
"""

from __future__ import annotations

import re

_SHORTEST_CLAUSE = 3  # words that may be left when filler goes
_SHORTEST = 6  # words of a gist
_SHORTEST_HEAD = 8  # words left of a sentence whose end is cut off
_THIS = r"(?:this|our|the present|the current)"
_WORK = r"(?:paper|work|article|study|letter|research|thesis|report|manuscript|survey|review|note)"
_LEADING = re.compile(
    rf"""(?:(?:
    (?:in|with|through|throughout)\ {_THIS}\ {_WORK}|here|herein|
    however|therefore|thus|hence|moreover|furthermore|additionally|in\ addition|besides|also|
    finally|lastly|first|firstly|second|secondly|third|thirdly|next|then|
    specifically|more\ specifically|in\ particular|concretely|more\ precisely|
    consequently|as\ a\ result|accordingly|to\ (?:this|that)\ end|for\ this\ purpose|
    overall|in\ summary|in\ conclusion|to\ conclude|in\ short|
    notably|importantly|interestingly|remarkably|surprisingly|crucially|meanwhile|indeed|instead|
    nevertheless|nonetheless|by\ contrast|in\ contrast|on\ the\ other\ hand|
    (?:to|in\ order\ to)\ (?:address|tackle|solve|overcome|resolve|mitigate|remedy|alleviate|
        handle|fill|bridge|close|meet)\ (?:this|these|that|those|such|the\ above)\b[^,]{{0,60}}|
    (?:motivated|inspired)\ by\ (?:this|these|that|the\ above)\b[^,]{{0,60}}|
    (?:based|building)\ (?:up)?on\ (?:this|these|that)\b[^,]{{0,60}}|
    with\ this\ in\ mind|for\ this\ reason|in\ response
    )\s*,\s*)+""",
    re.IGNORECASE | re.VERBOSE,
)
_LEADING_BARE = re.compile(
    rf"(?:in {_THIS} {_WORK}|here|therefore|thus|hence|finally|then)\s+(?=we\s)", re.IGNORECASE
)
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
_ASIDE = re.compile(r"\s*\([^()]{1,80}\)")
_SHOW = (
    r"(?:show|demonstrate|evaluate|prove|validate|provide|discuss|apply|study|analy[sz]e|verify|"
    r"illustrate|find|compare|report|establish|derive|test|release|highlight|conduct)s?"
)
_ENDINGS = (
    re.compile(rf", (?:and|which) (?:we )?(?:further |also |then )?{_SHOW}\b.*$", re.IGNORECASE),
    re.compile(rf" and (?:we|also|further|then|{_SHOW} (?:that|how))\b.*$", re.IGNORECASE),
    re.compile(r",? (?:which|where|whose) .*$"),
    re.compile(
        r", (?:while|thus|thereby|hence|leading|allowing|enabling|making|resulting|achieving|"
        r"showing|improving|outperforming|reducing|providing|yielding|without|with|including|"
        r"such as|especially|particularly|e\.g\.|i\.e\.|for example|using|by|based on|even|"
        r"as well as|but|so|in|on|for|and (?:it|that|they|this|these))\b.*$"
    ),
    re.compile(r",? such as .*$"),
    re.compile(r"(?:;|:| [–—]) .*$"),
    re.compile(
        r"(?<! is)(?<! are)(?<! be)(?<! been)(?<! was)(?<! were)"
        r" (?:by|using|via|through|based on|in order to|so that|without) .*$"
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
    for filler in (_LEADING, _LEADING_BARE):
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
    return _is_long(head, _SHORTEST_HEAD) and not torn


def _is_long(text: str, words: int) -> bool:
    return len(text.split()) >= words


def _capital(text: str) -> str:
    """With a capital at the head, unless the word is written its own way (mRNA, k-means)."""
    head = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if head.islower() and head.isalpha() else text

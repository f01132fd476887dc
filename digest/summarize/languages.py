"""The languages that a model writes, how long a summary is in each, and what gives a text away."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = ("40 words", "60 to 120 words")
_CHARACTERS = ("60 characters", "80 to 180 characters")
_TERMS = "Everything else is translated, in the words of the field."


@dataclass(frozen=True, slots=True)
class Language:
    """How a model is told to write a language, and how an answer in it looks.

    Attributes:
        english: its name in the prompt.
        gist, summary: how long these parts are.
        rule: what to mind in this language.
        letters: a class of characters that its words are written in.
        common: words (or characters) that no half-page in it goes without.
    """

    english: str
    gist: str
    summary: str
    rule: str
    letters: str
    common: frozenset[str]

    @property
    def is_latin(self) -> bool:
        """Whether it is written in Latin letters, so that only its words tell it from English."""
        return self.letters == _LATIN


_LATIN = "a-zA-ZÀ-ÖØ-öø-ÿœŒ"
_HAN = "\u3400-\u9fff"
_KANA = "\u3041-\u30ff"
_SIMPLIFIED = frozenset(
    "这个们来时说国会对发学动实现进过还为与关问题应计数据图标准测试网络训练验证结构"
)
_TRADITIONAL = frozenset(
    "這個們來時說國會對發學動實現進過還為與關問題應計數據圖標準測試網絡訓練驗證結構"
)
_ONLY_SIMPLIFIED = _SIMPLIFIED - _TRADITIONAL
_ONLY_TRADITIONAL = _TRADITIONAL - _SIMPLIFIED


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LANGUAGES = {
    "zh": Language("simplified Chinese (简体中文)", *_CHARACTERS, _TERMS, _HAN, _ONLY_SIMPLIFIED),
    "zh-Hant": Language(
        "traditional Chinese (繁體中文)", *_CHARACTERS, _TERMS, _HAN, _ONLY_TRADITIONAL
    ),
    "en": Language(
        "English",
        *_WORDS,
        "",
        _LATIN,
        _words("the of and to in is that with for are this by from a at as on we it be"),
    ),
    "ja": Language(
        "Japanese (日本語)", *_CHARACTERS, _TERMS, _KANA + _HAN, frozenset("のはをにがた")
    ),
    "ko": Language("Korean (한국어)", *_CHARACTERS, _TERMS, "\uac00-\ud7a3", frozenset()),
    "de": Language(
        "German (Deutsch)",
        *_WORDS,
        _TERMS,
        _LATIN,
        _words("der die das und ist mit von für den ein eine auf nicht werden durch bei im zu"),
    ),
    "fr": Language(
        "French (français)",
        *_WORDS,
        _TERMS,
        _LATIN,
        _words("le la les des et est une un du pour dans par sur avec que qui au aux ce"),
    ),
    "es": Language(
        "Spanish (español)",
        *_WORDS,
        _TERMS,
        _LATIN,
        _words("el la los las de y es una un del para en por con que se al como su"),
    ),
    "ru": Language("Russian (русский)", *_WORDS, _TERMS, "а-яА-ЯёЁ", frozenset()),
}
"""By the code that a subscriber stores."""

_WORD = re.compile(r"[^\W\d_]+")
ENOUGH = 0.5  # of the text; names and terms of art in Latin letters take the rest
_UNMIXED = 0.8  # of the characters that only one of the two Chinese scripts has
_DENSE = "\u3000"  # scripts from here on write a word in about two characters


def is_written_in(text: str, language: str) -> bool:
    """Whether a text of a sentence or more is in that language of `LANGUAGES`."""
    words = LANGUAGES[language]
    if _share(text, words.letters) < ENOUGH:
        return False
    return _is_closest(text, language) if words.is_latin else _fits(text, language)


def has_letters_of(text: str, language: str) -> bool:
    """Whether anything at all is in that language's own script; always so for Latin ones."""
    words = LANGUAGES[language]
    return words.is_latin or re.search(f"[{words.letters}]", text) is not None


def _share(text: str, letters: str) -> float:
    """How much of the text is written in these letters: of its letters, or of its words."""
    own = len(re.findall(f"[{letters}]", text))
    if letters < _DENSE:
        return own / max(1, sum(map(str.isalpha, text)))
    foreign = 2 * len(re.findall(r"[A-Za-zА-я]+", text))
    return own / max(1, own + foreign)


def _fits(text: str, language: str) -> bool:
    """What the script alone does not tell: the two Chinese scripts, Chinese and Japanese."""
    kana = len(re.findall(f"[{_KANA}]", text))
    if language == "ja":
        return kana > 0
    if not language.startswith("zh"):
        return True
    simplified = sum(letter in _ONLY_SIMPLIFIED for letter in text)
    traditional = sum(letter in _ONLY_TRADITIONAL for letter in text)
    own = traditional if language == "zh-Hant" else simplified
    return kana * 10 < len(text) and own >= _UNMIXED * (simplified + traditional)


def _is_closest(text: str, language: str) -> bool:
    """Whether no other language in Latin letters has more of its common words in the text."""
    found = [word.lower() for word in _WORD.findall(text)]
    scores = {
        code: sum(word in words.common for word in found)
        for code, words in LANGUAGES.items()
        if words.is_latin
    }
    return scores[language] == max(scores.values())

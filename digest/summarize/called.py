"""What people call the languages of `LANGUAGES`, and the one that a text names."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Names:
    """What a language is called.

    Attributes:
        own: by its own speakers.
        others: by everybody else, and codes; without case.
    """

    own: str
    others: tuple[str, ...]


def _names(own: str, others: str) -> Names:
    return Names(own, tuple(others.split()))


NAMES = {
    "zh": _names(
        "简体中文",
        "zh-hans zh-cn zh-sg zho chi cn chs 中文 简体 简中 汉语 华语 普通话 国语 chinese mandarin "
        "simplified-chinese 中国語 簡体字 중국어 chinesisch chinois chino китайский",
    ),
    "zh-Hant": _names(
        "繁體中文",
        "zh-tw zh-hk zh-mo zht cht 繁體 繁体 繁体中文 繁中 正體中文 正體 漢語 國語 臺灣 "
        "traditional-chinese taiwanese-mandarin 繁体字 번체",
    ),
    "en": _names("English", "eng 英文 英语 英語 영어 englisch anglais inglés ingles английский"),
    "ja": _names(
        "日本語", "jp jpn 日文 日语 日語 japanese 일본어 japanisch japonais japonés японский"
    ),
    "ko": _names(
        "한국어",
        "kr kor 韩文 韩语 韓文 韓語 韓国語 朝鲜语 korean 한국말 koreanisch coréen корейский",
    ),
    "de": _names(
        "Deutsch", "deu ger 德文 德语 德語 german ドイツ語 독일어 allemand alemán немецкий"
    ),
    "fr": _names(
        "français",
        "fra fre francais 法文 法语 法語 french フランス語 프랑스어 französisch французский",
    ),
    "es": _names(
        "español",
        "spa espanol castellano 西班牙文 西班牙语 西班牙語 spanish スペイン語 스페인어 "
        "spanisch espagnol испанский",
    ),
    "ru": _names("русский", "rus 俄文 俄语 俄語 russian ロシア語 러시아어 russisch russe ruso"),
}


def called(code: str) -> str:
    """What a language's own speakers call it; the code itself where nobody knows."""
    return NAMES[code].own if code in NAMES else code


def understand(text: str) -> str | None:
    """The code of the language that a text names ("Deutsch", "日本語", "zh-TW"), or None."""
    plain = unicodedata.normalize("NFKC", text).strip().strip("。.").casefold()
    tag = "-".join(plain.replace("_", "-").split())
    known = _codes()
    parts = tag.split("-")
    heads = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((known[head] for head in heads if head in known), None)


@cache
def _codes() -> dict[str, str]:
    return {
        name.casefold(): code
        for code, names in NAMES.items()
        for name in (code, names.own, *names.others)
    }

"""What people type → the field they mean.

Exact names first, then beginnings, then spelling: the first step that finds something decides, and
what it finds twice is a choice for the reader to make.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from digest.fields import authors
from digest.fields.catalogue import (
    Field,
    by_key,
    code_meant,
    codes_known,
    entries,
    phrase,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_CHOICES = 6
SENTENCE = 5
"""Words; so many that name no field tell of a subject."""

LONGEST_NAME = 80
"""In characters: longer texts are no name of a field."""

_LIKE = 0.75  # similarity from which a spelling may be meant: one slip in four letters
_LIKE_HAN = 0.6  # one character in three: 云计祘
_SHORTEST_LIKE = 4  # letters; in shorter words one slip makes any other word
_SHORTEST_HAN = 2  # characters; 学 is in half of all names
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
"""Telegram's pages hold `cs.NI` together with a joiner, and readers copy what they see."""

_PHRASE = re.compile(r'["“”„«»「」『』＂]|(?<=\s)[-+]\w')


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text means: a field, or else the fields that it may mean, the likeliest first."""

    field: Field | None
    choices: tuple[Field, ...] = ()


def resolve(text: str) -> Resolution:
    """The field that `text` names; any case, full-width, spaces and a leading # are understood.

    `"quoted"` text and text with a `-word` or `+word` is the reader's own phrase. Other free text
    is not taken for one: `field` is None, and the caller offers it, or follows a `sentence`.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).strip()
    if authors.typed(plain):
        return Resolution(by_key(plain))
    if _PHRASE.search(plain):
        return Resolution(_phrase(plain))
    if code := code_meant(plain):
        return _named_first(plain, code)
    wanted = fold(plain)
    if not wanted or len(wanted) > LONGEST_NAME:
        return Resolution(None)
    for step in (_exact, _by_ending, _by_beginning):
        if found := step(wanted):
            return _decided(found, wanted)
    return Resolution(None, _near(wanted))


def sentence(text: str) -> Field | None:
    """The phrase that a whole sentence is: "papers on making serverless functions start faster".

    None for what `resolve` may still take for a name with a slip, for fewer words, and for words
    that are not in the letters of English abstracts.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).replace('"', " ")
    words = [word for word in plain.split() if re.search("[A-Za-z]", word)]
    if len(words) < SENTENCE or list(_spelt_like(fold(plain))):
        return None
    return _phrase(f'"{plain}"')


def fold(text: str) -> str:
    """Names that a reader would call the same become equal: case, width, hyphens, 體 and 体."""
    plain = simplified(unicodedata.normalize("NFKC", text).casefold())
    return " ".join(re.sub(r"[^\w.+/]+|_", " ", plain).split())


def simplified(text: str) -> str:
    """體 → 体, for the characters that names of fields have."""
    return text.translate(_SIMPLIFIED)


# The traditional characters in Chinese names of fields, and what they are in simplified ones.
_SIMPLIFIED = str.maketrans(
    "計機學習體軟資訊處語網統視覺強數據庫儲閃鑰雲務伺無運檔電腦輸類圖態論與開發測試編譯碼義隱"
    "執驅動構優標誤驗證維護複雜離幾範疇變內間場應環國聯結設術億華東車馬門風飛龍齊齡亞產業從傳價"
    "換題氣質結構納觀熱衛熱溫陽圍歷史際義組織環屬層濟經濟專區階簡單異點線諧對稱邊廣緣廠點擇釋練"
    "預測確實顯藥應蟲遺傳細胞轉錄鏈脫氧醫療診斷畫圓積極總會廣導負責讀聲頻錄樂",
    "计机学习体软资讯处语网统视觉强数据库储闪钥云务伺无运档电脑输类图态论与开发测试编译码义隐"
    "执驱动构优标误验证维护复杂离几范畴变内间场应环国联结设术亿华东车马门风飞龙齐龄亚产业从传价"
    "换题气质结构纳观热卫热温阳围历史际义组织环属层济经济专区阶简单异点线谐对称边广缘厂点择释练"
    "预测确实显药应虫遗传细胞转录链脱氧医疗诊断画圆积极总会广导负责读声频录乐",
)


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Folded name → keys of the fields that are called so; a named field's name is its own."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for each in entries().values():
        for called in (each.key, *each.name.values(), *each.aliases):
            found[fold(called)][each.key] = None
    owned = set(found)
    listed = codes_known().values()
    for called, code in _called((c.code, c.same_as, c.aliases) for c in listed):
        if called not in owned:
            found[called][code] = None
    owned = set(found)
    for called, code in _called((c.code, c.same_as, c.name.values()) for c in listed):
        if called not in owned:
            found[called][code] = None
    return {called: tuple(keys) for called, keys in found.items()}


def _called(listed: Iterable[tuple[str, str, Iterable[str]]]) -> Iterable[tuple[str, str]]:
    return ((fold(name), same_as or code) for code, same_as, names in listed for name in names)


def _named_first(plain: str, code: str) -> Resolution:
    """A text that is one of arXiv's codes: `cs.AI`, `math`."""
    return Resolution(by_key(_names().get(fold(plain), (code,))[0]))


def _exact(wanted: str) -> tuple[str, ...]:
    return _names().get(wanted, ())


def _by_ending(wanted: str) -> tuple[str, ...]:
    """`LG` → cs.LG; `CO` → the three categories that end so."""
    ends = f".{wanted}"
    found = [c.same_as or c.code for c in codes_known().values() if c.code.lower().endswith(ends)]
    return tuple(dict.fromkeys(found))


def _by_beginning(wanted: str) -> tuple[str, ...]:
    if len(wanted) < 2:  # noqa: PLR2004 - one letter begins everything; one Han character means itself
        return ()
    starts = [keys for called, keys in _names().items() if called.startswith(wanted)]
    return tuple(dict.fromkeys(key for keys in starts for key in keys))


def _decided(found: tuple[str, ...], wanted: str) -> Resolution:
    """One field, or one named field among categories that are its own; else a choice.

    `计算` begins many names; 云计算 is what readers know best of all that have it.
    """
    leading = found[0]
    own = entries()[leading].categories if leading in entries() else ()
    if all(key in own for key in found[1:]):
        return Resolution(by_key(leading))
    every = dict.fromkeys((*found, *_holding(wanted)))
    return Resolution(None, _ordered(every, wanted))


def _ordered(keys: Iterable[str], wanted: str) -> tuple[Field, ...]:
    likeliest = sorted(keys, key=lambda key: not _shows(key, wanted))
    return tuple(by_key(key) for key in likeliest[:MOST_CHOICES])


def _shows(key: str, wanted: str) -> bool:
    """Whether a named field's own name, not an alias, has the text in it."""
    return key in entries() and any(wanted in fold(name) for name in entries()[key].name.values())


def _near(wanted: str) -> tuple[Field, ...]:
    """The fields that have the text in their names, or names spelt nearly so, or in the text."""
    for step in (_holding, _spelt_like, _sharing):
        if found := dict.fromkeys(step(wanted)):
            return _ordered(found, wanted)
    return ()


def _holding(wanted: str) -> Iterable[str]:
    """`learning` → Reinforcement learning, cs.LG; the named fields first."""
    if len(wanted) < (_SHORTEST_LIKE if wanted.isascii() else _SHORTEST_HAN):
        return ()
    inside = f" {wanted} " if wanted.isascii() else wanted
    found = [keys for called, keys in _names().items() if inside in f" {called} "]
    return [key for keys in found for key in keys]


def _spelt_like(wanted: str) -> Iterable[str]:
    han = any("一" <= letter <= "鿿" for letter in wanted)
    keys: dict[str, None] = {}
    if han or len(wanted) >= _SHORTEST_LIKE:
        cutoff = _LIKE_HAN if han else _LIKE
        for called, _, _ in process.extract(
            wanted, _names().keys(), scorer=OSA.normalized_similarity, score_cutoff=cutoff, limit=9
        ):
            keys |= dict.fromkeys(_names()[called])
    return keys


def _sharing(wanted: str) -> Iterable[str]:
    """Named fields with a name inside the text, the longest first: "serverless functions"."""
    spaced = f" {wanted} "
    inside = [
        (len(called), keys)
        for called, keys in _names().items()
        if (f" {called} " in spaced)
        or (not called.isascii() and len(called) > 1 and called in spaced)
    ]
    for _, keys in sorted(inside, key=lambda pair: -pair[0]):
        yield from keys


def _phrase(plain: str) -> Field | None:
    try:
        return phrase(plain)
    except ValueError:
        return None

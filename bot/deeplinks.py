"""What stands behind `t.me/<bot>?start=`: a paper, a field, or a set of fields that is shared.

    p_2602-02489    p_hep-th_9901001    f_ai    f_cs_AI    s_YWkKY3MuREI

A payload has up to 64 of A-Z a-z 0-9 _ - (https://core.telegram.org/api/links#bot-links), so a dot
or a slash is written as one of the last two; a dot is read as well, for people type it. A shared
set is the fields' own keys in base64: nothing is stored for it, and nobody's name is in it.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest import fields, ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.ids import PaperId

LONGEST = 64
_ROOM = (LONGEST - 2) * 3 // 4  # bytes of the keys: three in four letters of base64
_APART = "\n"
_NEW = re.compile(r"(\d{4})[._-](\d{4,5}(?:v\d+)?)", re.ASCII)
_OLD = re.compile(r"([a-z][a-z-]+)(?:[._][A-Za-z]{2})?[_/](\d{7}(?:v\d+)?)", re.ASCII)
_CODE = re.compile(r"([a-z][a-z-]*)[_.-]([A-Za-z-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Linked:
    """What a payload leads to.

    Attributes:
        paper: one paper, or None.
        fields: keys of fields that exist; some where there is no paper.
    """

    paper: PaperId | None = None
    fields: tuple[str, ...] = ()


def understood(payload: str) -> Linked | None:
    """What a payload leads to; None where it is forged, cut, or something else."""
    kind, body = payload[:2], payload[2:]
    if len(payload) > LONGEST or not body:
        return None
    if kind == "p_":
        paper = _paper(body)
        return Linked(paper) if paper else None
    keys = {"f_": _field, "s_": _shared}.get(kind, _none)(body)
    return Linked(fields=keys) if keys else None


def is_link(payload: str) -> bool:
    """Whether it looks like one of these, and not like an invitation's code."""
    return understood(payload) is not None


def of_paper(paper: PaperId) -> str:
    """The payload that opens a paper."""
    return "p_" + str(paper).replace(".", "-").replace("/", "_")


def of_fields(keys: Sequence[str]) -> tuple[str, int]:
    """The payload that offers these fields, and how many of them it carries: as many as fit."""
    carried: list[str] = []
    for key in keys:
        if len(_APART.join([*carried, key]).encode()) <= _ROOM:
            carried.append(key)
    told = urlsafe_b64encode(_APART.join(carried).encode()).decode().rstrip("=")
    return f"s_{told}", len(carried)


def _paper(body: str) -> PaperId | None:
    new, old = _NEW.fullmatch(body), _OLD.fullmatch(body)
    named = f"{new[1]}.{new[2]}" if new else f"{old[1]}/{old[2]}" if old else ""
    found = ids.find(named)
    return found[0] if len(found) == 1 else None


def _field(body: str) -> tuple[str, ...]:
    code = _CODE.fullmatch(body)
    wanted = (body, f"{code[1]}.{code[2]}" if code else body)
    return _known(key for key in wanted if '"' not in key)[:1]


def _shared(body: str) -> tuple[str, ...]:
    try:
        told = urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ()
    return _known(dict.fromkeys(told.split(_APART)))


def _none(_body: str) -> tuple[str, ...]:
    return ()


def _known(keys: Iterable[str]) -> tuple[str, ...]:
    """Those that are fields; a key that means something else today is none."""
    return tuple(key for key in keys if (found := fields.known(key)) and found.key == key)

"""What was said in a chat, as a page of Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.locale import long_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.chat_picture import Bubble
    from scripts.tour_stage import Line, Reader

INTRODUCTION = {
    "en": """# A first week with Paperboy

[中文：小林的一周](tour.zh-CN.md)

What Ada, in London, sees in her first week. The papers are invented, and everything that the bot
says is what it says: `python scripts/tour.py` plays the week on one machine and writes this page.
Buttons stand in `[brackets]`; ▸ marks what Telegram folds; ↻ is a message that changed in place.
""",
    "zh": """# 与论文报童的第一周

[English: Ada's week](tour.md)

这是上海的小林第一周看到的内容。论文是虚构的，机器人说的每句话都是程序的原话：
`python scripts/tour.py` 在一台机器上演完这一周并写出本页。`[方括号]` 里是按钮；
▸ 是 Telegram 会折叠的内容；↻ 是原地变化的消息。
""",
}
_ESCAPED = re.compile(r"([\\`*_\[\]<>#|~])")


def page(lines: Sequence[Line], reader: Reader) -> str:
    """The chat of one reader, day by day."""
    written = [INTRODUCTION[reader.language]]
    day = None
    for each in lines:
        if each.at.date() != day:
            day = each.at.date()
            written.append(f"## {long_date(day, reader.language, day)}\n")
        written.append("\n".join(_said(each, reader)) + "\n")
    return "\n".join(written)


def _said(line: Line, reader: Reader) -> Iterator[str]:
    bubble, at = line.bubble, line.at.strftime("%H:%M")
    if bubble.toast:
        yield f"*{at} · {_escaped(bubble.text)}*"
        return
    if bubble.mine:
        yield f"**{reader.name}**, {at}: `{bubble.text}`"
        return
    mark = " ↻" if line.edited else ""
    file = f" 📄 `{bubble.file}`" if bubble.file else ""
    yield f"> **Paperboy**, {at}{mark}{file}"
    if not line.has_same_words:
        yield ">"
        yield from (f"> {row}" if row else ">" for row in _text(bubble))
    if bubble.rows:
        yield ">"
        yield from (f"> {_keys(row)}  " for row in bubble.rows)


def _keys(row: Sequence[str]) -> str:
    return " ".join(f"`[{label}]`" for label in row)


def _text(bubble: Bubble) -> Iterator[str]:
    """The message's lines; each ends where it ends in the chat."""
    marked = _marked(bubble)
    for row in marked.split("\n"):
        yield f"{row}  " if row.strip() else ""


def _marked(bubble: Bubble) -> str:
    """The text with bold and folded parts, everything else escaped."""
    units = bubble.text.encode("utf-16-le")

    def cut(start: int, end: int) -> str:
        return units[2 * start : 2 * end].decode("utf-16-le")

    pieces, at = [], 0
    for each in sorted(bubble.entities, key=lambda e: (e["offset"], e["length"])):
        start, end = each["offset"], each["offset"] + each["length"]
        before = {"bold": "**", "expandable_blockquote": "▸ "}.get(each["type"])
        if before is None or start < at:
            continue
        after = "**" if each["type"] == "bold" else ""
        inner = cut(start, end)
        core = inner.strip()
        lead, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        pieces += [_escaped(cut(at, start)), lead, before, _escaped(core), after, tail]
        at = end
    return "".join([*pieces, _escaped(cut(at, len(units) // 2))])


def _escaped(text: str) -> str:
    return _ESCAPED.sub(r"\\\1", text)

"""Writes docs/tour.md: a first week, as two readers of different languages see it, and pictures.

    python scripts/tour.py [--pictures]

Everything that the bot says is what the program says, on loopback, about invented papers; nothing
is edited by hand. Pictures need Chromium (see `scripts/chat_picture.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parent.parent))

from digest.locale import long_date
from scripts.chat_picture import Bubble, picture
from scripts.tour_pages import page
from scripts.tour_stage import Line, Play, Reader, moment, stage

DOCS = Path(__file__).parent.parent / "docs"
ADA = Reader("Ada", 11, "en", "Europe/London")
LIN = Reader("小林", 12, "zh", "Asia/Shanghai")
READERS = {reader.name: reader for reader in (ADA, LIN)}
BEGINS = "2026-02-02 12:00"

WEEK = """
2026-02-02 12:30  The first minute.
Ada types /start
Ada taps Cloud computing
Ada taps AI agents
Ada taps today
小林 types /start
小林 taps 云计算
小林 taps 智能体
小林 taps 今天
Ada taps London
Ada taps 08:00
2026-02-03 08:10  The first morning: a digest, a paper, a note.
Ada taps 1
Ada taps Where from?
Ada types /save 2602.90412 for Thursday's meeting
小林 taps 1
小林 taps 收藏
小林 taps 👍
小林 types 搜索 冷启动
2026-02-04 08:10  What they like comes first; what they look for is found.
Ada types /like 2602.90502
Ada types /search agents memory
Ada types /similar 2602.90501
小林 types 昨天
2026-02-05 08:10  A saved paper has a new version.
Ada types /saved
Ada types /export bibtex
Ada types /author Nadia Ferrouki
小林 types /taste
2026-02-06 08:10  Looking back, and something that goes wrong.
Ada types /field quantm computing
Ada taps Quantum computing
Ada types /paper 2602.99999
Ada types /notices all
小林 types 2月2日到2月4日
小林 types /calendar
小林 types /weekly on
2026-02-08 12:00  Nothing is announced; the week is told again.
Ada types /settings
小林 types 帮助
"""
"""What happens: a moment in UTC and what it is about, then who types or taps what."""


async def played() -> dict[str, list[Line]]:
    """The week, as each of them saw it."""
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder), moment(BEGINS)) as play:
            for line in filter(None, WEEK.splitlines()):
                await _happens(play, line)
            return play.scenes


async def _happens(play: Play, line: str) -> None:
    """One line of the week."""
    name, does, what = line.split(maxsplit=2)
    if name not in READERS:
        await play.until(moment(f"{name} {does}"))
    elif does == "types":
        await play.types(READERS[name], what)
    else:
        await play.taps(READERS[name], what)


def pictures(lines: list[Line], reader: Reader) -> None:
    """The first minute, the first morning's digest and its first paper, for the READMEs."""
    mornings = [n for n, each in enumerate(lines) if each.at.day == 3]
    first = mornings[0]
    paper = next(n for n in mornings[1:] if _is_message(lines[n]))
    chosen = max(
        n for n in range(first) if lines[n].edited and "✓" in str(lines[n].bubble.rows[:6])
    )
    answer = next(n for n in range(chosen + 1, first) if _is_message(lines[n]))
    _draw(reader, "start", [lines[0], lines[chosen], lines[answer]])
    _draw(reader, "morning", lines[first : first + 1])
    _draw(reader, "paper", lines[paper - 1 : paper + 1])


def _is_message(line: Line) -> bool:
    return not line.bubble.mine and not line.bubble.toast


def _draw(reader: Reader, name: str, lines: list[Line]) -> None:
    shown = [_timed(each) for each in lines]
    first = replace(
        shown[0], day=long_date(lines[0].at.date(), reader.language, lines[0].at.date())
    )
    picture([first, *shown[1:]], DOCS / f"tour-{name}-{reader.language}.png")


def _timed(line: Line) -> Bubble:
    return replace(line.bubble, time=line.at.strftime("%H:%M"))


def main() -> None:
    """Plays the week, and writes it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", action="store_true", help="draw the READMEs' pictures, too")
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    scenes = asyncio.run(played())
    for reader, file in ((ADA, "tour.md"), (LIN, "tour.zh-CN.md")):
        lines = scenes[reader.name]
        (DOCS / file).write_text(page(lines, reader), encoding="utf-8")
        if chosen.pictures:
            pictures(lines, reader)


if __name__ == "__main__":
    main()

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
BEGINS = "2026-02-02 12:00"


async def monday(play: Play) -> None:
    """The first minute."""
    await play.until(moment("2026-02-02 12:30"))
    await play.types(ADA, "/start")
    await play.taps(ADA, "Cloud computing")
    await play.taps(ADA, "AI agents")
    await play.taps(ADA, "today")
    await play.types(LIN, "/start")
    await play.taps(LIN, "云计算")
    await play.taps(LIN, "智能体")
    await play.taps(LIN, "今天")
    await play.taps(ADA, "London")
    await play.taps(ADA, "08:00")


async def tuesday(play: Play) -> None:
    """The first morning: a digest, a paper, a note."""
    await play.until(moment("2026-02-03 08:10"))
    await play.taps(ADA, "1")
    await play.taps(ADA, "Where from?")
    await play.types(ADA, "/save 2602.90412 for Thursday's meeting")
    await play.taps(LIN, "1")
    await play.taps(LIN, "收藏")
    await play.taps(LIN, "👍")
    await play.types(LIN, "搜索 冷启动")


async def wednesday(play: Play) -> None:
    """What they like comes first; what they look for is found."""
    await play.until(moment("2026-02-04 08:10"))
    await play.types(ADA, "/like 2602.90502")
    await play.types(ADA, "/search agents memory")
    await play.types(ADA, "/similar 2602.90501")
    await play.types(LIN, "昨天")


async def thursday(play: Play) -> None:
    """A saved paper has a new version."""
    await play.until(moment("2026-02-05 08:10"))
    await play.types(ADA, "/saved")
    await play.types(ADA, "/export bibtex")
    await play.types(ADA, "/author Nadia Ferrouki")
    await play.types(LIN, "/taste")


async def friday(play: Play) -> None:
    """Looking back, and something that goes wrong."""
    await play.until(moment("2026-02-06 08:10"))
    await play.types(ADA, "/field quantm computing")
    await play.taps(ADA, "Quantum computing")
    await play.types(ADA, "/paper 2602.99999")
    await play.types(ADA, "/notices all")
    await play.types(LIN, "2月2日到2月4日")
    await play.types(LIN, "/calendar")
    await play.types(LIN, "/weekly on")


async def weekend(play: Play) -> None:
    """Nothing is announced; the week is told again."""
    await play.until(moment("2026-02-08 12:00"))
    await play.types(ADA, "/settings")
    await play.types(LIN, "帮助")


WEEK = (monday, tuesday, wednesday, thursday, friday, weekend)


async def played() -> dict[str, list[Line]]:
    """The week, as each of them saw it."""
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder), moment(BEGINS)) as play:
            for day in WEEK:
                await day(play)
            return play.scenes


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

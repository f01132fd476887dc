"""The last days as a picture: panels of bars or a line, with digits only: it needs no words.

Pillow's own font has Latin letters and digits; what each panel shows is told beside the picture, in
the reader's language.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from PIL import ImageDraw

WIDTH, HEIGHT, GAP = 960, 230, 24
"""Of a panel, and the room between two, in pixels; a phone shows about half of them."""

LEFT, TOP, BOTTOM = 96, 18, 34
"""Room for the digits around a panel, in pixels."""

PAPER, INK, RULE = "#ffffff", "#30363d", "#d6dbe0"
COLOURS = ("#2f6f9f", "#c0504d")
"""Of the first and the second row of values."""

SIZE = 20
"""Of the digits, in pixels."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        values: one for each day, none below 0.
        above: stands on top of them, in another colour; or nothing.
        line: a line instead of bars.
    """

    values: Sequence[float]
    above: Sequence[float] = ()
    line: bool = False

    @property
    def most(self) -> float:
        """The highest that it shows."""
        above = self.above or [0.0] * len(self.values)
        return max((a + b for a, b in zip(self.values, above, strict=True)), default=0.0)


def draw(days: Sequence[date], panels: Sequence[Panel]) -> bytes:
    """The panels one below the other, as PNG; each has a value for each of the days."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - 5 MB that a chart alone needs

    height = len(panels) * (HEIGHT + GAP) + GAP
    image = Image.new("RGB", (WIDTH, height), PAPER)
    pen = ImageDraw.Draw(image)
    pen.font = ImageFont.load_default(SIZE)
    for number, panel in enumerate(panels):
        _panel(pen, days, panel, GAP + number * (HEIGHT + GAP))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _panel(pen: ImageDraw.ImageDraw, days: Sequence[date], panel: Panel, top: int) -> None:
    floor, ceiling = top + HEIGHT - BOTTOM, top + TOP
    highest = panel.most or 1.0
    for share in (0.0, 0.5, 1.0):
        y = floor - share * (floor - ceiling)
        pen.line((LEFT, y, WIDTH - GAP, y), RULE)
        pen.text((LEFT - 10, y), shown(share * highest), INK, anchor="rm")
    step = (WIDTH - GAP - LEFT) / max(1, len(days))
    scale = (floor - ceiling) / highest
    if panel.line:
        points = [
            (LEFT + (n + 0.5) * step, floor - value * scale) for n, value in enumerate(panel.values)
        ]
        pen.line(points, COLOURS[0], width=4, joint="curve")
    else:
        _bars(pen, panel, floor, step, scale)
    for n in range(0, len(days), 7):
        at = (LEFT + (n + 0.5) * step, floor + 8)
        pen.text(at, f"{days[n].month}-{days[n].day:02}", INK, anchor="mt")


def _bars(pen: ImageDraw.ImageDraw, panel: Panel, floor: float, step: float, scale: float) -> None:
    for n in range(len(panel.values)):
        y = floor
        left = LEFT + (n + 0.15) * step
        for row, colour in zip((panel.values, panel.above), COLOURS, strict=True):
            if row and row[n] > 0:
                pen.rectangle((left, y - row[n] * scale, left + 0.7 * step, y), colour)
                y -= row[n] * scale


def shown(value: float) -> str:
    """A number as short as it is clear: 0.25, 12, 3.4k, 1.2M."""
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g}{unit}"
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"  # noqa: PLR2004 - two digits

"""Draws README's pictures: the sample edition as a terminal shows it, in English and Chinese.

python scripts/picture.py

The papers are invented and the summaries are the sample's own, written in both languages as a model
would write them; everything else is what the program prints.
"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

from digest import fields, sample
from digest.compose import compose, with_summaries
from digest.models import Subscriber
from digest.render import digest as page
from digest.render.terminal import terminal

DOCS = Path(__file__).parent.parent / "docs"
FIELDS = ("cl", "st", "llm", "qc")


def picture(language: str) -> str:
    """The digest as SVG."""
    bundled = sample.load()
    reader = Subscriber("console", "local", language=language, size=5, fields=FIELDS)
    follows = [fields.by_key(key) for key in FIELDS]
    announcements = [a for a in bundled.announcements if a.kind.is_fresh]
    placed = fields.place([a.paper for a in announcements], follows)
    digest = compose(bundled.edition, reader, announcements, placed)
    digest = with_summaries(digest, bundled.summaries[language], model=True)
    console = Console(record=True, width=84, file=io.StringIO(), force_terminal=True)
    console.print(terminal(page.blocks(digest)))
    return console.export_svg(title="paperboy run", theme=DEFAULT_TERMINAL_THEME)


def main() -> None:
    """Writes both pictures."""
    for language in ("en", "zh"):
        (DOCS / f"digest-{language}.svg").write_text(picture(language), encoding="utf-8")


if __name__ == "__main__":
    main()

"""A chat as a phone shows it: messages with their entities and keyboards, as HTML and as a picture.

Pictures need Chromium and a font with Chinese (Debian: `chromium fonts-noto-cjk
fonts-noto-color-emoji`).
"""

from __future__ import annotations

import html
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH = 412
"""Of a phone, in CSS pixels."""

SCALE = 2
COLOURS = 96
"""More are not seen, and make the file three times as large."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TAGS = {
    "bold": "b",
    "italic": "i",
    "code": "code",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
    "text_link": "a",
}

STYLE = """
* { box-sizing: border-box; margin: 0; }
body { width: 412px; padding: 14px 10px; background: #dfe7df; color: #17212b;
  font: 15px/1.42 "Noto Sans", "Noto Sans CJK SC", "DejaVu Sans",
  "Noto Color Emoji", sans-serif; }
.day { width: fit-content; margin: 4px auto 10px; padding: 2px 10px; border-radius: 10px;
  background: #0003; color: #fff; font-size: 12.5px; }
.message { width: fit-content; max-width: 360px; margin-bottom: 8px; }
.bubble { padding: 7px 11px 5px; border-radius: 13px 13px 13px 4px; background: #fff;
  display: flow-root; white-space: pre-wrap; overflow-wrap: anywhere; }
.me { margin-left: auto; }
.me .bubble { border-radius: 13px 13px 4px 13px; background: #e3fbd0; }
.time { float: right; margin: 4px 0 0 10px; color: #8a97a3; font-size: 11.5px; }
a { color: #2a7ab8; text-decoration: none; }
i { color: #5a6a78; font-style: normal; font-size: 13.5px; }
code { font: 13px "DejaVu Sans Mono", monospace; }
blockquote { display: inline-block; width: 100%; margin: 3px 0; padding: 3px 9px;
  border-left: 3px solid #4a9ad4; border-radius: 4px; background: #eaf3fa; font-size: 14px; }
.folded { max-height: 4.6em; overflow: hidden; position: relative; }
.folded::after { content: "⌄"; position: absolute; right: 6px; bottom: 0; }
.row { display: flex; gap: 4px; margin-top: 4px; }
.button { flex: 1; min-width: 0; padding: 5px 4px; border-radius: 7px; background: #6b8a76c0;
  color: #fff; font-size: 13.5px; text-align: center; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.toast { width: fit-content; margin: 0 auto 8px; padding: 5px 12px; border-radius: 8px;
  background: #223d; color: #fff; font-size: 13.5px; }
.file { font-weight: 600; color: #2a7ab8; }
"""


@dataclass(frozen=True)
class Bubble:
    """One message, as it stands when the picture is taken.

    Attributes:
        text: with `entities` as the Bot API takes them: offsets in UTF-16 units.
        rows: labels of the buttons below.
        mine: the reader wrote it (or tapped it).
        time: as the client shows it, `08:30`.
        day: a line above it, where another day begins.
        toast: it is not a message but words over the chat.
        file: the name of the file that goes with it.
    """

    text: str
    entities: Sequence[Mapping[str, Any]] = ()
    rows: Sequence[Sequence[str]] = field(default=())
    mine: bool = False
    time: str = ""
    day: str = ""
    toast: bool = False
    file: str = ""


def page(bubbles: Sequence[Bubble]) -> str:
    """The chat as an HTML document."""
    body = "\n".join(_bubble(each) for each in bubbles)
    return f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style><body>{body}</body>'


def picture(bubbles: Sequence[Bubble], file: Path) -> None:
    """Writes the chat as a PNG file, as high as it is.

    Raises:
        FileNotFoundError: there is no Chromium.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise FileNotFoundError("Chromium is not installed (Debian: chromium fonts-noto-cjk)")
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "chat.html")
        document.write_text(page(bubbles), encoding="utf-8")
        _shoot(found, document, file, _height(found, document))
    with Image.open(file) as shot:
        shot.convert("RGB").quantize(COLOURS).save(file, optimize=True)


def marked(text: str, entities: Sequence[Mapping[str, Any]]) -> str:
    """The text as HTML: what entities enclose in tags, the rest escaped."""
    units = text.encode("utf-16-le")

    def cut(start: int, end: int) -> str:
        return html.escape(units[2 * start : 2 * end].decode("utf-16-le"))

    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for each in sorted(entities, key=lambda e: (e["offset"], -e["length"])):
        if tag := TAGS.get(each["type"]):
            folded = ' class="folded"' if each["type"].startswith("expandable") else ""
            opening.setdefault(each["offset"], []).append(f"<{tag}{folded}>")
            closing.setdefault(each["offset"] + each["length"], []).insert(0, f"</{tag}>")
    edges = sorted({0, len(units) // 2, *opening, *closing})
    pieces = []
    for at, (start, end) in enumerate(zip(edges, [*edges[1:], edges[-1]], strict=True)):
        pieces += closing.get(start, []) if at else []
        pieces += opening.get(start, [])
        pieces.append(cut(start, end))
    return "".join(pieces)


def _bubble(each: Bubble) -> str:
    day = f'<div class="day">{html.escape(each.day)}</div>' if each.day else ""
    if each.toast:
        return f'{day}<div class="toast">{html.escape(each.text)}</div>'
    said = marked(each.text, each.entities)
    if each.file:
        said = f'<span class="file">▤ {html.escape(each.file)}</span>\n{said}'.rstrip()
    time = f'<span class="time">{each.time}</span>' if each.time else ""
    rows = "".join(
        '<div class="row">' + "".join(map(_button, row)) + "</div>" for row in each.rows if row
    )
    kind = "message me" if each.mine else "message"
    return f'{day}<div class="{kind}"><div class="bubble">{said}{time}</div>{rows}</div>'


def _button(label: str) -> str:
    return f'<div class="button">{html.escape(label)}</div>'


def _height(browser: str, document: Path) -> int:
    """How high the document is, in CSS pixels: the browser writes it into the title."""
    probe = document.with_name("probe.html")
    script = (
        "<script>document.title = Math.ceil(document.body.getBoundingClientRect().height)</script>"
    )
    probe.write_text(document.read_text(encoding="utf-8") + script, encoding="utf-8")
    dumped = _run(browser, f"--window-size={WIDTH},1000", "--dump-dom", probe.as_uri())
    return int(dumped.partition("<title>")[2].partition("</title>")[0])


def _shoot(browser: str, document: Path, file: Path, height: int) -> None:
    size = f"--window-size={WIDTH},{height}"
    _run(browser, size, f"--screenshot={file.absolute()}", document.as_uri())


def _run(browser: str, *options: str) -> str:
    with tempfile.TemporaryDirectory() as profile:
        quiet = ("--disable-gpu", "--disable-background-networking", "--no-first-run")
        return subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--hide-scrollbars",
                "--disable-quic",
                f"--force-device-scale-factor={SCALE}",
                f"--user-data-dir={profile}",
                *quiet,
                *options,
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout

"""The conversation as it looks in a terminal and over a pipe."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.channels.console import Conversation
from bot.commands import Attachment, Choice, Reply
from digest.models import Subscriber
from digest.render.notices import notice
from tests.fakes.papers import DAY, paper

if TYPE_CHECKING:
    from pathlib import Path

    from bot.app import App
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

READER = Subscriber("console", "local", fields=("cs.AI",))


async def held(app: App, typed: str, reader: Subscriber = READER) -> str:
    out = io.StringIO()
    await Conversation(app.desk, reader, io.StringIO(typed), out).hold()
    return out.getvalue()


async def test_a_pipe_is_answered_line_by_line(opened: Opened) -> None:
    async with opened() as app:
        said = await held(app, "/language zh\n\n/size 3\n")
    assert said.index("› /language zh") < said.index("好，从现在起我说简体中文")
    assert "最多显示 3 篇" in said


async def test_a_number_picks_a_choice(opened: Opened) -> None:
    async with opened() as app:
        said = await held(app, "/filed databases\n1\n")
    assert "  1 /field databases" in said
    assert "› /field databases" in said
    assert "You follow Databases now" in said


async def test_a_number_beyond_the_choices_is_told_their_range(opened: Opened) -> None:
    async with opened() as app:
        assert "You can choose: 1." in await held(app, "/filed databases\n9\n")


async def test_a_day_of_the_calendar_is_picked_by_its_own_number(opened: Opened) -> None:
    async with opened() as app:
        said = await held(
            app, "/calendar 2026-01\n5\n/calendar 2026-01\n4\n/calendar 2026-01\n32\n"
        )
    assert "› /date 2026-01-05" in said
    assert "You can choose: 1, 5–9, 12–16, 19, 21–23, 26–30, 32–33." in said, "4 is a Sunday"
    assert "› /calendar 2025-12" in said, "◀ comes after the days"


def test_a_month_stands_in_columns() -> None:
    week = tuple(map(Choice, ("Mo", "Tu", "We")))
    days = ((Choice(" "), Choice("1"), Choice("2•", "/a")), (Choice("9", "/b"), Choice("10", "/c")))
    printed, talk = offered(week, *days, (Choice("◀", "/d"),))
    assert printed == [" Mo    Tu    We", "        1     2•", "  9    10", " 11 ◀"]
    assert {n: each.command for n, each in talk.choices.items()} == {
        2: "/a",
        9: "/b",
        10: "/c",
        11: "/d",
    }


def test_the_papers_of_a_page_keep_their_numbers() -> None:
    papers = tuple(Choice(str(n), f"/paper {n}") for n in (11, 12))
    turn = (Choice("◀", "/a"), Choice("2/3"), Choice("▶", "/b"))
    printed, talk = offered(papers, turn, below=(Choice("12", "/twelve"), Choice("Fields", "/c")))
    assert printed == [" 11    12", " 13 ◀  2/3    14 ▶", " 15 12", " 16 Fields"]
    assert talk.choices[11].command == "/paper 11"
    assert talk.choices[12].command == "/paper 12", "nothing takes another's number"


def test_each_address_of_a_row_has_a_line() -> None:
    pdf, html = (Choice(n, link=f"https://arxiv.org/{n}/9913.00412") for n in ("pdf", "html"))
    printed, _ = offered((pdf, Choice("Save", "/a"), html, Choice("BibTeX", "/b")))
    assert printed == [
        "    pdf: https://arxiv.org/pdf/9913.00412",
        "    html: https://arxiv.org/html/9913.00412",
        "  1 Save    2 BibTeX",
    ]


async def test_what_is_set_is_said_once(opened: Opened) -> None:
    async with opened() as app:
        said = await held(app, "/view full\n/notices all\n")
    assert said.count("from now on") == said.count("From now on") == 1


def offered(
    *rows: tuple[Choice, ...], below: tuple[Choice, ...] = ()
) -> tuple[list[str], Conversation]:
    """What is printed of choices, and the conversation after that."""
    out = io.StringIO()
    talk = Conversation(None, READER, io.StringIO(), out)  # type: ignore[arg-type] # shows only
    talk.show(Reply((), below, rows=rows))
    return [line.rstrip() for line in out.getvalue().splitlines()][:-1], talk


async def test_a_toast_leaves_the_choices_that_were_there(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, replace(paper(1), id="2602.02489"))
    async with opened() as app:
        await app.reading.today(READER)
        said = await held(app, "2602.02489\n3\n1\n")
    assert "Noted, more like this" in said
    assert "› /save 2602.02489" in said


async def test_a_number_without_choices_is_only_text(opened: Opened) -> None:
    async with opened() as app:
        assert "did not understand" in await held(app, "7\n")


async def test_goodbye_ends_it(opened: Opened) -> None:
    async with opened() as app:
        assert "size" not in (await held(app, "quit\n/size 3\n"))


async def test_the_digest_is_shown_with_its_receipt(arxiv: FakeArxiv, opened: Opened) -> None:
    arxiv.announce(DAY, paper(1))
    async with opened() as app:
        said = await held(app, "/today\n")
    assert "Papers · Tuesday 3 February" in said
    assert paper(1).title in " ".join(said.split())


def test_rows_are_numbered_side_by_side_and_links_are_shown() -> None:
    out = io.StringIO()
    talk = Conversation(None, READER, io.StringIO(), out)  # type: ignore[arg-type] # shows only
    week = (Choice("Mo"), Choice(""), Choice("3", "/date 3"), Choice("4", "/date 4"))
    below = (
        Choice("PDF", link="https://arxiv.org/pdf/9913.00412"),
        Choice("BibTeX", "/bibtex 9913.00412", copies="@misc{x}"),
        Choice("Cite", copies="@misc{x}"),
        Choice("Share", shares="9913.00412"),
        Choice("evil", link="https://evil.example/"),
    )
    talk.show(Reply(notice("Which day?"), below, rows=(week, ()), toast="Got it"))
    assert [line.rstrip() for line in out.getvalue().splitlines()] == [
        "Got it",
        "Which day?",
        " Mo           3     4",
        "    PDF: https://arxiv.org/pdf/9913.00412",
        "  5 BibTeX",
        "    Cite: @misc{x}",
        "    evil",
        "",
    ]
    picked = {number: choice.command for number, choice in talk.choices.items()}
    assert picked == {3: "/date 3", 4: "/date 4", 5: "/bibtex 9913.00412"}


def test_what_is_to_be_copied_is_not_shown_twice() -> None:
    out = io.StringIO()
    talk = Conversation(None, READER, io.StringIO(), out)  # type: ignore[arg-type] # shows only
    link = "https://t.me/a_paper_bot?start=f-ai"
    talk.show(Reply(notice(f"Here it is:\n{link}"), (Choice("Copy", copies=link),)))
    assert out.getvalue().count(link) == 1
    assert "Copy" not in out.getvalue()


def test_a_file_is_stored_here_and_never_over_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    talk = Conversation(None, READER, io.StringIO(), out)  # type: ignore[arg-type] # shows only
    for content in (b"one", b"two"):
        talk.show(Reply((), file=Attachment("../saved papers.bib", content)))
    stored = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert stored == {"saved-papers.bib": b"one", "saved-papers-2.bib": b"two"}
    assert "Stored here as saved-papers-2.bib." in out.getvalue()


def test_a_file_that_cannot_be_stored_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    out = io.StringIO()
    talk = Conversation(None, READER, io.StringIO(), out)  # type: ignore[arg-type] # shows only
    talk.show(Reply((), file=Attachment("a.txt", b"one")))
    assert "a.txt could not be stored here: No such file or directory." in out.getvalue()


def test_choices_are_numbered(opened: Opened) -> None:
    del opened
    out = io.StringIO()
    talk = Conversation(None, READER, io.StringIO(), out)  # type: ignore[arg-type] # shows only
    talk.show(Reply(notice("Which?"), (Choice("this", "/a"), Choice("that", "/b"))))
    assert out.getvalue().splitlines() == ["Which?", "  1 this", "  2 that", ""]


def paperboy(*arguments: str, arxiv: FakeArxiv, folder: Path) -> list[str]:
    """The command and its environment, as `env NAME=value … python -m bot …`."""
    settings = {
        "PAPERBOY_ARXIV_FEED_URL": arxiv.feed_url,
        "PAPERBOY_ARXIV_API_URL": arxiv.api_url,
        "PAPERBOY_ARXIV_SITE_URL": arxiv.site_url,
        "PAPERBOY_DATABASE_URL": f"sqlite:///{folder / 'p.db'}",
        "PAPERBOY_LANGUAGE": "en",
    }
    pairs = [f"{name}={value}" for name, value in settings.items()]
    return ["env", *pairs, sys.executable, "-m", "bot", *arguments]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    return tmp_path


def test_a_person_at_a_terminal_is_greeted_asked_and_dismissed(
    arxiv: FakeArxiv, folder: Path
) -> None:
    arxiv.stop()
    screen, keyboard = pty.openpty()
    command = paperboy("run", arxiv=arxiv, folder=folder)
    with subprocess.Popen(command, stdin=keyboard, stdout=keyboard, stderr=keyboard) as process:
        os.close(keyboard)
        seen = read_until(screen, "Ctrl-D to leave")
        assert "sample" in seen, "arXiv is silent"
        os.write(screen, b"/size 3\n")
        read_until(screen, "up to 3 papers")
        process.send_signal(signal.SIGINT)
        read_until(screen, "")
        assert process.wait() == 130
    os.close(screen)


def read_until(screen: int, words: str, *, within_s: float = 60) -> str:
    """What the screen shows until the words are there, or until it closes where there are none."""
    seen, end = "", time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            piece = os.read(screen, 4096).decode(errors="replace")
        except OSError:  # the other side is closed
            break
        seen += piece
        if words and words in seen:
            break
    assert words in seen, seen
    assert "Traceback" not in seen
    return seen

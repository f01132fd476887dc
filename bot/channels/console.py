"""The conversation in a terminal, or over a pipe.

Choices are numbered, row by row, and a number alone picks one. A choice whose label is a number (a
paper of the digest, a day of the month) keeps it; the others are numbered above the highest. One
that does something else than a command does (opens, copies) shows what that is, unless the answer
says it. A file is stored in the folder where Paperboy was started, never over another. Standard
input is read on a thread of its own, so that what is fetched in the background goes on while nobody
types.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import threading
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.text import Text

from bot.channels import file_name
from bot.channels.console_choices import cell, is_number, is_said, laid, numbered, runs
from bot.commands.book import answer
from bot.commands.following import short
from digest.locale import say, separated
from digest.render import plain
from digest.render.terminal import terminal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from contextlib import AbstractContextManager

    from bot.commands import Attachment, Choice, Desk, Reply
    from digest.models import Subscriber

CHANNEL = "console"
ADDRESS = "local"
GOODBYES = frozenset({"q", "quit", "exit", "bye", "退出", "再见"})
MOST_FILES = 1000
"""So many of one name are stored; then somebody should look at the folder."""

PIPED_WIDTH = 80
"""Columns where the output is no terminal and COLUMNS does not say."""


class Conversation:
    """One reader at one terminal."""

    def __init__(
        self, desk: Desk, reader: Subscriber, lines: TextIO | None = None, out: TextIO | None = None
    ) -> None:
        self.desk = desk
        self.reader = reader
        self.lines = lines or sys.stdin
        self.asks = self.lines.isatty()
        self.console = Console(file=out or sys.stdout, highlight=False, width=_width(out))
        self.choices: dict[int, Choice] = {}

    async def hold(self) -> None:
        """Answers one line after another until there are no more."""
        if self.asks:
            self.note("console.how")
        async for line in self._typed():
            if line.strip().casefold() in GOODBYES:
                break
            if self._is_beyond(line.strip()):
                self.note(
                    "console.no_such_choice",
                    numbers=separated(runs(self.choices), self.reader.language),
                )
            elif line.strip():
                await self.answer(line)
        if self.asks:
            self.note("console.bye")

    def _is_beyond(self, typed: str) -> bool:
        """Whether it is a number that no choice has."""
        return bool(self.choices) and is_number(typed) and int(typed) not in self.choices

    def note(self, key: str, **values: object) -> None:
        """Prints a line that is no answer."""
        self.console.print(Text(say(key, self.reader.language, **values), style="dim"))

    async def answer(self, text: str, *, below: Reply | None = None) -> Reply:
        """Answers one line; a number picks the choice of that number.

        What stands in `below` already, the end of it and its choices, is not printed again.
        """
        text = self._picked(text)
        with self._busy():
            self.reader, reply = await answer(self.desk, self.reader, text)
        self.show(_beyond(reply, below) if below else reply, offers=not _offers_same(reply, below))
        return reply

    def show(self, reply: Reply, *, offers: bool = True) -> None:
        """Prints a reply, numbers its choices, stores its file; a toast alone changes no choice.

        Nothing changes them where it `offers` none: those that were printed last are in force.
        """
        if reply.toast:
            self.console.print(Text(reply.toast))
        if reply.blocks:
            self.console.print(terminal(reply.blocks))
        if reply.file:
            self._store(reply.file)
        if offers and (reply.blocks or reply.rows or reply.choices):
            said = plain.text(reply.blocks)
            rows = [*laid(reply.rows), *((each,) for each in reply.choices)]
            self._offer([[each for each in row if not is_said(each, said)] for row in rows])
        self.console.print()

    def _offer(self, rows: Sequence[Sequence[Choice]]) -> None:
        """Prints choices with their numbers: those of a row side by side."""
        numbers = numbered([choice for row in rows for choice in row])
        self.choices = {}
        for row in rows:
            cells = [(choice, next(numbers)) for choice in row]
            self.choices |= {number: choice for choice, number in cells if number}
            printed = [cell(choice, number) for choice, number in cells]
            shown = Text("  ").join(each for each in printed if each)
            if shown.plain.strip():
                self.console.print(shown)

    def _store(self, file: Attachment) -> None:
        """Writes a file where we stand, under a name that is free, and says so."""
        name = file_name(file.name)
        stem, ending = Path(name).stem, Path(name).suffix
        for number in range(1, MOST_FILES):
            path = Path(name if number == 1 else f"{stem}-{number}{ending}")
            try:
                with path.open("xb") as opened:
                    opened.write(file.content)
            except FileExistsError:
                continue
            except OSError as error:
                why = error.strerror or type(error).__name__
                self.note("console.not_stored", name=str(path), reason=why)
            else:
                self.note("console.stored", name=str(path))
            return
        self.note("console.not_stored", name=name, reason=os.strerror(errno.EEXIST))

    def _picked(self, text: str) -> str:
        typed = text.strip()
        if is_number(typed) and int(typed) in self.choices:
            chosen = self.choices[int(typed)].command
            self.console.print(Text(f"› {chosen}", style="dim"))
            return chosen
        return text

    def _busy(self) -> AbstractContextManager[object]:
        if not (self.asks and self.console.is_terminal):
            return nullcontext()
        return self.console.status(say("console.busy", self.reader.language))

    async def _typed(self) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        wanted = threading.Semaphore(0)

        def read() -> None:
            # A daemon: nobody waits for a line that is not typed when the program ends.
            while True:
                wanted.acquire()
                line = self._line()
                loop.call_soon_threadsafe(queue.put_nowait, line)
                if line is None:
                    return

        threading.Thread(target=read, daemon=True, name="stdin").start()
        while True:
            wanted.release()
            line = await queue.get()
            if line is None:
                return
            if not self.asks:
                self.console.print(Text(f"› {short(line)}", style="bold"))
            yield line

    def _line(self) -> str | None:
        if not self.asks:
            return self.lines.readline() or None
        try:
            return input("› ")
        except (EOFError, UnicodeDecodeError):
            return None


def _width(out: TextIO | None) -> int | None:
    return None if (out or sys.stdout).isatty() else PIPED_WIDTH


def _offers_same(reply: Reply, shown: Reply | None) -> bool:
    """Whether the choices of a reply are those that were shown already."""
    return shown is not None and (reply.rows, reply.choices) == (shown.rows, shown.choices)


def _beyond(reply: Reply, shown: Reply) -> Reply:
    """The reply without the end that was shown already."""
    count = len(shown.blocks)
    if count and reply.blocks[-count:] == shown.blocks:
        return replace(reply, blocks=reply.blocks[:-count])
    return reply

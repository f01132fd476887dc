"""The command line: what an operator and a reader at a terminal type.

Exit codes: 0 done; 1 not done, and the sentence says why; 2 a wrong argument or setting;
130 interrupted.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer

from bot import __version__, heap, logs
from digest.errors import PaperboyError, SettingsError, TokenRefused
from digest.locale import say

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.settings import Settings

app = typer.Typer(
    name="paperboy",
    help="The new arXiv papers of your fields every morning, told shortly in your own language.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

FAILED, WRONG, INTERRUPTED = 1, 2, 130

log = structlog.get_logger()


def main() -> None:
    """The console script."""
    app()


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback for a flag
    if wanted:
        typer.echo(f"paperboy {__version__}")
        raise typer.Exit


@app.callback()
def common(
    *,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on standard error what is being done.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of every command."""
    del version
    heap.share()  # before there are threads
    level = "info" if verbose else "error"
    logs.configure(logs.TEXT, level=level)


Day = Annotated[str | None, typer.Option("--date", help="The day: 2026-02-03, yesterday, 上周三.")]
Force = Annotated[bool, typer.Option("--force", help="Replace FILE if it is there.")]
Now = Annotated[
    str | None,
    typer.Option("--now", help="Pretend that it is this time (ISO 8601; UTC without an offset)."),
]


def perform(work: Callable[[Settings], Coroutine[Any, Any, int]]) -> None:
    """Reads the settings, does the work, and turns what goes wrong into a sentence."""
    from bot.app import machine_language  # noqa: PLC0415 - `--help` needs none of it
    from bot.settings import read, spoken  # noqa: PLC0415 - same

    language = spoken() or machine_language()
    try:
        settings = read()
        language = settings.language or language
        logs.configure(settings.log, secrets=settings.secrets)
        code = asyncio.run(work(settings))
    except PaperboyError as error:
        typer.echo(say(error.key, language, **error.params), err=True)
        code = WRONG if isinstance(error, (SettingsError, TokenRefused)) else FAILED
    except KeyboardInterrupt:
        typer.echo(err=True)
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001 # a mistake of ours, whose words may be anybody's
        log.error("crashed", **logs.place(error))  # noqa: TRY400 # same
        typer.echo(say("errors.crashed", language), err=True)
        code = FAILED
    raise typer.Exit(code)


def clock_at(now: str | None) -> Callable[[], datetime]:
    """The clock: the machine's, or one that stands still at `now`.

    Raises:
        typer.BadParameter: `now` is no time.
    """
    from bot.app import now as machine  # noqa: PLC0415 - see perform

    if now is None:
        return machine
    try:
        at = datetime.fromisoformat(now)
    except ValueError:
        example = "2026-02-03T01:00+00:00"
        raise typer.BadParameter(f"{now} is no time; it looks like {example}") from None
    fixed = at if at.tzinfo else at.replace(tzinfo=UTC)
    return lambda: fixed


@app.command()
def run(
    *,
    delivery: Annotated[
        bool, typer.Option("--delivery/--no-delivery", help="Send digests; if not, workers do.")
    ] = True,
) -> None:
    """Serve Telegram; without a token, a conversation in this terminal."""
    perform(lambda settings: _run(settings, delivers=delivery))


async def _run(settings: Settings, *, delivers: bool) -> int:
    if settings.telegram_token.get_secret_value():
        from bot.serving import serve_telegram  # noqa: PLC0415 - a terminal needs no Telegram

        return await serve_telegram(settings, delivers=delivers)
    from bot.terminal import converse  # noqa: PLC0415 - see perform

    return await converse(settings)


@app.command()
def worker() -> None:
    """Watch, compose and send beside other workers on the same PostgreSQL."""
    from bot.serving import work  # noqa: PLC0415 - see perform

    perform(work)


@app.command()
def chat() -> None:
    """A conversation in this terminal, or over a pipe."""
    from bot.terminal import converse  # noqa: PLC0415 - see perform

    perform(converse)


@app.command()
def morning(day: Day = None, now: Now = None) -> None:
    """Make the edition of a day: fetch, check, summarise, publish. Safe to repeat."""
    from bot.terminal import make_edition  # noqa: PLC0415 - see perform

    clock = clock_at(now)
    perform(lambda settings: make_edition(settings, day, clock))


@app.command()
def show(
    day: Day = None,
    field: Annotated[
        list[str] | None, typer.Option("--field", help="A field; may be repeated.")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", help="en, zh, 中文, …")] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, typer.Option("--format", help="text, markdown or json.")
    ] = "text",
    style: Annotated[
        str | None,
        typer.Option(
            "--style",
            help="A Markdown file with all papers of the fields: report, field, table or analysis.",
        ),
    ] = None,
    now: Now = None,
) -> None:
    """Print a day's digest; the day is fetched first where it is not stored."""
    from bot.terminal import Asked, show_digest  # noqa: PLC0415 - see perform

    clock = clock_at(now)
    asked = Asked(day, tuple(field or ()), language, format, style)
    perform(lambda settings: show_digest(settings, asked, clock))


@app.command()
def paper(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="2602.02489, or a link.")],
    language: Annotated[str | None, typer.Option("--language", help="en, zh, 中文, …")] = None,
) -> None:
    """Print one paper."""
    from bot.terminal import show_paper  # noqa: PLC0415 - see perform

    perform(lambda settings: show_paper(settings, identifier, language))


@app.command()
def deliver(now: Now = None) -> None:
    """Send what is due, and stop. Safe to repeat."""
    from bot.serving import deliver as deliver_now  # noqa: PLC0415 - see perform

    clock = clock_at(now)
    perform(lambda settings: deliver_now(settings, clock))


@app.command()
def invite(
    count: Annotated[int, typer.Argument(min=1, max=1000, help="How many codes.")] = 1,
) -> None:
    """Print codes for PAPERBOY_ACCESS=invite; each lets one reader in."""
    from bot.serving import invite as make_codes  # noqa: PLC0415 - see perform

    perform(lambda settings: make_codes(settings, count))


@app.command()
def cost(
    days: Annotated[int, typer.Option(min=1, max=3660, help="So many days, today included.")] = 7,
    now: Now = None,
) -> None:
    """What the model cost, by day, model and language, and what is left of today's caps."""
    from bot.costs import show as show_costs  # noqa: PLC0415 - see perform

    clock = clock_at(now)
    perform(lambda settings: show_costs(settings, days, clock))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the copy.")],
    *,
    force: Force = False,
) -> None:
    """Copy the database into FILE while Paperboy runs; for its owner's eyes only."""
    from bot.copies import backup as back_up  # noqa: PLC0415 - see perform

    perform(lambda settings: back_up(settings, file, overwrite=force))


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    *,
    force: Force = False,
) -> None:
    """Write everything into FILE as JSON lines: papers, and readers with their addresses."""
    from bot.copies import export as write_all  # noqa: PLC0415 - see perform

    perform(lambda settings: write_all(settings, file, overwrite=force))


@app.command("import")
def take(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `paperboy export` wrote.")],
) -> None:
    """Store an export in an empty database: all of it, or nothing."""
    from bot.copies import take as take_all  # noqa: PLC0415 - see perform

    perform(lambda settings: take_all(settings, file))


@app.command()
def doctor() -> None:
    """Look at the settings, the database, arXiv and the model: a line each."""
    from bot.doctor import examine  # noqa: PLC0415 - see perform

    perform(examine)

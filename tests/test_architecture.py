"""Imports point down: DESIGN's floors, held.

A module that is on no floor fails; so does an import of the same floor's other rooms, or upward.
Imports under TYPE_CHECKING bind nothing at run time, yet they count: a type is knowledge, too.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the top down. "digest.text.*" is a whole folder, "telegram*" a file and its siblings of that
# name; a room may import itself.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("bot.__main__",),
    ("bot.cli",),
    ("bot.copies", "bot.doctor", "bot.terminal", "bot.serving"),
    ("bot.costs", "bot.metrics", "bot.status"),
    ("bot.access", "bot.app"),
    ("bot.schedule", "bot.settings"),
    ("bot.channels.console*", "bot.channels.telegram*"),
    ("bot.commands.book", "bot.deliver", "bot.watch"),
    ("bot.commands.admin", "bot.commands.corrections"),
    ("bot.commands.welcome",),
    (
        "bot.commands.days",
        "bot.commands.finding",
        "bot.commands.papers",
        "bot.commands.preferences",
    ),
    ("bot.commands.months",),
    (
        "bot.commands.exporting",
        "bot.commands.mornings",
        "bot.commands.saving",
        "bot.commands.tasting",
        "bot.commands.weekly",
    ),
    ("bot.commands.following", "bot.commands.inline"),
    ("bot.commands",),
    ("bot.schedule", "bot.worker"),
    ("bot.deliver", "bot.ticking", "bot.watch"),
    (
        "bot.alarms",
        "bot.absences",
        "bot.besides",
        "bot.recaps",
        "bot.deadletters",
        "bot.leased",
        "bot.paced",
        "bot.sending",
        "bot.vitals",
    ),
    ("bot.admins",),
    ("bot.below", "bot.outage"),
    ("bot.deeplinks", "bot.offers"),
    (
        "bot.channels",
        "bot.collector",
        "bot.heap",
        "bot.heartbeat",
        "bot.lag",
        "bot.logs",
        "bot.pace",
        "bot.settling",
    ),
    ("bot.lateness", "bot.bulletins", "bot.chart"),
    ("bot",),
    ("digest.morning",),
    ("digest.reading",),
    ("digest.round", "digest.lately"),
    ("digest.press",),
    (
        "digest.errands",
        "digest.finding",
        "digest.keeping",
        "digest.profiling",
        "digest.tasting",
        "digest.telling",
    ),
    ("digest.gathering", "digest.budget", "digest.labelling", "digest.patience"),
    ("digest.summarize.sources",),
    ("digest.summarize.extract", "digest.summarize.model", "digest.arxiv.*"),
    (
        "digest.summarize.*",
        "digest.compose",
        "digest.reasons",
        "digest.render.*",
        "digest.store.*",
        "digest.sample.*",
    ),
    ("digest.recap", "digest.shelves", "digest.taste", "digest.widening"),
    ("digest.query",),
    ("digest.postings", "digest.terms"),
    ("digest.fields.*", "digest.text.*"),
    ("digest.ids",),
    ("digest.zones",),
    ("digest.sundays",),
    ("digest.due",),
    ("digest.locale.*", "digest.calendar", "digest.changes", "digest.saved"),
    ("digest.errors", "digest.models"),
    ("digest",),
)

# A floor's rooms never import each other, but these folders' files are one room.
MODULES = sorted(
    path
    for top in ("bot", "digest")
    for path in (ROOT / top).rglob("*.py")
    if "versions" not in path.parts
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def place(module: str) -> tuple[int, str]:
    """The floor and the room of a module; the most particular name wins."""
    found = [
        (len(room), floor, room)
        for floor, rooms in enumerate(FLOORS)
        for room in rooms
        if module == room or (room.endswith("*") and f"{module}.".startswith(room.rstrip("*")))
    ]
    if not found:
        pytest.fail(f"{module} is on no floor; put it on one in {__file__}")
    exact = [each for each in found if each[2] == module]
    _, floor, room = max(exact or found)
    return floor, room


def imports(tree: ast.AST, module: str, *, package: bool) -> set[str]:
    """Every module of ours that is imported, `import x` and `from x import y` alike."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = module.split(".")[: None if package else -1]
                base = ".".join([*up[: len(up) - node.level + 1], *filter(None, [base])])
            names |= {
                f"{base}.{alias.name}" if is_module(f"{base}.{alias.name}") else base
                for alias in node.names
            }
    return {name for name in names if name.partition(".")[0] in {"bot", "digest"}}


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    module = name_of(path)
    floor, room = place(module)
    for wanted in imports(ast.parse(path.read_text()), module, package=path.stem == "__init__"):
        below, other = place(wanted)
        assert below > floor or other == room, f"{module} imports {wanted}, which is not below it"


def test_digest_knows_no_bot() -> None:
    for path in MODULES:
        module = name_of(path)
        if module.startswith("digest"):
            found = imports(ast.parse(path.read_text()), module, package=path.stem == "__init__")
            assert not [name for name in found if name.startswith("bot")], module


def test_no_file_is_a_heap() -> None:
    for path in MODULES:
        assert len(path.read_text().splitlines()) <= 400, f"{path} is over 400 lines: move a wall"


def test_import_forms_are_all_read() -> None:
    tree = ast.parse(
        "import bot.app\nfrom digest import calendar\n"
        "from digest.models import Paper\nfrom . import other"
    )
    found = imports(tree, "digest.text", package=True)
    assert found == {"bot.app", "digest.calendar", "digest.models", "digest.text"}

"""An export's lines, checked one by one (pure): what tables get, and where a line is broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from digest.errors import StoreError
from digest.store.portable import Broken, decode, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Table

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows of one table, and the line of each."""

    table: Table
    lines: Sequence[int]
    rows: Sequence[dict[str, Any]]


class Exported:
    """A file that `moving` wrote, or that says it is one.

    Attributes:
        counts: the rows of each table, as the last line says; empty before it.
        numbers: the highest numbers ever given, by table.
    """

    def __init__(
        self, lines: Iterable[bytes], name: str, tables: Mapping[str, Table], revision: str
    ) -> None:
        self.counts: dict[str, int] = {}
        self.numbers: dict[str, int] = {}
        self._lines = enumerate(lines, 1)
        self._name = name
        self._tables = tables
        self._revision = revision
        self._at = 0

    def broken(self, key: str, what: str = "", at: int | None = None) -> StoreError:
        """The refusal of a line: that one, or the one that was read last."""
        return StoreError(key, path=self._name, line=at or self._at, what=what)

    def head(self) -> None:
        """Read the first line.

        Raises:
            StoreError: it is no export, or one of tables that are not ours.
        """
        try:
            first = self._next() or {}
        except Broken:
            first = {}
        if first.get("paperboy") != "export":
            raise StoreError("errors.import_not_export", path=self._name)
        theirs = first.get("revision")
        if first.get("format") != FORMAT or theirs != self._revision:
            revisions = {"theirs": str(theirs)[:20], "ours": self._revision}
            raise StoreError("errors.import_revision", path=self._name, **revisions)

    def slices(self, size: int) -> Iterator[Slice]:
        """Read the rows, at most `size` at once, and the last line.

        Raises:
            StoreError: a line is broken, or the last one is not there.
        """
        try:
            yield from self._slices(size)
        except Broken as error:
            raise self.broken(error.key, error.what) from error

    def _slices(self, size: int) -> Iterator[Slice]:
        lines: list[int] = []
        rows: list[dict[str, Any]] = []
        current: Table | None = None
        while "end" not in (content := self._one_more()):
            table, row = self._row(content)
            if current is not None and (table is not current or len(rows) == size):
                yield Slice(current, lines, rows)
                lines, rows = [], []
            current = table
            lines.append(self._at)
            rows.append(row)
        if current is not None:
            yield Slice(current, lines, rows)
        self._end(content)

    def _row(self, content: dict[str, Any]) -> tuple[Table, dict[str, Any]]:
        name, row = next(iter(content.items()), ("", None))
        if len(content) != 1 or name not in self._tables:
            raise Broken("errors.import_table", "".join(filter(str.isprintable, name))[:40])
        return self._tables[name], decode(self._tables[name], row)

    def _end(self, content: dict[str, Any]) -> None:
        self.counts, self.numbers = _counts(content["end"]), _counts(content.get("numbers"))
        if self._next() is not None:
            raise Broken("errors.import_counts")

    def _one_more(self) -> dict[str, Any]:
        content = self._next()
        if content is None:
            raise Broken("errors.import_cut")
        return content

    def _next(self) -> dict[str, Any] | None:
        """The next line that is not empty; None behind the last one."""
        for at, raw in self._lines:
            self._at = at
            if raw.strip():
                return parse(raw)
        return None


def _counts(content: object) -> dict[str, int]:
    if not isinstance(content, dict) or any(type(each) is not int for each in content.values()):
        raise Broken("errors.import_counts")
    return content

"""Rows as JSON that any engine understands, and back (pure): what `moving` writes and reads.

Dates are ISO 8601, times too, in UTC; numbers, texts, booleans and lists are JSON's own.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import JSON, Boolean, Date, Double, Integer

from digest.store.kinds import Moment, String, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Column, RowMapping, Table
    from sqlalchemy.types import TypeEngine

BIGGEST = 2**63  # of an engine's whole numbers
PLAIN: tuple[tuple[type[TypeEngine[Any]], tuple[type, ...]], ...] = (
    (JSON, (list, dict)),
    (Boolean, (bool,)),
    (Double, (int, float)),
    (Integer, (int,)),
    (String, (str,)),
    (Text, (str,)),
)


class Broken(Exception):
    """A line that cannot be a row; `key` names the sentence, `what` the table or column."""

    def __init__(self, key: str, what: str = "") -> None:
        super().__init__(key, what)
        self.key = key
        self.what = what


def line(content: Mapping[str, Any]) -> str:
    """One line of the file, without what some readers take for the end of a line."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("\x85", "\\u0085").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def parse(raw: bytes) -> dict[str, Any]:
    """Read a line.

    Raises:
        Broken: it is no JSON object.
    """
    try:
        text = raw.decode("utf-8")
        content = json.loads(text, parse_constant=_refuse)
        if "\\u" in text:
            json.dumps(content, ensure_ascii=False).encode("utf-8")  # half a pair is no text
    except (ValueError, RecursionError) as error:
        raise Broken("errors.import_not_json") from error
    if not isinstance(content, dict):
        raise Broken("errors.import_not_json")
    return content


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def encode(row: RowMapping) -> dict[str, Any]:
    """A row as JSON has it."""
    return {str(name): _encoded(value) for name, value in row.items()}


def _encoded(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def decode(table: Table, row: object) -> dict[str, Any]:
    """A row of a table, as its statements want it.

    Raises:
        Broken: columns are missing or unknown, or a value is not of its column's kind.
    """
    names = table.columns.keys()
    if not isinstance(row, dict) or row.keys() != set(names):
        raise Broken("errors.import_columns", table.name)
    return {name: _decoded(table.c[name], row[name]) for name in names}


def _decoded(column: Column[Any], value: Any) -> Any:
    if value is None and column.nullable:
        return None
    try:
        return _of_kind(column, value)
    except (TypeError, ValueError, OverflowError) as error:
        raise Broken("errors.import_value", f"{column.table.name}.{column.name}") from error


def _of_kind(column: Column[Any], value: Any) -> Any:
    kind = column.type
    if isinstance(kind, Moment):
        return _moment(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if type(value) not in _plain(kind):
        raise TypeError(type(value))
    if isinstance(kind, Integer) and not -BIGGEST <= value < BIGGEST:
        raise OverflowError
    return float(value) if isinstance(kind, Double) else value


def _moment(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(value)
    return at.astimezone(UTC)


def _plain(kind: TypeEngine[Any]) -> tuple[type, ...]:
    """What JSON has for a kind of column; a boolean is no whole number there."""
    return next(types for its, types in PLAIN if isinstance(kind, its))

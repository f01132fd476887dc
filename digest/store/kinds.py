"""What columns hold, the same on both engines: texts that any of them takes, times with a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

UNWRITABLE = "\ufffd"  # stands where something was that is no character


class Text(TypeDecorator[str]):
    """A text of any length."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Make it one that every engine takes."""
        del dialect
        return None if value is None else writable(value)


class String(TypeDecorator[str]):
    """A short text of our own making; PostgreSQL refuses a longer one."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Make it one that every engine takes."""
        del dialect
        return None if value is None else writable(value)


class Moment(TypeDecorator[datetime]):
    """An aware time, stored in UTC; SQLite alone would forget the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: nobody knows what they mean."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive times the zone they were stored in."""
        del dialect
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def writable(text: str) -> str:
    """The text as every engine takes it: what no engine stores in one, or only some, is U+FFFD.

    Half a surrogate pair cannot be written as UTF-8, and PostgreSQL takes no NUL. Both arrive as
    escapes in JSON, from whoever sends it.
    """
    if text.isascii():
        return text.replace("\x00", UNWRITABLE)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\x00", UNWRITABLE)

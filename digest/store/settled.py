"""Statements that settle pages: many at once, each by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Update, bindparam, literal_column, update

from digest.store.tables import pages

if TYPE_CHECKING:
    from digest.store.outbox import Outcome

EMPTIED: dict[str, ColumnElement[Any]] = {
    "text": literal_column("''"),
    "entities": literal_column("'[]'"),
    "choices": literal_column("'[]'"),
}
"""What is left of a settled page's content; written out, for bound it costs more than the page."""


# Written out, not bound: SQLite uses a partial index only where it can read the condition.
IS_WAITING: ColumnElement[bool] = pages.c.state == literal_column("'waiting'")
IS_DEAD: ColumnElement[bool] = pages.c.state == literal_column("'dead'")


def _settled(**values: object) -> Update:
    """A statement for many pages, each by its number; `its_…` are the parameters."""
    this = (pages.c.id == bindparam("its_id")) & IS_WAITING
    told: dict[str, object] = {name: bindparam(f"its_{name}") for name in ("attempts", "reason")}
    return update(pages).where(this).values(told | values)


OVER = _settled(
    **EMPTIED,
    state=bindparam("its_state"),
    sent_at=bindparam("its_sent_at"),
    message_id=bindparam("its_message_id"),
)
AGAIN = _settled(try_at=bindparam("its_try_at"))


def _told(outcome: Outcome) -> dict[str, object]:
    return {
        "its_id": outcome.page_id,
        "its_attempts": outcome.attempts,
        "its_reason": outcome.reason,
    }


def over(outcome: Outcome) -> dict[str, object]:
    """What `OVER` is given for a page that is settled."""
    how = {"its_state": outcome.state.value, "its_message_id": outcome.message_id}
    return _told(outcome) | how | {"its_sent_at": outcome.at}


def again(outcome: Outcome) -> dict[str, object]:
    """What `AGAIN` is given for a page that is tried again."""
    return _told(outcome) | {"its_try_at": outcome.try_at or outcome.at}

"""What PostgreSQL says when it refuses, wrapped once, as `failures` does it for SQLite.

Nothing here imports the driver: its errors are known by the state that they carry. Of their words
only the first line is told, which names no row; passwords are in none of them.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from digest.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly

if TYPE_CHECKING:
    from collections.abc import Iterator

# https://www.postgresql.org/docs/15/errcodes-appendix.html; five letters, or the first two.
DEADLOCK, SERIALIZATION = "40P01", "40001"
BY_STATE: dict[str, type[StoreError]] = {
    "53100": StoreFull,
    "25006": StoreReadOnly,  # a standby, or a database set to read only
    "55P03": StoreBusy,  # somebody held a row for longer than we wait
    DEADLOCK: StoreBusy,
    SERIALIZATION: StoreBusy,
}
KEY_BY_STATE = {
    "53100": "errors.server_full",
    "25006": "errors.server_read_only",
    "53300": "errors.server_crowded",
    "28P01": "errors.server_password",
    "28000": "errors.server_password",
    "3D000": "errors.server_no_database",
    "42501": "errors.server_rights",
    "57P01": "errors.server_unreachable",  # it is being stopped
    "57P02": "errors.server_unreachable",
    "57P03": "errors.server_unreachable",  # it is starting
    "08": "errors.server_unreachable",
}
WITH_VALUES = ("22", "23")
"""Classes of errors whose words may quote what was to be stored."""


@contextmanager
def told(shown: str) -> Iterator[None]:
    """Turn what the driver or the network raises inside into a `StoreError`.

    Args:
        shown: the database's address in the message, without a password.
    """
    try:
        yield
    except DBAPIError as error:
        raise _refusal(error.orig, shown, lost=error.connection_invalidated) from error
    except PoolTimeout as error:
        raise StoreBusy(path=shown) from error
    except ModuleNotFoundError as error:
        raise StoreError("errors.server_no_driver", path=shown) from error
    except OSError as error:  # nobody listens there, no such name, no answer in time
        reason = error.strerror or str(error) or type(error).__name__
        raise StoreError("errors.server_unreachable", path=shown, reason=reason) from error
    except Exception as error:
        # What a connection's making raises comes as the driver's own, and unwrapped.
        if state(error) or type(error).__module__.startswith("asyncpg"):
            raise _refusal(error, shown, lost=not state(error)) from error
        raise


def state(error: BaseException | None) -> str:
    """The five letters that say what it is; empty where it is nothing of PostgreSQL's."""
    return str(getattr(error, "sqlstate", "") or "")


def is_worth_another_try(error: BaseException) -> bool:
    """Whether the same transaction, begun anew, may pass: two have held each other up."""
    return isinstance(error, DBAPIError) and state(error.orig) in {DEADLOCK, SERIALIZATION}


def _refusal(error: BaseException | None, shown: str, *, lost: bool) -> StoreError:
    code = state(error)
    kind = BY_STATE.get(code, StoreError)
    key = KEY_BY_STATE.get(code) or KEY_BY_STATE.get(code[:2]) or kind.key
    if key == StoreError.key:
        key = "errors.server_unreachable" if lost else "errors.server"
    return kind(key, path=shown, reason=_words(error))


def _words(error: BaseException | None) -> str:
    """The driver's own sentence, without the rows that it may quote below."""
    cause = (error and error.__cause__) or error
    if state(error).startswith(WITH_VALUES):
        return type(cause).__name__
    return (str(cause).splitlines() or [type(cause).__name__])[0]

"""Where the database is: what operators write into `PAPERBOY_DATABASE_URL`, understood."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from digest.errors import StoreError

# The one asynchronous driver of each engine; people write only the engine's name.
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def understand(text: str) -> URL:
    """Read `sqlite:///papers.db`, `sqlite+aiosqlite:///papers.db`, `postgresql://…`.

    Raises:
        StoreError: `errors.store_address`, for what is no address of an engine we speak to.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StoreError("errors.store_address") from error
    engine = url.get_backend_name()
    if engine not in DRIVERS:
        raise StoreError("errors.store_address")
    return url.set(drivername=DRIVERS[engine])


def file(url: URL) -> Path | None:
    """Return the SQLite file; None for a database in memory, or on a server."""
    if url.get_backend_name() != "sqlite" or is_in_memory(url):
        return None
    name = url.database or ""
    return Path(urlsplit(name).path if name.startswith("file:") else name)


def is_in_memory(url: URL) -> bool:
    """Whether it is a SQLite database that is gone when it is closed."""
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def shown(url: URL) -> str:
    """Return what a message may show: the file, or the address without its password."""
    path = file(url)
    return str(path) if path else url.render_as_string(hide_password=True)

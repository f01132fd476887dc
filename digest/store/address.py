"""Where the database is: what operators write into `PAPERBOY_DATABASE_URL`, understood."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from digest.errors import SettingsError

# What may stand behind the `?` of a server's address; PostgreSQL's own tools say `sslmode`.
OPTIONS = frozenset({"host", "port", "ssl", "passfile"})

# The one asynchronous driver of each engine; people write only the engine's name.
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def understand(text: str) -> URL:
    """Read `sqlite:///papers.db`, `sqlite+aiosqlite:///papers.db`, `postgresql://…`.

    Raises:
        SettingsError: `errors.store_address`, for what is no address of an engine we speak to;
            `errors.server_option`, for what cannot be set there.
    """
    if text.startswith("postgresql") and text.count("@") > 1:
        # One of them is the password's: it would end there, and its rest be shown as the host.
        raise SettingsError("errors.store_address")
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # without their words, which may quote a password
        raise SettingsError("errors.store_address") from None
    engine = url.get_backend_name()
    if engine not in DRIVERS:
        raise SettingsError("errors.store_address")
    url = url.set(drivername=DRIVERS[engine])
    return url if engine == "sqlite" else _of_server(url)


def _of_server(url: URL) -> URL:
    query = {("ssl" if name == "sslmode" else name): its for name, its in url.query.items()}
    for name in query:
        if name not in OPTIONS:
            raise SettingsError("errors.server_option", option=name)
    return url.set(query=query)


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
    if path := file(url):
        return str(path)
    query = {("sslmode" if name == "ssl" else name): its for name, its in url.query.items()}
    where = (url.username, None, url.host, url.port, url.database, query)  # no password
    return URL.create(url.get_backend_name(), *where).render_as_string()

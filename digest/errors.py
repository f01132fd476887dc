"""Everything that can go wrong, as one tree.

    PaperboyError
    ├── SettingsError          a setting is unknown or malformed
    ├── ArxivError
    │   ├── Unreachable        no network, no answer in time, connection lost
    │   ├── Busy               429 or 503, still so after the last polite try
    │   ├── Refused            arXiv answered that the question is wrong (400, 404, feed error)
    │   └── BadDocument        an answer that is not what it should be
    │       ├── NotAFeed       an HTML page where a feed should be
    │       ├── Truncated      the body ends before the document does
    │       └── TooLarge       over the body cap
    ├── PaperNotFound          the id is well formed and not on arXiv
    │   └── PaperInvented      it is the bundled sample's
    ├── NothingAnnounced       arXiv announced nothing that day
    ├── NoSuchDay              a date that no calendar has (30 February)
    ├── StoreError
    │   ├── StoreFull          no space left on the disk
    │   ├── StoreReadOnly      the file or its folder cannot be written
    │   ├── StoreBusy          another process holds the database
    │   └── StoreFromFuture    the database was made by a newer Paperboy
    ├── WriterError            a summary could not be written
    │   ├── WriterSilent       the model's endpoint gave no answer at all
    │   │   └── WriterBusy     it asks to be left alone for a while
    │   └── WriterCapped       the day's budget, or the reader's own quota, is used up
    └── ChannelError
        ├── ReaderGone         blocked, deleted, not found: pause them
        ├── TryLater           not sent, and says when to try again
        ├── Ambiguous          nobody knows whether it was sent
        ├── PageRefused        the page itself is not taken, whoever it is for
        ├── ChannelUnreachable nobody answers there, at start
        ├── TokenRefused       the platform does not know this bot
        └── AnotherPoller      another process fetches this bot's updates

Each carries the key of its sentence in the catalogues and what the sentence needs, so that whoever
shows it shows it in the reader's language: `say(error.key, language, **error.params)`.
"""

from __future__ import annotations

from typing import Any


class PaperboyError(Exception):
    """The root. `key` names a text in `digest.locale`, `params` are its values."""

    key = "errors.internal"

    def __init__(self, key: str | None = None, /, **params: Any) -> None:
        self.key = key or type(self).key
        self.params = params
        super().__init__(self.key, params)

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross from one process to another, keyword arguments and all."""
        return _remade, (type(self), self.key, self.params)

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.key} ({values})" if values else self.key


def _remade(kind: type[PaperboyError], key: str, params: dict[str, Any]) -> PaperboyError:
    return kind(key, **params)


class SettingsError(PaperboyError):
    """A setting is unknown or malformed; params: name, problem, example."""

    key = "errors.settings"


class ArxivError(PaperboyError):
    """arXiv could not be asked, or what came back is of no use; params: url or subject."""

    key = "errors.arxiv"


class Unreachable(ArxivError):
    """No network, no answer in time, or the connection was lost."""

    key = "errors.arxiv_unreachable"


class Busy(ArxivError):
    """429 or 503, still so after the last polite try; params: status, retry_after (seconds)."""

    key = "errors.arxiv_busy"


class Refused(ArxivError):
    """arXiv says that the question is wrong; params: status, reason."""

    key = "errors.arxiv_refused"


class BadDocument(ArxivError):
    """The answer is not what it should be."""

    key = "errors.arxiv_bad_document"


class NotAFeed(BadDocument):
    """An HTML page, or something else, where a feed should be."""


class Truncated(BadDocument):
    """The body ends before the document does."""


class TooLarge(BadDocument):
    """The body is over the cap."""


class PaperNotFound(PaperboyError):
    """The id is well formed and not on arXiv; params: id."""

    key = "errors.paper_not_found"


class PaperInvented(PaperNotFound):
    """It is the bundled sample's, which can be read and no more; params: id."""

    key = "errors.paper_invented"


class NothingAnnounced(PaperboyError):
    """arXiv announced nothing that day; params: day, and the reason as the key."""

    key = "errors.nothing_announced"


class NoSuchDay(PaperboyError, ValueError):
    """What was asked for reads as a date, and no calendar has it; params: text."""

    key = "errors.no_such_day"


class StoreError(PaperboyError):
    """The database refused."""

    key = "errors.store"


class StoreFull(StoreError):
    """No space left on the disk."""

    key = "errors.store_full"


class StoreReadOnly(StoreError):
    """The file or its folder cannot be written."""

    key = "errors.store_read_only"


class StoreBusy(StoreError):
    """Another process holds the database for longer than we wait."""

    key = "errors.store_busy"


class StoreFromFuture(StoreError):
    """The database was made by a newer Paperboy; params: revision."""

    key = "errors.store_from_future"


class WriterError(PaperboyError):
    """A summary could not be written; params: reason."""

    key = "errors.writer"


class WriterSilent(WriterError):
    """The model's endpoint gave no answer at all; params: reason."""


class WriterBusy(WriterSilent):
    """The model asks to be left alone for a while; params: retry_after (seconds)."""


class WriterCapped(WriterError):
    """Nothing more may be asked today; params: reason (`budget` or `quota`), until (UTC)."""


class ChannelError(PaperboyError):
    """A page could not be handed over."""

    key = "errors.channel"


class ReaderGone(ChannelError):
    """Blocked, deleted or not found: the subscriber is paused.

    params: reason (`blocked`, `deactivated`, `kicked`, `not_found`, `no_rights`, `topic_closed`,
    `topic_gone`, `migrated`), and
    migrate_to, the new address, where a group has moved.
    """


class TryLater(ChannelError):
    """Not sent; params: retry_after (seconds)."""


class Ambiguous(ChannelError):
    """Nobody knows whether it was sent; params: reason."""


class PageRefused(ChannelError):
    """The page itself is not taken: too long, malformed; params: reason, the platform's words."""


class ChannelUnreachable(ChannelError):
    """Nobody answers there, at start; params: reason."""

    key = "errors.channel_unreachable"


class TokenRefused(ChannelError):
    """The platform does not know this bot: the token, or the address of the API, is wrong."""

    key = "errors.token_refused"


class AnotherPoller(ChannelError):
    """Another process fetches this bot's updates."""

    key = "errors.another_poller"

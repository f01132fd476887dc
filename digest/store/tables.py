"""The tables, as the newest migration leaves them (a test compares the two).

The thing that never changes and its status are two tables: `papers` and `announcements`,
`editions` and `parts`. Days are ISO dates, times are UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    text,
)

from digest.store.kinds import Moment, String, Text

# Named, because a later migration can only change what has a name.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)


def _of_paper(*, primary_key: bool = True) -> Column[str]:
    """Return the column that names a paper; what hangs on a paper goes with it."""
    paper = ForeignKey("papers.id", ondelete="CASCADE")
    return Column("paper_id", String(64), paper, primary_key=primary_key)


def _of_subscriber(*, primary_key: bool = True) -> Column[int]:
    """Return the column that names a subscriber; what hangs on one goes with them."""
    subscriber = ForeignKey("subscribers.id", ondelete="CASCADE")
    return Column("subscriber_id", Integer, subscriber, primary_key=primary_key, nullable=False)


papers = Table(
    "papers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("version", Integer),
    Column("title", Text, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    Column("submitted", Date),
)

# Texts of versions that are no longer the current one; version 0 is one whose number is unknown.
versions = Table(
    "versions",
    metadata,
    _of_paper(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("abstract", Text, nullable=False),
)

# What somebody asked for by its id: it stays when old papers are pruned.
kept = Table("kept", metadata, _of_paper(), Column("at", Moment, nullable=False))

editions = Table(
    "editions",
    metadata,
    Column("day", Date, primary_key=True),
    Column("published_at", Moment),
    Column("approximate", Boolean, nullable=False),
    Column("missing", JSON, nullable=False),
    Column("source", String(16)),
)

# `seen_at`: when it was first stored as new or cross, which is what makes a paper late.
announcements = Table(
    "announcements",
    metadata,
    Column("day", Date, ForeignKey("editions.day", ondelete="CASCADE"), primary_key=True),
    _of_paper(),
    Column("kind", String(16), nullable=False),
    Column("seen_at", Moment, nullable=False, index=True),
    Index("ix_announcements_paper_id", "paper_id"),
)

parts = Table(
    "parts",
    metadata,
    Column("day", Date, ForeignKey("editions.day", ondelete="CASCADE"), primary_key=True),
    Column("archive", String(32), primary_key=True),
    Column("source", String(16), nullable=False),
    Column("new", Integer, nullable=False),
    Column("cross", Integer, nullable=False),
    Column("listed_new", Integer),
    Column("listed_cross", Integer),
    Column("etag", Text, nullable=False),
)

# `asked` is the reader's language, `language` the text's: an extract for `zh` is English.
summaries = Table(
    "summaries",
    metadata,
    _of_paper(),
    Column("asked", String(16), primary_key=True),
    Column("language", String(16), nullable=False),
    Column("writer", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("gist", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("background", Text, nullable=False),
    Column("innovation", Text, nullable=False),
    Column("conclusion", Text, nullable=False),
    Column("fallback", Boolean, nullable=False),
    Column("version", Integer),
    Column("made_at", Moment, nullable=False),
    Column("retry_at", Moment, index=True),
    Column("reason", String(16), nullable=False, server_default=""),
)

# Numbers are never used again: a log that names one must not come to mean somebody else.
# From `had` on it is what happened to them, not what they chose. `next_at` is null for whoever
# is sent nothing, so that who is due is a range of one index.
subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("address", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("hour", String(8), nullable=False, server_default=""),
    Column("state", String(16), nullable=False, server_default="active"),
    Column("paused_until", Moment),
    Column("had", Date),
    Column("settled_at", Moment),
    Column("next_at", Moment),
    Column("told_late", Date),
    Column("weekly", Boolean, nullable=False, server_default=false()),
    Column("recapped", Date),
    Column("view", String(16), nullable=False, server_default="compact"),
    Column("notices", String(16), nullable=False, server_default="late"),
    UniqueConstraint("channel", "address"),
    Index("ix_subscribers_next_at_id", "next_at", "id"),
    sqlite_autoincrement=True,
)

subscriber_fields = Table(
    "subscriber_fields",
    metadata,
    _of_subscriber(),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("field", Text, nullable=False),
    UniqueConstraint("subscriber_id", "field"),
)


# `version` is the one that was saved, `told` the newest that its reader knows of; null where no
# document said which it was. What is saved is never pruned: its paper refuses to go.
saved = Table(
    "saved",
    metadata,
    _of_subscriber(),
    Column("paper_id", String(64), ForeignKey("papers.id"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
    Column("version", Integer),
    Column("told", Integer),
    Index("ix_saved_paper_id", "paper_id"),
)

# What somebody had shown by itself, for some weeks: Sunday's recap leaves it out.
opened = Table(
    "opened",
    metadata,
    _of_subscriber(),
    _of_paper(),
    Column("at", Moment, nullable=False, index=True),
    Index("ix_opened_paper_id", "paper_id"),
)

# What a reader thinks of a paper; no key to `papers`: a vote outlives the paper.
votes = Table(
    "votes",
    metadata,
    _of_subscriber(),
    Column("paper_id", String(64), primary_key=True),
    Column("verdict", String(8), nullable=False),
    Column("at", Moment, nullable=False),
)
# What was learnt from it, at most twice 10 kB. Editions up to `day`, which the reader had before
# they voted, stay in the order of `before`.
tastes = Table(
    "tastes",
    metadata,
    _of_subscriber(),
    Column("packed", Text),
    Column("day", Date),
    Column("before", Text),
)

IS_DEAD = text("state = 'dead'")
# The outbox while `state` is waiting, the deliveries after. Page 0 says that the batch is late.
# Ids rise in the order of freezing; a text is emptied once its page is settled.
IS_WAITING = text("state = 'waiting'")
pages = Table(
    "pages",
    metadata,
    Column("id", Integer().with_variant(BigInteger(), "postgresql"), primary_key=True),
    _of_subscriber(primary_key=False),
    Column("day", Date, nullable=False),
    Column("page", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("entities", JSON, nullable=False),
    Column("choices", JSON, nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("try_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("message_id", Text),
    Column("reason", Text, nullable=False),
    UniqueConstraint("subscriber_id", "day", "page"),
    Index("ix_pages_waiting", "try_at", "id", sqlite_where=IS_WAITING, postgresql_where=IS_WAITING),
    Index("ix_pages_dead", "sent_at", sqlite_where=IS_DEAD, postgresql_where=IS_DEAD),
)

# What happened on each day (UTC): who came and went, pages that arrived or were given up.
daily = Table(
    "daily",
    metadata,
    Column("day", Date, primary_key=True),
    Column("joined", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
)

# What the operator writes to all readers: a draft until `at`, then frozen for all up to `upto`.
# Numbers are never used again, for those of pages are made of them.
bulletins = Table(
    "bulletins",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("at", Moment),
    Column("upto", Integer, nullable=False),
    Column("done_at", Moment),
    sqlite_autoincrement=True,
)

# Commands that are longer than a button can carry, by their fingerprint.
buttons = Table(
    "buttons",
    metadata,
    _of_subscriber(),
    Column("name", String(32), primary_key=True),
    Column("command", Text, nullable=False),
    Column("made_at", Moment, nullable=False, index=True),
)

# A code is used once; who is forgotten leaves the code used, and nobody's.
invitations = Table(
    "invitations",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("made_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column(
        "subscriber_id", Integer, ForeignKey("subscribers.id", ondelete="SET NULL"), unique=True
    ),
)

# The last day on which a paper's version was told anew because a reader asked.
retold = Table(
    "retold",
    metadata,
    _of_subscriber(),
    _of_paper(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Index("ix_retold_paper_id", "paper_id"),
)

# What readers say is wrong with a summary. No key to `papers`: the sample's are none.
mistakes = Table(
    "mistakes",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_subscriber(primary_key=False),
    Column("at", Moment, nullable=False),
    Column("paper_id", String(64), nullable=False),
    Column("version", Integer),
    Column("language", String(16), nullable=False),
    Column("writer", Text, nullable=False),
    Column("words", Text, nullable=False),
    Index("ix_mistakes_subscriber_id_at", "subscriber_id", "at"),
)

# Each answered request to a model. No key to `papers`: what was paid stays on record. `day` is the
# operator's; `nanos` are billionths of the currency, null where no price is known. An answer is
# kept until a summary of its paper is stored.
IS_OPEN = text("answer <> ''")
ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("day", Date, nullable=False),
    Column("paper_id", String(64), nullable=False),
    Column("version", Integer),
    Column("language", String(16), nullable=False),
    Column("model", Text, nullable=False),
    Column("prompt", Integer, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_cached", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("nanos", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("asker", String(16), nullable=False),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id", ondelete="SET NULL"), index=True),
    Column("answer", Text, nullable=False),
    Column("finish", String(32), nullable=False),
    Index("ix_ledger_day_subscriber_id", "day", "subscriber_id"),
    Index("ix_ledger_open", "paper_id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
)

# What a model said of a paper and a named field (0, 1, 2), and what the light model had said.
labels = Table(
    "labels",
    metadata,
    _of_paper(),
    Column("field", String(32), primary_key=True),
    Column("label", Integer, nullable=False),
    Column("score", Double, nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Integer),
    Column("made_at", Moment, nullable=False),
)

# What a model said of a phrase that somebody follows; nobody's name stands with it.
profiles = Table(
    "profiles",
    metadata,
    Column("phrase", Text, primary_key=True),
    Column("prompt", Integer, primary_key=True, autoincrement=False),
    Column("model", Text, nullable=False),
    Column("phrases", JSON, nullable=False),
    Column("unwanted", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("made_at", Moment, nullable=False),
)

# How many papers of an edition a field has; stands while `announced` and `scorer` are the same.
placings = Table(
    "placings",
    metadata,
    Column("day", Date, ForeignKey("editions.day", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("announced", Integer, nullable=False),
    Column("found", Integer, nullable=False),
    Column("best", JSON, nullable=False),
    Column("scorer", String(16), nullable=False),
)

# The last time that arXiv was watched, for each kind of look, and the day that it was about.
looks = Table(
    "looks",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("day", Date),
)

# Both times are seconds of the Unix clock: `next_at` is the lane's next free slot, and
# `reserved_at` what the clock said when it was set, which shows a clock that jumped back.
manners = Table(
    "manners",
    metadata,
    Column("lane", String(64), primary_key=True),
    Column("next_at", Double, nullable=False),
    Column("reserved_at", Double, nullable=False),
)

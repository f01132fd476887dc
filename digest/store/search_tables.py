"""The tables of the search: all in them can be made again from papers and summaries.

A volume is what was announced on one day, by its number (`date.toordinal`), or what was stored
without that, by the month of its id. In a volume each paper has a place, and each term the places
that have it. To read the newest papers of a term is to read volumes from the newest on. A volume
that was pruned keeps its row, so that no place is given twice.

The terms lie in layers (`store.layers`).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from digest.store.tables import metadata

# `given`: so many places; `alive`: those that a paper still has.
search_volumes = Table(
    "search_volumes",
    metadata,
    Column("volume", Integer, primary_key=True, autoincrement=False),
    Column("given", Integer, nullable=False),
    Column("alive", LargeBinary, nullable=False),
)

search_papers = Table(
    "search_papers",
    metadata,
    Column("paper_id", String(64), ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True),
    Column("volume", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    UniqueConstraint("volume", "place"),
)

# Shelf 0 is the list of layers; any other is some terms of one of them (`layers.Layer.shelf`).
search_shelves = Table(
    "search_shelves",
    metadata,
    Column("shelf", Integer, primary_key=True, autoincrement=False),
    Column("entries", LargeBinary, nullable=False),
)

# Papers whose terms have to be read (again); `anew`: what was read of them before counts no more.
# A paper may wait twice, and no number comes again: what waits since we looked stays.
search_waiting = Table(
    "search_waiting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("paper_id", String(64), nullable=False),
    Column("anew", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

EVERY = (search_volumes, search_papers, search_shelves, search_waiting)
DERIVED = frozenset(each.name for each in EVERY)
"""The names of these tables: nothing in them is lost with them."""

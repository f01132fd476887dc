"""The search: volumes of terms. Every stored paper waits to be read, which is done in the background."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "search_volumes",
        sa.Column("volume", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("given", sa.Integer, nullable=False),
        sa.Column("alive", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("volume", name="pk_search_volumes"),
    )
    op.create_table(
        "search_papers",
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("volume", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("paper_id", name="pk_search_papers"),
        sa.UniqueConstraint("volume", "place", name="uq_search_papers_volume_place"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_search_papers_paper_id_papers", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "search_shelves",
        sa.Column("shelf", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("entries", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("shelf", name="pk_search_shelves"),
    )
    waiting = op.create_table(
        "search_waiting",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("anew", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_waiting"),
        sqlite_autoincrement=True,
    )
    # What is read first is what waits last: the newest papers are found at once.
    papers = sa.table("papers", sa.column("id"))
    every = sa.select(papers.c.id, sa.false()).order_by(papers.c.id)
    op.execute(sa.insert(waiting).from_select(["paper_id", "anew"], every))

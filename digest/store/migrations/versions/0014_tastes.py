"""What readers think of papers, and what was learnt from it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def _of_subscriber(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["subscriber_id"],
        ["subscribers.id"],
        name=f"fk_{table}_subscriber_id_subscribers",
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "votes",
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("verdict", sa.String(8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "paper_id", name="pk_votes"),
        _of_subscriber("votes"),
    )
    op.create_table(
        "tastes",
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("packed", sa.Text),
        sa.Column("day", sa.Date),
        sa.Column("before", sa.Text),
        sa.PrimaryKeyConstraint("subscriber_id", name="pk_tastes"),
        _of_subscriber("tastes"),
    )

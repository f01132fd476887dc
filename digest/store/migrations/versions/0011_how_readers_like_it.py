"""How much of an entry is shown, which notices are sent, what was told anew, and mistakes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

Moment = sa.DateTime(timezone=True)


def _of_subscriber(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_subscriber_id_subscribers"
    return sa.ForeignKeyConstraint(
        ["subscriber_id"], ["subscribers.id"], name=name, ondelete="CASCADE"
    )


def upgrade() -> None:
    for column in (
        sa.Column("view", sa.String(16), nullable=False, server_default="compact"),
        sa.Column("notices", sa.String(16), nullable=False, server_default="late"),
    ):
        op.add_column("subscribers", column)
    op.create_table(
        "retold",
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "paper_id", "version", name="pk_retold"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_retold_paper_id_papers", ondelete="CASCADE"
        ),
        _of_subscriber("retold"),
    )
    op.create_index("ix_retold_paper_id", "retold", ["paper_id"])
    op.create_table(
        "mistakes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("writer", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mistakes"),
        _of_subscriber("mistakes"),
    )
    op.create_index("ix_mistakes_subscriber_id_at", "mistakes", ["subscriber_id", "at"])

"""When subscribers are due and what they had; pages, looks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Whoever is there already sits at a terminal: nothing is pushed to them.
    for column in (
        sa.Column("hour", sa.String(8), nullable=False, server_default=""),
        sa.Column("state", sa.String(16), nullable=False, server_default="active"),
        sa.Column("paused_until", Moment),
        sa.Column("had", sa.Date),
        sa.Column("settled_at", Moment),
        sa.Column("next_at", Moment),
        sa.Column("told_late", sa.Date),
    ):
        op.add_column("subscribers", column)
    op.create_index("ix_subscribers_next_at_id", "subscribers", ["next_at", "id"])
    op.create_table(
        "pages",
        # Half a year of a million readers is more than 32 bits; SQLite's numbers have 64 anyway.
        # (Written down before there was any database on PostgreSQL.)
        sa.Column(
            "id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False
        ),
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("entities", sa.JSON, nullable=False),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("silent", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("try_at", Moment, nullable=False),
        sa.Column("sent_at", Moment),
        sa.Column("message_id", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pages"),
        sa.UniqueConstraint("subscriber_id", "day", "page", name="uq_pages_subscriber_id_day_page"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_pages_subscriber_id_subscribers",
            ondelete="CASCADE",
        ),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_pages_waiting",
        "pages",
        ["try_at", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "looks",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("day", sa.Date),
        sa.PrimaryKeyConstraint("kind", name="pk_looks"),
    )

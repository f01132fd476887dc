"""What the model was asked, what that cost, and why an extract stands in a summary's place."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("prompt", sa.Integer, nullable=False),
        sa.Column("tokens_in", sa.Integer, nullable=False),
        sa.Column("tokens_cached", sa.Integer, nullable=False),
        sa.Column("tokens_out", sa.Integer, nullable=False),
        sa.Column("nanos", sa.BigInteger),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("asker", sa.String(16), nullable=False),
        sa.Column("subscriber_id", sa.Integer),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("finish", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_ledger_subscriber_id_subscribers",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_ledger_day_subscriber_id", "ledger", ["day", "subscriber_id"])
    op.create_index("ix_ledger_subscriber_id", "ledger", ["subscriber_id"])
    op.create_index(
        "ix_ledger_open",
        "ledger",
        ["paper_id"],
        sqlite_where=sa.text("answer <> ''"),
        postgresql_where=sa.text("answer <> ''"),
    )
    op.add_column(
        "summaries", sa.Column("reason", sa.String(16), nullable=False, server_default="")
    )

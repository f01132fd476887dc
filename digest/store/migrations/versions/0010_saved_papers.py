"""What readers save and open, and Sunday's recap."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "saved",
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("told", sa.Integer),
        sa.PrimaryKeyConstraint("subscriber_id", "paper_id", name="pk_saved"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_saved_subscriber_id_subscribers",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_saved_paper_id_papers"),
    )
    op.create_index("ix_saved_paper_id", "saved", ["paper_id"])
    op.create_table(
        "opened",
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "paper_id", name="pk_opened"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_opened_subscriber_id_subscribers",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_opened_paper_id_papers", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_opened_paper_id", "opened", ["paper_id"])
    op.create_index("ix_opened_at", "opened", ["at"])
    weekly = sa.Column("weekly", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("subscribers", weekly)
    op.add_column("subscribers", sa.Column("recapped", sa.Date))

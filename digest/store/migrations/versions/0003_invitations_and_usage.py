"""Who was invited, and how many summaries each subscriber asked for on a day."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("subscriber_id", sa.Integer),
        sa.PrimaryKeyConstraint("code", name="pk_invitations"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_invitations_subscriber_id_subscribers",
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("subscriber_id", name="uq_invitations_subscriber_id"),
    )
    op.create_table(
        "usage",
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("summaries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "day", name="pk_usage"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_usage_subscriber_id_subscribers",
            ondelete="CASCADE",
        ),
    )

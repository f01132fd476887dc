"""What buttons stand for whose command is too long for a button."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "buttons",
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "name", name="pk_buttons"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_buttons_subscriber_id_subscribers",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_buttons_made_at", "buttons", ["made_at"])

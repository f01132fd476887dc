"""What happened on each day; what the operator writes to all readers."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "daily",
        sa.Column("day", sa.Date, nullable=False),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("joined", "gone", "sent", "failed")
        ),
        sa.PrimaryKeyConstraint("day", name="pk_daily"),
    )
    op.create_table(
        "bulletins",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("at", Moment),
        sa.Column("upto", sa.Integer, nullable=False),
        sa.Column("done_at", Moment),
        sa.PrimaryKeyConstraint("id", name="pk_bulletins"),
        sqlite_autoincrement=True,
    )

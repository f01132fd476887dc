"""Papers that stay when old ones are pruned; old usage is found without looking at all of it."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    kept = op.create_table(
        "kept",
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("paper_id", name="pk_kept"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_kept_paper_id_papers", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_usage_day", "usage", ["day"])
    # Nobody noted who was asked for until now; what was never announced was stored for no other
    # reason.
    papers = sa.table("papers", sa.column("id"))
    announcements = sa.table("announcements", sa.column("paper_id"))
    announced = sa.exists().where(announcements.c.paper_id == papers.c.id)
    at = sa.literal(datetime.now(UTC), Moment)
    op.execute(
        sa.insert(kept).from_select(["paper_id", "at"], sa.select(papers.c.id, at).where(~announced))
    )

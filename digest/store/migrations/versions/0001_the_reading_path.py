"""Papers, versions, editions, announcements, parts, summaries, subscribers, manners."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("abstract", sa.Text, nullable=False),
        sa.Column("authors", sa.JSON, nullable=False),
        sa.Column("categories", sa.JSON, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("submitted", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_papers"),
    )
    op.create_table(
        "versions",
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("abstract", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("paper_id", "version", name="pk_versions"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_versions_paper_id_papers", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "editions",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("published_at", Moment),
        sa.Column("approximate", sa.Boolean, nullable=False),
        sa.Column("missing", sa.JSON, nullable=False),
        sa.Column("source", sa.String(16)),
        sa.PrimaryKeyConstraint("day", name="pk_editions"),
    )
    op.create_table(
        "announcements",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("day", "paper_id", name="pk_announcements"),
        sa.ForeignKeyConstraint(
            ["day"], ["editions.day"], name="fk_announcements_day_editions", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_announcements_paper_id_papers", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_announcements_seen_at", "announcements", ["seen_at"])
    op.create_index("ix_announcements_paper_id", "announcements", ["paper_id"])
    op.create_table(
        "parts",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("archive", sa.String(32), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
        sa.Column("cross", sa.Integer, nullable=False),
        sa.Column("listed_new", sa.Integer),
        sa.Column("listed_cross", sa.Integer),
        sa.Column("etag", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("day", "archive", name="pk_parts"),
        sa.ForeignKeyConstraint(
            ["day"], ["editions.day"], name="fk_parts_day_editions", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "summaries",
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("asked", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("writer", sa.Text, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("gist", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("background", sa.Text, nullable=False),
        sa.Column("innovation", sa.Text, nullable=False),
        sa.Column("conclusion", sa.Text, nullable=False),
        sa.Column("fallback", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("retry_at", Moment),
        sa.PrimaryKeyConstraint("paper_id", "asked", name="pk_summaries"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_summaries_paper_id_papers", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_summaries_retry_at", "summaries", ["retry_at"])
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("channel", "address", name="uq_subscribers_channel_address"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subscriber_fields",
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "position", name="pk_subscriber_fields"),
        sa.UniqueConstraint(
            "subscriber_id", "field", name="uq_subscriber_fields_subscriber_id_field"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_subscriber_fields_subscriber_id_subscribers",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "manners",
        sa.Column("lane", sa.String(64), nullable=False),
        sa.Column("next_at", sa.Double, nullable=False),
        sa.Column("reserved_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("lane", name="pk_manners"),
    )

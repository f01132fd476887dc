"""What a model says of fields: labels of papers, profiles of phrases; and what editions brought."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "labels",
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("label", sa.Integer, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("paper_id", "field", name="pk_labels"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_labels_paper_id_papers", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "profiles",
        sa.Column("phrase", sa.Text, nullable=False),
        sa.Column("prompt", sa.Integer, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("phrases", sa.JSON, nullable=False),
        sa.Column("unwanted", sa.JSON, nullable=False),
        sa.Column("categories", sa.JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("phrase", "prompt", name="pk_profiles"),
    )
    op.create_table(
        "placings",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("announced", sa.Integer, nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("best", sa.JSON, nullable=False),
        sa.Column("scorer", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("day", "field", name="pk_placings"),
        sa.ForeignKeyConstraint(
            ["day"], ["editions.day"], name="fk_placings_day_editions", ondelete="CASCADE"
        ),
    )

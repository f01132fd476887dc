"""Pages given up are found without looking at all pages."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    is_dead = sa.text("state = 'dead'")
    op.create_index(
        "ix_pages_dead", "pages", ["sent_at"], sqlite_where=is_dead, postgresql_where=is_dead
    )

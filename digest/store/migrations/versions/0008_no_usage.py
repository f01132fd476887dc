"""How many summaries somebody asked for is in the ledger; nobody read the table that counted it."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.drop_table("usage")

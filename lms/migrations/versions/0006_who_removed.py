"""Who took something out of the record."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Bring the schema here."""
    op.add_column("statement_removal", sa.Column("by", sa.String(length=120), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("statement_removal", "by")

"""The table of exports, for databases made before 0001 told of it.

0001 was changed once after databases had been made with it; from then on no migration that others may have run is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table where it is missing."""
    if sa.inspect(op.get_bind()).has_table("statement_export"):
        return
    op.create_table(
        "statement_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_statement_export_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_export")),
        sa.UniqueConstraint("uuid", name=op.f("uq_statement_export_uuid")),
    )
    op.create_index(op.f("ix_statement_export_created_at"), "statement_export", ["created_at"])
    op.create_index(op.f("ix_statement_export_person_id"), "statement_export", ["person_id"])


def downgrade() -> None:
    """0001 takes the table away."""

"""Statements sent on to other record stores."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the schema here."""
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "forwarding_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=5), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=True),
        sa.Column("verb", sa.Text(), nullable=True),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_stored", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_id", big_id, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forwarding_target")),
        sa.UniqueConstraint("uuid", name=op.f("uq_forwarding_target_uuid")),
    )
    op.create_table(
        "forwarding_dead_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("statement_id", big_id, nullable=False),
        sa.Column("statement", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["target_id"], ["forwarding_target.id"], name=op.f("fk_forwarding_dead_letter_target_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forwarding_dead_letter")),
        sa.UniqueConstraint("target_id", "statement_id", name=op.f("uq_forwarding_dead_letter_target_id_statement_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_forwarding_dead_letter_uuid")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("forwarding_dead_letter")
    op.drop_table("forwarding_target")

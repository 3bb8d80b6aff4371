"""Who did something with what, found at once; statements that refer to others, in order; two columns nobody read."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEY = sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REFERS = sa.text("target IS NOT NULL")


def upgrade() -> None:
    """Make the table, from what is there, and the index."""
    op.create_table(
        "statement_pair",
        sa.Column("agent", _KEY, nullable=False),
        sa.Column("activity", _KEY, nullable=False),
        sa.Column("statement_id", _ID, autoincrement=False, nullable=False),
        sa.Column("verb", _KEY, nullable=False),
        sa.PrimaryKeyConstraint(
            "agent", "activity", "statement_id", name=op.f("pk_statement_pair"), postgresql_include=["verb"]
        ),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO statement_pair (agent, activity, statement_id, verb)"
        " SELECT statement_agent.agent, statement_activity.activity, statement_id, statement.verb_key"
        " FROM statement_activity JOIN statement_agent USING (statement_id)"
        " JOIN statement ON statement.id = statement_id"
        " WHERE statement_activity.role = 0 AND statement_agent.role = 0"
    )
    op.create_index(
        "ix_statement_id_referring", "statement", ["id", "target"], sqlite_where=_REFERS, postgresql_where=_REFERS
    )
    op.drop_column("statement", "object_kind")
    op.drop_column("statement", "authority_key")


def downgrade() -> None:
    """Take them away. What the two columns held is not brought back: nobody read it."""
    op.add_column("statement", sa.Column("authority_key", _KEY, nullable=True))
    op.add_column("statement", sa.Column("object_kind", sa.String(length=12), nullable=True))
    op.drop_index("ix_statement_id_referring", table_name="statement")
    op.drop_table("statement_pair")

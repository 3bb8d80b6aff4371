"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "covenant_user_peak",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("users", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_covenant_user_peak")),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=True),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("key", name=op.f("uq_credential_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_credential_uuid")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kbo", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("joint_committee", sa.String(length=10), nullable=False),
        sa.Column("employer_category", sa.String(length=10), nullable=False),
        sa.Column("fte", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("kbo", name=op.f("uq_organisation_kbo")),
        sa.UniqueConstraint("uuid", name=op.f("uq_organisation_uuid")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_area"), ["area"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gave_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_open", ["not_before"], unique=False, sqlite_where=sa.text("done_at IS NULL"))

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("user_name", sa.String(length=80), nullable=True),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text_size", sa.String(length=10), nullable=False),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("user_name", name=op.f("uq_person_user_name")),
        sa.UniqueConstraint("uuid", name=op.f("uq_person_uuid")),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempts")),
    )
    op.create_table(
        "document",
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("registration", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("agent", sa.Uuid(), nullable=True),
        sa.Column("area", sa.String(length=60), nullable=True),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            "ix_document_agent",
            ["agent"],
            unique=False,
            sqlite_where=sa.text("agent IS NOT NULL"),
            postgresql_where=sa.text("agent IS NOT NULL"),
        )
        batch_op.create_index("ix_document_holder_updated", ["holder", "updated"], unique=False)

    op.create_table(
        "statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uuid", sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("stored", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("verb_key", sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("object_kind", sa.String(length=12), nullable=False),
        sa.Column("object_iri", sa.Text(), nullable=True),
        sa.Column("target", sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("actor_key", sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("authority_key", sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("registration", sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=True),
        sa.Column("area", sa.String(length=60), nullable=True),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("uuid", name=op.f("uq_statement_uuid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.create_index(
            "ix_statement_area_id",
            ["area", "id"],
            unique=False,
            sqlite_where=sa.text("area IS NOT NULL"),
            postgresql_where=sa.text("area IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_statement_credential_id_id",
            ["credential_id", "id"],
            unique=False,
            sqlite_where=sa.text("credential_id IS NOT NULL"),
            postgresql_where=sa.text("credential_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_statement_registration_id",
            ["registration", "id"],
            unique=False,
            sqlite_where=sa.text("registration IS NOT NULL"),
            postgresql_where=sa.text("registration IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_statement_stored"), ["stored"], unique=False)
        batch_op.create_index(
            "ix_statement_target",
            ["target"],
            unique=False,
            sqlite_where=sa.text("target IS NOT NULL"),
            postgresql_where=sa.text("target IS NOT NULL"),
        )
        batch_op.create_index("ix_statement_verb_key_id", ["verb_key", "id"], unique=False)

    op.create_table(
        "statement_activity",
        sa.Column("activity", sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column(
            "statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("activity", "role", "statement_id", name=op.f("pk_statement_activity")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "statement_agent",
        sa.Column("agent", sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column(
            "statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("agent", "role", "statement_id", name=op.f("pk_statement_agent")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "statement_file",
        sa.Column(
            "statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("sha2", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("statement_id", "sha2", name=op.f("pk_statement_file")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("statement_file", schema=None) as batch_op:
        batch_op.create_index("ix_statement_file_sha2", ["sha2"], unique=False)

    op.create_table(
        "statement_import",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_statement_import")),
    )
    op.create_table(
        "statement_removal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_uuid", sa.Uuid(), nullable=True),
        sa.Column("before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_removal")),
    )
    op.create_table(
        "voiding",
        sa.Column("target", sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("target", name=op.f("pk_voiding")),
    )
    op.create_table(
        "area_page",
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("welcome", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.String(length=120), nullable=False),
        sa.Column("contact_phone", sa.String(length=30), nullable=False),
        sa.Column("contact_when", sa.String(length=120), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_area_page_changed_by")),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_area_page")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("is_intersectoral", sa.Boolean(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_course_author_id")),
        sa.ForeignKeyConstraint(["version_id"], ["course_version.id"], name="fk_course_version_id", use_alter=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("slug", name=op.f("uq_course_slug")),
        sa.UniqueConstraint("uuid", name=op.f("uq_course_uuid")),
    )
    op.create_table(
        "covenant_consultant_absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("covenant", sa.String(length=20), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("fte", sa.Numeric(precision=3, scale=2), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_covenant_consultant_absence_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covenant_consultant_absence")),
    )
    with op.batch_alter_table("covenant_consultant_absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_covenant_consultant_absence_covenant"), ["covenant"], unique=False)

    op.create_table(
        "covenant_counter_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("covenant", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("counts", sa.String(length=20), nullable=False),
        sa.Column("is_calendar", sa.Boolean(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["chosen_by"], ["person.id"], name=op.f("fk_covenant_counter_choice_chosen_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covenant_counter_choice")),
    )
    with op.batch_alter_table("covenant_counter_choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_covenant_counter_choice_covenant"), ["covenant"], unique=False)

    op.create_table(
        "covenant_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("covenant", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("is_met", sa.Boolean(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_covenant_decision_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covenant_decision")),
    )
    with op.batch_alter_table("covenant_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_covenant_decision_covenant"), ["covenant"], unique=False)

    op.create_table(
        "covenant_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("covenant", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("period", sa.String(length=30), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("file_key", sa.String(length=300), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_covenant_evidence_entered_by")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["person.id"], name=op.f("fk_covenant_evidence_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covenant_evidence")),
        sa.UniqueConstraint("uuid", name=op.f("uq_covenant_evidence_uuid")),
    )
    with op.batch_alter_table("covenant_evidence", schema=None) as batch_op:
        batch_op.create_index("ix_covenant_evidence_covenant_key", ["covenant", "key"], unique=False)

    op.create_table(
        "establishment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_establishment_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_establishment")),
        sa.UniqueConstraint("number", name=op.f("uq_establishment_number")),
    )
    with op.batch_alter_table("establishment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_establishment_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "news_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_news_item_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_item")),
    )
    with op.batch_alter_table("news_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_news_item_area"), ["area"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("by_person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_reminder_by_person_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_reminder_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id")),
        sa.PrimaryKeyConstraint("person_id", "sent_on", name=op.f("pk_reminder")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_role_grant_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "person_id",
            "role",
            "area",
            "organisation_id",
            name=op.f("uq_role_grant_person_id_role_area_organisation_id"),
        ),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_person_id"), ["person_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "single_use_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_single_use_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_single_use_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_single_use_link_token_hash")),
    )
    with op.batch_alter_table("single_use_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_single_use_link_person_id"), ["person_id"], unique=False)

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
    with op.batch_alter_table("statement_export", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_export_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_export_person_id"), ["person_id"], unique=False)

    op.create_table(
        "course_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("travel", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("contact_hours", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=True),
        sa.Column("trainer_id", sa.Integer(), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("free_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_fee", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_session_course_id")),
        sa.ForeignKeyConstraint(["trainer_id"], ["person.id"], name=op.f("fk_course_session_trainer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_session")),
        sa.UniqueConstraint("uuid", name=op.f("uq_course_session_uuid")),
    )
    with op.batch_alter_table("course_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_session_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_session_starts_at"), ["starts_at"], unique=False)

    op.create_table(
        "course_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_version_course_id")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_course_version_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_version")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_course_version_course_id_number")),
    )
    op.create_table(
        "covenant_milestone",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("person_key", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_covenant_milestone_course_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_covenant_milestone_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_covenant_milestone_person_id")),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_covenant_milestone")),
    )
    with op.batch_alter_table("covenant_milestone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_covenant_milestone_course_id"), ["course_id"], unique=False)
        batch_op.create_index("ix_covenant_milestone_person_course", ["person_key", "course_id"], unique=False)

    op.create_table(
        "covenant_participation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.String(length=10), nullable=False),
        sa.Column("is_calendar", sa.Boolean(), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("joint_committee", sa.String(length=10), nullable=False),
        sa.Column("is_education", sa.Boolean(), nullable=False),
        sa.Column("is_intersectoral", sa.Boolean(), nullable=False),
        sa.Column("is_all_online", sa.Boolean(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("attended_on", sa.Date(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_covenant_participation_course_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_covenant_participation_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_covenant_participation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covenant_participation")),
        sa.UniqueConstraint(
            "person_key", "course_id", "year", name=op.f("uq_covenant_participation_person_key_course_id_year")
        ),
    )
    with op.batch_alter_table("covenant_participation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_covenant_participation_course_id"), ["course_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_covenant_participation_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index("ix_covenant_participation_year_counted", ["year", "counted_on"], unique=False)

    op.create_table(
        "employment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=True),
        sa.Column("staff_number", sa.String(length=40), nullable=False),
        sa.Column("job_title", sa.String(length=120), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_employment_establishment_id")
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_employment_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_employment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment")),
    )
    with op.batch_alter_table("employment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_employment_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_employment_person_id"), ["person_id"], unique=False)

    op.create_table(
        "enrolment_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("by_person_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_enrolment_batch_by_person_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_enrolment_batch_course_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_enrolment_batch_organisation_id")
        ),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_enrolment_batch_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_batch")),
        sa.UniqueConstraint("uuid", name=op.f("uq_enrolment_batch_uuid")),
    )
    with op.batch_alter_table("enrolment_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_batch_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_offer_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("course_id", "area", name=op.f("uq_offer_course_id_area")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_area"), ["area"], unique=False)

    op.create_table(
        "course_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_course_draft_author_id")),
        sa.ForeignKeyConstraint(["version_id"], ["course_version.id"], name=op.f("fk_course_draft_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_draft")),
        sa.UniqueConstraint("uuid", name=op.f("uq_course_draft_uuid")),
    )
    with op.batch_alter_table("course_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_draft_author_id"), ["author_id"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("employment_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["enrolment_batch.id"], name=op.f("fk_enrolment_batch_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_enrolment_course_id")),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_enrolment_employment_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_enrolment_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("person_id", "course_id", name=op.f("uq_enrolment_person_id_course_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_enrolment_uuid")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_attempt_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("enrolment_id", "step", "number", name=op.f("uq_attempt_enrolment_id_step_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_attempt_uuid")),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fee", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_booking_enrolment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booking_person_id")),
        sa.ForeignKeyConstraint(["session_id"], ["course_session.id"], name=op.f("fk_booking_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_booking_session_id_person_id")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_person_id"), ["person_id"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("person_name", sa.String(length=210), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("course_title", sa.String(length=200), nullable=False),
        sa.Column("online_hours", sa.String(length=10), nullable=False),
        sa.Column("contact_hours", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_certificate_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_certificate_enrolment_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_certificate_uuid")),
    )
    op.create_table(
        "course_progress",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("steps_done", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("page", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_course_progress_enrolment_id")),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_course_progress")),
    )
    op.create_table(
        "enrolment_batch_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["enrolment_batch.id"], name=op.f("fk_enrolment_batch_row_batch_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_enrolment_batch_row_enrolment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_batch_row_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_batch_row")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_enrolment_batch_row_batch_id_number")),
    )
    with op.batch_alter_table("enrolment_batch_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_batch_row_person_id"), ["person_id"], unique=False)

    op.create_table(
        "enrolment_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_enrolment_change_by_person_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_enrolment_change_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_change")),
    )
    with op.batch_alter_table("enrolment_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_change_enrolment_id"), ["enrolment_id"], unique=False)

    op.create_table(
        "page_answer",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("block", sa.String(length=80), nullable=False),
        sa.Column("response", sa.JSON(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_page_answer_enrolment_id")),
        sa.PrimaryKeyConstraint("enrolment_id", "step", "block", name=op.f("pk_page_answer")),
    )
    op.create_table(
        "step_progress",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("page", sa.String(length=60), nullable=False),
        sa.Column("pages_done", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_step_progress_enrolment_id")),
        sa.PrimaryKeyConstraint("enrolment_id", "step", name=op.f("pk_step_progress")),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_key", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Integer(), nullable=True),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_submission_accepted_by")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_submission_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("enrolment_id", "step", name=op.f("uq_submission_enrolment_id_step")),
        sa.UniqueConstraint("uuid", name=op.f("uq_submission_uuid")),
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("first", sa.JSON(), nullable=False),
        sa.Column("last", sa.JSON(), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("is_solved", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_answer_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("attempt_id", "question", name=op.f("uq_answer_attempt_id_question")),
    )
    op.create_table(
        "attendance",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("presence", sa.String(length=10), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_by", sa.Integer(), nullable=True),
        sa.Column("statement_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_attendance_booking_id")),
        sa.ForeignKeyConstraint(["marked_by"], ["person.id"], name=op.f("fk_attendance_marked_by")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_attendance")),
    )
    op.create_table(
        "attendance_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("was", sa.String(length=10), nullable=False),
        sa.Column("became", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_attendance_change_booking_id")),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_attendance_change_by_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_change")),
    )
    with op.batch_alter_table("attendance_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_change_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "covenant_delegate_presence",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=False),
        sa.Column("is_secretary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_covenant_delegate_presence_booking_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_covenant_delegate_presence_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["course_session.id"], name=op.f("fk_covenant_delegate_presence_session_id")
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_covenant_delegate_presence")),
    )
    with op.batch_alter_table("covenant_delegate_presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_covenant_delegate_presence_session_id"), ["session_id"], unique=False)

    op.create_table(
        "covenant_delegate_workplace",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("kbo", sa.String(length=10), nullable=False),
        sa.Column("establishment", sa.String(length=10), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["covenant_delegate_presence.booking_id"],
            name=op.f("fk_covenant_delegate_workplace_booking_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_covenant_delegate_workplace_organisation_id")
        ),
        sa.PrimaryKeyConstraint("booking_id", "kbo", "establishment", name=op.f("pk_covenant_delegate_workplace")),
    )
    # Course and version name each other: SQLite takes that with the table, PostgreSQL only afterwards.
    if op.get_bind().dialect.name == "postgresql":
        op.create_foreign_key("fk_course_version_id", "course", "course_version", ["version_id"], ["id"])


def downgrade() -> None:
    """Take it back."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_course_version_id", "course", type_="foreignkey")
    op.drop_table("covenant_delegate_workplace")
    with op.batch_alter_table("covenant_delegate_presence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_covenant_delegate_presence_session_id"))

    op.drop_table("covenant_delegate_presence")
    with op.batch_alter_table("attendance_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_change_booking_id"))

    op.drop_table("attendance_change")
    op.drop_table("attendance")
    op.drop_table("answer")
    op.drop_table("submission")
    op.drop_table("step_progress")
    op.drop_table("page_answer")
    with op.batch_alter_table("enrolment_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_change_enrolment_id"))

    op.drop_table("enrolment_change")
    with op.batch_alter_table("enrolment_batch_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_batch_row_person_id"))

    op.drop_table("enrolment_batch_row")
    op.drop_table("course_progress")
    op.drop_table("certificate")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_person_id"))
        batch_op.drop_index(batch_op.f("ix_booking_enrolment_id"))

    op.drop_table("booking")
    op.drop_table("attempt")
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_course_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_batch_id"))

    op.drop_table("enrolment")
    with op.batch_alter_table("course_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_draft_author_id"))

    op.drop_table("course_draft")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_area"))

    op.drop_table("offer")
    with op.batch_alter_table("enrolment_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_batch_organisation_id"))

    op.drop_table("enrolment_batch")
    with op.batch_alter_table("employment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_employment_person_id"))
        batch_op.drop_index(batch_op.f("ix_employment_organisation_id"))

    op.drop_table("employment")
    with op.batch_alter_table("covenant_participation", schema=None) as batch_op:
        batch_op.drop_index("ix_covenant_participation_year_counted")
        batch_op.drop_index(batch_op.f("ix_covenant_participation_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_covenant_participation_course_id"))

    op.drop_table("covenant_participation")
    with op.batch_alter_table("covenant_milestone", schema=None) as batch_op:
        batch_op.drop_index("ix_covenant_milestone_person_course")
        batch_op.drop_index(batch_op.f("ix_covenant_milestone_course_id"))

    op.drop_table("covenant_milestone")
    op.drop_table("course_version")
    with op.batch_alter_table("course_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_session_starts_at"))
        batch_op.drop_index(batch_op.f("ix_course_session_course_id"))

    op.drop_table("course_session")
    with op.batch_alter_table("statement_export", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_export_person_id"))
        batch_op.drop_index(batch_op.f("ix_statement_export_created_at"))

    op.drop_table("statement_export")
    with op.batch_alter_table("single_use_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_single_use_link_person_id"))

    op.drop_table("single_use_link")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grant_person_id"))

    op.drop_table("role_grant")
    op.drop_table("reminder")
    with op.batch_alter_table("news_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_news_item_area"))

    op.drop_table("news_item")
    with op.batch_alter_table("establishment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_establishment_organisation_id"))

    op.drop_table("establishment")
    with op.batch_alter_table("covenant_evidence", schema=None) as batch_op:
        batch_op.drop_index("ix_covenant_evidence_covenant_key")

    op.drop_table("covenant_evidence")
    with op.batch_alter_table("covenant_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_covenant_decision_covenant"))

    op.drop_table("covenant_decision")
    with op.batch_alter_table("covenant_counter_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_covenant_counter_choice_covenant"))

    op.drop_table("covenant_counter_choice")
    with op.batch_alter_table("covenant_consultant_absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_covenant_consultant_absence_covenant"))

    op.drop_table("covenant_consultant_absence")
    op.drop_table("course")
    op.drop_table("area_page")
    op.drop_table("voiding")
    with op.batch_alter_table("statement_file", schema=None) as batch_op:
        batch_op.drop_index("ix_statement_file_sha2")

    op.drop_table("statement_file")
    op.drop_table("statement_removal")
    op.drop_table("statement_import")
    op.drop_table("statement_agent")
    op.drop_table("statement_activity")
    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.drop_index("ix_statement_verb_key_id")
        batch_op.drop_index(
            "ix_statement_target",
            sqlite_where=sa.text("target IS NOT NULL"),
            postgresql_where=sa.text("target IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_statement_stored"))
        batch_op.drop_index(
            "ix_statement_registration_id",
            sqlite_where=sa.text("registration IS NOT NULL"),
            postgresql_where=sa.text("registration IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_statement_credential_id_id",
            sqlite_where=sa.text("credential_id IS NOT NULL"),
            postgresql_where=sa.text("credential_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_statement_area_id",
            sqlite_where=sa.text("area IS NOT NULL"),
            postgresql_where=sa.text("area IS NOT NULL"),
        )

    op.drop_table("statement")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_holder_updated")
        batch_op.drop_index(
            "ix_document_agent",
            sqlite_where=sa.text("agent IS NOT NULL"),
            postgresql_where=sa.text("agent IS NOT NULL"),
        )

    op.drop_table("document")
    op.drop_table("sign_in_attempts")
    op.drop_table("person")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_open", sqlite_where=sa.text("done_at IS NULL"))

    op.drop_table("outbox")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_area"))

    op.drop_table("organisation")
    op.drop_table("credential")
    op.drop_table("covenant_user_peak")

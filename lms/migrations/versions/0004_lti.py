"""Platforms of others, launches from there, rosters and scores."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "joined_person",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["into_id"], ["person.id"], name=op.f("fk_joined_person_into_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_joined_person_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_joined_person")),
    )
    with op.batch_alter_table("joined_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_joined_person_into_id"), ["into_id"], unique=False)

    op.create_table(
        "lti_tool_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=60), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_tool_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_lti_tool_key_kid")),
        sa.UniqueConstraint("number", name=op.f("uq_lti_tool_key_number")),
    )
    op.create_table(
        "lti_registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("product", sa.String(length=60), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("authorization_endpoint", sa.Text(), nullable=False),
        sa.Column("token_endpoint", sa.Text(), nullable=False),
        sa.Column("token_audience", sa.Text(), nullable=False),
        sa.Column("jwks_uri", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("switched_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lti_registration_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_registration")),
        sa.UniqueConstraint("issuer", "client_id", name=op.f("uq_lti_registration_issuer_client_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lti_registration_uuid")),
    )
    with op.batch_alter_table("lti_registration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_registration_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "lti_deployment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("switched_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_deployment_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_deployment")),
        sa.UniqueConstraint(
            "registration_id", "deployment_id", name=op.f("uq_lti_deployment_registration_id_deployment_id")
        ),
    )
    op.create_table(
        "lti_key_set",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_key_set_registration_id")
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_lti_key_set")),
    )
    op.create_table(
        "lti_login",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("target_link_uri", sa.Text(), nullable=False),
        sa.Column("storage_target", sa.String(length=120), nullable=False),
        sa.Column("login_hint", sa.Text(), nullable=False),
        sa.Column("message_hint", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_login_registration_id")
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_lti_login")),
        sa.UniqueConstraint("nonce_hash", name=op.f("uq_lti_login_nonce_hash")),
    )
    with op.batch_alter_table("lti_login", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_login_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "lti_registration_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("by_person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_lti_registration_invitation_by_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lti_registration_invitation_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_registration_invitation_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_registration_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_lti_registration_invitation_token_hash")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lti_registration_invitation_uuid")),
    )
    op.create_table(
        "lti_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("preview_person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lti_user_person_id")),
        sa.ForeignKeyConstraint(["preview_person_id"], ["person.id"], name=op.f("fk_lti_user_preview_person_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_user_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_user")),
        sa.UniqueConstraint("registration_id", "subject", name=op.f("uq_lti_user_registration_id_subject")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lti_user_uuid")),
    )
    with op.batch_alter_table("lti_user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_user_person_id"), ["person_id"], unique=False)

    op.create_table(
        "lti_context",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("memberships_url", sa.Text(), nullable=False),
        sa.Column("line_items_url", sa.Text(), nullable=False),
        sa.Column("grade_scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("roster_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roster_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roster_problem", sa.Text(), nullable=False),
        sa.Column("knows_links", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_context_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_context")),
        sa.UniqueConstraint("deployment_id", "context_id", name=op.f("uq_lti_context_deployment_id_context_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lti_context_uuid")),
    )
    with op.batch_alter_table("lti_context", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_context_roster_due_at"), ["roster_due_at"], unique=False)

    op.create_table(
        "lti_enrolment",
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_enrolment_context_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_lti_enrolment_enrolment_id")),
        sa.ForeignKeyConstraint(["user_id"], ["lti_user.id"], name=op.f("fk_lti_enrolment_user_id")),
        sa.PrimaryKeyConstraint("context_id", "user_id", "enrolment_id", name=op.f("pk_lti_enrolment")),
    )
    with op.batch_alter_table("lti_enrolment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_enrolment_enrolment_id"), ["enrolment_id"], unique=False)

    op.create_table(
        "lti_platform_services",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roster_claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["lti_registration.id"], name=op.f("fk_lti_platform_services_registration_id")
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_lti_platform_services")),
    )
    op.create_table(
        "lti_link_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lti_link_request_person_id")),
        sa.ForeignKeyConstraint(["user_id"], ["lti_user.id"], name=op.f("fk_lti_link_request_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_link_request")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_lti_link_request_token_hash")),
    )
    with op.batch_alter_table("lti_link_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_link_request_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lti_link_request_user_id"), ["user_id"], unique=False)

    op.create_table(
        "lti_membership",
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_membership_context_id")),
        sa.ForeignKeyConstraint(["user_id"], ["lti_user.id"], name=op.f("fk_lti_membership_user_id")),
        sa.PrimaryKeyConstraint("context_id", "user_id", name=op.f("pk_lti_membership")),
    )
    with op.batch_alter_table("lti_membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_membership_user_id"), ["user_id"], unique=False)

    op.create_table(
        "lti_resource_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=True),
        sa.Column("resource_link_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.String(length=130), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_resource_link_context_id")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_resource_link_deployment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_resource_link")),
        sa.UniqueConstraint(
            "deployment_id", "resource_link_id", name=op.f("uq_lti_resource_link_deployment_id_resource_link_id")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_lti_resource_link_uuid")),
    )
    with op.batch_alter_table("lti_resource_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_resource_link_context_id"), ["context_id"], unique=False)

    op.create_table(
        "lti_line_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("resource_link_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=130), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("score_maximum", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_line_item_context_id")),
        sa.ForeignKeyConstraint(
            ["resource_link_id"], ["lti_resource_link.id"], name=op.f("fk_lti_line_item_resource_link_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_line_item")),
        sa.UniqueConstraint(
            "context_id",
            "resource_link_id",
            "content",
            name=op.f("uq_lti_line_item_context_id_resource_link_id_content"),
        ),
    )
    op.create_table(
        "lti_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=True),
        sa.Column("resource_link_id", sa.Integer(), nullable=True),
        sa.Column("frame_origin", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("is_preview", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["context_id"], ["lti_context.id"], name=op.f("fk_lti_visit_context_id")),
        sa.ForeignKeyConstraint(["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_visit_deployment_id")),
        sa.ForeignKeyConstraint(
            ["resource_link_id"], ["lti_resource_link.id"], name=op.f("fk_lti_visit_resource_link_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["lti_user.id"], name=op.f("fk_lti_visit_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_visit")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_lti_visit_token_hash")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lti_visit_uuid")),
    )
    with op.batch_alter_table("lti_visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_visit_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lti_visit_user_id"), ["user_id"], unique=False)

    op.create_table(
        "lti_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("score_given", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("activity_progress", sa.String(length=20), nullable=False),
        sa.Column("grading_progress", sa.String(length=20), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_timestamp", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("result_score", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("result_maximum", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("result_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["line_item_id"], ["lti_line_item.id"], name=op.f("fk_lti_score_line_item_id")),
        sa.ForeignKeyConstraint(["user_id"], ["lti_user.id"], name=op.f("fk_lti_score_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_score")),
        sa.UniqueConstraint("line_item_id", "user_id", name=op.f("uq_lti_score_line_item_id_user_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lti_score_uuid")),
    )
    with op.batch_alter_table("lti_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_score_next_try_at"), ["next_try_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lti_score_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("lti_score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_score_user_id"))
        batch_op.drop_index(batch_op.f("ix_lti_score_next_try_at"))

    op.drop_table("lti_score")
    with op.batch_alter_table("lti_visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_visit_user_id"))
        batch_op.drop_index(batch_op.f("ix_lti_visit_expires_at"))

    op.drop_table("lti_visit")
    op.drop_table("lti_line_item")
    with op.batch_alter_table("lti_resource_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_resource_link_context_id"))

    op.drop_table("lti_resource_link")
    with op.batch_alter_table("lti_membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_membership_user_id"))

    op.drop_table("lti_membership")
    with op.batch_alter_table("lti_link_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_link_request_user_id"))
        batch_op.drop_index(batch_op.f("ix_lti_link_request_expires_at"))

    op.drop_table("lti_link_request")
    op.drop_table("lti_platform_services")
    op.drop_table("lti_enrolment")
    op.drop_table("lti_context")
    with op.batch_alter_table("lti_user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_user_person_id"))

    op.drop_table("lti_user")
    op.drop_table("lti_registration_invitation")
    with op.batch_alter_table("lti_login", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_login_expires_at"))

    op.drop_table("lti_login")
    op.drop_table("lti_key_set")
    op.drop_table("lti_deployment")
    with op.batch_alter_table("lti_registration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_registration_organisation_id"))

    op.drop_table("lti_registration")
    op.drop_table("lti_tool_key")
    with op.batch_alter_table("joined_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_joined_person_into_id"))

    op.drop_table("joined_person")

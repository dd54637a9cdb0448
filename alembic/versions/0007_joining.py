"""Add invitations, links and requests to join, imports, and the end of organizations."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ended_membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("ended_membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ended_membership_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ended_membership_membership_id"), ["membership_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ended_membership_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ended_membership_user_id"), ["user_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "admin", "creator", "member", name="role", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column(
            "state",
            sa.Enum("pending", "accepted", "revoked", name="state", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column(
            "mail_status",
            sa.Enum(
                "queued",
                "sent",
                "delivered",
                "bounced",
                "complained",
                "failed",
                name="status",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("mail_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["accepted_by"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["invited_by"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_accepted_by"), ["accepted_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_import_id"), ["import_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_invited_by"), ["invited_by"], unique=False)
        batch_op.create_index("ix_invitation_latest", ["organization_id", "created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(
            "uq_invitation_pending",
            ["organization_id", "email"],
            unique=True,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )

    op.create_table(
        "join_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_code", sa.String(length=400), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    with op.batch_alter_table("join_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_join_link_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_join_link_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "join_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column(
            "state",
            sa.Enum("pending", "approved", "declined", "withdrawn", name="requeststate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum("owner", "admin", "creator", "member", name="role", native_enum=False, length=16),
            nullable=True,
        ),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("join_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_join_request_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index("ix_join_request_latest", ["organization_id", "state", "created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_join_request_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_join_request_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_join_request_pending",
            ["organization_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )

    op.create_table(
        "member_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum("checked", "applying", "done", name="importstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("fates", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("done_until", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("member_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_import_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_import_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_import_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "member_import_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "admin", "creator", "member", name="role", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column(
            "fate",
            sa.Enum(
                "invite",
                "member",
                "invited",
                "duplicate",
                "bad_address",
                "bad_role",
                name="rowfate",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["member_import.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("import_id", "number", name="uq_member_import_row"),
    )
    with op.batch_alter_table("member_import_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_import_row_import_id"), ["import_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_import_row_organization_id"), ["organization_id"], unique=False)

    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "join_policy",
                sa.Enum("closed", "request", "link", name="joinpolicy", native_enum=False, length=16),
                nullable=False,
                server_default="closed",
            )
        )
        batch_op.add_column(sa.Column("deletes_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("deletion_by", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_organization_deletes_at"), ["deletes_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_deletes_at"))
        batch_op.drop_column("deletion_by")
        batch_op.drop_column("deletes_at")
        batch_op.drop_column("join_policy")

    with op.batch_alter_table("member_import_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_import_row_organization_id"))
        batch_op.drop_index(batch_op.f("ix_member_import_row_import_id"))

    op.drop_table("member_import_row")
    with op.batch_alter_table("member_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_import_organization_id"))
        batch_op.drop_index(batch_op.f("ix_member_import_created_by"))
        batch_op.drop_index(batch_op.f("ix_member_import_created_at"))

    op.drop_table("member_import")
    with op.batch_alter_table("join_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_join_request_pending",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_index(batch_op.f("ix_join_request_user_id"))
        batch_op.drop_index(batch_op.f("ix_join_request_organization_id"))
        batch_op.drop_index("ix_join_request_latest")
        batch_op.drop_index(batch_op.f("ix_join_request_decided_by"))

    op.drop_table("join_request")
    with op.batch_alter_table("join_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_join_link_organization_id"))
        batch_op.drop_index(batch_op.f("ix_join_link_created_by"))

    op.drop_table("join_link")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_invitation_pending",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_index(batch_op.f("ix_invitation_organization_id"))
        batch_op.drop_index("ix_invitation_latest")
        batch_op.drop_index(batch_op.f("ix_invitation_invited_by"))
        batch_op.drop_index(batch_op.f("ix_invitation_import_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_email"))
        batch_op.drop_index(batch_op.f("ix_invitation_accepted_by"))

    op.drop_table("invitation")
    with op.batch_alter_table("ended_membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ended_membership_user_id"))
        batch_op.drop_index(batch_op.f("ix_ended_membership_organization_id"))
        batch_op.drop_index(batch_op.f("ix_ended_membership_membership_id"))
        batch_op.drop_index(batch_op.f("ix_ended_membership_ended_at"))

    op.drop_table("ended_membership")

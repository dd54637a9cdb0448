"""Files."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "doomed_object",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object_name", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("object_name"),
    )
    with op.batch_alter_table("doomed_object", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_doomed_object_due_at"), ["due_at"], unique=False)

    op.create_table(
        "storage_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objects", sa.Integer(), nullable=False),
        sa.Column("orphans", sa.Integer(), nullable=False),
        sa.Column("orphan_bytes", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "file_folder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["file_folder.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("file_folder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_folder_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_folder_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "storage_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("used_bytes", sa.BigInteger(), nullable=False),
        sa.Column("reserved_bytes", sa.BigInteger(), nullable=False),
        sa.Column("quota_bytes", sa.BigInteger(), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missing_files", sa.Integer(), nullable=False),
        sa.Column("drift_bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", name="uq_storage_use_organization"),
    )
    with op.batch_alter_table("storage_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_storage_use_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "file_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("uploader_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("folder_id", sa.Uuid(), nullable=True),
        sa.Column(
            "audience",
            sa.Enum("organization", "creators", "admins", "only_me", name="audience", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("declared_bytes", sa.BigInteger(), nullable=False),
        sa.Column("reserved_bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reserved", "receiving", "received", "done", "ended", name="uploadstate", native_enum=False, length=16
            ),
            nullable=False,
        ),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("object_name", sa.String(length=64), nullable=True),
        sa.Column("received", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["folder_id"], ["file_folder.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["uploader_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("object_name"),
    )
    with op.batch_alter_table("file_upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_upload_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_upload_folder_id"), ["folder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_upload_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_upload_uploader_id"), ["uploader_id"], unique=False)

    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("folder_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("image", "pdf", "text", "document", name="filekind", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("thumbnail_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("object_name", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("excerpt", sa.String(length=400), nullable=False),
        sa.Column(
            "audience",
            sa.Enum("organization", "creators", "admins", "only_me", name="audience", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("uploader_id", sa.Uuid(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("binned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("binned_by", sa.Uuid(), nullable=True),
        sa.Column("missing_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["binned_by"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["folder_id"], ["file_folder.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["uploader_id"], ["user_account.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("object_name"),
    )
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.create_index("ix_stored_file_binned", ["binned_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_stored_file_binned_by"), ["binned_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_stored_file_folder_id"), ["folder_id"], unique=False)
        batch_op.create_index("ix_stored_file_latest", ["organization_id", "uploaded_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stored_file_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stored_file_uploader_id"), ["uploader_id"], unique=False)

    op.create_table(
        "file_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("entity_type", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("entity_type", "entity_id", "file_id", name="uq_file_attachment"),
    )
    with op.batch_alter_table("file_attachment", schema=None) as batch_op:
        batch_op.create_index("ix_file_attachment_entity", ["entity_type", "entity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_attachment_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_attachment_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("file_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_attachment_organization_id"))
        batch_op.drop_index(batch_op.f("ix_file_attachment_file_id"))
        batch_op.drop_index("ix_file_attachment_entity")

    op.drop_table("file_attachment")
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_file_uploader_id"))
        batch_op.drop_index(batch_op.f("ix_stored_file_organization_id"))
        batch_op.drop_index("ix_stored_file_latest")
        batch_op.drop_index(batch_op.f("ix_stored_file_folder_id"))
        batch_op.drop_index(batch_op.f("ix_stored_file_binned_by"))
        batch_op.drop_index("ix_stored_file_binned")

    op.drop_table("stored_file")
    with op.batch_alter_table("file_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_upload_uploader_id"))
        batch_op.drop_index(batch_op.f("ix_file_upload_organization_id"))
        batch_op.drop_index(batch_op.f("ix_file_upload_folder_id"))
        batch_op.drop_index(batch_op.f("ix_file_upload_expires_at"))

    op.drop_table("file_upload")
    with op.batch_alter_table("storage_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_storage_use_organization_id"))

    op.drop_table("storage_use")
    with op.batch_alter_table("file_folder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_folder_parent_id"))
        batch_op.drop_index(batch_op.f("ix_file_folder_organization_id"))

    op.drop_table("file_folder")
    op.drop_table("storage_check")
    with op.batch_alter_table("doomed_object", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_doomed_object_due_at"))

    op.drop_table("doomed_object")

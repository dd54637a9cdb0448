"""Rights and levels."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "custom_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("capabilities", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("custom_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_custom_role_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "member_field",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("hint", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "text",
                "long_text",
                "number",
                "date",
                "choice",
                "yes_no",
                name="fieldkind",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column(
            "seen_by",
            sa.Enum("admins", "self", "members", name="audience", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("edited_by", sa.Enum("admins", "self", name="editor", native_enum=False, length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("member_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_field_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "membership_level",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("membership_level", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_level_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "directory_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("shows_email", sa.Boolean(), nullable=False),
        sa.Column("shows_city", sa.Boolean(), nullable=False),
        sa.Column("shows_level", sa.Boolean(), nullable=False),
        sa.Column("shown_fields", sa.JSON(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("membership_id"),
    )
    with op.batch_alter_table("directory_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_directory_entry_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "member_field_value",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("field_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.String(length=2000), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["field_id"], ["member_field.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("membership_id", "field_id", name="uq_member_field_value"),
    )
    with op.batch_alter_table("member_field_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_field_value_field_id"), ["field_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_field_value_membership_id"), ["membership_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_field_value_organization_id"), ["organization_id"], unique=False)

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("custom_role_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("level_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("renews_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("grace_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("renewal_notice", sa.String(length=24), server_default="", nullable=False))
        batch_op.create_index(batch_op.f("ix_membership_custom_role_id"), ["custom_role_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_level_id"), ["level_id"], unique=False)
        batch_op.create_foreign_key("fk_membership_custom_role", "custom_role", ["custom_role_id"], ["id"])
        batch_op.create_foreign_key("fk_membership_level", "membership_level", ["level_id"], ["id"])

    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("time_zone", sa.String(length=64), server_default="Europe/London", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_column("time_zone")

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_constraint("fk_membership_level", type_="foreignkey")
        batch_op.drop_constraint("fk_membership_custom_role", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_membership_level_id"))
        batch_op.drop_index(batch_op.f("ix_membership_custom_role_id"))
        batch_op.drop_column("renewal_notice")
        batch_op.drop_column("grace_until")
        batch_op.drop_column("renews_on")
        batch_op.drop_column("level_id")
        batch_op.drop_column("custom_role_id")

    with op.batch_alter_table("member_field_value", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_field_value_organization_id"))
        batch_op.drop_index(batch_op.f("ix_member_field_value_membership_id"))
        batch_op.drop_index(batch_op.f("ix_member_field_value_field_id"))

    op.drop_table("member_field_value")
    with op.batch_alter_table("directory_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_directory_entry_organization_id"))

    op.drop_table("directory_entry")
    with op.batch_alter_table("membership_level", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_level_organization_id"))

    op.drop_table("membership_level")
    with op.batch_alter_table("member_field", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_field_organization_id"))

    op.drop_table("member_field")
    with op.batch_alter_table("custom_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_custom_role_organization_id"))

    op.drop_table("custom_role")

"""The inbox of approvals."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("approval_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("summary", sa.String(length=500), server_default="", nullable=False))
        batch_op.add_column(sa.Column("subject_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("needed", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("decided_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=300), server_default="", nullable=False))
        batch_op.create_index(batch_op.f("ix_approval_request_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index("ix_approval_request_decided", ["organization_id", "status", "decided_at"], unique=False)
        batch_op.create_foreign_key(
            "fk_approval_request_decided_by", "user_account", ["decided_by"], ["id"], ondelete="SET NULL"
        )
    requests = sa.table("approval_request", sa.column("kind", sa.String()), sa.column("title", sa.String()))
    op.execute(requests.update().where(requests.c.kind == "joining").values(title="Membership"))

    op.create_table(
        "approval_vote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("approves", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["request_id"], ["approval_request.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id", "user_id", name="uq_approval_vote_person"),
    )
    with op.batch_alter_table("approval_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_vote_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_vote_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_vote_user_id"), ["user_id"], unique=False)

    op.create_table(
        "approval_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("approvers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "kind", name="uq_approval_rule_kind"),
    )
    with op.batch_alter_table("approval_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_rule_organization_id"), ["organization_id"], unique=False)

    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("thing", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.drop_column("thing")
    op.drop_table("approval_rule")
    op.drop_table("approval_vote")
    with op.batch_alter_table("approval_request", schema=None) as batch_op:
        batch_op.drop_constraint("fk_approval_request_decided_by", type_="foreignkey")
        batch_op.drop_index("ix_approval_request_decided")
        batch_op.drop_index(batch_op.f("ix_approval_request_decided_by"))
        for name in ("reason", "decided_by", "needed", "subject_id", "summary"):
            batch_op.drop_column(name)

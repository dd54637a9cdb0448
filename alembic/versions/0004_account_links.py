"""Add sign-ups, the security log, and when an address was verified."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "sign_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sign_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_up_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_up_email"), ["email"], unique=False)

    op.create_table(
        "security_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("security_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_security_event_happened_at"), ["happened_at"], unique=False)
        batch_op.create_index("ix_security_event_latest", ["user_id", "happened_at"], unique=False)

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("renewal_due", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("former_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("former_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_unique_constraint("uq_user_session_former_hash", ["former_hash"])
    op.execute("UPDATE user_account SET verified_at = created_at")


def downgrade() -> None:
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_constraint("uq_user_session_former_hash", type_="unique")
        batch_op.drop_column("former_until")
        batch_op.drop_column("former_hash")
        batch_op.drop_column("renewal_due")

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_column("verified_at")

    with op.batch_alter_table("security_event", schema=None) as batch_op:
        batch_op.drop_index("ix_security_event_latest")
        batch_op.drop_index(batch_op.f("ix_security_event_happened_at"))

    op.drop_table("security_event")
    with op.batch_alter_table("sign_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_up_email"))
        batch_op.drop_index(batch_op.f("ix_sign_up_created_at"))

    op.drop_table("sign_up")

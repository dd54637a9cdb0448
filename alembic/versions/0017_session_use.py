"""When a session was last used, apart from the session."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "session_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["user_session.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_id"),
    )
    op.create_index(op.f("ix_session_use_user_id"), "session_use", ["user_id"], unique=False)
    op.execute(
        "INSERT INTO session_use (id, session_id, user_id, last_seen_at)"
        " SELECT id, id, user_id, last_seen_at FROM user_session"
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_column("last_seen_at")


def downgrade() -> None:
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("last_seen_at", sa.DateTime(timezone=True), server_default="2026-01-01", nullable=False)
        )
    op.execute(
        "UPDATE user_session SET last_seen_at = coalesce("
        "(SELECT last_seen_at FROM session_use WHERE session_id = user_session.id), created_at)"
    )
    op.drop_index(op.f("ix_session_use_user_id"), table_name="session_use")
    op.drop_table("session_use")

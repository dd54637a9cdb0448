"""Account settings."""

from collections.abc import Sequence

import sqlalchemy as sa

import memberpulse.engine.types
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UTC = memberpulse.engine.types.UtcDateTime


def upgrade() -> None:
    with op.batch_alter_table("user_account") as batch:
        batch.add_column(sa.Column("city", sa.String(length=80), server_default="", nullable=False))
        batch.add_column(sa.Column("state", sa.String(length=80), server_default="", nullable=False))
        batch.add_column(sa.Column("postcode", sa.String(length=16), server_default="", nullable=False))
        batch.add_column(sa.Column("picture", sa.String(length=43), nullable=True))
        batch.add_column(sa.Column("erase_at", UTC(), nullable=True))
        batch.add_column(sa.Column("erased_at", UTC(), nullable=True))
        batch.create_index("ix_user_account_erase_at", ["erase_at"])
    with op.batch_alter_table("organization") as batch:
        batch.add_column(sa.Column("picture", sa.String(length=43), nullable=True))
    op.create_table(
        "picture",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=43), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTC(), nullable=False),
        sa.Column("dropped_at", UTC(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("ix_picture_user_id", "picture", ["user_id"])
    op.create_index("ix_picture_organization_id", "picture", ["organization_id"])
    op.create_index("ix_picture_dropped_at", "picture", ["dropped_at"])
    op.create_table(
        "notification_preference",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "type", "channel", name="uq_notification_preference"),
    )
    op.create_index("ix_notification_preference_user_id", "notification_preference", ["user_id"])


def downgrade() -> None:
    op.drop_table("notification_preference")
    op.drop_table("picture")
    with op.batch_alter_table("organization") as batch:
        batch.drop_column("picture")
    with op.batch_alter_table("user_account") as batch:
        batch.drop_index("ix_user_account_erase_at")
        for name in ("erased_at", "erase_at", "picture", "postcode", "state", "city"):
            batch.drop_column(name)

"""Notification inbox, quiet hours, digests and browser push."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NEW = ("thread", "shown_at")


def upgrade() -> None:
    op.create_table(
        "notification_outgoing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("notification_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("notification_outgoing", schema=None) as batch_op:
        batch_op.create_index("ix_notification_outgoing_due", ["due_at", "user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_outgoing_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_outgoing_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_outgoing_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_outgoing_user_id"), ["user_id"], unique=False)

    op.create_table(
        "notification_rhythm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.Integer(), nullable=False),
        sa.Column(
            "letters",
            sa.Enum("at_once", "daily", "weekly", "never", name="letters", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("digest_at", sa.Integer(), nullable=False),
        sa.Column("digest_weekday", sa.Integer(), nullable=False),
        sa.Column("digested_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id"),
    )
    op.create_table(
        "push_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("service", sa.String(length=120), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["user_session.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("endpoint_hash"),
    )
    with op.batch_alter_table("push_device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_push_device_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_push_device_user_id"), ["user_id"], unique=False)

    op.create_table(
        "push_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(length=300), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("notification_id", sa.Uuid(), nullable=True),
        sa.Column("thread", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("queued", "sending", "sent", "failed", name="pushstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["push_device.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("push_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_push_message_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_push_message_device_id"), ["device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_push_message_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_push_message_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_push_message_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.add_column(sa.Column("why", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("group_key", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("thread", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("change_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("former_read_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("former_archived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("former_shown_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("notification_broadcast", schema=None) as batch_op:
        batch_op.add_column(sa.Column("why", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("group_key", sa.String(length=80), nullable=True))

    told = sa.table("notification", *[sa.column(name) for name in ("id", "created_at", "why", "group_key", *_NEW)])
    op.execute(told.update().values(why="", group_key="", thread=told.c.id, shown_at=told.c.created_at))
    on_the_way = sa.table("notification_broadcast", sa.column("why"), sa.column("group_key"))
    op.execute(on_the_way.update().values(why="", group_key=""))

    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.alter_column("why", existing_type=sa.String(length=200), nullable=False)
        batch_op.alter_column("group_key", existing_type=sa.String(length=80), nullable=False)
        batch_op.alter_column("thread", existing_type=sa.Uuid(), nullable=False)
        batch_op.alter_column("shown_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index(batch_op.f("ix_notification_change_id"), ["change_id"], unique=False)
        batch_op.create_index(
            "ix_notification_inbox", ["organization_id", "user_id", "archived_at", "shown_at"], unique=False
        )
        batch_op.create_index("ix_notification_thread", ["user_id", "thread"], unique=False)
    with op.batch_alter_table("notification_broadcast", schema=None) as batch_op:
        batch_op.alter_column("why", existing_type=sa.String(length=200), nullable=False)
        batch_op.alter_column("group_key", existing_type=sa.String(length=80), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("notification_broadcast", schema=None) as batch_op:
        batch_op.drop_column("group_key")
        batch_op.drop_column("why")

    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index("ix_notification_thread")
        batch_op.drop_index("ix_notification_inbox")
        batch_op.drop_index(batch_op.f("ix_notification_change_id"))
        batch_op.drop_column("former_shown_at")
        batch_op.drop_column("former_archived_at")
        batch_op.drop_column("former_read_at")
        batch_op.drop_column("change_id")
        batch_op.drop_column("shown_at")
        batch_op.drop_column("archived_at")
        batch_op.drop_column("thread")
        batch_op.drop_column("group_key")
        batch_op.drop_column("why")

    with op.batch_alter_table("push_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_push_message_user_id"))
        batch_op.drop_index(batch_op.f("ix_push_message_source_id"))
        batch_op.drop_index(batch_op.f("ix_push_message_organization_id"))
        batch_op.drop_index(batch_op.f("ix_push_message_device_id"))
        batch_op.drop_index(batch_op.f("ix_push_message_created_at"))

    op.drop_table("push_message")
    with op.batch_alter_table("push_device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_push_device_user_id"))
        batch_op.drop_index(batch_op.f("ix_push_device_session_id"))

    op.drop_table("push_device")
    op.drop_table("notification_rhythm")
    with op.batch_alter_table("notification_outgoing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_outgoing_user_id"))
        batch_op.drop_index(batch_op.f("ix_notification_outgoing_source_id"))
        batch_op.drop_index(batch_op.f("ix_notification_outgoing_person_id"))
        batch_op.drop_index(batch_op.f("ix_notification_outgoing_organization_id"))
        batch_op.drop_index("ix_notification_outgoing_due")

    op.drop_table("notification_outgoing")

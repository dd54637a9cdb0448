"""Events and lines."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=4000), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("price_amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payee_account_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("service_minutes", sa.Integer(), nullable=False),
        sa.Column("station_word", sa.String(length=20), nullable=False),
        sa.Column(
            "status",
            sa.Enum("draft", "published", "closed", "cancelled", name="eventstatus", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("shows_wall", sa.Boolean(), nullable=False),
        sa.Column(
            "wall_names",
            sa.Enum("first_name", "initials", "number", name="wallnames", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("no_show_seconds", sa.Integer(), nullable=False),
        sa.Column("auto_no_show", sa.Boolean(), nullable=False),
        sa.Column("cancel_reason", sa.String(length=300), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_event_when", ["organization_id", "status", "starts_at", "id"], unique=False)

    op.create_table(
        "event_helper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "user_id", name="uq_event_helper"),
    )
    with op.batch_alter_table("event_helper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_helper_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_helper_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_helper_user_id"), ["user_id"], unique=False)

    op.create_table(
        "event_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("next_turn", sa.BigInteger(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
    )
    with op.batch_alter_table("event_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_line_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "event_line_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.String(length=500), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("event_line_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_line_message_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_line_message_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_line_message_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "event_station",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["helper_id"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "number", name="uq_event_station_number"),
    )
    with op.batch_alter_table("event_station", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_station_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_station_helper_id"), ["helper_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_station_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "event_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "reserved",
                "waiting",
                "called",
                "serving",
                "completed",
                "cancelled",
                "no_show",
                name="placestatus",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        sa.Column("notify_at", sa.Integer(), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("reserved_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_low", sa.Integer(), nullable=True),
        sa.Column("promised_high", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(station_id IS NOT NULL) OR NOT (status IN ('called', 'serving'))", name="ck_event_place_station"
        ),
        sa.CheckConstraint("(turn IS NULL) = (status <> 'waiting')", name="ck_event_place_turn"),
        sa.ForeignKeyConstraint(["called_by"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["station_id"], ["event_station.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "number", name="uq_event_place_number"),
        sa.UniqueConstraint("event_id", "turn", name="uq_event_place_turn"),
    )
    with op.batch_alter_table("event_place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_place_called_by"), ["called_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_place_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_place_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_event_place_payment", ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_place_station_id"), ["station_id"], unique=False)
        batch_op.create_index("ix_event_place_status", ["event_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_place_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_event_place_person",
            ["event_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('reserved', 'waiting', 'called', 'serving')"),
            postgresql_where=sa.text("status IN ('reserved', 'waiting', 'called', 'serving')"),
        )
        batch_op.create_index(
            "uq_event_place_station",
            ["station_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('called', 'serving')"),
            postgresql_where=sa.text("status IN ('called', 'serving')"),
        )

    op.create_table(
        "event_feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["place_id"], ["event_place.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("place_id"),
    )
    with op.batch_alter_table("event_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_feedback_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_feedback_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_feedback_user_id"), ["user_id"], unique=False)

    op.create_table(
        "event_line_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reserve",
                "confirm",
                "expire",
                "join",
                "walk_in",
                "call",
                "start",
                "complete",
                "no_show",
                "return",
                "move",
                "hold",
                "release",
                "leave",
                "remove",
                "pause",
                "resume",
                "close",
                "reopen",
                "change",
                "undo",
                name="deedkind",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("station", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["place_id"], ["event_place.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "seq", name="uq_event_line_entry_seq"),
    )
    with op.batch_alter_table("event_line_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_line_entry_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_line_entry_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_line_entry_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_line_entry_place_id"), ["place_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("event_line_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_line_entry_place_id"))
        batch_op.drop_index(batch_op.f("ix_event_line_entry_organization_id"))
        batch_op.drop_index(batch_op.f("ix_event_line_entry_event_id"))
        batch_op.drop_index(batch_op.f("ix_event_line_entry_actor_id"))

    op.drop_table("event_line_entry")
    with op.batch_alter_table("event_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_feedback_user_id"))
        batch_op.drop_index(batch_op.f("ix_event_feedback_organization_id"))
        batch_op.drop_index(batch_op.f("ix_event_feedback_event_id"))

    op.drop_table("event_feedback")
    with op.batch_alter_table("event_place", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_event_place_station",
            sqlite_where=sa.text("status IN ('called', 'serving')"),
            postgresql_where=sa.text("status IN ('called', 'serving')"),
        )
        batch_op.drop_index(
            "uq_event_place_person",
            sqlite_where=sa.text("status IN ('reserved', 'waiting', 'called', 'serving')"),
            postgresql_where=sa.text("status IN ('reserved', 'waiting', 'called', 'serving')"),
        )
        batch_op.drop_index(batch_op.f("ix_event_place_user_id"))
        batch_op.drop_index("ix_event_place_status")
        batch_op.drop_index(batch_op.f("ix_event_place_station_id"))
        batch_op.drop_index("ix_event_place_payment")
        batch_op.drop_index(batch_op.f("ix_event_place_organization_id"))
        batch_op.drop_index(batch_op.f("ix_event_place_event_id"))
        batch_op.drop_index(batch_op.f("ix_event_place_called_by"))

    op.drop_table("event_place")
    with op.batch_alter_table("event_station", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_station_organization_id"))
        batch_op.drop_index(batch_op.f("ix_event_station_helper_id"))
        batch_op.drop_index(batch_op.f("ix_event_station_event_id"))

    op.drop_table("event_station")
    with op.batch_alter_table("event_line_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_line_message_organization_id"))
        batch_op.drop_index(batch_op.f("ix_event_line_message_event_id"))
        batch_op.drop_index(batch_op.f("ix_event_line_message_author_id"))

    op.drop_table("event_line_message")
    with op.batch_alter_table("event_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_line_organization_id"))

    op.drop_table("event_line")
    with op.batch_alter_table("event_helper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_helper_user_id"))
        batch_op.drop_index(batch_op.f("ix_event_helper_organization_id"))
        batch_op.drop_index(batch_op.f("ix_event_helper_event_id"))

    op.drop_table("event_helper")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_when")
        batch_op.drop_index(batch_op.f("ix_event_organization_id"))
        batch_op.drop_index(batch_op.f("ix_event_created_by"))

    op.drop_table("event")

"""Payments."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "payment_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("provider_account", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.String(length=120), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "applied",
                "unchanged",
                "ignored",
                "unmatched",
                "mismatched",
                name="outcome",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
    )
    with op.batch_alter_table("payment_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_event_received_at"), ["received_at"], unique=False)

    op.create_table(
        "payee_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "onboarding", "active", "restricted", "disconnected", name="accountstatus", native_enum=False, length=16
            ),
            nullable=False,
        ),
        sa.Column("charges_enabled", sa.Boolean(), nullable=False),
        sa.Column("payouts_enabled", sa.Boolean(), nullable=False),
        sa.Column("details_submitted", sa.Boolean(), nullable=False),
        sa.Column("requirements", sa.JSON(), nullable=False),
        sa.Column("disabled_reason", sa.String(length=120), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disconnected_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "user_id", name="uq_payee_account_person"),
        sa.UniqueConstraint("provider_id"),
    )
    with op.batch_alter_table("payee_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payee_account_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payee_account_user_id"), ["user_id"], unique=False)

    op.create_table(
        "payment_toast",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("tone", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("payment_toast", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_toast_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_toast_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_toast_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_toast_user_id"), ["user_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("return_path", sa.String(length=200), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("application_fee", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "paid",
                "partly_refunded",
                "refunded",
                "expired",
                "cancelled",
                "late",
                name="paymentstatus",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.String(length=120), nullable=True),
        sa.Column("checkout_url", sa.String(), nullable=True),
        sa.Column("intent_id", sa.String(length=120), nullable=True),
        sa.Column("failure", sa.String(length=300), nullable=False),
        sa.Column("failure_key", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["payee_account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["payee_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["payer_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("intent_id"),
        sa.UniqueConstraint("session_id"),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_payment_latest", ["organization_id", "created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_payee_id"), ["payee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_payer_id"), ["payer_id"], unique=False)
        batch_op.create_index("ix_payment_subject", ["subject_type", "subject_id"], unique=False)

    op.create_table(
        "payment_ledger",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("charge", "refund", "refund_returned", name="ledgerkind", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reference", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    with op.batch_alter_table("payment_ledger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_ledger_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_ledger_payment_id"), ["payment_id"], unique=False)

    op.create_table(
        "payment_refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum("requested", "pending", "succeeded", "failed", name="refundstatus", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["user_account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider_id"),
    )
    with op.batch_alter_table("payment_refund", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_refund_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_refund_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_refund_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_refund_status"), ["status"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("payment_refund", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_refund_status"))
        batch_op.drop_index(batch_op.f("ix_payment_refund_payment_id"))
        batch_op.drop_index(batch_op.f("ix_payment_refund_organization_id"))
        batch_op.drop_index(batch_op.f("ix_payment_refund_asked_by"))

    op.drop_table("payment_refund")
    with op.batch_alter_table("payment_ledger", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_ledger_payment_id"))
        batch_op.drop_index(batch_op.f("ix_payment_ledger_organization_id"))

    op.drop_table("payment_ledger")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index("ix_payment_subject")
        batch_op.drop_index(batch_op.f("ix_payment_payer_id"))
        batch_op.drop_index(batch_op.f("ix_payment_payee_id"))
        batch_op.drop_index(batch_op.f("ix_payment_organization_id"))
        batch_op.drop_index("ix_payment_latest")
        batch_op.drop_index(batch_op.f("ix_payment_account_id"))

    op.drop_table("payment")
    with op.batch_alter_table("payment_toast", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_toast_user_id"))
        batch_op.drop_index(batch_op.f("ix_payment_toast_person_id"))
        batch_op.drop_index(batch_op.f("ix_payment_toast_organization_id"))
        batch_op.drop_index(batch_op.f("ix_payment_toast_expires_at"))

    op.drop_table("payment_toast")
    with op.batch_alter_table("payee_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payee_account_user_id"))
        batch_op.drop_index(batch_op.f("ix_payee_account_organization_id"))

    op.drop_table("payee_account")
    with op.batch_alter_table("payment_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_event_received_at"))

    op.drop_table("payment_event")

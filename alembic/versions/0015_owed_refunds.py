"""Refunds that are owed are tried until they are through."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("payment_refund", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owed", sa.Boolean(), server_default=sa.false(), nullable=False))
    refunds = sa.table("payment_refund", sa.column("owed", sa.Boolean()), sa.column("automatic", sa.Boolean()))
    op.execute(refunds.update().where(refunds.c.automatic).values(owed=True))


def downgrade() -> None:
    with op.batch_alter_table("payment_refund", schema=None) as batch_op:
        batch_op.drop_column("owed")

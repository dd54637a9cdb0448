"""How often a job failed, apart from how often it was begun."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("engine_job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE engine_job SET failures = attempts WHERE state = 'scheduled'")


def downgrade() -> None:
    with op.batch_alter_table("engine_job", schema=None) as batch_op:
        batch_op.drop_column("failures")

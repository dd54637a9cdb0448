"""What each approver chose to grant."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("approval_vote", schema=None) as batch_op:
        batch_op.add_column(sa.Column("choice", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("approval_vote", schema=None) as batch_op:
        batch_op.drop_column("choice")

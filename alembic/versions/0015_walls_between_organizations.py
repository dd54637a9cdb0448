"""Row-level security on PostgreSQL: rows of an organization are seen only in a transaction that has named it."""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for table in _tenant_tables():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY organization_wall ON {table} "
            "USING (current_setting('memberpulse.sees', true) IN ('*', organization_id::text))"
        )


def downgrade() -> None:
    for table in _tenant_tables():
        op.execute(f"DROP POLICY organization_wall ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _tenant_tables() -> list[str]:
    """Those whose every row names its organization; none on SQLite, which has no such walls."""
    if op.get_bind().dialect.name != "postgresql":
        return []
    named = sa.text(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND column_name = 'organization_id' AND is_nullable = 'NO'"
    )
    return sorted(op.get_bind().scalars(named))

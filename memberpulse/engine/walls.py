"""Row-level security on PostgreSQL: a row of an organization is there only in a transaction that has named it.

The setting `memberpulse.sees` holds one organization's id, or "*" for all. Walls are built around every table whose
rows must name their organization, at the end of each run of the migrations, so that no migration can forget one.
"""

from sqlalchemy import Connection, text

_UNWALLED = text(
    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
    "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND NOT c.relforcerowsecurity "
    "AND a.attname = 'organization_id' AND a.attnotnull ORDER BY c.relname"
)


def name_seen(connection: Connection, sees: str) -> None:
    """Until the end of the transaction, or of the part of it that is taken back."""
    connection.exec_driver_sql("SELECT set_config('memberpulse.sees', %s, true)", (sees,))


def see_over(connection: Connection) -> None:
    """For migrations, which work on rows of all organizations."""
    name_seen(connection, "*")


def build(connection: Connection) -> None:
    """Build the walls that are missing. They hold for the owner of the tables as well."""
    for table in connection.scalars(_UNWALLED).all():
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        connection.exec_driver_sql(
            f"CREATE POLICY organization_wall ON {table} "
            "USING (current_setting('memberpulse.sees', true) IN ('*', organization_id::text))"
        )


def passes(connection: Connection) -> bool:
    """Whether they are nothing to the role that is connected: it is a superuser, or excused."""
    return bool(connection.scalar(text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")))

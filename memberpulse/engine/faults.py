"""What went wrong in the database, as an error that may reach a person."""

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from memberpulse.engine.database import is_conflict
from memberpulse.engine.errors import BadArguments, Conflict, EngineError, Internal, Timeout, Unavailable


def is_engine_key(error: IntegrityError) -> bool:
    """Two runs of one call, or two promises of one job, met: the second finds the first when it is run again."""
    text = str(error.orig)
    return any(table in text for table in ("engine_call", "engine_job", "engine_lease"))


def translated(fault: Exception) -> EngineError:
    """The error to tell a caller; `fault` itself when it is one of ours."""
    if isinstance(fault, EngineError):
        return fault
    if isinstance(fault, OverflowError) and "SQLite" in str(fault):
        return BadArguments(_OUT_OF_RANGE)
    if not isinstance(fault, DBAPIError):
        return Internal()
    if isinstance(fault, IntegrityError):
        return Conflict("This clashes with something that already exists.")
    if isinstance(fault, DataError):
        return BadArguments(_OUT_OF_RANGE)
    if isinstance(fault, OperationalError):
        return _translated_operation(fault)
    return Internal()


_QUERY_CANCELED = "57014"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
_OUT_OF_RANGE = "A value is too large, or has a character that cannot be stored."


def _translated_operation(fault: OperationalError) -> EngineError:
    state = getattr(fault.orig, "sqlstate", "")  # PostgreSQL's code, or None when it does not answer; SQLite has none
    if state == _QUERY_CANCELED or "interrupted" in str(fault.orig):
        return Timeout()
    if is_conflict(fault):
        return Conflict()
    return Unavailable() if state is None or fault.connection_invalidated else Internal()

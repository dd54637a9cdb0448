"""Tables of links."""

from datetime import datetime

from sqlmodel import Field

from memberpulse.engine import Row, UtcDateTime, utc_now


class SignUp(Row, table=True):
    """Somebody wants an account. It exists only once a link that was mailed to the address has been followed.

    There may be several for one address, one of them from a stranger; each link finishes its own.
    """

    __tablename__ = "sign_up"  # pyright: ignore[reportAssignmentType]

    email: str = Field(index=True, max_length=254)
    """Lower-case."""
    name: str = Field(max_length=120)
    password_hash: str = Field(max_length=200)
    device: str = Field(max_length=64)
    """The reference of the browser in which the password was chosen; only there it counts without being typed again."""
    target: str = Field(default="", max_length=500)
    """Where to go on to afterwards."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)

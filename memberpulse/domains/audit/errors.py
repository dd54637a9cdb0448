"""What the audit log may refuse."""

from memberpulse.engine.errors import BadArguments


class OutOfOrder(BadArguments):
    code = "out_of_order"
    message = "Entries of the past come before all others, the oldest first."

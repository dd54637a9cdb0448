"""What the audit log may refuse."""

from memberpulse.engine.errors import BadArguments


class OutOfOrder(BadArguments):
    code = "out_of_order"
    message = "Entries of the past come in order, the oldest first, and before all later ones."

"""What approvals may refuse."""

from memberpulse.engine.errors import Conflict


class AlreadyDecided(Conflict):
    code = "already_decided"
    message = "Somebody has decided this request already."

"""What approvals may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, Forbidden, NotFound


class AlreadyDecided(Conflict):
    """fields["decided_by"]: who was faster, where that is known."""

    code = "already_decided"
    message = "Somebody has decided this request already."


class AlreadyVoted(Conflict):
    code = "already_voted"
    message = "You have approved this already. Somebody else approves it too before it counts."


class ApprovedAsItIs(Conflict):
    code = "approved_as_it_is"
    message = "Somebody has approved this as it is. Withdraw it and ask again."


class BadReason(BadArguments):
    code = "bad_reason"


class BadRequest(BadArguments):
    code = "bad_request"


class ChosenOtherwise(Conflict):
    code = "chosen_otherwise"


class NeedsMoreApprovers(Conflict):
    code = "needs_more_approvers"
    message = "More than one person decides about this. Approve it on the page of approvals."


class NotYourRequest(Forbidden):
    code = "not_your_request"
    message = "Only whoever asked can change this."


class NotYoursToDecide(Forbidden):
    code = "not_yours_to_decide"
    message = "Your role does not decide about requests of this kind. Ask an admin of your organization."


class NotYoursToWithdraw(Forbidden):
    code = "not_yours_to_withdraw"
    message = "Only whoever asked can withdraw this."


class OwnRequest(Forbidden):
    code = "own_request"
    message = "You asked for this yourself, so somebody else decides about it."


class RequestNotFound(NotFound):
    code = "request_not_found"
    message = "This request does not exist, or not any more."


class TooFewApprovers(Conflict):
    code = "too_few_approvers"


class TooLateToUndo(Conflict):
    code = "too_late_to_undo"
    message = "This can no longer be undone. What was decided has taken its course."


class TooMuchAtOnce(BadArguments):
    code = "too_much_at_once"


class UnknownKind(NotFound):
    code = "unknown_kind"
    message = "There are no requests of this kind."

"""What payments may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, EngineError, Gone, NotFound, Unavailable


class BadPrice(BadArguments):
    code = "bad_price"
    message = "This price cannot be charged."


class PaymentsNotOffered(NotFound):
    code = "payments_not_offered"
    message = "This server takes no payments yet. Whoever runs it sets the keys of Stripe."


class AccountNotConnected(Conflict):
    code = "account_not_connected"
    message = "There is no Stripe account to do this with. Connect one first."


class AccountInUse(Conflict):
    code = "account_in_use"
    message = "Somebody is paying through this account right now. Try again when the open payments have ended."


class PayeeNotReady(Conflict):
    code = "payee_not_ready"
    message = "This cannot be paid for yet: the organizer’s Stripe account does not take payments."


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    message = "There is no such payment."


class PaymentOver(Gone):
    code = "payment_over"
    message = "This payment is over, and nothing was charged. Start again where you came from."


class NothingToRefund(Conflict):
    code = "nothing_to_refund"
    message = "This payment cannot be refunded: nothing was paid, or all of it has gone back."


class RefundTooLarge(Conflict):
    code = "refund_too_large"


class ProviderUnreachable(Unavailable):
    code = "provider_unreachable"
    message = "Stripe does not answer right now. Nothing was charged; try again in a moment."


class ProviderRefused(EngineError):
    """Stripe understood and said no. The message is its own."""

    code = "provider_refused"
    status = 409


class UnknownToProvider(NotFound):
    code = "unknown_to_provider"
    message = "Stripe does not know this, or not any more."
